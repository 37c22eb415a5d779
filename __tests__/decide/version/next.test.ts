import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { raise, raisePrerelease } from '../../../src/decide/version/bump.ts'
import type { Change } from '../../../src/decide/version/commits.ts'
import { nextVersion } from '../../../src/decide/version/next.ts'
import { compareVersions, isPrerelease } from '../../../src/decide/version/order.ts'
import { parseVersion, type Version } from '../../../src/decide/version/tag.ts'

const RULES = { initial: parseVersion('1.0.0'), majorZero: 'keep', prerelease: false } as const

describe('raise', () => {
  test.each([
    ['1.4.2', 'breaking', 'keep', '2.0.0'],
    ['1.4.2', 'feature', 'keep', '1.5.0'],
    ['1.4.2', 'fix', 'keep', '1.4.3'],
    ['0.4.2', 'breaking', 'keep', '0.5.0'],
    ['0.4.2', 'feature', 'keep', '0.5.0'],
    ['0.4.2', 'fix', 'keep', '0.4.3'],
    ['0.4.2', 'breaking', 'strict', '1.0.0'],
    ['0.4.2', 'feature', 'strict', '0.5.0'],
    ['0.4.2', 'fix', 'strict', '0.4.3'],
    ['0.0.0', 'breaking', 'keep', '0.1.0']
  ] as const)('%s after a %s with major-zero %s is %s', (from, change, majorZero, to) => {
    expect(raise(parseVersion(from), change, majorZero)).toBe(to)
  })

  test('a number that is too large is refused, not rounded', () => {
    const last = parseVersion('9007199254740991.0.9007199254740991')
    for (const change of ['breaking', 'fix'] as const) {
      expect(() => raise(last, change, 'keep')).toThrow(expect.objectContaining({ code: 'invalid-input' }))
    }
    expect(raise(last, 'feature', 'keep')).toBe('9007199254740991.1.0')
  })
})

describe('raisePrerelease', () => {
  test.each([
    ['1.5.0-rc.1', '1.5.0-rc.2'],
    ['1.5.0-rc', '1.5.0-rc.0'],
    ['1.5.0-0', '1.5.0-1']
  ])('%s → %s', (from, to) => {
    expect(raisePrerelease(parseVersion(from))).toBe(to)
  })
})

describe('nextVersion', () => {
  const version = (text: string | undefined) => (text === undefined ? undefined : parseVersion(text))

  test.each([
    [undefined, undefined, '1.0.0'],
    ['1.4.2', undefined, undefined],
    ['1.4.2', 'fix', '1.4.3'],
    ['1.4.2', 'feature', '1.5.0'],
    ['1.4.2', 'breaking', '2.0.0']
  ] as const)('after %s with a %s: %s', (last, change, next) => {
    const stable = version(last)
    expect(nextVersion({ stable, highest: stable }, { stable: change, highest: change }, RULES)).toBe(next)
  })

  test.each([
    ['2.0.0-rc.1', '1.0.0', '2.0.0'],
    ['2.1.0-beta-x.1', '1.0.0', '2.1.0'],
    ['1.0.0-rc.1', '0.1.0', '1.0.0'],
    ['0.1.0-rc.1', '1.0.0', '1.0.0']
  ])('the first one after the prerelease %s, where %s is the initial one: %s', (highest, initial, next) => {
    const last = { stable: undefined, highest: parseVersion(highest) }
    const rules = { ...RULES, initial: parseVersion(initial) }
    expect(nextVersion(last, { stable: undefined, highest: undefined }, rules)).toBe(next)
  })

  test('a stable one counts from the last stable one, whatever prereleases there are', () => {
    const last = { stable: parseVersion('1.4.2'), highest: parseVersion('2.0.0-rc.1') }
    expect(nextVersion(last, { stable: 'fix', highest: undefined }, RULES)).toBe('1.4.3')
    expect(nextVersion(last, { stable: undefined, highest: undefined }, RULES)).toBeUndefined()
  })

  test.each([
    [undefined, undefined, undefined, undefined, '1.0.0-rc.1'],
    ['1.4.2', '1.4.2', 'feature', 'feature', '1.5.0-rc.1'],
    ['1.4.2', '1.5.0-rc.1', 'feature', undefined, undefined],
    ['1.4.2', '1.5.0-rc.1', 'feature', 'fix', '1.5.0-rc.2'],
    ['1.4.2', '1.5.0-rc.1', 'feature', 'feature', '1.5.0-rc.2'],
    ['1.4.2', '1.5.0-rc.1', 'breaking', 'breaking', '2.0.0-rc.1'],
    ['1.4.2', '2.0.0-beta.3', 'fix', 'fix', '2.0.0-beta.4'],
    ['1.4.2', '1.5.0-beta.3', 'breaking', 'breaking', '2.0.0-beta.1'],
    ['1.4.2', '1.5.0-3', 'breaking', 'fix', '2.0.0-rc.1'],
    [undefined, '1.0.0-rc.1', 'fix', 'fix', '1.0.0-rc.2'],
    // What was featured since the last stable version was taken back meanwhile.
    ['1.4.2', '1.5.0-rc.1', undefined, 'fix', '1.5.0-rc.2']
  ] as const)(
    'of prereleases after %s and %s with %s and %s: %s',
    (stable, highest, sinceStable, sinceHighest, next) => {
      const last = { stable: version(stable), highest: version(highest) }
      const changes = { stable: sinceStable, highest: sinceHighest }
      expect(nextVersion(last, changes, { ...RULES, prerelease: true })).toBe(next)
    }
  )

  const number = fc.nat(30)
  const arbitraryVersion = fc
    .tuple(number, number, number, fc.option(fc.constantFrom('rc.1', 'rc.9', 'beta', 'alpha.2', '3', '0.x-1')))
    .map(([major, minor, patch, pre]) =>
      parseVersion(`${String(major)}.${String(minor)}.${String(patch)}${pre === null ? '' : `-${pre}`}`)
    )
  const change = fc.constantFrom<Change>('breaking', 'feature', 'fix')

  test('is higher than every version considered, a prerelease just when one was asked for, and has the right parts', () => {
    const rules = fc.record({
      initial: fc.constantFrom(parseVersion('1.0.0'), parseVersion('0.1.0')),
      majorZero: fc.constantFrom('keep' as const, 'strict' as const),
      prerelease: fc.boolean()
    })
    fc.assert(
      fc.property(fc.array(arbitraryVersion, { maxLength: 20 }), change, change, rules, (all, first, second, given) => {
        all.sort(compareVersions)
        const stable = all.findLast(each => !isPrerelease(each))
        const next = nextVersion({ stable, highest: all.at(-1) }, { stable: first, highest: second }, given) as Version
        // Without a stable version the prereleases are what was published.
        const considered = all.filter(each => given.prerelease || stable === undefined || !isPrerelease(each))
        for (const each of considered) expect(compareVersions(next, each)).toBeGreaterThan(0)
        expect(isPrerelease(next)).toBe(given.prerelease)
        expect(parseVersion(next)).toBe(next)
      })
    )
  })
})
