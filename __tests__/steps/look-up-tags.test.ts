import { expect, test } from '@jest/globals'
import { locateRepository } from '../../src/steps/locate-repository.ts'
import { refuseTakenTags } from '../../src/steps/look-up-tags.ts'
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
    const refused = (tag: string): Promise<void> => refuseTakenTags(elsewhere, [tag])
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
