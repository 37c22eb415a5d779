import { compareTag, type TagTarget } from '../decide/image/conflict.ts'
import { parseDigest } from '../decide/image/reference.ts'
import type { Emit } from '../event.ts'
import { AwsFailure, Failure } from '../failure.ts'
import type { EcrPort } from '../io/aws/ecr.ts'
import { readRevisionLabel, lookUpImage, type RunImage } from './find-image.ts'

const PUT_ATTEMPTS = 3

/** A tag to put, and the commit it stands for, if it stands for one. */
export interface WantedTag {
  readonly tag: string
  readonly commit: string | undefined
}

/**
 * Puts a tag on an image and never takes it from another: read, compare, PutImage, and on any doubt read again. Fails
 * with `tag-conflict` when the tag belongs to another image. Running it again changes nothing.
 */
export async function tagImage(image: RunImage, wanted: WantedTag, emit: Emit): Promise<void> {
  const repository = image.repository.name
  if (image.foundBy === wanted.tag || (await isThere(image, wanted))) {
    emit({ kind: 'tag-kept', repository, tag: wanted.tag })
    return
  }
  const digest = await put(image.ecr, image, wanted)
  if (digest === image.stored.digest) {
    emit({ kind: 'tag-put', repository, tag: wanted.tag })
    return
  }
  throw new Failure(
    'tag-moved',
    `ECR answered the tag ${repository}:${wanted.tag} with ${digest}, not ${image.stored.digest}`
  )
}

/** Takes off the tag that an old engine needed for its push; left behind it would only be untidy. */
export async function removeTemporaryTag({ ecr, repository, temporaryTag }: RunImage, emit: Emit): Promise<void> {
  if (temporaryTag === undefined) return
  await ecr.removeTag(repository.name, temporaryTag).catch((error: unknown) => {
    const said = error instanceof Error ? error.message : String(error)
    emit({ kind: 'note', text: `the tag ${temporaryTag} of the push stays beside the others: ${said}` })
  })
}

/** PutImage's digest, or the digest that is there when the answer was lost or somebody was faster. */
async function put(ecr: EcrPort, image: RunImage, wanted: WantedTag): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    try {
      const outcome = await ecr.putImage(image.repository.name, image.stored, wanted.tag)
      if (outcome.kind === 'put') return outcome.digest
      break
    } catch (error) {
      if (!(error instanceof AwsFailure && error.mayHaveActed)) throw error
      if (await isThere(image, wanted)) return image.stored.digest
      // The attempt surely left nothing: the tag is still free.
      if (attempt >= PUT_ATTEMPTS) throw error
    }
  }
  // "Already exists" says that the tag is taken, not by which image: ECR says it for the same digest, too.
  if (await isThere(image, wanted)) return image.stored.digest
  throw new Failure(
    'tag-conflict',
    `the tag ${image.repository.name}:${wanted.tag} is said to exist and cannot be read`,
    {
      remedy: 'it may belong to an archived image: restore that image, or choose another tag'
    }
  )
}

/** Whether the tag is on this image already; fails when it is on another. */
async function isThere(image: RunImage, wanted: WantedTag): Promise<boolean> {
  const target = await readTarget(image, wanted.tag)
  const comparison = compareTag(target, {
    repository: image.repository.name,
    tag: wanted.tag,
    digest: parseDigest(image.stored.digest),
    ...(wanted.commit !== undefined && { commit: wanted.commit })
  })
  switch (comparison.kind) {
    case 'absent':
      return false
    case 'same':
      return true
    case 'conflict':
      throw new Failure('tag-conflict', comparison.sentence, { remedy: comparison.remedy })
  }
}

async function readTarget(image: RunImage, tag: string): Promise<TagTarget> {
  const found = await lookUpImage(image, { tag })
  if (found === undefined) return { kind: 'absent' }
  const digest = parseDigest(found.stored.digest)
  if (found.stored.digest === image.stored.digest) return { kind: 'image', digest }
  const commit = await readRevisionLabel(found).catch(() => undefined)
  return { kind: 'image', digest, ...(commit !== undefined && { commit }) }
}
