import { commitOfRemoteContext, isRemoteContext } from '../decide/image/build.ts'
import { describeCommit, type Commit } from '../decide/image/commit.ts'
import { tagCanMove, type TagImmutability } from '../decide/image/immutability.ts'
import { choosePin } from '../decide/image/pin.ts'
import { parseDigest } from '../decide/image/reference.ts'
import type { ExpectedDigests } from '../decide/service/proof.ts'
import { selectContainers, type ContainerChoice } from '../decide/task/containers.ts'
import { containersOf, type TaskDefinitionDocument } from '../decide/task/document.ts'
import { textAt } from '../decide/json.ts'
import { splitImage } from '../decide/task/image.ts'
import { renderTaskDefinition } from '../decide/task/render.ts'
import { changeTags } from '../decide/task/tags.ts'
import { quoted } from '../decide/wording.ts'
import { Failure } from '../failure.ts'
import type { EcrRepository } from '../io/aws/ecr.ts'
import { chooseImage, resolveReference, type ImageChoice } from '../steps/choose-image.ts'
import type { RunImage } from '../steps/find-image.ts'
import type { ForeignImage } from '../steps/resolve-foreign.ts'
import type { ImageVersion } from '../steps/find-version.ts'
import type { BaseTaskDefinition } from '../steps/read-task-definition.ts'
import type { Rendered } from '../steps/register-task-definition.ts'
import type { World } from '../world.ts'
import type { DeployRun } from './deploy.ts'
import { guardChoice, guardMarker } from './guard-choice.ts'
import { lookAtTags, type TaggedImage } from './tagging.ts'
import { givenVersion, requireTaggedCommit, sourceOf, stated, versionOf } from './version.ts'

/** Everything that is decided before anything changes. */
export interface Prepared {
  readonly rendered: Rendered
  /** The image that gets tags, undefined when every image keeps its own. */
  readonly tagged: TaggedImage | undefined
  /** Settings that the repository gets before it gets tags, when they have to change. */
  readonly protection: TagImmutability | undefined
  readonly expected: ExpectedDigests
  /** The containers that got an image, and the image where it is one of ECR that is there. */
  readonly images: ReadonlyMap<string, RunImage | undefined>
  /** Those of them whose image lies elsewhere. */
  readonly foreign: ReadonlyMap<string, ForeignImage>
  /** The image that a dry run did not build: the run itself would pin it as `pin` says. */
  readonly unbuilt: string | undefined
  /** The repositories whose settings are known by now. */
  readonly repositories: readonly EcrRepository[]
}

/** Image and digests for one container. */
interface Pinned {
  readonly name: string
  readonly reference: string
  readonly digests: readonly string[]
  /** Undefined for an image that lies elsewhere or is not built yet. */
  readonly image: RunImage | undefined
  readonly foreign?: ForeignImage
}

/**
 * Finds or builds the image, and renders the next revision around it. `running` is the revision that the service runs:
 * a file often holds a placeholder, and the repository is that of the container's current image. `beforeBuild` may refuse
 * what would be built.
 */
export async function prepareRevision(
  run: DeployRun,
  base: BaseTaskDefinition,
  running: TaskDefinitionDocument | undefined,
  beforeBuild: () => Promise<void>
): Promise<Prepared> {
  const { inputs, world, emit, known } = run
  emit({ kind: 'phase', title: 'Finding the image' })
  const named = inputs.taskDefinition.containers
  const repository = inputs.image.repository ?? repositoryOf(inputs.image.image)
  const choices = selectContainers(base.document, { named, ...(repository !== undefined && { repository }) })
  const shared = choices.filter(({ image }) => image === undefined)
  // Only a build is made from its context; an image that is there was made from the commit of the event.
  const head = inputs.image.build && (await commitOfContext(world, inputs.image.build.context))
  const isFetched = inputs.image.build !== undefined && isRemoteContext(inputs.image.build.context)
  const found = isFetched ? 'is what the context names' : undefined
  const commit = once(() => tellCommit(run, describeCommit(run.event, inputs.image.commit, head, found)))

  const pinned: Pinned[] = []
  let choice: ImageChoice | undefined
  let protection: TagImmutability | undefined
  if (shared.length > 0) {
    const plan = {
      inputs: inputs.image,
      commit,
      version: versionOf(run, commit),
      source: sourceOf(run),
      dryRun: inputs.dryRun,
      beforeBuild: async () => {
        await requireTaggedCommit(run, commit)
        await beforeBuild()
      }
    }
    const chosen = await chooseImage(world, plan, () => currentImage(base, running, shared), emit)
    ;({ choice, protection } = guardChoice(run, chosen))
    const shape = pin(run, choice)
    known.image = shape.reference
    pinned.push(...shared.map(({ name }) => ({ name, ...shape })))
  }
  for (const { name, image } of choices) {
    if (image !== undefined) pinned.push(await pinOwn(run, name, image))
  }
  known.image ??= pinned[0]?.reference ?? ''
  const version = versionOfChoice(choice) ?? stated(await givenVersion(run, commit))
  if (version.last !== undefined) known.version = version.last

  const rendered = render(run, base, pinned, version.own ?? firstTag(choice))
  guardMarker(run, rendered.document, choice)
  const tagged = choice?.kind === 'ecr' ? await lookAtTags(run, choice.chosen) : undefined
  return {
    rendered,
    tagged,
    protection,
    images: new Map(pinned.map(({ name, image }) => [name, image])),
    foreign: new Map(pinned.flatMap(({ name, foreign }) => (foreign === undefined ? [] : [[name, foreign]]))),
    expected: new Map(pinned.filter(({ digests }) => digests.length > 0).map(({ name, digests }) => [name, digests])),
    unbuilt: choice?.kind === 'unbuilt' && inputs.image.pin !== 'tag' ? known.image : undefined,
    repositories: choice?.kind === 'ecr' ? [choice.chosen.image.repository] : []
  }
}

/** The commit that a context holds; undefined where only the event tells. */
async function commitOfContext(world: World, context: string): Promise<string | undefined> {
  return isRemoteContext(context) ? commitOfRemoteContext(context) : (await world.checkout(context)).head
}

function render(run: DeployRun, base: BaseTaskDefinition, pinned: readonly Pinned[], versionText: string): Rendered {
  const { changes, versionVariable, tags } = run.inputs.taskDefinition
  const document = renderTaskDefinition(base.document, {
    ...changes,
    containers: pinned.map(({ name, reference }) => ({ name, image: reference })),
    ...(versionVariable !== undefined && { versionVariable: { name: versionVariable, value: versionText } })
  })
  return { document, tags: changeTags(base.tags, tags) }
}

/** The reference of the image for the task definition, and the digests that its tasks may report. */
function pin(run: DeployRun, choice: ImageChoice): Omit<Pinned, 'name'> {
  switch (choice.kind) {
    case 'foreign':
      run.known.imageDigest = choice.foreign.digest
      return pinForeign(run, choice.foreign)
    case 'unbuilt': {
      const [tag] = choice.unbuilt.tags
      return {
        reference: `${choice.unbuilt.located.repository.uri}:${tag?.tag ?? ''}`,
        digests: [],
        image: undefined
      }
    }
    case 'ecr': {
      const { image, tags } = choice.chosen
      run.known.imageDigest = image.stored.digest
      // Only what is there; the others are added as they are put.
      run.known.imageTags = tags.length > 0 ? [] : foundTags(image)
      const tag = tags[0]?.tag ?? image.foundBy
      return { reference: pinReference(run, image, tag), digests: image.digests, image }
    }
  }
}

function pinReference(run: DeployRun, image: RunImage, tag: string | undefined): string {
  const { uri } = image.repository
  const slash = uri.indexOf('/')
  const immutability = image.repository.immutability
  return choosePin(run.inputs.image.pin, {
    registry: uri.slice(0, slash),
    repository: uri.slice(slash + 1),
    tag,
    digest: parseDigest(image.stored.digest),
    tagGuaranteed: tag !== undefined && tagCanMove(immutability, tag) === false
  })
}

/** Of another registry nobody knows whether its tags can move; what has a digest already stays as it was written. */
function pinForeign(run: DeployRun, foreign: ForeignImage): Omit<Pinned, 'name'> {
  const { written, digest, digests, manifest } = foreign
  const { registry, repository, tag, digest: named } = foreign.reference
  if (manifest === undefined) run.known.unseenDigests = [...(run.known.unseenDigests ?? []), digest]
  const mode = run.inputs.image.pin
  const isExact = mode === 'auto' && named !== undefined
  const reference = isExact ? written : choosePin(mode, { registry, repository, tag, digest, tagGuaranteed: false })
  return { reference, digests, image: undefined, foreign }
}

/** A container with its own image (`name=image`): found and pinned, never tagged. */
async function pinOwn(run: DeployRun, name: string, text: string): Promise<Pinned> {
  const resolved = await resolveReference(run.world, text, run.emit)
  if (resolved.kind === 'foreign') return { name, ...pinForeign(run, resolved.foreign) }
  const { image } = resolved
  return { name, reference: pinReference(run, image, image.foundBy), digests: image.digests, image }
}

function foundTags(image: RunImage): readonly string[] {
  return image.foundBy === undefined ? [] : [image.foundBy]
}

function firstTag(choice: ImageChoice | undefined): string {
  if (choice?.kind === 'ecr')
    return choice.chosen.tags[0]?.tag ?? choice.chosen.image.foundBy ?? choice.chosen.image.stored.digest
  if (choice?.kind === 'unbuilt') return choice.unbuilt.tags[0]?.tag ?? ''
  return choice?.foreign.digest ?? ''
}

function versionOfChoice(choice: ImageChoice | undefined): ImageVersion | undefined {
  if (choice?.kind === 'ecr') return choice.chosen.version
  return choice?.kind === 'unbuilt' ? choice.unbuilt.version : undefined
}

function currentImage(
  base: BaseTaskDefinition,
  running: TaskDefinitionDocument | undefined,
  shared: readonly ContainerChoice[]
): string {
  const name = shared[0]?.name ?? ''
  const image = imageOf(running, name) ?? imageOf(base.document, name)
  if (image !== undefined) return image
  throw new Failure(
    'invalid-input',
    `container ${quoted(name)} of ${base.from} names no image to learn the repository from`,
    {
      remedy: "name the repository in 'repository'"
    }
  )
}

function imageOf(document: TaskDefinitionDocument | undefined, name: string): string | undefined {
  if (document === undefined) return undefined
  const container = containersOf(document).find(candidate => textAt(candidate, 'name') === name)
  const image = container === undefined ? undefined : textAt(container, 'image')
  return image === '' ? undefined : image
}

/** The repository part of a full reference; a bare tag or digest names none. */
function repositoryOf(image: string | undefined): string | undefined {
  return image?.includes('/') === true ? splitImage(image).repository : undefined
}

/** Says which commit the tags name where that is not simply the event's own. */
function tellCommit({ emit }: DeployRun, commit: Commit): Commit {
  const { name, sha, why } = commit
  if (why !== undefined) emit({ kind: 'note', text: `the commit is ${sha.slice(0, 12)} of ${quoted(name)}: ${why}` })
  return commit
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => (made ??= { value: make() }).value
}
