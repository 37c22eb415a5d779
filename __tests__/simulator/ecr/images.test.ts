import { describe, expect, test } from '@jest/globals'
import { digestOf } from '../../../simulator/cloud/ecr/digest.ts'
import { ask, call, cloudOf, imageOf, listOf, put, textOf } from './cloud.ts'

const world = {
  repositories: [
    {
      name: 'web',
      images: [
        { tags: ['1.0.0', 'stable'], labels: { 'org.opencontainers.image.revision': 'abc' } },
        { tags: ['multi'], platforms: ['linux/amd64', 'linux/arm64'] }
      ]
    }
  ]
}
const INDEX = 'application/vnd.oci.image.index.v1+json'
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
const ABSENT = digestOf('absent')

function digestOfTag(ecr: ReturnType<typeof cloudOf>['ecr'], imageTag: string): string {
  return ecr.repository('web').find({ imageTag })?.digest ?? ''
}

describe('BatchGetImage', () => {
  test('answers manifests that hash to their digest, and failures beside them', async () => {
    const { ecr } = cloudOf(world)
    const imageIds = [
      { imageTag: '1.0.0' },
      { imageTag: 'nope' },
      { imageTag: '1.0.0', imageDigest: ABSENT },
      { imageTag: 'nope', imageDigest: ABSENT },
      { imageDigest: 'sha1:1' },
      {}
    ]
    const answer = await ask(ecr, 'BatchGetImage', { repositoryName: 'web', imageIds })
    const digest = digestOfTag(ecr, 'stable')
    expect(answer).toMatchObject({
      images: [{ imageId: { imageTag: '1.0.0', imageDigest: digest }, imageManifestMediaType: MANIFEST }],
      failures: [
        { failureCode: 'ImageNotFound', failureReason: 'Requested image not found' },
        { failureCode: 'ImageTagDoesNotMatchDigest' },
        { failureCode: 'ImageNotFound' },
        { failureCode: 'InvalidImageDigest' },
        { failureCode: 'MissingDigestAndTag' }
      ]
    })
    expect(digestOf(textOf(listOf(answer.images)[0]?.imageManifest))).toBe(digest)
  })

  test('changes an index for who does not take one, but only when it was named by tag', async () => {
    const { ecr } = cloudOf(world)
    const digest = digestOfTag(ecr, 'multi')
    const ask1 = async (id: object, acceptedMediaTypes: string[]) =>
      ask(ecr, 'BatchGetImage', { repositoryName: 'web', imageIds: [{ ...id }], acceptedMediaTypes })
    expect(await ask1({ imageTag: 'multi' }, [INDEX, MANIFEST])).toMatchObject({
      images: [{ imageManifestMediaType: INDEX }]
    })
    expect(await ask1({ imageTag: 'multi' }, [MANIFEST])).toMatchObject({
      images: [{ imageManifestMediaType: MANIFEST }]
    })
    expect(await ask1({ imageDigest: digest }, [MANIFEST])).toMatchObject({
      images: [{ imageManifestMediaType: INDEX }]
    })
  })

  test('takes a hundred ids and no more', async () => {
    const { ecr } = cloudOf(world)
    const imageIds = Array.from({ length: 101 }, () => ({ imageTag: '1.0.0' }))
    expect(await call(ecr, 'BatchGetImage', { repositoryName: 'web', imageIds })).toBe(
      "InvalidParameterException: Invalid parameter at 'imageIds' failed to satisfy constraint: 'Member must have length less than or equal to 100'"
    )
  })
})

describe('DescribeImages and ListImages', () => {
  test('describe an image with all its tags, once', async () => {
    const { ecr } = cloudOf(world)
    const imageIds = [{ imageTag: '1.0.0' }, { imageTag: 'stable' }]
    const { imageDetails } = await ask(ecr, 'DescribeImages', { repositoryName: 'web', imageIds })
    expect(imageDetails).toEqual([
      expect.objectContaining({ imageTags: ['1.0.0', 'stable'], imageStatus: 'ACTIVE', imagePushedAt: 1767225600 })
    ])
  })

  test('name what is missing', async () => {
    const { ecr } = cloudOf(world)
    const input = { repositoryName: 'web', imageIds: [{ imageTag: 'x' }] }
    expect(await call(ecr, 'DescribeImages', input)).toBe(
      "ImageNotFoundException: The image with imageId {imageDigest:'null', imageTag:'x'} does not exist within the repository with name 'web' in the registry with id '111122223333'"
    )
    expect(await call(ecr, 'DescribeImages', { ...input, registryId: '999999999999' })).toBe(
      "RepositoryNotFoundException: The repository with name 'web' does not exist in the registry with id '999999999999'"
    )
  })

  test('page through everything exactly once', async () => {
    const { ecr } = cloudOf({ repositories: [{ name: 'web' }] })
    for (const name of ['a', 'b', 'c', 'd', 'e']) await put(ecr, 'web', imageOf(name), name)
    const seen: unknown[] = []
    let nextToken: string | undefined
    do {
      const input = { repositoryName: 'web', maxResults: 2, ...(nextToken !== undefined && { nextToken }) }
      const page = await ask(ecr, 'ListImages', input)
      seen.push(...listOf(page.imageIds))
      nextToken = typeof page.nextToken === 'string' ? page.nextToken : undefined
    } while (nextToken !== undefined)
    expect(seen).toMatchObject(['a', 'b', 'c', 'd', 'e'].map(imageTag => ({ imageTag })))
    expect(await call(ecr, 'ListImages', { repositoryName: 'web', maxResults: 1001 })).toMatch(
      /less than or equal to 1000/
    )
  })

  test('hide archived images unless asked, although their tags are taken', async () => {
    const { ecr } = cloudOf(world)
    ecr.archiveImage('web', 'stable')
    const list = (filter: object) => ask(ecr, 'ListImages', { repositoryName: 'web', filter: { ...filter } })
    expect(JSON.stringify(await list({ tagStatus: 'TAGGED' }))).not.toContain('stable')
    expect(JSON.stringify(await list({ tagStatus: 'TAGGED', imageStatus: 'ANY' }))).toContain('stable')
    const got = await ask(ecr, 'BatchGetImage', { repositoryName: 'web', imageIds: [{ imageTag: 'stable' }] })
    expect(got).toMatchObject({ images: [], failures: [{ failureCode: 'ImageInaccessible' }] })
  })

  test('list the untagged children of an index apart', async () => {
    const { ecr } = cloudOf(world)
    const { imageIds } = await ask(ecr, 'ListImages', { repositoryName: 'web', filter: { tagStatus: 'UNTAGGED' } })
    expect(imageIds).toHaveLength(2)
  })
})

describe('BatchDeleteImage', () => {
  test('removes a tag, and the image with its last one', async () => {
    const { ecr } = cloudOf(world)
    const digest = digestOfTag(ecr, 'stable')
    const remove = (imageTag: string) =>
      ask(ecr, 'BatchDeleteImage', { repositoryName: 'web', imageIds: [{ imageTag }] })
    await remove('1.0.0')
    expect(ecr.repository('web').find({ imageDigest: digest })).toBeDefined()
    expect(await remove('stable')).toEqual({ imageIds: [{ imageDigest: digest, imageTag: 'stable' }], failures: [] })
    expect(ecr.repository('web').find({ imageDigest: digest })).toBeUndefined()
  })

  test('keeps what an index needs', async () => {
    const { ecr } = cloudOf(world)
    const index = digestOfTag(ecr, 'multi')
    const child =
      ecr
        .repository('web')
        .images()
        .find(image => image.platform?.architecture === 'arm64')?.digest ?? ''
    const answer = await ask(ecr, 'BatchDeleteImage', { repositoryName: 'web', imageIds: [{ imageDigest: child }] })
    expect(answer).toMatchObject({
      imageIds: [],
      failures: [
        {
          failureCode: 'ImageReferencedByManifestList',
          failureReason: `Requested image referenced by manifest list: [${index}]`
        }
      ]
    })
  })
})

describe('what no image here has', () => {
  test('scan findings and a lifecycle policy', async () => {
    const { ecr } = cloudOf(world)
    const scan = { repositoryName: 'web', imageId: { imageTag: 'stable' } }
    expect(await call(ecr, 'DescribeImageScanFindings', scan)).toBe(
      "ScanNotFoundException: Image scan does not exist for the image with '{imageDigest:'null', imageTag:'stable'}' in the repository with name 'web' in the registry with id '111122223333'"
    )
    expect(await call(ecr, 'GetLifecyclePolicy', { repositoryName: 'web' })).toMatch(
      /^LifecyclePolicyNotFoundException: /
    )
  })
})
