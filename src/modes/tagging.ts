import { removeTemporaryTag, tagImage } from '../steps/tag-image.ts'
import type { DeployRun } from './deploy.ts'
import type { Prepared } from './prepare.ts'

/** Puts the tags on the image of this run. What is known afterwards is what was put, also when a tag is refused. */
export async function putTags({ emit, known }: DeployRun, { tagged }: Prepared): Promise<void> {
  if (tagged === undefined || tagged.tags.length === 0) return
  const { image, tags, version } = tagged
  if (tags.every(({ tag }) => tag === image.foundBy)) {
    known.imageTags = tags.map(({ tag }) => tag)
    return
  }
  const there: string[] = []
  known.imageTags = there
  emit({ kind: 'phase', title: 'Tagging the image' })
  try {
    // One after the other: ECR takes ten PutImage calls a second for the whole account.
    for (const tag of tags) {
      await tagImage(image, tag, emit)
      there.push(tag.tag)
    }
    known.released = version.isNew
  } catch (error) {
    // The reference of the revision may name the very tag that is another image's.
    known.image = `${image.repository.uri}@${image.stored.digest}`
    throw error
  } finally {
    await removeTemporaryTag(image, emit)
  }
}
