import { describe, expect, test } from '@jest/globals'
import { parseImageConfig } from '../../../src/decide/image/config.ts'

const SHA = 'a'.repeat(40)

describe('the config of an image', () => {
  test.each([
    [
      { os: 'linux', architecture: 'arm64', variant: 'v8' },
      { os: 'linux', architecture: 'arm64', variant: 'v8' }
    ],
    [
      { os: 'linux', architecture: 'amd64', variant: '' },
      { os: 'linux', architecture: 'amd64' }
    ],
    [{ os: 'linux' }, undefined],
    [[], undefined],
    [null, undefined]
  ])('%j is for %j', (config, platform) => {
    expect(parseImageConfig(JSON.stringify(config)).platform).toEqual(platform)
  })

  test.each([
    [{ Labels: { 'org.opencontainers.image.revision': SHA } }, SHA],
    [{ Labels: { 'org.opencontainers.image.revision': 'main' } }, undefined],
    [{ Labels: null }, undefined],
    [null, undefined],
    [undefined, undefined]
  ])('with %j is of the commit %s', (config, revision) => {
    expect(parseImageConfig(JSON.stringify({ config })).revision).toBe(revision)
  })

  test('says whose commit that is', () => {
    const Labels = { 'org.opencontainers.image.source': 'https://github.com/octo-org/shop' }
    expect(parseImageConfig(JSON.stringify({ config: { Labels } })).source).toBe('https://github.com/octo-org/shop')
  })

  test('that is no JSON is said to be none', () => {
    expect(() => parseImageConfig('<html>')).toThrow(SyntaxError)
  })
})
