import { describe, expect, test } from '@jest/globals'
import type { WorldImage } from '../../simulator/cloud/world.ts'
import { Failure } from '../../src/failure.ts'
import { findImage } from '../../src/steps/find-image.ts'
import { locateRepository } from '../../src/steps/locate-repository.ts'
import { lookUpTags, refuseTakenTags, type WantedTag } from '../../src/steps/look-up-tags.ts'
import { virtualWorld } from '../properties/virtual-world.ts'

process.env['AWS_ACCESS_KEY_ID'] = 'AKIDEXAMPLE'
process.env['AWS_SECRET_ACCESS_KEY'] = 'secret'
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true'

test('an image that has a tag of a build is one to deploy instead, once it is restored where it is archived', async () => {
  const cloud = virtualWorld({ repositories: [{ name: 'web', images: [{ tags: ['a'] }, { tags: ['b'] }] }] }, [])
  try {
    cloud.simulator.change({ archiveImage: { repository: 'web', tag: 'b' } })
    const located = await locateRepository(cloud.world, { registry: undefined, repository: 'web' })
    if (located === undefined) throw new Error('the repository is not there')
    const uri = '210987654321.dkr.ecr.us-east-1.amazonaws.com/web'
    const elsewhere = { ...located, repository: { ...located.repository, uri } }
    const refused = (tag: string): Promise<void> => refuseTakenTags(elsewhere, [{ tag, commit: undefined }])
    const otherwise = "with 'image: %', or give this commit another tag or version"
    await expect(refused('a')).rejects.toMatchObject({
      code: 'tag-conflict',
      remedy: `deploy the image that is there ${otherwise.replace('%', 'a')}`
    })
    const command =
      'aws ecr update-image-storage-class --region us-east-1 --registry-id 210987654321 --repository-name web ' +
      '--image-id imageTag=b --target-storage-class STANDARD'
    await expect(refused('b')).rejects.toMatchObject({
      code: 'tag-conflict',
      remedy: `restore the image that is there (${command}) and deploy it ${otherwise.replace('%', 'b')}`
    })
  } finally {
    cloud.close()
  }
})

/** What keeps the image `mine` from a tag, and one that is to be built. */
async function refusals(mine: WorldImage, theirs: WorldImage, wanted: WantedTag, archived?: string) {
  const images = [
    { ...mine, tags: ['mine'] },
    { ...theirs, tags: [...theirs.tags, 'theirs'] }
  ]
  const cloud = virtualWorld({ repositories: [{ name: 'web', images }] }, [])
  try {
    if (archived !== undefined) cloud.simulator.change({ archiveImage: { repository: 'web', tag: archived } })
    const located = await locateRepository(cloud.world, { registry: undefined, repository: 'web' })
    if (located === undefined) throw new Error('the repository is not there')
    const uri = '210987654321.dkr.ecr.us-east-1.amazonaws.com/web'
    const elsewhere = { ...located, repository: { ...located.repository, uri } }
    const image = { ...(await findImage(located, { tag: 'mine' })), ...elsewhere }
    const found: unknown = await lookUpTags(image, [wanted]).catch((error: unknown) => error)
    const built: unknown = await refuseTakenTags(elsewhere, [wanted]).catch((error: unknown) => error)
    if (!(found instanceof Failure) || !(built instanceof Failure)) throw new Error('the tag is not refused')
    return { found, built }
  } finally {
    cloud.close()
  }
}

describe('a tag that is on another image', () => {
  const source = 'https://github.com/octo-org/shop'
  const labels = {
    'org.opencontainers.image.revision': '1'.repeat(40),
    'org.opencontainers.image.source': 'https://github.com/other/base'
  }

  test('of the same base image is not said to be of the same commit', async () => {
    const [mine, theirs] = [
      { tags: [], labels },
      { tags: ['rel-1'], labels }
    ]
    const inherited = await refusals(mine, theirs, { tag: 'rel-1', commit: undefined, source })
    for (const { message, remedy } of [inherited.found, inherited.built]) {
      expect(message).not.toContain('built from commit')
      expect(remedy).toMatch(/^deploy the image that is there/)
    }
    const own = await refusals(mine, theirs, { tag: 'rel-1', commit: undefined, source: 'git@github.com:other/base' })
    for (const { message } of [own.found, own.built]) expect(message).toContain(`built from commit ${'1'.repeat(40)}`)
    expect(own.found.remedy).toContain('built twice')
  })

  test.each(['1.1.0', 'v1.1.0'])('as %s since it was counted is counted again by the next run', async tag => {
    const counted = { tag: '1.1.0', commit: '1'.repeat(40), source, isCounted: true }
    const { found, built } = await refusals({ tags: [] }, { tags: [tag] }, counted)
    for (const { code, remedy } of [found, built]) {
      expect(code).toBe('tag-conflict')
      expect(remedy).toBe('another run took that version meanwhile: run this job again, which then counts from it')
    }
  })

  test('that is archived stays taken, and the command that restores it is whole', async () => {
    const wanted = { tag: '1.4.2', commit: '1'.repeat(40) }
    const { found } = await refusals({ tags: [] }, { tags: ['v1.4.2'] }, wanted, 'v1.4.2')
    expect(found.remedy).toBe(
      'give this image another tag or version: it stays taken, also when the image that is there is restored; ' +
        'or restore the image that is there (aws ecr update-image-storage-class --region us-east-1 ' +
        '--registry-id 210987654321 --repository-name web --image-id imageTag=v1.4.2 --target-storage-class STANDARD) ' +
        "and deploy it with 'image: v1.4.2'"
    )
  })
})
