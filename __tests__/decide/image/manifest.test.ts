import { describe, expect, test } from '@jest/globals'
import {
  acceptableDigests,
  hasPlatform,
  parseManifest,
  platformDigests,
  readPlatform
} from '../../../src/decide/image/manifest.ts'
import { parseDigest } from '../../../src/decide/image/reference.ts'

const OCI_INDEX = 'application/vnd.oci.image.index.v1+json'
const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json'
const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json'

const [TOP, AMD, ARM, ATTESTATION, CONFIG] = ['a', 'b', 'c', 'd', 'e'].map(hex =>
  parseDigest(`sha256:${hex.repeat(64)}`)
)

const CHILDREN = [
  { digest: AMD, mediaType: OCI_MANIFEST, size: 1, platform: { os: 'linux', architecture: 'amd64' } },
  { digest: ARM, mediaType: OCI_MANIFEST, size: 1, platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } },
  {
    digest: ATTESTATION,
    mediaType: OCI_MANIFEST,
    size: 1,
    platform: { os: 'unknown', architecture: 'unknown' },
    annotations: { 'vnd.docker.reference.type': 'attestation-manifest', 'vnd.docker.reference.digest': AMD }
  }
]

function read(document: unknown, mediaType?: string) {
  if (TOP === undefined) throw new Error('no digest')
  return parseManifest(JSON.stringify(document), TOP, mediaType)
}

describe('parseManifest', () => {
  test('an index has its platforms, without attestations', () => {
    const manifest = read({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: CHILDREN })
    expect(manifest).toMatchObject({ kind: 'index', digest: TOP, mediaType: OCI_INDEX })
    expect(platformDigests(manifest)).toEqual([AMD, ARM])
    expect([...acceptableDigests(manifest)]).toEqual([TOP, AMD, ARM])
  })

  test('an image has its config and is its own platform', () => {
    const manifest = read({ schemaVersion: 2, mediaType: DOCKER_MANIFEST, config: { digest: CONFIG } })
    expect(manifest).toEqual({ kind: 'image', digest: TOP, mediaType: DOCKER_MANIFEST, config: CONFIG })
    expect([...acceptableDigests(manifest)]).toEqual([TOP])
  })

  test.each([
    ['an OCI index', { schemaVersion: 2, manifests: CHILDREN }, OCI_INDEX],
    ['an OCI manifest', { schemaVersion: 2, config: { digest: CONFIG } }, OCI_MANIFEST],
    [
      "a manifest with Docker's config",
      { schemaVersion: 2, config: { digest: CONFIG, mediaType: 'application/vnd.docker.container.image.v1+json' } },
      DOCKER_MANIFEST
    ]
  ])('%s without a media type gets it', (_, document, mediaType) => {
    expect(read(document).mediaType).toBe(mediaType)
  })

  test("the registry's word on the media type counts", () => {
    expect(read({ schemaVersion: 2, manifests: CHILDREN }, DOCKER_LIST)).toMatchObject({
      kind: 'index',
      mediaType: DOCKER_LIST
    })
  })

  test.each([
    ['schema 1', { schemaVersion: 1, fsLayers: [] }, /before 2016/],
    ['another artifact', { schemaVersion: 2, mediaType: 'application/x.chart' }, /is no container image/],
    ['an index without manifests', { schemaVersion: 2, mediaType: OCI_INDEX }, /index without manifests/],
    ['a child without a digest', { schemaVersion: 2, manifests: [{}] }, /has no digest/],
    ['no config', { schemaVersion: 2, mediaType: OCI_MANIFEST }, /no config/],
    ['a list', [], /not a JSON object/]
  ])('refuses %s', (_, document, sentence) => {
    expect(() => read(document)).toThrow(sentence)
  })

  test('refuses what is not JSON', () => {
    expect(() => parseManifest('<html>', parseDigest(`sha256:${'a'.repeat(64)}`))).toThrow(/is not JSON/)
  })
})

describe('hasPlatform', () => {
  const index = read({ schemaVersion: 2, manifests: CHILDREN })

  test.each([
    [{ os: 'linux', architecture: 'amd64' }, true],
    [{ os: 'linux', architecture: 'arm64' }, true],
    [{ os: 'linux', architecture: 'arm64', variant: 'v7' }, false],
    [{ os: 'windows', architecture: 'amd64' }, false],
    [{ os: 'unknown', architecture: 'unknown' }, false]
  ])('%j: %p', (platform, expected) => {
    expect(hasPlatform(index, platform)).toBe(expected)
  })

  test('only the config of a single image can tell', () => {
    const single = read({ schemaVersion: 2, config: { digest: CONFIG } })
    expect(hasPlatform(single, { os: 'linux', architecture: 'amd64' })).toBe('unknown')
    expect(readPlatform({ os: 'linux', architecture: 'amd64', rootfs: {} })).toEqual({
      os: 'linux',
      architecture: 'amd64'
    })
  })

  test('a child that does not say its platform may be the one', () => {
    const index = read({ schemaVersion: 2, manifests: [{ digest: AMD }] })
    expect(hasPlatform(index, { os: 'linux', architecture: 'amd64' })).toBe('unknown')
  })
})
