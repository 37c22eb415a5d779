import { Failure } from '../../failure.ts'
import { quoted } from '../wording.ts'

/** One line of an input such as `environment-variables`: `KEY=value` sets, `-KEY` removes. */
export type Assignment =
  | { readonly kind: 'set'; readonly name: string; readonly value: string }
  | { readonly kind: 'remove'; readonly name: string }

/**
 * What names may look like: `variable` as programs name what they read, `option` without blanks, as labels and options
 * of log drivers are, `tag` as AWS allows them, blanks inside included.
 */
export type NameRule = 'variable' | 'option' | 'tag'

interface Line {
  readonly number: number
  readonly text: string
}

/** `LOG_LEVEL`, `spring.datasource.url`, `Logging:Level`, `ProgramFiles(x86)`, `HOSTS[0]`. */
const VARIABLE = /^[\p{L}\p{M}\p{N}_.:()[\]-]+$/u
/** How the last line of a value in Base64 ends: such a line sets `=`, or nothing at all. */
const REST_OF_BASE64 =
  /^(?:[A-Za-z0-9+/]{12,}==|(?=.*[a-z])(?=.*[A-Z])(?=.*\d)(?:[A-Za-z0-9+/]{4}){3,}[A-Za-z0-9+/]{3}=)$/

type Reading = { readonly assignment: Assignment } | { readonly problem: string }

/** The limits of https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Tag.html, in characters. */
const LONGEST_TAG_KEY = 128
const LONGEST_TAG_VALUE = 256

/**
 * Reads the lines of the input called `input`: `KEY=value` (the first `=` splits, the value may be empty), `-KEY`,
 * `KEY<<END` up to a line that is just `END`, `# comment`, and blank lines. Fails with `invalid-input`, all wrong
 * lines at once, without a word of what they hold: a line in the wrong place may be half a private key.
 */
export function parseAssignments(text: string, input: string, rule: NameRule = 'variable'): readonly Assignment[] {
  const assignments: Assignment[] = []
  const problems: string[] = []
  const firstLines = new Map<string, number>()
  const lines = text.split(/\r\n|\n|\r/).map((line, index): Line => ({ number: index + 1, text: line }))
  for (let next = lines.shift(); next !== undefined; next = lines.shift()) {
    const { number } = next
    const line = next.text.trim()
    if (line === '' || line.startsWith('#')) continue
    const reading = readLine(line, lines, rule)
    if ('problem' in reading) {
      problems.push(`line ${number}: ${reading.problem}`)
      continue
    }
    const { name } = reading.assignment
    const first = firstLines.get(name)
    if (first === undefined) {
      firstLines.set(name, number)
      assignments.push(reading.assignment)
    } else {
      problems.push(`line ${number}: ${quoted(name)} was already given on line ${first}`)
    }
  }
  if (problems.length === 0) return assignments
  throw new Failure('invalid-input', `input ${input}: ${problems.join('; ')}`, {
    remedy: 'write one KEY=value a line, -KEY to remove one, KEY<<END … END for a value of several lines'
  })
}

function readLine(line: string, following: Line[], rule: NameRule): Reading {
  const equals = line.indexOf('=')
  const heredoc = line.indexOf('<<')
  if (heredoc >= 0 && (equals < 0 || heredoc < equals)) {
    const value = takeLines(following, line.slice(heredoc + 2).trim())
    return typeof value === 'string' ? readSetting(line.slice(0, heredoc), value, rule) : value
  }
  if (rule !== 'tag' && REST_OF_BASE64.test(line)) return { problem: 'looks like the end of a value of several lines' }
  if (equals >= 0) return readSetting(line.slice(0, equals), line.slice(equals + 1), rule)
  if (!line.startsWith('-')) return { problem: "has no '='" }
  const name = line.slice(1)
  // A name that nobody could give here may be there all the same.
  const problem = nameProblem(name, rule === 'variable' ? 'option' : rule)
  return problem === undefined ? { assignment: { kind: 'remove', name } } : { problem }
}

function readSetting(name: string, value: string, rule: NameRule): Reading {
  if (name.startsWith('-')) return { problem: "starts with '-', which removes a name, and yet has a value" }
  const problem = nameProblem(name, rule) ?? valueProblem(value, rule)
  return problem === undefined ? { assignment: { kind: 'set', name, value } } : { problem }
}

/** Takes the lines up to the one that is exactly `end`; all that are left when there is none, to report it once. */
function takeLines(following: Line[], end: string): string | { readonly problem: string } {
  if (end === '') return { problem: "has nothing after '<<'; write KEY<<END and a line END after the value" }
  const count = following.findIndex(line => line.text === end)
  if (count < 0) {
    following.length = 0
    return { problem: "opens a value of several lines with '<<' that is never closed" }
  }
  const taken = following.splice(0, count + 1)
  return taken
    .slice(0, count)
    .map(line => line.text)
    .join('\n')
}

function nameProblem(name: string, rule: NameRule): string | undefined {
  if (name.trim() === '') return "has no name before '='"
  if (name !== name.trim()) return 'has a blank before or after its name'
  if (/[\p{Cc}=]/u.test(name)) return 'has a name that no environment can hold'
  if (rule !== 'tag' && /\s/.test(name)) return 'has a blank in its name'
  if (rule === 'variable') return VARIABLE.test(name) ? undefined : 'has a name that no variable has'
  if (rule === 'option') return undefined
  if (/^aws:/i.test(name)) return 'has a tag key that starts with aws:, which only AWS may set'
  return name.length > LONGEST_TAG_KEY ? `has a tag key of more than ${LONGEST_TAG_KEY} characters` : undefined
}

function valueProblem(value: string, rule: NameRule): string | undefined {
  if (value.includes('\0')) return 'has a NUL character in its value'
  const isTooLong = rule === 'tag' && value.length > LONGEST_TAG_VALUE
  return isTooLong ? `has a tag value of more than ${LONGEST_TAG_VALUE} characters` : undefined
}
