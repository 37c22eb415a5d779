import { tagCanMove } from '../decide/image/immutability.ts'
import { parseRepository } from '../decide/image/reference.ts'
import type { JsonObject } from '../decide/json.ts'
import { withoutLogin } from '../decide/login.ts'
import type { Finding } from '../decide/service/preflight/finding.ts'
import {
  needsPlatform,
  unpullable,
  wrongPlatforms,
  type ContainerImage,
  type ImageState
} from '../decide/service/preflight/images.ts'
import { splitImage } from '../decide/task/image.ts'
import { findMutableImages, type MutableImage } from '../decide/task/policy.ts'
import { listed, quoted } from '../decide/wording.ts'
import { Failure } from '../failure.ts'
import type { MutableTagPolicy } from '../inputs/task-definition.ts'
import type { EcrRepository } from '../io/aws/ecr.ts'
import type { World } from '../world.ts'
import { readPlatforms, type RunImage } from './find-image.ts'
import { locateRepository } from './locate-repository.ts'
import { imagesOf, isInEcr, lookUpImages, type NamedImage } from './look-up-images.ts'
import type { ForeignImage } from './resolve-foreign.ts'

/** The revision whose images are checked. */
export interface CheckedRevision {
  readonly rendered: { readonly document: JsonObject }
  /** The containers that got their image from this run; undefined where it lies elsewhere or is not built yet. */
  readonly images: ReadonlyMap<string, RunImage | undefined>
  /** Those of them whose image lies elsewhere. */
  readonly foreign: ReadonlyMap<string, ForeignImage>
  /** The image that a dry run did not build: it has a tag, where the run itself would pin what it built. */
  readonly unbuilt: string | undefined
  /** The repositories whose settings are known by now. */
  readonly repositories: readonly EcrRepository[]
}

/**
 * Checks the images of all containers of a revision: that nothing can move them (`policy`), that those in ECR are there
 * to be pulled, and that they suit its platform. Of images in other registries only those are looked at that this run
 * names.
 */
export async function checkImages(
  world: World,
  revision: CheckedRevision,
  policy: MutableTagPolicy
): Promise<readonly Finding[]> {
  const hosts = new Set(revision.repositories.map(({ uri }) => hostOf(uri)))
  const named = imagesOf(revision.rendered.document)
  const others = named.filter(({ container, image }) => !revision.images.has(container) && isInEcr(image, hosts))
  const [mutable, found, chosen] = await Promise.all([
    policy.mode === 'allow' ? [] : checkMutability(world, revision, others, policy),
    lookUpImages(world, others),
    Promise.all(named.flatMap(image => examineChosen(revision, image)))
  ])
  const images = [...chosen, ...found]
  return [...mutable, ...unpullable(images), ...wrongPlatforms(revision.rendered.document, images)]
}

/** The image that this run chose for a container; it is there, and its index or config says which platforms it is for. */
function examineChosen(
  { rendered, images, foreign }: CheckedRevision,
  named: NamedImage
): readonly Promise<ContainerImage>[] {
  const image = images.get(named.container)
  const read = image === undefined ? foreign.get(named.container)?.platforms : () => readPlatforms(image)
  if (read === undefined) return []
  return [examinePlatforms(read, needsPlatform(rendered.document)).then(state => ({ ...named, state }))]
}

async function examinePlatforms(read: ForeignImage['platforms'], isNeeded: boolean): Promise<ImageState> {
  if (!isNeeded) return { kind: 'there', platforms: undefined }
  try {
    return { kind: 'there', platforms: await read() }
  } catch (error) {
    // What its platform is would be good to know; ECS will find out.
    const failure = error instanceof Failure ? error : new Failure('aws-error', 'its config is unreadable')
    return { kind: 'unread', why: failure.message, remedy: failure.remedy ?? 'look at the image in its registry' }
  }
}

async function checkMutability(
  world: World,
  { rendered, unbuilt, repositories: known }: CheckedRevision,
  others: readonly NamedImage[],
  policy: MutableTagPolicy
): Promise<readonly Finding[]> {
  const repositories = await readRepositories(world, known, others)
  const isFixed = (image: string): boolean | undefined => {
    const { repository, tag } = splitImage(image)
    const settings = repositories.get(repository)?.immutability
    if (settings === undefined || tag === undefined) return undefined
    const moves = tagCanMove(settings, tag)
    return moves === 'unknown' ? undefined : !moves
  }
  const allowed = unbuilt === undefined ? policy.allowed : [...policy.allowed, unbuilt]
  const found = findMutableImages(rendered.document, isFixed, allowed)
  const unread = others.filter(({ image }) => hasLostSettings(repositories.get(splitImage(image).repository)))
  const findings: Finding[] = unread.map(({ container, image }) => ({
    code: 'access-denied',
    severity: 'hint',
    sentence: `whether the tag of the image ${quoted(image)} of container ${listed([container])} can move is not known`,
    remedy: repositories.get(splitImage(image).repository)?.unread?.remedy ?? 'allow ecr:DescribeRepositories'
  }))
  if (found.length > 0) {
    findings.push({
      code: 'mutable-tag',
      severity: policy.mode === 'warn' ? 'warning' : 'error',
      sentence: found.map(describe).join('; '),
      remedy: "name an exact version or digest, list exceptions in 'allowed-images', or set 'mutable-tags' to 'warn'"
    })
  }
  return findings
}

function hasLostSettings(repository: EcrRepository | undefined): boolean {
  return repository !== undefined && repository.immutability === undefined
}

/** The ECR repositories of the containers that are named by tag, by the URI that the images use. */
async function readRepositories(
  world: World,
  known: readonly EcrRepository[],
  others: readonly NamedImage[]
): Promise<ReadonlyMap<string, EcrRepository>> {
  const repositories = new Map(known.map(repository => [repository.uri, repository]))
  const unknown = new Set<string>()
  for (const { image } of others) {
    const { repository: uri, digest, tag } = splitImage(image)
    if (digest === undefined && tag !== undefined && !repositories.has(uri)) unknown.add(uri)
  }
  const read = async (uri: string): Promise<void> => {
    const located = await locateRepository(world, parseRepository(uri)).catch(absentAsUndefined)
    if (located !== undefined) repositories.set(uri, located.repository)
  }
  await Promise.all([...unknown].map(read))
  return repositories
}

/** That a repository is not there is told with its image. */
function absentAsUndefined(error: unknown): undefined {
  if (error instanceof Failure && error.code === 'repository-not-found') return undefined
  throw error
}

function hostOf(uri: string): string {
  return uri.slice(0, Math.max(0, uri.indexOf('/')))
}

function describe({ container, image: written, reason }: MutableImage): string {
  const image = withoutLogin(written)
  switch (reason) {
    case 'latest':
      return `container ${container} uses ${image}, a tag that moves`
    case 'no-tag':
      return `container ${container} uses ${image} without a tag, which means latest`
    case 'tag-can-move':
      return `container ${container} uses ${image}, a tag that its repository lets move`
    case 'no-digest':
      return `container ${container} uses ${image}, in which no whole digest follows the @`
    case 'login':
      return `container ${container} uses ${image}, with a login, which belongs into its repositoryCredentials`
  }
}
