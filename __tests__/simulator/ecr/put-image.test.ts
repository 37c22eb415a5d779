import { describe, expect, test } from '@jest/globals'
import { assembleImage } from '../../../simulator/cloud/ecr/assemble.ts'
import { addLayers, ask, call, cloudOf, imageOf, put } from './cloud.ts'

const mutable = { repositories: [{ name: 'web' }] }
const immutable = { repositories: [{ name: 'web', imageTagMutability: 'IMMUTABLE' as const }] }

describe('PutImage', () => {
  test('keeps the manifest byte for byte and answers its digest', async () => {
    const { ecr } = cloudOf(mutable)
    const image = imageOf('one')
    addLayers(ecr, 'web', image)
    const spaced = `${image.manifest.toString('utf8')}\n`
    const answer = await ask(ecr, 'PutImage', { repositoryName: 'web', imageManifest: spaced, imageTag: 'v1' })
    expect(answer).toMatchObject({ image: { imageManifest: spaced, imageId: { imageTag: 'v1' } } })
    expect(answer).not.toMatchObject({ image: { imageId: { imageDigest: image.digest } } })
  })

  test('moves a mutable tag in silence and leaves the old image untagged', async () => {
    const { ecr } = cloudOf(mutable)
    const [one, two] = [imageOf('one'), imageOf('two')]
    await put(ecr, 'web', one, 'latest')
    await put(ecr, 'web', two, 'latest')
    const { imageIds } = await ask(ecr, 'ListImages', { repositoryName: 'web' })
    expect(imageIds).toEqual([{ imageDigest: one.digest }, { imageDigest: two.digest, imageTag: 'latest' }])
  })

  test('says ImageAlreadyExists for the same tag and digest where tags can move', async () => {
    const { ecr } = cloudOf(mutable)
    const image = imageOf('one')
    await put(ecr, 'web', image, 'v1')
    expect(await put(ecr, 'web', image, 'v1')).toBe(
      `ImageAlreadyExistsException: Image with digest '${image.digest}' and tag 'v1' already exists in the repository with name 'web' in registry with id '111122223333'`
    )
  })

  test('says ImageTagAlreadyExists where they cannot, also for the same digest', async () => {
    const { ecr } = cloudOf(immutable)
    await put(ecr, 'web', imageOf('one'), 'v1')
    const refusal =
      "ImageTagAlreadyExistsException: The image tag 'v1' already exists in the 'web' repository and cannot be overwritten because the tag is immutable."
    expect(await put(ecr, 'web', imageOf('two'), 'v1')).toBe(refusal)
    expect(await put(ecr, 'web', imageOf('one'), 'v1')).toBe(refusal)
  })

  test('lets exactly one of two racing calls have an immutable tag', async () => {
    const { ecr } = cloudOf(immutable)
    const answers = await Promise.all([put(ecr, 'web', imageOf('one'), 'v1'), put(ecr, 'web', imageOf('two'), 'v1')])
    expect(answers.filter(answer => typeof answer === 'string')).toHaveLength(1)
  })

  test('refuses a digest that the bytes do not have', async () => {
    const { ecr } = cloudOf(mutable)
    const image = imageOf('one')
    addLayers(ecr, 'web', image)
    const imageManifest = `${image.manifest.toString('utf8')}\n`
    const input = { repositoryName: 'web', imageManifest, imageDigest: image.digest }
    expect(await call(ecr, 'PutImage', input)).toMatch(/^ImageDigestDoesNotMatchException: /)
  })

  test('refuses what names layers or children that are not there', async () => {
    const { ecr } = cloudOf(mutable)
    const index = assembleImage({
      files: [],
      platforms: [
        { os: 'linux', architecture: 'amd64' },
        { os: 'linux', architecture: 'arm64' }
      ]
    })
    const asInput = (manifest: Buffer) => ({ repositoryName: 'web', imageManifest: manifest.toString('utf8') })
    expect(await call(ecr, 'PutImage', asInput(imageOf('one').manifest))).toMatch(/^LayersNotFoundException: /)
    expect(await call(ecr, 'PutImage', asInput(index.manifest))).toMatch(/^ReferencedImagesNotFoundException: /)
    for (const child of index.children) await put(ecr, 'web', child)
    expect(await call(ecr, 'PutImage', asInput(index.manifest))).toMatchObject({
      image: { imageId: { imageDigest: index.digest } }
    })
  })

  test('calls an OCI manifest without any media type invalid JSON, and takes it with one', async () => {
    const { ecr } = cloudOf(mutable)
    const image = imageOf('one')
    addLayers(ecr, 'web', image)
    const imageManifest = image.manifest.toString('utf8').replace(/"mediaType":"[^"]*manifest[^"]*",/, '')
    const input = { repositoryName: 'web', imageManifest, imageTag: 'v1' }
    expect(await call(ecr, 'PutImage', input)).toBe(
      "InvalidParameterException: Invalid parameter at 'ImageManifest' failed to satisfy constraint: 'Invalid JSON syntax'"
    )
    const typed = { ...input, imageManifestMediaType: image.mediaType }
    expect(await call(ecr, 'PutImage', typed)).toMatchObject({ image: { imageManifestMediaType: image.mediaType } })
  })

  test('gives an image no more than a thousand tags', async () => {
    const { ecr } = cloudOf(mutable)
    const image = imageOf('one')
    for (let number = 1; number <= 1000; number++) await put(ecr, 'web', image, `v${number}`)
    expect(await put(ecr, 'web', image, 'one-more')).toBe(
      "LimitExceededException: Adding tag 'one-more' to an image in the repository with name 'web' in registry with id '111122223333' exceeds the maximum allowed number of tags per image which is '1000'"
    )
  })

  test('refuses a label that is meant to be a behaviour and is none', async () => {
    const { ecr } = cloudOf(mutable)
    const crash = JSON.stringify({ crash: { exitCode: 3, afterSeconds: 1 } })
    expect(await put(ecr, 'web', imageOf('a', { 'simulator.behaviour': crash }), 'a')).toBeInstanceOf(Object)
    expect(await put(ecr, 'web', imageOf('b', { 'simulator.behaviour': 'neverHealty' }), 'b')).toMatch(/no behaviour/)
    expect(ecr.state().repositories[0]?.images[0]?.behaviour).toEqual({ crash: { exitCode: 3, afterSeconds: 1 } })
  })
})
