/** The settings of an ECR repository that decide whether its tags can move, as DescribeRepositories gives them. */
export interface TagImmutability {
  readonly mode: string
  readonly filters: readonly TagFilter[]
}

/** One exclusion from the repository's mode. */
export interface TagFilter {
  readonly filterType: string
  readonly filter: string
}

/**
 * Can somebody point this tag at another image? `unknown` when the settings could not be read, or hold a mode or a kind
 * of filter that did not exist when this was written. It is truthy on purpose: what is unknown is not guaranteed.
 */
export function tagCanMove(settings: TagImmutability | undefined, tag: string): boolean | 'unknown' {
  if (settings === undefined) return 'unknown'
  switch (settings.mode) {
    case 'MUTABLE':
      return true
    case 'IMMUTABLE':
      return false
    case 'IMMUTABLE_WITH_EXCLUSION':
      return isExcluded(settings.filters, tag)
    case 'MUTABLE_WITH_EXCLUSION': {
      const excluded = isExcluded(settings.filters, tag)
      return excluded === 'unknown' ? 'unknown' : !excluded
    }
    default:
      return 'unknown'
  }
}

/** Does a WILDCARD filter cover the whole tag? `*` stands for any run of characters, also none; the rest is literal. */
export function matchesWildcard(filter: string, tag: string): boolean {
  const parts = filter.split('*')
  const first = parts[0] ?? ''
  const last = parts[parts.length - 1] ?? ''
  if (parts.length === 1) return filter === tag
  if (tag.length < first.length + last.length || !tag.startsWith(first) || !tag.endsWith(last)) return false
  // Leftmost matches for the middle parts are enough, and cannot backtrack the way a regular expression can.
  let from = first.length
  const end = tag.length - last.length
  for (const part of parts.slice(1, -1)) {
    const at = tag.indexOf(part, from)
    if (at === -1 || at + part.length > end) return false
    from = at + part.length
  }
  return true
}

function isExcluded(filters: readonly TagFilter[], tag: string): boolean | 'unknown' {
  let readable = true
  for (const { filterType, filter } of filters) {
    if (filterType !== 'WILDCARD') readable = false
    else if (matchesWildcard(filter, tag)) return true
  }
  return readable ? false : 'unknown'
}
