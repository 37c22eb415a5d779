import { tagCanMove } from '../decide/image/immutability.ts'
import type { Emit } from '../event.ts'
import { AwsFailure, Failure, withRemedy } from '../failure.ts'
import type { RunImage } from './find-image.ts'
import { lookAfter } from './look-after.ts'
import { isTagThere, readTarget, type SeenTag, type WantedTag } from './look-up-tags.ts'

/**
 * Puts a tag on an image and never takes it from another: read, compare, PutImage, and on any doubt read again. Fails
 * with `tag-conflict` when the tag belongs to another image, and with `tag-moved` when somebody else took it right after
 * it was put, which only a repository that lets tags move allows. Running it again changes nothing. What was
 * `seen` of the tag before spares the read, but not where a put would take it from whoever has it by now.
 */
export async function tagImage(image: RunImage, wanted: WantedTag, emit: Emit, seen?: SeenTag): Promise<void> {
  const { name: repository, immutability } = image.repository
  const isKnownFree = seen === 'free' && tagCanMove(immutability, wanted.tag) === false
  const isKnownThere = seen === 'there' || image.foundBy === wanted.tag
  if (isKnownThere || (!isKnownFree && (await isTagThere(image, wanted)))) {
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
    emit({ kind: 'note', text: `the tag ${temporaryTag} of the push may stay beside the others: ${said}` })
  })
}

/** Has the tag on the image, also when the answer was lost or another run put the same. */
async function put(image: RunImage, wanted: WantedTag): Promise<void> {
  // ECR has no conditional put: where tags can move, a repetition would take the tag from whoever put it meanwhile.
  const isThere = (): Promise<boolean> => isTagThere(image, wanted)
  const isStillFree = async (): Promise<boolean> => !(await isThere())
  try {
    const outcome = await image.ecr.putImage(image.repository.name, image.stored, wanted.tag, isStillFree)
    if (outcome.kind === 'put') {
      await confirm(image, wanted, outcome.digest)
      return
    }
  } catch (error) {
    if (!(error instanceof AwsFailure)) throw error
    // Also when a repetition was called off, because the tag is there.
    if (await lookAfter(error, isThere)) return
    throw error
  }
  // "Already exists" says that the tag is taken, not by which image: ECR says it for the same digest, too.
  if (await isThere()) return
  throw new Failure(
    'tag-conflict',
    `the tag ${image.repository.name}:${wanted.tag} is said to exist and cannot be read`,
    { remedy: 'it may belong to an archived image, which keeps it also when it is restored: choose another tag' }
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
