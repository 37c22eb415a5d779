import { invalidParameter } from './fault.ts'

/** The four settings of a repository's tags. */
export type TagMutability = 'MUTABLE' | 'IMMUTABLE' | 'IMMUTABLE_WITH_EXCLUSION' | 'MUTABLE_WITH_EXCLUSION'

/** One pattern of tags for which a repository's setting is reversed. */
export interface ExclusionFilter {
  readonly filterType: 'WILDCARD'
  readonly filter: string
}

/** What decides whether a tag can move. */
export interface TagPolicy {
  readonly mutability: TagMutability
  readonly exclusions: readonly ExclusionFilter[]
}

const MAX_FILTERS = 5
const FILTER = /^[0-9a-zA-Z._*-]{1,128}$/

/** Does the policy forbid that this tag, once set, points elsewhere? */
export function isTagImmutable(policy: TagPolicy, tag: string): boolean {
  const excluded = policy.exclusions.some(exclusion => matchesWildcard(exclusion.filter, tag))
  switch (policy.mutability) {
    case 'MUTABLE':
      return false
    case 'IMMUTABLE':
      return true
    case 'IMMUTABLE_WITH_EXCLUSION':
      return !excluded
    case 'MUTABLE_WITH_EXCLUSION':
      return excluded
  }
}

/** Does `*` stand for any run of characters, and everything else for itself? A filter without `*` is one exact tag. */
export function matchesWildcard(filter: string, tag: string): boolean {
  const pattern = filter
    .split('*')
    .map(literal => literal.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*')
  return new RegExp(`^${pattern}$`, 's').test(tag)
}

/** A policy that ECR would accept, or its refusal. */
export function tagPolicy(mutability: TagMutability, exclusions: readonly ExclusionFilter[]): TagPolicy {
  const needsFilters = mutability.endsWith('_WITH_EXCLUSION')
  if (needsFilters && (exclusions.length < 1 || exclusions.length > MAX_FILTERS)) {
    throw invalidParameter('imageTagMutabilityExclusionFilters', `Member must have length between 1 and ${MAX_FILTERS}`)
  }
  if (!needsFilters && exclusions.length > 0) {
    throw invalidParameter(
      'imageTagMutabilityExclusionFilters',
      `Member must be empty when imageTagMutability is ${mutability}`
    )
  }
  for (const { filter } of exclusions) {
    if (FILTER.test(filter)) continue
    throw invalidParameter(
      'imageTagMutabilityExclusionFilters',
      `Member must satisfy regular expression pattern: ${FILTER.source}`
    )
  }
  return { mutability, exclusions }
}
