import type { TagImmutability } from '../decide/image/immutability.ts'
import { Failure, mayBeDone, withRemedy } from '../failure.ts'
import { moveMarker } from '../steps/move-marker.ts'
import { applyProtection } from '../steps/protect-tags.ts'
import type { ChosenImage } from '../steps/choose-image.ts'
import { lookUpTags, requireStillThere, type SeenTag } from '../steps/look-up-tags.ts'
import { removeTemporaryTag, tagImage } from '../steps/tag-image.ts'
import type { DeployRun } from './deploy.ts'
import type { RunImage } from '../steps/find-image.ts'
import type { Ending } from './ending.ts'
import type { Prepared } from './prepare.ts'

/** An image that gets tags, and what was seen of them. */
export interface TaggedImage extends ChosenImage {
  /** Empty for an image that was built: its tags were looked up before. */
  readonly seen: ReadonlyMap<string, SeenTag>
}

/** Looks up the tags that the image is to have; fails with `tag-conflict`, before anything changes, naming all others'. */
export async function lookAtTags({ known }: DeployRun, chosen: ChosenImage): Promise<TaggedImage> {
  const { image, tags, isBuilt } = chosen
  const unknown = isBuilt ? [] : tags.filter(({ tag }) => tag !== image.foundBy)
  try {
    return { ...chosen, seen: await lookUpTags(image, unknown) }
  } catch (error) {
    known.image = byDigest(image)
    throw error
  }
}

/** Puts the tags on the image of this run. What is known afterwards is what was put, also when a tag is refused. */
export async function putTags(run: DeployRun, { tagged, protection }: Prepared): Promise<void> {
  if (tagged === undefined) return
  const { emit, known } = run
  const { image, tags, version, seen } = tagged
  if (tags.length === 0) return
  if (tags.every(({ tag }) => tag === image.foundBy)) {
    await protect(run, tagged, protection)
    known.imageTags = tags.map(({ tag }) => tag)
    return
  }
  const there: string[] = []
  known.imageTags = there
  emit({ kind: 'phase', title: 'Tagging the image' })
  try {
    await protect(run, tagged, protection)
    // One after the other: ECR takes ten PutImage calls a second for the whole account.
    for (const tag of tags) {
      await tagImage(image, tag, emit, seen.get(tag.tag))
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
      known.image = byDigest(image)
    }
    throw error
  } finally {
    await removeTemporaryTag(image, emit)
  }
}

/**
 * Changes the repository's settings where they have to change. From then on tags count as what the image is named by, so
 * those that were on it before, when anybody could move them, are looked at once more.
 */
async function protect(
  { world, known }: DeployRun,
  { image, tags, seen }: TaggedImage,
  protection: TagImmutability | undefined
): Promise<void> {
  if (protection === undefined) return
  try {
    await applyProtection(world, image, protection)
    await requireStillThere(
      image,
      tags.filter(({ tag }) => tag === image.foundBy || seen.get(tag) === 'there')
    )
  } catch (error) {
    known.image = byDigest(image)
    throw error
  }
}

/** The reference of the revision may name the very tag that is another image's. */
function byDigest({ repository, stored }: RunImage): string {
  return `${repository.uri}@${stored.digest}`
}

/** What a dry run says about the tags. */
export function planTags({ emit }: DeployRun, { tagged }: Prepared): void {
  if (tagged === undefined) return
  for (const [tag, seen] of tagged.seen) {
    if (seen === 'free') emit({ kind: 'note', text: `would tag ${tagged.image.repository.uri}:${tag}` })
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
    const what = mayBeDone(error)
      ? `whether the marker ${marker} was moved is not known`
      : `the marker ${marker} was not moved`
    emit({ kind: 'warning', text: `${what}: ${withRemedy(error)}` })
  }
}
