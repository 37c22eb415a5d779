import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { matchesWildcard, tagCanMove } from '../../../src/decide/image/immutability.ts'

function settings(mode: string, ...filters: string[]) {
  return { mode, filters: filters.map(filter => ({ filterType: 'WILDCARD', filter })) }
}

describe('tagCanMove', () => {
  test.each([
    ['MUTABLE', [], true],
    ['IMMUTABLE', [], false],
    ['IMMUTABLE_WITH_EXCLUSION', ['main-*'], true],
    ['IMMUTABLE_WITH_EXCLUSION', ['dev-*'], false],
    ['IMMUTABLE_WITH_EXCLUSION', ['dev-*', 'main-3035eca'], true],
    ['IMMUTABLE_WITH_EXCLUSION', [], false],
    ['MUTABLE_WITH_EXCLUSION', ['main-*'], false],
    ['MUTABLE_WITH_EXCLUSION', ['dev-*'], true],
    // A filter without a star is exact, not a prefix.
    ['IMMUTABLE_WITH_EXCLUSION', ['main-'], false],
    ['SOMETHING_NEW', [], 'unknown']
  ])('%s with %j: %p', (mode, filters, expected) => {
    expect(tagCanMove(settings(mode, ...filters), 'main-3035eca')).toBe(expected)
  })

  test('nothing is known without the settings', () => {
    expect(tagCanMove(undefined, 'main-3035eca')).toBe('unknown')
  })

  test('a kind of filter that is not known leaves the answer open, unless another filter gives it', () => {
    const strange = { filterType: 'REGEX', filter: 'main-.*' }
    const exact = { filterType: 'WILDCARD', filter: 'main-1' }
    expect(tagCanMove({ mode: 'IMMUTABLE_WITH_EXCLUSION', filters: [strange] }, 'main-1')).toBe('unknown')
    expect(tagCanMove({ mode: 'MUTABLE_WITH_EXCLUSION', filters: [strange] }, 'main-1')).toBe('unknown')
    expect(tagCanMove({ mode: 'MUTABLE_WITH_EXCLUSION', filters: [strange, exact] }, 'main-1')).toBe(false)
  })
})

describe('matchesWildcard', () => {
  test.each([
    ['*', '', true],
    ['*', 'anything', true],
    ['dev-', 'dev-1', false],
    ['dev-*', 'dev-', true],
    ['*-dev', 'x-dev', true],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['a*b*a', 'aba', true],
    ['a*b*a', 'aa', false],
    ['1.2.*', '1x2x3', false],
    ['*-rc*-*', '1-rc2-3', true],
    ['Main', 'main', false]
  ])('%s on %s: %p', (filter, tag, expected) => {
    expect(matchesWildcard(filter, tag)).toBe(expected)
  })

  test('agrees with an anchored regular expression', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ab.*]{1,8}$/), fc.stringMatching(/^[ab.]{0,10}$/), (filter, tag) => {
        const pattern = filter.replaceAll('.', '\\.').replace(/\*+/g, '.*')
        expect(matchesWildcard(filter, tag)).toBe(new RegExp(`^${pattern}$`).test(tag))
      }),
      { numRuns: 1000 }
    )
  })
})
