import { compareTag } from '../decide/image/conflict.ts'
import { readContents, type Descriptor } from '../decide/image/contents.ts'
import { describeTarget, type MirrorLine } from '../decide/image/mirror.ts'
import { formatImageReference, type Digest } from '../decide/image/reference.ts'
import type { Emit } from '../event.ts'
import { Failure } from '../failure.ts'
import type { RemoteManifest, RemoteRepository } from '../io/registry/registry.ts'
import type { World } from '../world.ts'
import { atMost } from './at-most.ts'
import { copyAttachments, type Attachments } from './copy-attachments.ts'
import { createRepository } from './create-repository.ts'
import { lookUpImage, type RunImage } from './find-image.ts'
import type { LocatedRepository } from './locate-repository.ts'
import { locateTarget } from './locate-target.ts'
import { readTarget } from './look-up-tags.ts'
import type { Registries } from './open-registry.ts'
import { tagImage } from './tag-image.ts'

/** What became of one line. */
export interface ImageCopy {
  /** In full. */
  readonly source: string
  /** `URI:TAG`, or `URI@DIGEST` when it has no tag. */
  readonly image: string
  readonly digest: Digest
  readonly tags: readonly string[]
  /** `completed`: it was there, and something that is attached to it was not. */
  readonly outcome: 'copied' | 'completed' | 'unchanged' | 'planned'
}

/** What the copy of one line needs beside the line. */
export interface CopyPlan {
  readonly registries: Registries
  readonly dryRun: boolean
  /** Whether a target that is missing is created. */
  readonly createsRepository: boolean
  /** The repositories that a dry run would have created by now, by URI. */
  readonly imagined: Set<string>
  /** Called right before something is written. */
  readonly onWrite: () => void
}

/** For what an image does without. */
const IMPATIENCE = { attempts: 2, silenceMs: 10_000, longestPauseMs: 10_000 }
/** Enough to keep a line busy; each holds two parts of its blob in memory. */
const BLOBS_AT_ONCE = 3
/** Longer silence would look like a standstill. */
const PROGRESS_MS = 15_000
/** Images are indexes of manifests; an index of indexes is legal, and nobody needs more. */
const DEEPEST_INDEX = 3

/**
 * Copies one image with all its platforms, its digest kept, and puts the tag last: until then nothing points at what is
 * not whole. A tag that belongs to another image stays where it is (`tag-conflict`). Running it again changes nothing.
 */
export async function copyImage(world: World, line: MirrorLine, plan: CopyPlan, emit: Emit): Promise<ImageCopy> {
  const found = await locateTarget(world, line, plan)
  const stop = new AbortController()
  const signal = AbortSignal.any([world.signal, stop.signal])
  const source = await plan.registries.openSource(line.source, found.located, signal)
  const digest = await findDigest(source, line)
  const { uri } = found.located.repository
  const image = line.tag === undefined ? `${uri}@${digest}` : `${uri}:${line.tag}`
  const copy = {
    source: formatImageReference(line.source),
    image,
    digest,
    tags: line.tag === undefined ? [] : [line.tag]
  }

  if (await isThere(found.located, line, digest)) {
    emit({ kind: 'image-kept', source: copy.source, image, digest })
    const openTarget = (): Promise<RemoteRepository> => plan.registries.openTarget(found.located, world.signal)
    const copied = await attach(world, line, { plan, located: found.located, digest, openTarget }, emit)
    if (copied > 0) plan.onWrite()
    return { ...copy, outcome: copied > 0 ? 'completed' : 'unchanged' }
  }
  await compareNames(source, line, digest, emit)
  if (plan.dryRun) {
    if (found.isMissing && !plan.imagined.has(uri)) await create(world, line, plan, emit)
    plan.imagined.add(uri)
    emit({ kind: 'note', text: `would copy ${copy.source} (${digest}) to ${image}` })
    return { ...copy, outcome: 'planned' }
  }
  // Not before the source was found: a repository that stays empty is nobody's wish.
  if (found.isMissing) plan.onWrite()
  const located = found.isMissing ? await create(world, line, plan, emit) : found.located
  const target = await plan.registries.openTarget(located, signal)
  const isThereByDigest = (await lookUpImage(located, { digest })) !== undefined
  const manifests = isThereByDigest ? [] : await readManifests(source, line, digest)
  plan.onWrite()
  if (!isThereByDigest) {
    await copyBlobs(world, { source, target, manifests, name: copy.source, stop }, emit)
    // Children first: a registry takes no index before its manifests.
    for (const manifest of manifests) await target.putManifest(manifest)
  }
  await putTag(located, line, digest, emit)
  const openTarget = (): Promise<RemoteRepository> => Promise.resolve(target)
  await attach(world, line, { plan, located, digest, openTarget }, emit)
  emit({ kind: 'image-copied', source: copy.source, image, digest })
  return { ...copy, outcome: 'copied' }
}

interface AttachOrder extends Pick<Attachments, 'openTarget' | 'located' | 'digest'> {
  readonly plan: CopyPlan
}

/**
 * Copies what is attached to an image, also to one that is there: it may have been signed later, or the last run broken
 * off.
 */
async function attach(world: World, line: MirrorLine, { plan, ...order }: AttachOrder, emit: Emit): Promise<number> {
  const source = await plan.registries.openSource(line.source, order.located, world.signal, IMPATIENCE)
  return copyAttachments({ ...order, source, dryRun: plan.dryRun, emit })
}

/**
 * A digest goes before the tag beside it. But a tag in ECR is for good: the source's own is not put on another image than
 * there, unless the line says so by naming it for the target. Fails with `tag-conflict`.
 */
async function compareNames(source: RemoteRepository, line: MirrorLine, digest: Digest, emit: Emit): Promise<void> {
  const { tag } = line.source
  if (tag === undefined || line.source.digest === undefined || line.tag !== tag) return
  const named = await source.findDigest(tag)
  if (named === undefined || named === digest) return
  const name = formatImageReference({ registry: line.source.registry, repository: line.source.repository, tag })
  const sentence = `${name} is ${named} by now, and the line names ${digest}`
  if (line.isTagGiven) {
    emit({ kind: 'warning', text: `${sentence}: the copy gets the tag ${tag} all the same, as the line says` })
    return
  }
  throw new Failure('tag-conflict', sentence, {
    remedy: `correct the tag or the digest, or name the tag of the copy, too: -> ${describeTarget(line)}`
  })
}

function create(world: World, { target }: MirrorLine, { dryRun }: CopyPlan, emit: Emit): Promise<LocatedRepository> {
  return createRepository(world, target, { marker: undefined, dryRun }, emit)
}

/**
 * A digest is taken at its word; what a tag stands for is asked without reading it, which counts as no pull. A registry
 * that finds nothing that way may not know the way.
 */
async function findDigest(source: RemoteRepository, { source: reference }: MirrorLine): Promise<Digest> {
  if (reference.digest !== undefined) return reference.digest
  const tag = reference.tag ?? ''
  const digest = (await source.findDigest(tag)) ?? (await source.readManifest(tag))?.digest
  if (digest !== undefined) return digest
  throw new Failure('image-not-found', `there is no image ${formatImageReference(reference)}`, {
    remedy: 'check the name and the tag'
  })
}

/** Whether the target has the image, under its tag if it is to have one; fails when the tag is another image's. */
async function isThere(located: LocatedRepository, { tag }: MirrorLine, digest: Digest): Promise<boolean> {
  if (tag === undefined) return (await lookUpImage(located, { digest })) !== undefined
  const comparison = compareTag(await readTarget(located, tag), { repository: located.repository.name, tag, digest })
  if (comparison.kind !== 'conflict') return comparison.kind === 'same'
  throw new Failure('tag-conflict', comparison.sentence, {
    remedy: 'give the copy another tag: the source was pushed again under its tag, or somebody else has taken this one'
  })
}

/** All manifests of an image, each after those that it names. */
async function readManifests(
  source: RemoteRepository,
  line: MirrorLine,
  digest: Digest,
  depth = 0
): Promise<readonly RemoteManifest[]> {
  if (depth > DEEPEST_INDEX) {
    throw new Failure('image-not-found', `the index ${digest} names indexes that name indexes, deeper than this goes`)
  }
  const manifest = await source.readManifest(digest)
  if (manifest === undefined) throw missing(source, depth === 0 ? line : undefined, digest)
  const all = new Map<Digest, RemoteManifest>()
  for (const child of readContents(manifest.text, digest).children) {
    for (const inner of await readManifests(source, line, child.digest, depth + 1)) all.set(inner.digest, inner)
  }
  return [...all.values(), manifest]
}

/** `line` is that of the image itself; undefined for a part of it. */
function missing({ registry, name }: RemoteRepository, line: MirrorLine | undefined, digest: Digest): Failure {
  const sentence = `${registry} has no manifest ${digest} in ${name}`
  if (line === undefined) {
    return new Failure('image-not-found', sentence, {
      remedy: 'the image is not whole in its registry: ask whoever pushed it'
    })
  }
  const { tag, digest: written } = line.source
  if (written !== undefined) return new Failure('image-not-found', sentence, { remedy: 'check the digest' })
  return new Failure('image-not-found', `${registry} says that ${tag ?? ''} is ${digest}, and does not have it`, {
    remedy: 'run this job again; if it stays so, push the image to its registry again'
  })
}

interface BlobCopies {
  readonly source: RemoteRepository
  readonly target: RemoteRepository
  readonly manifests: readonly RemoteManifest[]
  readonly name: string
  readonly stop: AbortController
}

async function copyBlobs(
  world: World,
  { source, target, manifests, name, stop }: BlobCopies,
  emit: Emit
): Promise<void> {
  const contents = manifests.map(({ text, digest }) => readContents(text, digest))
  const blobs = distinct(contents.flatMap(({ blobs: own }) => own))
  if (contents.some(({ foreignLayers }) => foreignLayers > 0)) {
    emit({ kind: 'note', text: `${name} has layers that may not be copied: they stay with whoever distributes them` })
  }
  const totalBytes = blobs.reduce((sum, { size }) => sum + size, 0)
  emit({ kind: 'copy-started', source: name, manifests: manifests.length, blobs: blobs.length, bytes: totalBytes })
  const startedAt = world.clock.now()
  let told = startedAt
  let bytes = 0
  const onBytes = (more: number): void => {
    bytes += more
    const now = world.clock.now()
    if (now - told < PROGRESS_MS) return
    told = now
    emit({ kind: 'copy-progress', source: name, bytes, totalBytes, seconds: (now - startedAt) / 1000 })
  }
  const copyBlob = async (blob: Descriptor): Promise<void> => {
    if ((await target.copyBlob(source, blob, onBytes)) !== 'sent') onBytes(blob.size)
  }
  // The largest first: it is what the copy waits for in the end.
  await atMost(
    BLOBS_AT_ONCE,
    blobs.toSorted((a, b) => b.size - a.size),
    copyBlob,
    reason => {
      stop.abort(reason)
    }
  )
}

/** Each blob once: platforms share layers. */
function distinct(blobs: readonly Descriptor[]): readonly Descriptor[] {
  return [...new Map(blobs.map(blob => [blob.digest, blob])).values()]
}

/** Tags what arrived by the same guarded way as every other image, and reads back what the tag points at. */
async function putTag(located: LocatedRepository, { tag }: MirrorLine, digest: Digest, emit: Emit): Promise<void> {
  const image = await requireImage(located, { digest })
  if (tag === undefined) return
  await tagImage(image, { tag, commit: undefined }, emit)
  const { stored } = await requireImage(located, { tag })
  if (stored.digest === digest) return
  throw new Failure(
    'tag-moved',
    `${located.repository.name}:${tag} points at ${stored.digest} right after it was put on ${digest}`,
    { remedy: 'find out who else pushes this tag, and make the repository immutable' }
  )
}

async function requireImage(located: LocatedRepository, name: { tag: string } | { digest: string }): Promise<RunImage> {
  const image = await lookUpImage(located, name)
  if (image !== undefined) return image
  const what = 'tag' in name ? `the tag ${name.tag}` : name.digest
  throw new Failure('registry-error', `ECR took ${what} in ${located.repository.name}, and has no such image now`, {
    remedy: 'run this job again'
  })
}
