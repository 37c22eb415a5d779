import { matchesWildcard } from '../image/immutability.ts'

/**
 * Does a path below the workspace match a pattern? `*` stands for any characters of one name, `**` for any folders, also
 * none; a name that begins with a dot is matched only by a pattern that says so.
 */
export function matchesGlob(pattern: string, path: string): boolean {
  return matchesNames(namesOf(pattern), namesOf(path))
}

/** Does a pattern stand for more than the one path that it spells? */
export function isGlob(pattern: string): boolean {
  return pattern.includes('*')
}

/** May a folder hold something that matches? */
export function mayHoldMatch(pattern: string, folder: string): boolean {
  const patterns = namesOf(pattern)
  const names = namesOf(folder)
  const deep = patterns.indexOf('**')
  const compared = deep < 0 ? patterns : patterns.slice(0, deep)
  if (deep < 0 && names.length >= patterns.length) return false
  return names.every((name, index) => {
    const wanted = compared[index]
    return wanted === undefined ? !name.startsWith('.') || hasDotted(patterns) : matchesName(wanted, name)
  })
}

function hasDotted(patterns: readonly string[]): boolean {
  return patterns.some(pattern => pattern.startsWith('.'))
}

function namesOf(path: string): readonly string[] {
  return path.split('/').filter(name => name !== '' && name !== '.')
}

/** Each pattern's place is tried once with each name's, whatever number of `**` there are. */
function matchesNames(patterns: readonly string[], names: readonly string[]): boolean {
  let reachable = new Set<number>()
  const skip = (at: number, into: Set<number>): void => {
    into.add(at)
    if (patterns[at] === '**') skip(at + 1, into)
  }
  skip(0, reachable)
  for (const name of names) {
    const next = new Set<number>()
    for (const at of reachable) {
      const pattern = patterns[at]
      if (pattern === '**' && !name.startsWith('.')) skip(at, next)
      else if (pattern !== undefined && pattern !== '**' && matchesName(pattern, name)) skip(at + 1, next)
    }
    reachable = next
  }
  return reachable.has(patterns.length)
}

function matchesName(pattern: string, name: string): boolean {
  return (pattern.startsWith('.') || !name.startsWith('.')) && matchesWildcard(pattern, name)
}
