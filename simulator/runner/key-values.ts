/**
 * Reads what an action appended to `GITHUB_OUTPUT`, `GITHUB_ENV` or `GITHUB_STATE`: lines `name=value`, and
 * `name<<DELIMITER` followed by the value and the delimiter on a line of its own. Pairs before a malformed one are
 * yielded before the error is thrown, because the runner has applied them by then.
 */
export function* parseKeyValues(text: string): Generator<readonly [key: string, value: string]> {
  const lines = splitLines(text).values()
  for (const { line } of lines) {
    if (line === '') continue
    const equals = line.indexOf('=')
    const heredoc = line.indexOf('<<')
    if (equals >= 0 && (heredoc < 0 || equals < heredoc)) {
      yield [line.slice(0, equals), line.slice(equals + 1)]
    } else if (heredoc >= 0) {
      const key = line.slice(0, heredoc)
      const delimiter = line.slice(heredoc + 2)
      if (key === '' || delimiter === '') {
        throw new Error(`Invalid format '${line}'. Name must not be empty and delimiter must not be empty`)
      }
      yield [key, readHeredoc(delimiter, lines)]
    } else {
      throw new Error(`Invalid format '${line}'`)
    }
  }
}

interface FileLine {
  readonly line: string
  /** Ended by a line break, not by the end of the file. */
  readonly terminated: boolean
}

function readHeredoc(delimiter: string, lines: Iterable<FileLine>): string {
  const value: string[] = []
  for (const { line, terminated } of lines) {
    if (line === delimiter) return value.join('\n')
    if (!terminated) throw new Error('Invalid value. EOF marker missing new line.')
    value.push(line)
  }
  throw new Error(`Invalid value. Matching delimiter not found '${delimiter}'`)
}

function splitLines(text: string): FileLine[] {
  const lines = text.split('\n').map((line, index, all) => ({ line, terminated: index < all.length - 1 }))
  if (lines.at(-1)?.line === '') lines.pop()
  return lines
}
