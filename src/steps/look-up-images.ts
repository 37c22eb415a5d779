import { parseEcrHost } from '../decide/image/ecr-host.ts'
import { acceptableDigests, knownPlatforms } from '../decide/image/manifest.ts'
import { parseRepository } from '../decide/image/reference.ts'
import { textAt, type JsonObject } from '../decide/json.ts'
import type { ContainerImage, ImageState } from '../decide/service/preflight/images.ts'
import { containersOf } from '../decide/task/document.ts'
import { splitImage } from '../decide/task/image.ts'
import { Failure, isAwsError } from '../failure.ts'
import type { FoundImage, ImageId } from '../io/aws/ecr.ts'
import type { World } from '../world.ts'
import { readManifest } from './find-image.ts'

/** A container and the image it names. */
export type NamedImage = Pick<ContainerImage, 'container' | 'image'>

/** The containers of a revision and their images. */
export function imagesOf(document: JsonObject): readonly NamedImage[] {
  return containersOf(document).map(container => ({
    container: textAt(container, 'name') ?? '',
    image: textAt(container, 'image') ?? ''
  }))
}

/** Whether an image lies in ECR, by its host; `hosts` are hosts that are known to be ECR's. */
export function isInEcr(image: string, hosts: ReadonlySet<string> = new Set()): boolean {
  const host = image.slice(0, Math.max(0, image.indexOf('/')))
  return parseEcrHost(host) !== undefined || hosts.has(host)
}

/**
 * What ECR says of images that lie there, in one call a repository. Missing rights and repositories are part of the
 * answer; everything else fails as it is.
 */
export async function lookUpImages(world: World, images: readonly NamedImage[]): Promise<readonly ContainerImage[]> {
  const byRepository = new Map<string, NamedImage[]>()
  for (const named of images) {
    const { repository } = splitImage(named.image)
    byRepository.set(repository, [...(byRepository.get(repository) ?? []), named])
  }
  const found = await Promise.all([...byRepository].map(([uri, inIt]) => lookUpIn(world, uri, inIt)))
  return found.flat()
}

async function lookUpIn(world: World, uri: string, images: readonly NamedImage[]): Promise<readonly ContainerImage[]> {
  const { registry = '', repository } = parseRepository(uri)
  const host = parseEcrHost(registry)
  const ecr = await world.ecr(host?.region ?? world.region, host?.account)
  try {
    const found = await ecr.findImages(
      repository,
      images.map(({ image }) => nameOf(image))
    )
    return images.map((named, index) => ({ ...named, state: stateOf(found[index]) }))
  } catch (error) {
    const state = stateAfter(error)
    return images.map(named => ({ ...named, state }))
  }
}

/**
 * The digests with which ECS may report a task that runs the image of a digest in ECR: its own and its platforms'. Throws
 * Failure where it cannot be read, as for an image that lies elsewhere.
 */
export async function readDigests(world: World, uri: string, digest: string): Promise<readonly string[]> {
  if (!isInEcr(uri)) throw new Failure('not-all-seen', `what platforms ${uri}@${digest} has is not to be read`)
  const { registry = '', repository } = parseRepository(uri)
  const host = parseEcrHost(registry)
  const ecr = await world.ecr(host?.region ?? world.region, host?.account)
  const stored = await ecr.findImage(repository, { digest })
  const manifest = stored === undefined ? undefined : readManifest(stored)
  return manifest === undefined ? [digest] : [...acceptableDigests(manifest)]
}

/** As ECS reads it: the digest counts, and nothing means latest. */
function nameOf(image: string): ImageId {
  const { tag = 'latest', digest } = splitImage(image)
  return digest === undefined ? { tag } : { digest }
}

function stateOf(found: FoundImage | undefined): ImageState {
  switch (found?.kind) {
    case 'there': {
      const manifest = readManifest(found.stored)
      return { kind: 'there', platforms: manifest?.kind === 'index' ? knownPlatforms(manifest) : undefined }
    }
    case 'missing':
    case 'archived':
      return { kind: found.kind }
    case 'unread':
    case undefined:
      return { kind: 'unread', why: found?.why ?? 'ECR said nothing', remedy: 'look at the image in ECR' }
  }
}

function stateAfter(error: unknown): ImageState {
  if (isAwsError(error, 'RepositoryNotFoundException')) return { kind: 'no-repository' }
  if (error instanceof Failure && error.code === 'access-denied') {
    return { kind: 'unread', why: error.message, remedy: error.remedy ?? '' }
  }
  throw error
}
