import { describe, expect, test } from '@jest/globals'
import {
  acceptableDigests,
  fits,
  formatPlatform,
  knownPlatforms,
  parseManifest,
  platformDigests,
  readMediaType
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

  test.each(['text/plain', 'application/octet-stream', 'application/json', ''])(
    'what a file server calls %s is what it says itself, or looks like',
    said => {
      expect(read({ schemaVersion: 2, mediaType: DOCKER_LIST, manifests: CHILDREN }, said).mediaType).toBe(DOCKER_LIST)
      expect(read({ schemaVersion: 2, config: { digest: CONFIG } }, said).mediaType).toBe(OCI_MANIFEST)
      expect(readMediaType(JSON.stringify({ schemaVersion: 2, manifests: CHILDREN }), said)).toBe(OCI_INDEX)
    }
  )

  test.each(['[]', 'no JSON'])('%s has the media type that its registry says', text => {
    expect(readMediaType(text, DOCKER_MANIFEST)).toBe(DOCKER_MANIFEST)
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

describe('knownPlatforms', () => {
  function platforms(manifests: readonly object[]) {
    const index = read({ schemaVersion: 2, manifests })
    if (index.kind !== 'index') throw new Error('no index')
    return knownPlatforms(index)
  }

  test('are those of the images, without attestations', () => {
    const known = platforms(CHILDREN) ?? []
    expect(known.map(formatPlatform)).toEqual(expect.arrayContaining(['linux/amd64']))
    expect(known.map(formatPlatform)).not.toContain('unknown/unknown')
  })

  test('are not known where one image does not say its own', () => {
    expect(platforms([...CHILDREN, { digest: AMD }])).toBeUndefined()
  })
})

describe('fits', () => {
  test.each([
    [{ os: 'linux', architecture: 'amd64' }, { os: 'linux', architecture: 'amd64' }, true],
    [{ os: 'linux', architecture: 'arm64', variant: 'v8' }, { os: 'linux', architecture: 'arm64' }, true],
    [
      { os: 'linux', architecture: 'arm64', variant: 'v8' },
      { os: 'linux', architecture: 'arm64', variant: 'v7' },
      false
    ],
    [{ os: 'windows', architecture: 'amd64' }, { os: 'linux', architecture: 'amd64' }, false]
  ])('%j on %j: %p', (platform, wanted, expected) => {
    expect(fits(platform, wanted)).toBe(expected)
  })
})
