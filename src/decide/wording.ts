import { withoutLogins } from './login.ts'

const LONGEST_QUOTE = 80

/**
 * A piece of somebody else's text in quotes: on one line, without control characters and logins, at most 80 characters
 * of it.
 */
export function quoted(from: string): string {
  // Cut off in the middle, a login would be recognised by nobody.
  const text = withoutLogins(from)
  const shown = text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text
  // Control, format and separator characters could move the cursor, reorder the line or start a workflow command.
  return `'${shown.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '\u{fffd}')}'`
}

/** Names as a sentence lists them: `web, proxy`, or `none` when there are none. */
export function listed(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.map(name => quoted(name).slice(1, -1)).join(', ')
}

/** How many of something: `1 task`, `2 tasks`. */
export function counted(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** The candidate somebody most likely meant by a mistyped word, or undefined when none is near. */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase(), bestDistance)
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** Inserted, removed, replaced and swapped neighbouring letters between two words; `limit` when there are that many. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const replaced = at(last, column - 1) + (a[row - 1] === b[column - 1] ? 0 : 1)
      let least = Math.min(at(last, column) + 1, at(current, column - 1) + 1, replaced)
      if (a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        least = Math.min(least, at(beforeLast, column - 2) + 1)
      }
      current.push(least)
    }
    beforeLast = last
    last = current
  }
  return Math.min(at(last, b.length), limit)
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY
}
