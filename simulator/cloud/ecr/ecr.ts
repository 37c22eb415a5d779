import type { Behaviour, ImageResolution, ImageSource, Platform } from '../images.ts'
import { DEFAULT_TIMINGS } from '../ecs/timings.ts'
import type { Timeline } from '../timeline.ts'
import type { World } from '../world.ts'
import { BlobStore } from './blobs.ts'
import { Credentials } from './credentials.ts'
import { EcrFault } from './fault.ts'
import { deleteImage, findImage } from './find-image.ts'
import { childFor, isSamePlatform } from './manifest.ts'
import type { ExclusionFilter, TagMutability } from './mutability.ts'
import { putImage, type ImagePut } from './put-image.ts'
import { parseReference } from './reference.ts'
import type { Repository } from './repository.ts'
import { type Image, type ImageId } from './repository.ts'
import { scanPushed, type Scanner } from './scan.ts'
import { seedRepository } from './seed.ts'
import { Uploads } from './uploads.ts'

const MS_PER_SECOND = 1000

/** Where and when a registry exists. */
export interface EcrOptions {
  readonly world: World
  readonly account: string
  readonly region: string
  readonly timeline: Timeline
  /** Host that repository URIs start with, e.g. `127.0.0.1:4321`. */
  readonly registryHost: string
}

/** Everything a registry holds, as plain data for whoever looks at the simulation. */
export interface EcrState {
  readonly repositories: readonly {
    readonly name: string
    readonly uri: string
    readonly imageTagMutability: TagMutability
    readonly exclusionFilters: readonly ExclusionFilter[]
    readonly images: readonly {
      readonly digest: string
      readonly mediaType: string
      readonly tags: readonly string[]
      readonly platforms: readonly Platform[]
      readonly behaviour: Behaviour
      readonly status: Image['status']
      readonly pushedAt: number
    }[]
  }[]
}

/** A registry with the world's repositories in it. */
export function createEcr(options: EcrOptions): Ecr {
  return new Ecr(options)
}

/** One account's registry in one region, shared by the ECR API, the OCI endpoint and the tasks that pull from it. */
export class Ecr implements ImageSource {
  readonly account: string
  readonly region: string
  readonly registryHost: string
  readonly timeline: Timeline
  readonly blobs = new BlobStore()
  readonly uploads = new Uploads(this.blobs)
  readonly credentials: Credentials
  readonly scanner: Scanner
  readonly #repositories = new Map<string, Repository>()

  constructor(options: EcrOptions) {
    this.account = options.account
    this.region = options.region
    this.registryHost = options.registryHost
    this.timeline = options.timeline
    this.credentials = new Credentials(options.timeline, options.account)
    const { scanType = 'BASIC', timings } = options.world
    this.scanner = { type: scanType, durationMs: (timings?.scanSeconds ?? DEFAULT_TIMINGS.scanSeconds) * MS_PER_SECOND }
    const now = this.timeline.now()
    for (const seed of options.world.repositories ?? []) {
      const repository = seedRepository(seed, this.blobs, this.account, now)
      this.addRepository(repository)
      for (const image of repository.images()) scanPushed(this.scanner, image, repository.scanOnPush, now)
    }
  }

  /** Every repository, by name. */
  repositories(): Repository[] {
    return [...this.#repositories.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** The repository with this name, or ECR's RepositoryNotFound, also for a registry of another account. */
  repository(name: string, registryId = this.account): Repository {
    const repository = registryId === this.account ? this.#repositories.get(name) : undefined
    if (repository !== undefined) return repository
    throw new EcrFault(
      'RepositoryNotFound',
      `The repository with name '${name}' does not exist in the registry with id '${registryId}'`
    )
  }

  addRepository(repository: Repository): void {
    const { name } = repository
    if (this.#repositories.has(name)) {
      throw new EcrFault(
        'RepositoryAlreadyExists',
        `The repository with name '${name}' already exists in the registry with id '${this.account}'`
      )
    }
    this.#repositories.set(name, repository)
  }

  /** Removes a repository; one with images only with `force`. */
  deleteRepository(repository: Repository, force: boolean): void {
    const { name } = repository
    if (!force && repository.images().length > 0) {
      throw new EcrFault(
        'RepositoryNotEmpty',
        `The repository with name '${name}' in registry with id '${this.account}' cannot be deleted because it still contains images`
      )
    }
    this.#repositories.delete(name)
  }

  /** Stores and tags a manifest. */
  async putImage(repository: Repository, put: ImagePut): Promise<Image> {
    const image = await putImage(repository, this.blobs, put, this.timeline.now())
    scanPushed(this.scanner, image, repository.scanOnPush, this.timeline.now())
    return image
  }

  /** What a task gets for the image of a container definition. A digest wins over a tag beside it, as in Docker. */
  resolve(reference: string, platform: Platform): ImageResolution {
    const { host, repository: name, tag, digest } = parseReference(reference)
    if (host !== this.registryHost) return { kind: 'unreachable' }
    const repository = this.#repositories.get(name)
    const image = repository?.find(digest === undefined ? { imageTag: tag ?? 'latest' } : { imageDigest: digest })
    if (repository === undefined || image?.status !== 'ACTIVE') return { kind: 'not-found' }
    if (image.manifest.kind === 'image') {
      if (!isSamePlatform(image.platform, platform)) return { kind: 'no-platform' }
      const { behaviour } = image
      return { kind: 'resolved', image: { digest: image.digest, platformDigest: image.digest, behaviour } }
    }
    const entry = childFor(image.manifest, platform)
    if (entry === undefined) return { kind: 'no-platform' }
    const child = repository.find({ imageDigest: entry.digest })
    if (child === undefined) return { kind: 'not-found' }
    const { behaviour } = child
    return { kind: 'resolved', image: { digest: image.digest, platformDigest: child.digest, behaviour } }
  }

  /** Somebody else deletes a tag (and the image with its last tag) or, by digest, an image. */
  deleteImage(repository: string, tagOrDigest: string): void {
    const outcome = deleteImage(this.repository(repository), imageId(tagOrDigest))
    if ('reason' in outcome) throw new EcrFault('InvalidParameter', outcome.reason)
  }

  /** Somebody else points a tag at another image of the repository; an immutable tag refuses as it does for everybody. */
  moveTag(repository: string, tag: string, to: string): void {
    const target = this.repository(repository)
    target.put(this.#image(target, to), tag)
  }

  /** Somebody else archives an image: it keeps its tags but is hidden and cannot be pulled. */
  archiveImage(repository: string, tagOrDigest: string): void {
    this.#image(this.repository(repository), tagOrDigest).status = 'ARCHIVED'
  }

  /** Everything there is, for `GET /_sim/state`. */
  state(): EcrState {
    return {
      repositories: this.repositories().map(repository => ({
        name: repository.name,
        uri: this.uri(repository),
        imageTagMutability: repository.policy.mutability,
        exclusionFilters: repository.policy.exclusions,
        images: repository.images().map(image => ({
          digest: image.digest,
          mediaType: image.manifest.mediaType,
          tags: repository.tagsOf(image.digest),
          platforms: platformsOf(image),
          behaviour: image.behaviour,
          status: image.status,
          pushedAt: image.pushedAt
        }))
      }))
    }
  }

  /** What image references to this repository start with. */
  uri(repository: Repository): string {
    return `${this.registryHost}/${repository.name}`
  }

  /** Removes what the registry keeps on disk. */
  close(): void {
    this.blobs.close()
  }

  #image(repository: Repository, tagOrDigest: string): Image {
    const search = findImage(repository, imageId(tagOrDigest))
    if (search.kind === 'found') return search.image
    throw new EcrFault('ImageNotFound', `${search.reason}: ${repository.name} ${tagOrDigest}`)
  }
}

function imageId(tagOrDigest: string): ImageId {
  return tagOrDigest.includes(':') ? { imageDigest: tagOrDigest } : { imageTag: tagOrDigest }
}

function platformsOf(image: Image): Platform[] {
  if (image.manifest.kind === 'image') return image.platform === undefined ? [] : [image.platform]
  return image.manifest.children.flatMap(child => child.platform ?? [])
}
