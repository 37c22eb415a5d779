import { describe, expect, test } from '@jest/globals'
import {
  isTagImmutable,
  matchesWildcard,
  tagPolicy,
  type TagMutability
} from '../../../simulator/cloud/ecr/mutability.ts'

const wildcard = (filter: string) => ({ filterType: 'WILDCARD' as const, filter })

describe('wildcards', () => {
  test.each([
    ['dev-*', 'dev-1', true],
    ['dev-*', 'dev-', true],
    ['dev-*', 'mydev-1', false],
    ['dev-', 'dev-', true],
    ['dev-', 'dev-1', false],
    ['*', 'anything', true],
    ['v1.*', 'v1.2', true],
    ['v1.*', 'v1x2', false],
    ['*-rc*', '1.2.3-rc1', true],
    ['*-rc*', '1.2.3', false]
  ])('%s against %s: %s', (filter, tag, expected) => {
    expect(matchesWildcard(filter, tag)).toBe(expected)
  })
})

describe('which tags can move', () => {
  test.each<[TagMutability, string[], string, boolean]>([
    ['MUTABLE', [], 'v1', false],
    ['IMMUTABLE', [], 'v1', true],
    ['IMMUTABLE_WITH_EXCLUSION', ['latest', 'dev-*'], 'v1', true],
    ['IMMUTABLE_WITH_EXCLUSION', ['latest', 'dev-*'], 'latest', false],
    ['IMMUTABLE_WITH_EXCLUSION', ['latest', 'dev-*'], 'dev-7', false],
    ['MUTABLE_WITH_EXCLUSION', ['v*'], 'v1', true],
    ['MUTABLE_WITH_EXCLUSION', ['v*'], 'latest', false]
  ])('%s except %j: %s', (mutability, filters, tag, expected) => {
    expect(isTagImmutable(tagPolicy(mutability, filters.map(wildcard)), tag)).toBe(expected)
  })

  test.each<[string, TagMutability, string[]]>([
    ['no filters where they are needed', 'IMMUTABLE_WITH_EXCLUSION', []],
    ['filters where they mean nothing', 'IMMUTABLE', ['latest']],
    ['more than five', 'MUTABLE_WITH_EXCLUSION', ['a', 'b', 'c', 'd', 'e', 'f']],
    ['a character that no tag has', 'IMMUTABLE_WITH_EXCLUSION', ['dev/*']]
  ])('refuses %s', (_, mutability, filters) => {
    expect(() => tagPolicy(mutability, filters.map(wildcard))).toThrow(/imageTagMutabilityExclusionFilters/)
  })
})
