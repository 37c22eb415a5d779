import { restoreCommand } from '../decide/image/archive.ts'
import { placeByUri } from '../decide/image/ecr-command.ts'
import { compareTag, describeTaken, type TagComparison, type TagTarget } from '../decide/image/conflict.ts'
import { parseDigest } from '../decide/image/reference.ts'
import { twinOf } from '../decide/version/image-tag.ts'
import { Failure } from '../failure.ts'
import type { FoundImage } from '../io/aws/ecr.ts'
import { lookUpImage, readRevisionLabel, type RunImage } from './find-image.ts'
import type { LocatedRepository } from './locate-repository.ts'

/** A tag to put, and the commit it stands for, if it stands for one. */
export interface WantedTag {
  readonly tag: string
  readonly commit: string | undefined
  /** URL of the repository with that commit: what labels say of another one is of a base image. */
  readonly source?: string | undefined
  /** A version that was free when it was counted. */
  readonly isCounted?: boolean
}

/** What was seen of a tag: nobody has it, or the image that is to have it. */
export type SeenTag = 'free' | 'there'

const COUNT_AGAIN = 'another run took that version meanwhile: run this job again, which then counts from it'

/** BatchGetImage takes no more names. */
const MOST_AT_ONCE = 100

/**
 * Which of the tags are free and which are on this image already, by one call for a hundred of them. Fails with
 * `tag-conflict` when some are on others, versions also as `v1.4.2` for `1.4.2`, and names them all.
 */
export async function lookUpTags(image: RunImage, wanted: readonly WantedTag[]): Promise<ReadonlyMap<string, SeenTag>> {
  const tags = wanted.map(({ tag }) => tag)
  const found = await readTags(image, withTwins(tags))
  const seen = new Map<string, SeenTag>()
  const conflicts: Conflict[] = []
  for (const each of wanted) {
    const comparison = await compareWithTwin(image, each, found)
    if (comparison.kind === 'conflict') conflicts.push(comparison)
    else seen.set(each.tag, comparison.kind === 'same' ? 'there' : 'free')
  }
  refuse(conflicts)
  return seen
}

/** Whether the tag is on this image already; fails with `tag-conflict` when it is on another. */
export async function isTagThere(image: RunImage, wanted: WantedTag): Promise<boolean> {
  const found = await readTags(image, [wanted.tag])
  const comparison = await compare(image, wanted, found.get(wanted.tag))
  if (comparison.kind === 'conflict') refuse([comparison])
  return comparison.kind === 'same'
}

/**
 * Looks once more at tags that were seen on this image when they could still be moved; fails with `tag-moved`, naming
 * all that somebody took since. It is for a repository that does not let them move any more: what is seen now stays.
 */
export async function requireStillThere(image: RunImage, wanted: readonly WantedTag[]): Promise<void> {
  const tags = wanted.map(({ tag }) => tag)
  const found = await readTags(image, tags)
  const moved: Conflict[] = []
  for (const each of wanted) {
    const comparison = await compare(image, each, found.get(each.tag))
    if (comparison.kind === 'absent') moved.push(takenOff(image, each))
    if (comparison.kind !== 'conflict') continue
    const sentence = `${comparison.sentence}; before the repository became immutable, it was on this run's image`
    moved.push({ ...comparison, sentence })
  }
  if (moved.length > 0) throw refusal('tag-moved', moved)
}

function takenOff({ repository, stored }: RunImage, { tag }: WantedTag): Conflict {
  return {
    sentence: `the tag ${repository.name}:${tag} was on this run's image ${stored.digest}, and is on none any more`,
    remedy: 'find out who takes tags off, and run this job again'
  }
}

/** Fails with `tag-conflict`, naming all tags that are taken before the image for them is built. */
export async function refuseTakenTags(located: LocatedRepository, wanted: readonly WantedTag[]): Promise<void> {
  const conflicts: Conflict[] = []
  const found = await readTags(located, withTwins(wanted.map(({ tag }) => tag)))
  for (const { tag, source, isCounted = false } of wanted) {
    for (const name of withTwins([tag])) {
      const target = await withCommit(located, targetOf(located, name, found.get(name)), found.get(name), source)
      if (target.kind === 'absent') continue
      const sentence = describeTaken(`${located.repository.name}:${name}`, target)
      const otherwise = `${wayToTaken(located, name, target)}, or give this commit another tag or version`
      conflicts.push({
        sentence: name === tag ? sentence : asTwin(tag, sentence),
        remedy: isCounted ? COUNT_AGAIN : otherwise
      })
      break
    }
  }
  refuse(conflicts)
}

function wayToTaken({ repository }: LocatedRepository, tag: string, { kind }: TagTarget): string {
  if (kind !== 'archived') return `deploy the image that is there with 'image: ${tag}'`
  const command = restoreCommand(placeByUri(repository), `imageTag=${tag}`)
  return `restore the image that is there (${command}) and deploy it with 'image: ${tag}'`
}

/** A version on two images, once with a `v` and once without, would be two different versions of the same number. */
function withTwins(tags: readonly string[]): readonly string[] {
  return [...new Set([...tags, ...tags.flatMap(tag => twinOf(tag) ?? [])])]
}

function asTwin(tag: string, sentence: string): string {
  return `${tag} is taken, written the other way: ${sentence}`
}

/** What the tag points at now; fails when ECR will not say, because a guard that guesses is none. */
export async function readTarget(located: LocatedRepository, tag: string): Promise<TagTarget> {
  const found = await readTags(located, [tag])
  return targetOf(located, tag, found.get(tag))
}

type Conflict = Pick<Extract<TagComparison, { kind: 'conflict' }>, 'sentence' | 'remedy'>

function refuse(conflicts: readonly Conflict[]): void {
  if (conflicts.length > 0) throw refusal('tag-conflict', conflicts)
}

function refusal(code: 'tag-conflict' | 'tag-moved', conflicts: readonly Conflict[]): Failure {
  const remedies = new Set(conflicts.map(({ remedy }) => remedy))
  return new Failure(code, conflicts.map(({ sentence }) => sentence).join('\n'), { remedy: [...remedies].join('; ') })
}

async function readTags(
  { repository, ecr }: LocatedRepository,
  tags: readonly string[]
): Promise<ReadonlyMap<string, FoundImage>> {
  const found = new Map<string, FoundImage>()
  for (let from = 0; from < tags.length; from += MOST_AT_ONCE) {
    const asked = tags.slice(from, from + MOST_AT_ONCE)
    const answers = await ecr.findImages(
      repository.name,
      asked.map(tag => ({ tag }))
    )
    for (const [index, tag] of asked.entries()) {
      const answer = answers[index]
      if (answer !== undefined) found.set(tag, answer)
    }
  }
  return found
}

function targetOf({ repository }: LocatedRepository, tag: string, found: FoundImage | undefined): TagTarget {
  switch (found?.kind) {
    case 'missing':
      return { kind: 'absent' }
    case 'archived':
      return { kind: 'archived' }
    case 'there':
      return { kind: 'image', digest: parseDigest(found.stored.digest) }
    case 'unread':
    case undefined:
      throw new Failure(
        'aws-error',
        `where the tag ${repository.name}:${tag} points could not be read: ${found?.why ?? ''}`
      )
  }
}

/** A tag that is free for itself is not when the other way to write it is on another image. */
async function compareWithTwin(
  image: RunImage,
  wanted: WantedTag,
  found: ReadonlyMap<string, FoundImage>
): Promise<TagComparison> {
  const own = await compare(image, wanted, found.get(wanted.tag))
  const twin = own.kind === 'absent' ? twinOf(wanted.tag) : undefined
  if (twin === undefined) return own
  const other = await compare(image, { ...wanted, tag: twin }, found.get(twin))
  return other.kind === 'conflict' ? { ...other, sentence: asTwin(wanted.tag, other.sentence) } : own
}

async function compare(
  image: RunImage,
  { tag, commit, source, isCounted = false }: WantedTag,
  found: FoundImage | undefined
): Promise<TagComparison> {
  const target = targetOf(image, tag, found)
  const wanted = { repository: image.repository.name, tag, digest: parseDigest(image.stored.digest) }
  const isOther = target.kind === 'image' && target.digest !== wanted.digest
  const [theirs, mine] = isOther
    ? await Promise.all([withCommit(image, target, found, source), commit ?? readCommit(image, source)])
    : [target, undefined]
  const comparison = compareTag(theirs, { ...wanted, ...(mine !== undefined && { commit: mine }) })
  if (comparison.kind !== 'conflict') return comparison
  if (isCounted) return { ...comparison, remedy: COUNT_AGAIN }
  if (target.kind !== 'archived') return comparison
  const remedy = `give this image another tag or version: it stays taken, also when the image that is there is restored`
  return { ...comparison, remedy: `${remedy}; or ${wayToTaken(image, tag, target)}` }
}

/** What a tag points at, with the commit that the image there was built from. */
async function withCommit(
  located: LocatedRepository,
  target: TagTarget,
  found: FoundImage | undefined,
  source: string | undefined
): Promise<TagTarget> {
  if (target.kind !== 'image' || found?.kind !== 'there') return target
  const stored = Promise.resolve(found.stored)
  const commit = await readCommit(lookUpImage(located, { digest: target.digest }, stored), source)
  return { ...target, ...(commit !== undefined && { commit }) }
}

/** The commit in an image's label. It only explains: without the right to read it, the digests say enough. */
async function readCommit(
  image: RunImage | Promise<RunImage | undefined>,
  source: string | undefined
): Promise<string | undefined> {
  try {
    const found = await image
    return found && (await readRevisionLabel(found, source))
  } catch {
    return undefined
  }
}
