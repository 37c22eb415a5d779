import { describe, expect, test } from '@jest/globals'
import { parseVersion, parseVersionChoice, versionOfGitTag } from '../../../src/decide/version/tag.ts'

describe('versionOfGitTag', () => {
  test.each([
    ['v1.2.3', '', '1.2.3'],
    ['1.2.3', '', '1.2.3'],
    ['v1.2.3-rc.1', '', '1.2.3-rc.1'],
    ['api@1.2.3', 'api', '1.2.3'],
    ['api/v1.2.3', 'api', '1.2.3'],
    ['api-v1.2.3', 'api', '1.2.3'],
    ['api-v1.2.3-rc-1.0.0', 'api', '1.2.3-rc-1.0.0'],
    ['@org/pkg@1.2.3', '@org/pkg', '1.2.3'],
    ['api@1.2.3', 'api@', '1.2.3']
  ])('%s with prefix %p', (tag, prefix, version) => {
    expect(versionOfGitTag(tag, prefix)).toEqual({ kind: 'version', version })
  })

  test.each([
    ['nightly', ''],
    ['v1', ''],
    ['v1.2', ''],
    ['vv1.2.3', ''],
    ['api@1.2.3', ''],
    ['api-nightly', 'api']
  ])('%s with prefix %p is no version', (tag, prefix) => {
    expect(versionOfGitTag(tag, prefix)).toEqual({ kind: 'none' })
  })

  test.each([
    ['v01.2.3', ''],
    ['2024.01.02', ''],
    ['v1.2.3.4', ''],
    ['v1.2.99999999999999999999', ''],
    ['v1.2.3', 'api'],
    ['nightly', 'api']
  ])('%s with prefix %p is none, and it is said why', (tag, prefix) => {
    expect(versionOfGitTag(tag, prefix)).toEqual({ kind: 'none', why: expect.stringContaining(tag) as unknown })
  })

  test.each([
    ['web@1.2.3', 'api'],
    ['api-client-v1.2.3', 'api'],
    ['@org/other@1.2.3', '@org/pkg']
  ])('%s is a version of another package than %s', (tag, prefix) => {
    expect(() => versionOfGitTag(tag, prefix)).toThrow(/another package/)
  })

  test('build metadata is refused, not turned into a prerelease', () => {
    expect(() => versionOfGitTag('v1.2.3+b5')).toThrow(
      expect.objectContaining({ code: 'invalid-input', remedy: 'use 1.2.3 as the version' })
    )
  })
})

describe('parseVersionChoice', () => {
  test.each([
    ['', { kind: 'from-git-tag' }],
    ['auto', { kind: 'auto' }],
    ['highest', { kind: 'highest' }],
    ['1.4.2', { kind: 'exact', version: '1.4.2' }],
    ['v1.4.2', { kind: 'exact', version: '1.4.2' }]
  ])('%p', (text, expected) => {
    expect(parseVersionChoice(text)).toEqual(expected)
  })

  test.each(['1.4', '01.2.3', 'latest', ' 1.2.3', '1.2.3+b5', '=1.2.3', `1.2.3-${'a'.repeat(130)}`])(
    '%p is refused',
    text => {
      expect(() => parseVersion(text)).toThrow(expect.objectContaining({ code: 'invalid-input' }))
    }
  )
})
