import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { commitTag } from '../../../src/decide/image/tags.ts'
import {
  isCommitTag,
  mayNameCommit,
  twinOf,
  versionOfImageTag,
  versionsOfImage
} from '../../../src/decide/version/image-tag.ts'

describe('versionOfImageTag', () => {
  test.each([
    ['1.2.3', '1.2.3'],
    ['v1.2.3', '1.2.3'],
    ['1.2.3-rc.1', '1.2.3-rc.1'],
    ['1.2.3-arm64', '1.2.3-arm64'],
    ['1.2.3-abc', '1.2.3-abc'],
    ['1.2.3-20260101', '1.2.3-20260101'],
    ['1.2.3-rc.abcdef1', '1.2.3-rc.abcdef1']
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
    '1.2.3_b5',
    'v1.5.0-rc.1-9f8e7d6',
    '2.0.0-9e7d16f',
    `1.5.0-${'f'.repeat(40)}`
  ])('%s is none', tag => {
    expect(versionOfImageTag(tag)).toBeUndefined()
  })
})

describe('isCommitTag', () => {
  const label = `1234567${'a'.repeat(33)}`

  test.each([
    ['2.0.0-9e7d16f', { label: undefined, tags: [] }, true],
    ['2.0.0-1234567', { label, tags: [] }, true],
    ['2.0.0-1234567', { label: '9'.repeat(40), tags: ['2.0.0'] }, false],
    ['2.0.0-1234567', { label: undefined, tags: ['2.0.0-1234567', 'main-1234567'] }, false],
    ['v1.5.0-rc.1-1234567', { label: undefined, tags: ['v1.5.0-rc.1-1234567', '1.5.0-rc.1'] }, true],
    ['1.0.0-20260101', { label: undefined, tags: ['1.0.0-20260101', 'nightly-20260101'] }, false],
    ['1.0.0-20260101', { label, tags: ['1.0.0-20260101', 'nightly'] }, false],
    ['1.0.0', { label, tags: [] }, false]
  ])('%s on an image with %j: %s', (tag, origin, is) => {
    expect(isCommitTag(tag, origin)).toBe(is)
  })

  const name = fc
    .tuple(fc.constantFrom('', 'v'), fc.nat(20), fc.nat(20), fc.nat(20), fc.constantFrom('', '-rc.1', '-beta', '-3'))
    .map(([v, major, minor, patch, pre]) => `${v}${String(major)}.${String(minor)}.${String(patch)}${pre}`)
  // Often without a letter in the first digits, where the tag alone does not tell.
  const sha = fc.oneof(fc.stringMatching(/^[0-9a-f]{40}$/), fc.stringMatching(/^[0-9]{12}[0-9a-f]{28}$/))

  test('BRANCH-SHA is never a version of the image that has its label, whatever the branch is called', () => {
    fc.assert(
      fc.property(name, sha, fc.integer({ min: 7, max: 40 }), (branch, commit, shaLength) => {
        const tag = commitTag({ branch, sha: commit, shaLength })
        expect(versionsOfImage({ label: commit, tags: [tag] })).toEqual([])
        expect(versionOfImageTag(tag) === undefined || mayNameCommit(tag)).toBe(true)
        const version = versionOfImageTag(branch)
        expect(versionsOfImage({ label: undefined, tags: [tag, branch] })).toEqual([version])
      })
    )
  })
})

describe('twinOf', () => {
  test.each([
    ['1.4.2', 'v1.4.2'],
    ['v1.4.2-rc.1', '1.4.2-rc.1'],
    ['main-1234567', undefined],
    ['v1.5.0-rc.1-9f8e7d6', undefined],
    ['latest', undefined]
  ])('of %s is %s', (tag, twin) => {
    expect(twinOf(tag)).toBe(twin)
  })
})
