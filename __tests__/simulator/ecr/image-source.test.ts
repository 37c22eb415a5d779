import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from '@jest/globals'
import { assembleImage } from '../../../simulator/cloud/ecr/assemble.ts'
import { digestOf } from '../../../simulator/cloud/ecr/digest.ts'
import { cloudOf, HOST, imageOf, put } from './cloud.ts'

const amd64 = { os: 'linux', architecture: 'amd64' }
const arm64 = { os: 'linux', architecture: 'arm64' }
const crash = { crash: { exitCode: 1, afterSeconds: 2 } }
const world = {
  repositories: [
    {
      name: 'team/web',
      images: [
        { tags: ['v1', 'latest'] },
        { tags: ['v2'], behaviour: crash },
        { tags: ['multi'], platforms: ['linux/amd64', 'linux/arm64'], behaviour: 'neverHealthy' as const }
      ]
    }
  ]
}

describe('what a task gets for an image reference', () => {
  test('the behaviour and digest of what its tag names now', () => {
    const { ecr } = cloudOf(world)
    const found = ecr.resolve(`${HOST}/team/web:v2`, amd64)
    expect(found).toMatchObject({ kind: 'resolved', image: { behaviour: crash } })
    expect(ecr.resolve(`${HOST}/team/web`, amd64)).toEqual(ecr.resolve(`${HOST}/team/web:v1`, amd64))
  })

  test('the digest where there is one, whatever the tag beside it says', () => {
    const { ecr } = cloudOf(world)
    const found = ecr.resolve(`${HOST}/team/web:v2`, amd64)
    const digest = found.kind === 'resolved' ? found.image.digest : ''
    expect(ecr.resolve(`${HOST}/team/web:v1@${digest}`, amd64)).toEqual(found)
  })

  test('the image for its platform, out of an index', () => {
    const { ecr } = cloudOf(world)
    const one = ecr.resolve(`${HOST}/team/web:multi`, amd64)
    const other = ecr.resolve(`${HOST}/team/web:multi`, arm64)
    if (one.kind !== 'resolved' || other.kind !== 'resolved') throw new Error('not resolved')
    expect(one.image.digest).toBe(other.image.digest)
    expect(one.image.platformDigest).not.toBe(other.image.platformDigest)
    expect(other.image.behaviour).toBe('neverHealthy')
  })

  test.each([
    [`${HOST}/team/web:v1`, 'no-platform'],
    [`${HOST}/team/web:gone`, 'not-found'],
    [`${HOST}/team/web@${digestOf('gone')}`, 'not-found'],
    [`${HOST}/nobody:v1`, 'not-found'],
    ['registry.example.com/team/web:v1', 'unreachable'],
    ['nginx:1.27', 'unreachable']
  ])('%s on arm64: %s', (reference, kind) => {
    expect(cloudOf(world).ecr.resolve(reference, arm64)).toEqual({ kind })
  })

  test('nothing, once the image is deleted or archived', () => {
    const { ecr } = cloudOf(world)
    ecr.deleteImage('team/web', 'v2')
    ecr.archiveImage('team/web', 'v1')
    expect(ecr.resolve(`${HOST}/team/web:v2`, amd64)).toEqual({ kind: 'not-found' })
    expect(ecr.resolve(`${HOST}/team/web:latest`, amd64)).toEqual({ kind: 'not-found' })
    expect(() => {
      ecr.deleteImage('team/web', 'v2')
    }).toThrow('Requested image not found')
  })

  test('the behaviour that a pushed image has as a label', async () => {
    const { ecr } = cloudOf(world)
    await put(ecr, 'team/web', imageOf('x', { 'simulator.behaviour': 'outOfMemory' }), 'v3')
    expect(ecr.resolve(`${HOST}/team/web:v3`, amd64)).toMatchObject({ image: { behaviour: 'outOfMemory' } })
  })
})

describe('images of a world', () => {
  test('have the same digests in every simulation, and different ones among themselves', () => {
    const digests = () =>
      cloudOf(world)
        .ecr.state()
        .repositories.flatMap(found => found.images.map(image => image.digest))
    expect(digests()).toEqual(digests())
    expect(new Set(digests()).size).toBe(digests().length)
  })

  test('hold their labels', async () => {
    const labels = { 'org.opencontainers.image.version': '1.0.0' }
    const { ecr } = cloudOf({ repositories: [{ name: 'web', images: [{ tags: ['v1'], labels }] }] })
    const manifest = ecr.repository('web').find({ imageTag: 'v1' })?.manifest
    const config = manifest?.kind === 'image' ? manifest.config.digest : ''
    expect(JSON.parse((await ecr.blobs.read(config)).toString())).toMatchObject({ config: { Labels: labels } })
  })

  test.each([
    [{ name: 'web', images: [{ tags: ['v1'] }, { tags: ['v1'], behaviour: 'healthy' as const }] }, 'the tag v1 twice'],
    [{ name: 'web', images: [{ tags: ['v1'], platforms: ['linux'] }] }, "'linux' is no platform"]
  ])('have to make sense: %j', (repository, message) => {
    expect(() => cloudOf({ repositories: [repository] })).toThrow(message)
  })
})

test('an assembled image is the same on every machine', () => {
  const image = assembleImage({
    files: [
      { path: 'b', content: '2' },
      { path: 'a', content: '1' }
    ],
    environment: { APP_VERSION: '1' },
    command: ['node', 'server.mjs'],
    ports: [8080]
  })
  expect(image.digest).toBe('sha256:18d0598fa3fc586f35b6dbb6b2757413b539984edea4f3ff631a141c85f98b5c')
  const [config, layer] = image.blobs
  const archive = gunzipSync(layer ?? '')
  expect(archive.subarray(0, 1).toString()).toBe('a')
  expect(JSON.parse(config?.toString() ?? '')).toMatchObject({ rootfs: { diff_ids: [digestOf(archive)] } })
})
