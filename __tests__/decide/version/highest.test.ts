import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { NOTHING_SEEN, parseVersionRange, survey, type VersionFilter } from '../../../src/decide/version/highest.ts'
import { versionOfImageTag } from '../../../src/decide/version/image-tag.ts'
import { compareVersions, isPrerelease } from '../../../src/decide/version/order.ts'

const ANY: VersionFilter = { range: undefined, prerelease: false }

function tagged(tags: readonly string[]) {
  return tags.map((tag, index) => ({ tag, digest: `sha256:${String(index)}` }))
}

describe('survey', () => {
  test.each([
    [['1.2.3', '1.10.0', '1.9.0', 'main-1234567'], ANY, '1.10.0'],
    [['1.2.3', '2.0.0-rc.1'], ANY, '1.2.3'],
    [['1.2.3', '2.0.0-rc.1'], { range: undefined, prerelease: true }, '2.0.0-rc.1'],
    [['1.2.3', '1.9.9', '2.0.0'], { range: parseVersionRange('^1.2'), prerelease: false }, '1.9.9'],
    [['1.2.3', '1.3.0-rc.1', '2.0.0-rc.1'], { range: parseVersionRange('^1.2'), prerelease: true }, '1.3.0-rc.1'],
    [['1.5.0-rc.1', 'v1.5.0-rc.1-9f8e7d6', '1.4.0-9f8e7d6'], { range: undefined, prerelease: true }, '1.5.0-rc.1'],
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

  test('leaves out what was found to be a commit', () => {
    const tags = tagged(['1.4.0', '2.0.0-1234567'])
    const seen = survey(NOTHING_SEEN, tags, { range: undefined, prerelease: true }, new Set(['2.0.0-1234567']))
    expect(seen).toMatchObject({ highest: { tag: '1.4.0' }, top: { tag: '1.4.0' }, versions: 1, tags: 2 })
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
