import { describe, expect, test } from '@jest/globals'
import { readContents } from '../../../src/decide/image/contents.ts'
import { describeRateLimit, readRateLimit, readRetryAfter } from '../../../src/decide/image/rate-limit.ts'

function digest(letter: string): string {
  return `sha256:${letter.repeat(64)}`
}

function blob(letter: string, more: object = {}): object {
  return { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: digest(letter), size: 5, ...more }
}

function read(document: unknown): ReturnType<typeof readContents> {
  return readContents(JSON.stringify(document), digest('0'))
}

describe('what belongs to a manifest', () => {
  test('is its config and its layers, each once', () => {
    const { blobs, children } = read({ schemaVersion: 2, config: blob('a'), layers: [blob('b'), blob('c'), blob('b')] })
    expect([blobs.map(({ digest }) => digest), children]).toEqual([[digest('a'), digest('b'), digest('c')], []])
  })

  test('is the manifests of an index, attestations too', () => {
    const attestation = blob('b', { platform: { os: 'unknown', architecture: 'unknown' } })
    const { blobs, children } = read({ schemaVersion: 2, manifests: [blob('a'), attestation] })
    expect([children.map(({ digest }) => digest), blobs]).toEqual([[digest('a'), digest('b')], []])
  })

  test('leaves out layers that may not be distributed', () => {
    const mediaType = 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip'
    const layers = [blob('b', { mediaType, urls: ['https://mcr.microsoft.com/x'] }), blob('c', { mediaType })]
    const { blobs, foreignLayers } = read({ schemaVersion: 2, config: blob('a'), layers })
    expect([blobs.map(({ digest }) => digest), foreignLayers]).toEqual([[digest('a'), digest('c')], 1])
  })

  test.each([
    ['Docker before 2016', { schemaVersion: 1, fsLayers: [] }, 'the format of Docker before 2016'],
    ['neither index nor image', { schemaVersion: 2 }, 'neither manifests nor a config'],
    ['without a digest', { schemaVersion: 2, config: { size: 1 } }, 'without a sha256 digest'],
    [
      'with another kind of digest',
      { schemaVersion: 2, config: blob('a', { digest: 'md5:x' }) },
      'without a sha256 digest'
    ],
    ['without a size', { schemaVersion: 2, config: { digest: digest('a') } }, 'no size'],
    ['with a size below nothing', { schemaVersion: 2, config: blob('a', { size: -1 }) }, 'no size'],
    ['a list', [], 'not a JSON object']
  ])('is not told by one that is %s', (_, document, why) => {
    expect(() => read(document)).toThrow(why)
  })
})

test('a rate limit is read and said', () => {
  const limit = readRateLimit({ 'ratelimit-limit': '100;w=21600', 'ratelimit-remaining': '76;w=21600' })
  expect(limit && describeRateLimit(limit)).toBe('100 pulls in 6 h, and 76 are left')
  expect(readRateLimit({})).toBeUndefined()
  expect(readRateLimit({ 'ratelimit-limit': 'many' })).toBeUndefined()
})

test.each([
  ['7', 7000],
  ['0', 0],
  ['Sat, 21 Nov 2026 07:00:10 GMT', 10_000],
  ['Sat, 21 Nov 2026 06:00:00 GMT', 0],
  ['soon', undefined],
  ['-5', undefined]
])('Retry-After %s is %s ms', (value, expected) => {
  const now = Date.parse('2026-11-21T07:00:00Z')
  expect(readRetryAfter({ 'retry-after': value }, now)).toBe(expected)
})
