import { compareTag, type TagTarget } from '../decide/image/conflict.ts'
import { tagCanMove } from '../decide/image/immutability.ts'
import { parseDigest } from '../decide/image/reference.ts'
import type { Emit } from '../event.ts'
import { AwsFailure, Failure, withRemedy } from '../failure.ts'
import { lookUpImage, readRevisionLabel, type RunImage } from './find-image.ts'
import type { LocatedRepository } from './locate-repository.ts'

/** A tag to put, and the commit it stands for, if it stands for one. */
export interface WantedTag {
  readonly tag: string
  readonly commit: string | undefined
}

/**
 * Puts a tag on an image and never takes it from another: read, compare, PutImage, and on any doubt read again. Fails
 * with `tag-conflict` when the tag belongs to another image, and with `tag-moved` when somebody else took it right after
 * it was put, which only a repository that lets tags move allows. Running it again changes nothing.
 */
export async function tagImage(image: RunImage, wanted: WantedTag, emit: Emit): Promise<void> {
  const repository = image.repository.name
  if (image.foundBy === wanted.tag || (await isTagThere(image, wanted))) {
    emit({ kind: 'tag-kept', repository, tag: wanted.tag })
    return
  }
  await put(image, wanted)
  emit({ kind: 'tag-put', repository, tag: wanted.tag })
}

/** Takes off the tag that an old engine needed for its push; left behind it would only be untidy. */
export async function removeTemporaryTag({ ecr, repository, temporaryTag }: RunImage, emit: Emit): Promise<void> {
  if (temporaryTag === undefined) return
  await ecr.removeTag(repository.name, temporaryTag).catch((error: unknown) => {
    const said = error instanceof Failure ? withRemedy(error) : String(error)
    emit({ kind: 'note', text: `the tag ${temporaryTag} of the push stays beside the others: ${said}` })
  })
}

/** Fails with `tag-conflict` when one of the tags, at most a hundred, is taken before the image for them is built. */
export async function refuseTakenTags({ ecr, repository }: LocatedRepository, tags: readonly string[]): Promise<void> {
  if (tags.length === 0) return
  const asked = tags.slice(0, 100)
  const found = await ecr.findImages(
    repository.name,
    asked.map(tag => ({ tag }))
  )
  for (const [index, image] of found.entries()) {
    const tag = asked[index] ?? ''
    if (image.kind !== 'there' && image.kind !== 'archived') continue
    const where = image.kind === 'there' ? `points at ${image.stored.digest}` : 'belongs to an archived image'
    throw new Failure(
      'tag-conflict',
      `the tag ${repository.name}:${tag} ${where} already, so nothing is built for it`,
      {
        remedy: `deploy the image that is there with 'image: ${tag}', or give this commit another tag or version`
      }
    )
  }
}

/** Has the tag on the image, also when the answer was lost or another run put the same. */
async function put(image: RunImage, wanted: WantedTag): Promise<void> {
  // ECR has no conditional put: where tags can move, a repetition would take the tag from whoever put it meanwhile.
  const isStillFree = async (): Promise<boolean> => !(await isTagThere(image, wanted))
  try {
    const outcome = await image.ecr.putImage(image.repository.name, image.stored, wanted.tag, isStillFree)
    if (outcome.kind === 'put') {
      await confirm(image, wanted, outcome.digest)
      return
    }
  } catch (error) {
    if (!(error instanceof AwsFailure)) throw error
    // Also when a repetition was called off, because the tag is there.
    if (await isTagThere(image, wanted)) return
    throw error
  }
  // "Already exists" says that the tag is taken, not by which image: ECR says it for the same digest, too.
  if (await isTagThere(image, wanted)) return
  throw new Failure(
    'tag-conflict',
    `the tag ${image.repository.name}:${wanted.tag} is said to exist and cannot be read`,
    { remedy: 'it may belong to an archived image: restore that image, or choose another tag' }
  )
}

/** What ECR says it put; where tags can move, also what is there afterwards. */
async function confirm(image: RunImage, wanted: WantedTag, digest: string): Promise<void> {
  const { name, immutability } = image.repository
  if (digest !== image.stored.digest) {
    throw new Failure(
      'tag-moved',
      `ECR answered the tag ${name}:${wanted.tag} with ${digest}, not ${image.stored.digest}`
    )
  }
  if (tagCanMove(immutability, wanted.tag) === false) return
  const target = await readTarget(image, wanted.tag)
  if (target.kind === 'image' && target.digest === image.stored.digest) return
  const now = target.kind === 'image' ? `points at ${target.digest}` : `is ${target.kind}`
  throw new Failure('tag-moved', `the tag ${name}:${wanted.tag} was put on ${image.stored.digest} and now ${now}`, {
    remedy: "somebody else tags at the same time: let such jobs run one after the other, and set 'tag-immutability'"
  })
}

/** Whether the tag is on this image already; fails with `tag-conflict` when it is on another. */
export async function isTagThere(image: RunImage, { tag, commit }: WantedTag): Promise<boolean> {
  const target = await readTarget(image, tag)
  const differs = target.kind === 'image' && target.digest !== image.stored.digest
  const [theirs, mine] = differs
    ? await Promise.all([readCommit(lookUpImage(image, { digest: target.digest })), commit ?? readCommit(image)])
    : [undefined, commit]
  const found = target.kind === 'image' && theirs !== undefined ? { ...target, commit: theirs } : target
  const comparison = compareTag(found, {
    repository: image.repository.name,
    tag,
    digest: parseDigest(image.stored.digest),
    ...(mine !== undefined && { commit: mine })
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

/** The commit in an image's label. It only explains: without the right to read it, the digests say enough. */
async function readCommit(image: RunImage | Promise<RunImage | undefined>): Promise<string | undefined> {
  try {
    const found = await image
    return found && (await readRevisionLabel(found))
  } catch {
    return undefined
  }
}

/** What the tag points at now; fails when ECR will not say, because a guard that guesses is none. */
export async function readTarget({ repository, ecr }: LocatedRepository, tag: string): Promise<TagTarget> {
  const { name } = repository
  const [found] = await ecr.findImages(name, [{ tag }])
  switch (found?.kind) {
    case 'missing':
      return { kind: 'absent' }
    case 'archived':
      return { kind: 'archived' }
    case 'there':
      return { kind: 'image', digest: parseDigest(found.stored.digest) }
    case 'unread':
    case undefined:
      throw new Failure('aws-error', `where the tag ${name}:${tag} points could not be read: ${found?.why ?? ''}`)
  }
}
