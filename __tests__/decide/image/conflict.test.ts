import { describe, expect, test } from '@jest/globals'
import { compareOrigin, compareTag } from '../../../src/decide/image/conflict.ts'
import { choosePin, type PinMode } from '../../../src/decide/image/pin.ts'
import { parseDigest } from '../../../src/decide/image/reference.ts'

const MINE = parseDigest(`sha256:${'a'.repeat(64)}`)
const THEIRS = parseDigest(`sha256:${'b'.repeat(64)}`)
const MY_COMMIT = `3035eca${'1'.repeat(33)}`
const wanted = { repository: 'web', tag: 'main-3035eca', digest: MINE, commit: MY_COMMIT }

describe('compareTag', () => {
  test('a free tag and a tag that is already right', () => {
    expect(compareTag({ kind: 'absent' }, wanted)).toEqual({ kind: 'absent' })
    expect(compareTag({ kind: 'image', digest: MINE }, wanted)).toEqual({ kind: 'same' })
  })

  test('two commits with the same first digits: both digests, both commits, longer tags', () => {
    const commit = `3035eca${'2'.repeat(33)}`
    const comparison = compareTag({ kind: 'image', digest: THEIRS, commit }, wanted)
    expect(comparison).toEqual({
      kind: 'conflict',
      sentence:
        `the tag web:main-3035eca already points at ${THEIRS}, built from commit ${commit}, ` +
        `and this run's image is ${MINE}, built from commit ${MY_COMMIT}; it was left as it is`,
      remedy: "set 'sha-length' to 12: two commits begin with 3035eca"
    })
  })

  test.each([
    ['the same commit built twice', { ...wanted }, MY_COMMIT, /^the same commit was built twice: run this job again/],
    ['a version of another commit', { ...wanted, tag: '1.2.3' }, '9'.repeat(40), /another tag or version/],
    ['an unknown commit', { ...wanted }, undefined, /^deploy the image that is there.*build from a new commit$/],
    ['a version of an unknown commit', { ...wanted, tag: '1.2.3' }, undefined, /^deploy.*another tag or version$/]
  ])('%s', (_, tag, commit, remedy) => {
    const found = { kind: 'image' as const, digest: THEIRS, ...(commit === undefined ? {} : { commit }) }
    expect(compareTag(found, tag)).toMatchObject({
      kind: 'conflict',
      remedy: expect.stringMatching(remedy) as unknown
    })
  })

  test('an archived image keeps its tag, and no listing shows it', () => {
    expect(compareTag({ kind: 'archived', digest: THEIRS }, wanted)).toMatchObject({
      kind: 'conflict',
      sentence: `the tag web:main-3035eca belongs to an archived image (${THEIRS})`
    })
    expect(compareTag({ kind: 'archived' }, wanted)).toMatchObject({ kind: 'conflict' })
  })
})

describe('compareOrigin', () => {
  const source = 'https://github.com/octo-org/shop'
  const found = { repository: 'web', tag: 'main-3035eca', digest: THEIRS, commit: MY_COMMIT, source }

  test.each([
    [{ revision: undefined, source: undefined }],
    [{ revision: undefined, source: 'https://github.com/other/base' }],
    [{ revision: MY_COMMIT, source: undefined }],
    // The repository was renamed since.
    [{ revision: MY_COMMIT, source: 'https://github.com/octo-org/store' }]
  ])('%j belongs to the commit', stated => {
    expect(compareOrigin(stated, found)).toEqual({ kind: 'same' })
  })

  test.each([undefined, source, 'https://github.com/octo-org/store'])(
    'two commits with the same first digits, source %p: both commits, a longer tag',
    stated => {
      const revision = `3035eca${'2'.repeat(33)}`
      expect(compareOrigin({ revision, source: stated }, found)).toEqual({
        kind: 'conflict',
        sentence:
          `the tag web:main-3035eca points at ${THEIRS}, built from commit ${revision}, ` +
          `and this run is about commit ${MY_COMMIT}`,
        remedy: "set 'sha-length' to 12: two commits begin with 3035eca"
      })
    }
  )

  test.each([undefined, source, `${source}.git`, 'https://GitHub.com/Octo-Org/shop/'])(
    'a tag that was moved, source %p: the image by its name, or another tag',
    stated => {
      const revision = '9'.repeat(40)
      expect(compareOrigin({ revision, source: stated }, found)).toMatchObject({
        kind: 'conflict',
        sentence: expect.stringContaining(`built from commit ${revision}`) as unknown,
        remedy: expect.stringContaining("'image: main-3035eca'") as unknown
      })
    }
  )

  test('the labels of a base image say nothing', () => {
    const from = 'https://github.com/other/base'
    expect(compareOrigin({ revision: '9'.repeat(40), source: from }, found)).toEqual({ kind: 'inherited', from })
    const unknown = { ...found, source: undefined }
    expect(compareOrigin({ revision: '9'.repeat(40), source: from }, unknown)).toMatchObject({ kind: 'conflict' })
  })
})

describe('choosePin', () => {
  const image = { registry: '127.0.0.1:5151', repository: 'web', tag: '1.2.3', digest: MINE, tagGuaranteed: true }

  test.each<[PinMode, boolean, string | undefined, string]>([
    ['auto', true, '1.2.3', '127.0.0.1:5151/web:1.2.3'],
    ['auto', false, '1.2.3', `127.0.0.1:5151/web@${MINE}`],
    ['auto', true, undefined, `127.0.0.1:5151/web@${MINE}`],
    ['tag', false, '1.2.3', '127.0.0.1:5151/web:1.2.3'],
    ['digest', true, '1.2.3', `127.0.0.1:5151/web@${MINE}`],
    ['tag@digest', false, '1.2.3', `127.0.0.1:5151/web:1.2.3@${MINE}`]
  ])('%s, guaranteed %p, tag %p', (mode, tagGuaranteed, tag, expected) => {
    expect(choosePin(mode, { ...image, tag, tagGuaranteed })).toBe(expected)
  })

  test.each<PinMode>(['tag', 'tag@digest'])('%s needs a tag', mode => {
    expect(() => choosePin(mode, { ...image, tag: undefined })).toThrow(/has no tag/)
  })

  test('what ECS would refuse for its length is refused here', () => {
    const long = { ...image, repository: 'r'.repeat(200), tag: 't'.repeat(60) }
    expect(() => choosePin('tag', long)).toThrow(/ECS takes 255/)
    expect(choosePin('digest', long)).toContain(MINE)
  })
})
