import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  NOTHING_SEEN,
  parseVersionRange,
  survey,
  versionOfImageTag,
  type VersionFilter
} from '../../../src/decide/version/highest.ts'
import { compareVersions, isPrerelease } from '../../../src/decide/version/order.ts'

const ANY: VersionFilter = { range: undefined, prerelease: false }

function tagged(tags: readonly string[]) {
  return tags.map((tag, index) => ({ tag, digest: `sha256:${String(index)}` }))
}

describe('versionOfImageTag', () => {
  test.each([
    ['1.2.3', '1.2.3'],
    ['v1.2.3', '1.2.3'],
    ['1.2.3-rc.1', '1.2.3-rc.1'],
    ['1.2.3-arm64', '1.2.3-arm64']
  ])('%s is the version %s', (tag, version) => {
    expect(versionOfImageTag(tag)).toBe(version)
  })

  test.each([
    'latest',
    '1.2',
    '01.2.3',
    '2024.01.02',
    '1.2.3.4',
    'vv1.2.3',
    '1.0.0-0123456',
    'main-1234567',
    '1.2.99999999999999999999',
    'V1.2.3',
    '1.2.3_b5'
  ])('%s is none', tag => {
    expect(versionOfImageTag(tag)).toBeUndefined()
  })
})

describe('survey', () => {
  test.each([
    [['1.2.3', '1.10.0', '1.9.0', 'main-1234567'], ANY, '1.10.0'],
    [['1.2.3', '2.0.0-rc.1'], ANY, '1.2.3'],
    [['1.2.3', '2.0.0-rc.1'], { range: undefined, prerelease: true }, '2.0.0-rc.1'],
    [['1.2.3', '1.9.9', '2.0.0'], { range: parseVersionRange('^1.2'), prerelease: false }, '1.9.9'],
    [['1.2.3', '1.3.0-rc.1', '2.0.0-rc.1'], { range: parseVersionRange('^1.2'), prerelease: true }, '1.3.0-rc.1'],
    [['1.2.3', 'v1.2.3'], ANY, '1.2.3'],
    [['v1.2.3', '1.2.2'], ANY, 'v1.2.3'],
    [['latest'], ANY, undefined],
    [['1.2.3'], { range: parseVersionRange('>=2'), prerelease: false }, undefined]
  ])('of %j with %j the highest is %s', (tags, filter, highest) => {
    expect(survey(NOTHING_SEEN, tagged(tags), filter).highest?.tag).toBe(highest)
  })

  test('says what was there when nothing counts', () => {
    const seen = survey(NOTHING_SEEN, tagged(['1.2.3', '1.4.0-rc.1', 'latest']), {
      range: parseVersionRange('^2'),
      prerelease: false
    })
    expect(seen).toMatchObject({ highest: undefined, versions: 2, tags: 3, top: { version: '1.4.0-rc.1' } })
  })

  const tag = fc.oneof(
    fc
      .tuple(fc.constantFrom('', 'v'), fc.nat(12), fc.nat(12), fc.nat(12), fc.constantFrom('', '-rc.1', '-a', '-1'))
      .map(([v, major, minor, patch, pre]) => `${v}${String(major)}.${String(minor)}.${String(patch)}${pre}`),
    fc.constantFrom('main-1234567', 'latest', '1.2', '01.1.1')
  )

  test('is the same whatever the order and the pages, and the maximum of all that count', () => {
    fc.assert(
      fc.property(fc.uniqueArray(tag, { maxLength: 40 }), fc.boolean(), fc.nat(40), (tags, prerelease, at) => {
        const filter = { range: undefined, prerelease }
        const whole = survey(NOTHING_SEEN, tagged(tags), filter)
        const paged = survey(
          survey(NOTHING_SEEN, tagged(tags.slice(at)).reverse(), filter),
          tagged(tags.slice(0, at)),
          filter
        )
        expect(paged.highest?.tag).toBe(whole.highest?.tag)
        const counting = tags
          .flatMap(each => versionOfImageTag(each) ?? [])
          .filter(each => prerelease || !isPrerelease(each))
        expect(whole.highest?.version).toBe(counting.sort(compareVersions).at(-1))
        expect(whole.stable?.version).toBe(counting.filter(each => !isPrerelease(each)).at(-1))
      })
    )
  })
})

describe('parseVersionRange', () => {
  test.each(['^1.4', '~1.4.2', '1.x', '>=1.4.0 <2.0.0', '1 || 2', '*'])('%s', text => {
    expect(parseVersionRange(text)).toBe(text)
  })

  test.each(['', 'latest', '^1.4 oder so', '1.4.2.3', '>'.repeat(10_000)])('%j is refused', text => {
    expect(() => parseVersionRange(text)).toThrow(expect.objectContaining({ code: 'invalid-input' }))
  })
})
