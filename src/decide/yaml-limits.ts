import { Lexer } from 'yaml'

/** Compose files and task definitions nest about ten deep. */
const DEEPEST = 200
/** A file of half a megabyte as people write them; the parser takes a kilobyte and more for each. */
const MOST_TOKENS = 150_000

/**
 * What makes a YAML file too large to be parsed, as a predicate; undefined when nothing does. The parser needs a thousand
 * times the memory that a file of brackets has, and gives up only then; its lexer needs none.
 */
export function excessOfYaml(text: string): string | undefined {
  let tokens = 0
  let brackets = 0
  let indicators = 0
  for (const token of new Lexer().lex(text)) {
    if (/^[\s\u0002\u001f\ufeff#]/.test(token)) {
      if (token.startsWith('\n') || token.startsWith('\r')) indicators = 0
      continue
    }
    tokens += 1
    if (token === '[' || token === '{') brackets += 1
    else if ((token === ']' || token === '}') && brackets > 0) brackets -= 1
    // `- - -` opens three lists on one line; between brackets they open nothing.
    else if (brackets === 0 && /^[-?:]$/.test(token)) indicators += 1
    if (brackets > DEEPEST || indicators > DEEPEST) return 'is nested too deeply'
    if (tokens > MOST_TOKENS) return 'has more than 150,000 keys, values and brackets'
  }
  return undefined
}
