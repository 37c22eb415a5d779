import { data, Evaluator, Lexer, Parser } from '@actions/expressions'

/** What expressions can name: `{ inputs: {…}, github: {…}, … }`, plain JSON values. */
export type Contexts = Readonly<Record<string, unknown>>

type Functions = NonNullable<ConstructorParameters<typeof Evaluator>[2]>

/** How the job stands, for `success()` and its like. */
export type JobStatus = 'success' | 'failure' | 'cancelled'

/** The value of one expression, without `${{ }}`; status functions answer for `status`. */
export function evaluateExpression(
  source: string,
  contexts: Contexts,
  status: JobStatus = 'success'
): data.ExpressionData {
  const functions = statusFunctions(status)
  const tree = new Parser(new Lexer(source).lex().tokens, Object.keys(contexts), [...functions.values()]).parse()
  return new Evaluator(tree, toDictionary(contexts), functions).evaluate()
}

/** Whether a condition (`if`, `post-if`) holds. */
export function evaluateCondition(source: string, contexts: Contexts, status: JobStatus): boolean {
  const bare = source.trim().replace(/^\$\{\{(.*)\}\}$/s, '$1')
  const value = evaluateExpression(`!!(${bare})`, contexts, status)
  return value instanceof data.BooleanData && value.value
}

/** A text in which every `${{ expression }}` is replaced by its value. */
export function evaluateTemplate(text: string, contexts: Contexts): string {
  let evaluated = ''
  let copied = 0
  for (let open = text.indexOf('${{'); open >= 0; open = text.indexOf('${{', copied)) {
    const close = endOfExpression(text, open + 3)
    evaluated += text.slice(copied, open)
    evaluated += evaluateExpression(text.slice(open + 3, close), contexts).coerceString()
    copied = close + 2
  }
  return evaluated + text.slice(copied)
}

/** Where the `}}` of an expression stands, passing over string literals, which may contain one. */
function endOfExpression(text: string, start: number): number {
  let quoted = false
  for (let at = start; at < text.length; at++) {
    if (text[at] === "'") quoted = !quoted
    else if (!quoted && text.startsWith('}}', at)) return at
  }
  throw new Error(`the expression is not closed: ${text.slice(start - 3)}`)
}

function toDictionary(contexts: Contexts): data.Dictionary {
  const value: unknown = JSON.parse(JSON.stringify(contexts), data.reviver)
  if (!(value instanceof data.Dictionary)) throw new TypeError('contexts must be an object')
  return value
}

function statusFunctions(status: JobStatus): Functions {
  const answers = {
    always: true,
    success: status === 'success',
    failure: status === 'failure',
    cancelled: status === 'cancelled'
  }
  return new Map(
    Object.entries(answers).map(([name, answer]) => [
      name,
      { name, minArgs: 0, maxArgs: 0, call: () => new data.BooleanData(answer) }
    ])
  )
}
