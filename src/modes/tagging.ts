import { Failure, withRemedy } from '../failure.ts'
import { moveMarker } from '../steps/move-marker.ts'
import { applyProtection } from '../steps/protect-tags.ts'
import { isTagThere, removeTemporaryTag, tagImage } from '../steps/tag-image.ts'
import type { DeployRun } from './deploy.ts'
import type { Ending } from './ending.ts'
import type { Prepared } from './prepare.ts'

/** Puts the tags on the image of this run. What is known afterwards is what was put, also when a tag is refused. */
export async function putTags({ world, emit, known }: DeployRun, { tagged, protection }: Prepared): Promise<void> {
  if (tagged === undefined) return
  const { image, tags, version } = tagged
  if (tags.length === 0) return
  if (tags.every(({ tag }) => tag === image.foundBy)) {
    if (protection !== undefined) await applyProtection(world, image, protection)
    known.imageTags = tags.map(({ tag }) => tag)
    return
  }
  const there: string[] = []
  known.imageTags = there
  emit({ kind: 'phase', title: 'Tagging the image' })
  try {
    if (protection !== undefined) await applyProtection(world, image, protection)
    // One after the other: ECR takes ten PutImage calls a second for the whole account.
    for (const tag of tags) {
      await tagImage(image, tag, emit)
      there.push(tag.tag)
      // Only ever set: a round that starts again finds the version there, which this run has made all the same.
      if (version.isNew && tag.tag === version.own) known.released = true
    }
  } catch (error) {
    if (image.temporaryTag !== undefined && there.length === 0) {
      // ECR deletes an image with its last tag, and that one is taken off.
      delete known.image
      delete known.imageDigest
    } else {
      // The reference of the revision may name the very tag that is another image's.
      known.image = `${image.repository.uri}@${image.stored.digest}`
    }
    throw error
  } finally {
    await removeTemporaryTag(image, emit)
  }
}

/** What a dry run says about the tags; a tag that is another image's is refused as in the run itself. */
export async function planTags({ emit }: DeployRun, { tagged }: Prepared): Promise<void> {
  if (tagged === undefined) return
  const { image, tags } = tagged
  for (const wanted of tags) {
    if (wanted.tag === image.foundBy || (await isTagThere(image, wanted))) continue
    emit({ kind: 'note', text: `would tag ${image.repository.uri}:${wanted.tag}` })
  }
}

/**
 * Moves the marker to what was proven to run. The verdict is about the deployment, so a marker that stays is a warning,
 * also when the job is cancelled by then.
 */
export async function markProven(
  { inputs, emit }: DeployRun,
  { tagged }: Prepared,
  { outcome }: Ending
): Promise<void> {
  const { marker } = inputs.image.guard
  if (marker === undefined || tagged === undefined) return
  if (outcome === 'planned') {
    emit({ kind: 'note', text: `would move the marker ${marker} to this image once it is proven to run` })
  }
  if (outcome !== 'succeeded' && outcome !== 'unchanged') return
  try {
    await moveMarker(tagged.image, marker, emit)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    emit({ kind: 'warning', text: `the marker ${marker} was not moved: ${withRemedy(error)}` })
  }
}
