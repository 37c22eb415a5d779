import type { Commit } from '../decide/image/commit.ts'
import { describeUntrue } from '../decide/image/conflict.ts'
import { isDigest, parseImageReference, parseRepository, type RepositoryName } from '../decide/image/reference.ts'
import { commitTag } from '../decide/image/tags.ts'
import { isLegalTag } from '../decide/image/tag-grammar.ts'
import { splitImage } from '../decide/task/image.ts'
import { quoted } from '../decide/wording.ts'
import type { VersionFilter } from '../decide/version/highest.ts'
import { versionOfImageTag } from '../decide/version/image-tag.ts'
import type { Emit } from '../event.ts'
import { Failure } from '../failure.ts'
import type { ImageInputs } from '../inputs/image.ts'
import type { EcrPort } from '../io/aws/ecr.ts'
import type { World } from '../world.ts'
import { buildImage } from './build-image.ts'
import { builtFromAnother, requireOrigin } from './built-from.ts'
import { createRepository, isMissing } from './create-repository.ts'
import { findImage, lookUpImage, type RunImage } from './find-image.ts'
import { findHighest } from './find-highest.ts'
import type { ImageVersion } from './find-version.ts'
import { findSibling } from './find-sibling.ts'
import { locateRepository, registryOf, type LocatedRepository } from './locate-repository.ts'
import { readTarget, refuseTakenTags, type WantedTag } from './look-up-tags.ts'
import { protectTags } from './protect-tags.ts'
import { resolveForeign, type ForeignImage } from './resolve-foreign.ts'

/** What the image part needs to know of the run. */
export interface ImagePlan {
  readonly inputs: ImageInputs
  /** The commit that this run is about; throws when the event does not say. */
  readonly commit: () => Commit
  /** The version of an image, or of the one to be built when there is none yet. */
  readonly version: (located: LocatedRepository, image: RunImage | undefined) => Promise<ImageVersion>
  /** URL of the repository with that commit. */
  readonly source: string | undefined
  readonly dryRun: boolean
  /** Called when it is clear that there is something to build, before anything changes; may throw. */
  readonly beforeBuild: () => Promise<void>
}

/** The image of this run and the tags it is to have. */
export interface ChosenImage {
  readonly image: RunImage
  readonly tags: readonly WantedTag[]
  readonly version: ImageVersion
  /** Built by this run, after its tags were looked up. */
  readonly isBuilt: boolean
}

/** A build that a dry run did not do. */
export interface UnbuiltImage {
  readonly located: LocatedRepository
  readonly tags: readonly WantedTag[]
  readonly version: ImageVersion
}

/** Where the image comes from: found or built in ECR, named exactly elsewhere, or still to be built after a dry run. */
export type ImageChoice =
  | { readonly kind: 'ecr'; readonly chosen: ChosenImage }
  | { readonly kind: 'foreign'; readonly foreign: ForeignImage }
  | { readonly kind: 'unbuilt'; readonly unbuilt: UnbuiltImage }

/**
 * Finds the image by `image`, by this commit's tag, or builds it from `context`. `currentImage` is what the container
 * runs now: without `repository` and a full reference it says where to look.
 */
export async function chooseImage(
  world: World,
  plan: ImagePlan,
  currentImage: () => string,
  emit: Emit
): Promise<ImageChoice> {
  const { inputs } = plan
  if (inputs.image !== undefined) return namedImage(world, plan, inputs.image, currentImage, emit)
  const name = repositoryName(inputs.repository, currentImage)
  if (inputs.version.kind === 'highest') {
    return highestImage(plan, await requireEcr(world, name), inputs.version.filter, emit)
  }
  const tag = ownTag(plan)
  const ecr = await registryOf(world, name)
  // Asked for beside its repository, for nearly always both are there; what is wrong with the repository is said first.
  const image = ecr.findImage(name.repository, { tag })
  image.catch(() => undefined)
  const located = await requireEcr(world, name, ecr).catch((error: unknown) => {
    if (inputs.guard.createsRepository && isMissing(error, name)) return undefined
    throw error
  })
  if (located === undefined) {
    await plan.beforeBuild()
    const creation = { marker: inputs.guard.marker, dryRun: plan.dryRun }
    return build(world, plan, await createRepository(world, name, creation, emit), emit)
  }
  const existing = await lookUpImage(located, { tag }, image)
  if (existing !== undefined) {
    const how = inputs.build === undefined ? "by this commit's tag" : "this commit's tag is there, so nothing is built"
    emit({ kind: 'image-found', reference: `${located.repository.uri}:${tag}`, digest: existing.stored.digest, how })
    return { kind: 'ecr', chosen: await foundByCommit(plan, existing, emit) }
  }
  const sibling =
    plan.commit().kind === 'tag'
      ? await findSibling(located, { sha: plan.commit().sha, shaLength: inputs.shaLength, source: plan.source }, emit)
      : undefined
  if (sibling !== undefined) return { kind: 'ecr', chosen: await asThisCommits(plan, sibling) }
  if (inputs.build === undefined) {
    const remedy = `push the image as ${located.repository.uri}:${tag} first, name another one in 'image', or give 'context' to build it`
    return { kind: 'ecr', chosen: await foundByCommit(plan, await findImage(located, { tag }, remedy), emit) }
  }
  await plan.beforeBuild()
  return build(world, plan, located, emit)
}

/** A build takes minutes: what keeps the image from getting its tags is said before. */
async function build(world: World, plan: ImagePlan, located: LocatedRepository, emit: Emit): Promise<ImageChoice> {
  const { build: asked, guard } = plan.inputs
  if (asked === undefined) throw new Failure('internal-error', 'there is nothing to build')
  const version = await plan.version(located, undefined)
  const tags = wantedTags(plan, version)
  const names = tags.map(({ tag }) => tag)
  protectTags(guard, located.repository, names, { dryRun: plan.dryRun, emit: () => undefined })
  // The commit's own is known to be free.
  await refuseTakenTags(located, tags.slice(1))
  if (plan.dryRun) return { kind: 'unbuilt', unbuilt: { located, tags, version } }
  const order = { build: asked, commit: plan.commit(), version: version.own, source: plan.source }
  const image = await buildImage(world, located, order, emit)
  return { kind: 'ecr', chosen: { image, tags, version, isBuilt: true } }
}

/** An image that was found by this commit's tag; fails with `tag-conflict` when it says that it is another's. */
async function foundByCommit(plan: ImagePlan, image: RunImage, emit: Emit): Promise<ChosenImage> {
  await requireOrigin(image, { tag: ownTag(plan), commit: plan.commit().sha, source: plan.source }, emit)
  return asThisCommits(plan, image)
}

/** An image of this run's commit: it gets all its tags. */
async function asThisCommits(plan: ImagePlan, image: RunImage): Promise<ChosenImage> {
  const version = await plan.version(image, image)
  return { image, tags: wantedTags(plan, version), version, isBuilt: false }
}

/** The image with the highest version; it keeps its own tags unless `tag-image` says that it gets this commit's. */
async function highestImage(
  plan: ImagePlan,
  located: LocatedRepository,
  filter: VersionFilter,
  emit: Emit
): Promise<ImageChoice> {
  const { tag } = await findHighest(located, filter, plan.source)
  const image = await findImage(located, { tag })
  const reference = `${located.repository.uri}:${tag}`
  emit({ kind: 'image-found', reference, digest: image.stored.digest, how: 'by the highest version' })
  if (plan.inputs.tagImage === 'always') return { kind: 'ecr', chosen: await asThisCommits(plan, image) }
  return { kind: 'ecr', chosen: withOwnTags(plan, image) }
}

/** `image` is a tag or a digest of the repository, or a full reference. */
async function namedImage(
  world: World,
  plan: ImagePlan,
  text: string,
  currentImage: () => string,
  emit: Emit
): Promise<ImageChoice> {
  if (isDigest(text) || isLegalTag(text)) {
    const located = await requireEcr(world, repositoryName(plan.inputs.repository, currentImage))
    const image = await findImage(located, isDigest(text) ? { digest: text } : { tag: text })
    return { kind: 'ecr', chosen: await withTags(plan, image, emit) }
  }
  const resolved = await resolveReference(world, text, emit)
  if (resolved.kind === 'foreign') return resolved
  return { kind: 'ecr', chosen: await withTags(plan, resolved.image, emit) }
}

/** Finds the image that a full reference names, in ECR or in the registry that it says. */
export async function resolveReference(
  world: World,
  text: string,
  emit: Emit
): Promise<{ kind: 'ecr'; image: RunImage } | { kind: 'foreign'; foreign: ForeignImage }> {
  const reference = parseImageReference(text)
  const hasHost = text.startsWith(reference.registry)
  const name = { registry: hasHost ? reference.registry : undefined, repository: reference.repository }
  const located = await locateRepository(world, hasHost ? name : parseRepository(splitImage(text).repository))
  if (located === undefined) return { kind: 'foreign', foreign: await resolveForeign(world, text, emit) }
  const { tag, digest } = reference
  if (digest !== undefined) {
    const image = await findImage(located, { digest })
    if (tag === undefined) return { kind: 'ecr', image }
    return { kind: 'ecr', image: { ...image, foundBy: await trueTag(image, tag, emit) } }
  }
  if (tag !== undefined) return { kind: 'ecr', image: await findImage(located, { tag }) }
  throw new Failure('invalid-input', `the image ${quoted(text)} has neither tag nor digest, which would mean latest`, {
    remedy: `name the version: ${text}:TAG or ${text}@sha256:…`
  })
}

/** The tag that was written beside a digest, if it is on that image: what deploys by a digest takes no notice of it. */
async function trueTag(image: RunImage, tag: string, emit: Emit): Promise<string | undefined> {
  const { stored, repository } = image
  const target = await readTarget(image, tag)
  if (target.kind === 'image' && target.digest === stored.digest) return tag
  emit({ kind: 'warning', text: describeUntrue(`${repository.name}:${tag}`, stored.digest, target) })
  return undefined
}

function repositoryName(repository: string | undefined, currentImage: () => string): RepositoryName {
  if (repository !== undefined) return parseRepository(repository)
  return parseRepository(splitImage(currentImage()).repository)
}

async function requireEcr(world: World, name: RepositoryName, ecr?: EcrPort): Promise<LocatedRepository> {
  const located = await locateRepository(world, name, ecr)
  if (located !== undefined) return located
  throw new Failure('repository-not-found', `${name.registry ?? ''}/${name.repository} is not a repository of ECR`, {
    remedy: "name the ECR repository of the image in 'repository'"
  })
}

/** BRANCH-SHA. */
function ownTag({ commit, inputs }: ImagePlan): string {
  const { name: branch, sha } = commit()
  return commitTag({ branch, sha, shaLength: inputs.shaLength })
}

/** The tags of this run's commit: BRANCH-SHA, the version, and what `tags` adds. */
function wantedTags(plan: ImagePlan, { own, isCounted }: ImageVersion): readonly WantedTag[] {
  const { sha } = plan.commit()
  const tags = [ownTag(plan), ...(own === undefined ? [] : [own]), ...plan.inputs.tags]
  return [...new Set(tags)].map(tag => ({
    tag,
    commit: sha,
    source: plan.source,
    isCounted: isCounted && tag === own
  }))
}

/** The tags that an image gets whatever it was built from: those that were asked for by name. */
function furtherTags({ inputs, source }: ImagePlan): readonly WantedTag[] {
  const { version } = inputs
  const tags = [...(version.kind === 'exact' ? [version.version] : []), ...inputs.tags]
  return [...new Set(tags)].map(tag => ({ tag, commit: undefined, source }))
}

/** Decides whether a given image gets this commit's tags (`tag-image`). */
async function withTags(plan: ImagePlan, image: RunImage, emit: Emit): Promise<ChosenImage> {
  const { uri } = image.repository
  const how = image.foundBy === undefined ? 'by its digest' : 'by its tag'
  const reference = image.foundBy === undefined ? `${uri}@${image.stored.digest}` : `${uri}:${image.foundBy}`
  emit({ kind: 'image-found', reference, digest: image.stored.digest, how })
  if (plan.inputs.tagImage === 'never') return withOwnTags(plan, image)
  if (plan.inputs.tagImage === 'auto') {
    const other = await builtFromAnother(image, { sha: plan.commit().sha, source: plan.source }, emit)
    if (other !== undefined) {
      emit({ kind: 'note', text: `the image keeps its own tags: ${other}` })
      return withOwnTags(plan, image)
    }
  }
  return asThisCommits(plan, image)
}

/** An image that is not this commit's: it keeps its version, unless it is given one by name. */
function withOwnTags(plan: ImagePlan, image: RunImage): ChosenImage {
  const { version } = plan.inputs
  const own = version.kind === 'exact' ? version.version : versionOfImageTag(image.foundBy ?? '')
  return { image, tags: furtherTags(plan), version: { own, last: own, isNew: false, isCounted: false }, isBuilt: false }
}
