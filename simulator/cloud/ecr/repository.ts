import type { Behaviour, Platform } from '../images.ts'
import { EcrFault } from './fault.ts'
import type { Manifest } from './manifest.ts'
import { isTagImmutable, type TagPolicy } from './mutability.ts'
import type { ScanTraits } from './scan.ts'

const MAX_TAGS_PER_IMAGE = 1000

/** One stored manifest: an image, an index of images, or an artifact. */
export interface Image {
  readonly digest: string
  /** The manifest byte for byte as it was pushed. */
  readonly text: string
  readonly manifest: Manifest
  readonly pushedAt: number
  readonly platform?: Platform
  readonly behaviour: Behaviour
  lastPulledAt?: number
  /** What a scan of it would find; nothing when left out. */
  readonly scan?: ScanTraits
  /** When its last scan began, epoch milliseconds; absent when there was none. */
  scannedAt?: number
  status: 'ACTIVE' | 'ARCHIVED'
}

/** What names an image: a tag, a digest, or both. */
export interface ImageId {
  readonly imageTag?: string
  readonly imageDigest?: string
}

/** A repository with its images, tags and layers. The rules about tags are kept here, whichever API asks. */
export class Repository {
  readonly name: string
  readonly registryId: string
  readonly createdAt: number
  readonly scanOnPush: boolean
  readonly encryption: Readonly<Record<string, string>>
  /** Digests of the layers and configs that this repository may serve. */
  readonly layers = new Set<string>()
  policy: TagPolicy
  /** The lifecycle policy as it was given, if there is one. */
  lifecyclePolicy: string | undefined
  readonly #images = new Map<string, Image>()
  readonly #tags = new Map<string, string>()
  /** The same the other way round: a repository may have a hundred thousand. */
  readonly #tagsByDigest = new Map<string, Set<string>>()

  constructor(settings: {
    name: string
    registryId: string
    createdAt: number
    policy: TagPolicy
    scanOnPush?: boolean
    encryption?: Readonly<Record<string, string>>
    lifecyclePolicy?: string
  }) {
    this.name = settings.name
    this.registryId = settings.registryId
    this.createdAt = settings.createdAt
    this.policy = settings.policy
    this.scanOnPush = settings.scanOnPush ?? false
    this.lifecyclePolicy = settings.lifecyclePolicy
    this.encryption = settings.encryption ?? { encryptionType: 'AES256' }
  }

  /** Every image, in the order of their push. */
  images(): Image[] {
    return [...this.#images.values()]
  }

  /** The image that a tag or digest names; with both, the one that has both. */
  find(id: ImageId): Image | undefined {
    const digest = id.imageTag === undefined ? id.imageDigest : this.#tags.get(id.imageTag)
    if (digest === undefined || (id.imageDigest !== undefined && id.imageDigest !== digest)) return undefined
    return this.#images.get(digest)
  }

  /** Every tag with the digest it points at. */
  tags(): ReadonlyMap<string, string> {
    return this.#tags
  }

  tagsOf(digest: string): string[] {
    return [...(this.#tagsByDigest.get(digest) ?? [])]
  }

  /** Digests of the indexes that name this manifest. */
  indexesWith(digest: string): string[] {
    return this.images()
      .filter(({ manifest }) => manifest.kind === 'index' && manifest.children.some(child => child.digest === digest))
      .map(image => image.digest)
  }

  /** Stores an image and points `tag` at it, or refuses as ECR does and changes nothing. */
  put(image: Image, tag: string | undefined): Image {
    const stored = this.#images.get(image.digest)
    if (tag === undefined) {
      if (stored !== undefined) throw this.#alreadyExists(image.digest, tag)
    } else {
      this.#checkTag(tag, image.digest)
      this.#point(tag, image.digest)
    }
    if (stored !== undefined) return stored
    this.#images.set(image.digest, image)
    return image
  }

  /** Removes one tag, and the image with it when that was its last one. */
  untag(tag: string): void {
    const digest = this.#tags.get(tag)
    this.#drop(tag)
    if (digest !== undefined && this.tagsOf(digest).length === 0) this.#images.delete(digest)
  }

  /** Removes an image with all its tags. */
  remove(digest: string): void {
    for (const tag of this.tagsOf(digest)) this.#drop(tag)
    this.#images.delete(digest)
  }

  #point(tag: string, digest: string): void {
    this.#drop(tag)
    this.#tags.set(tag, digest)
    const others = this.#tagsByDigest.get(digest)
    if (others === undefined) this.#tagsByDigest.set(digest, new Set([tag]))
    else others.add(tag)
  }

  #drop(tag: string): void {
    const digest = this.#tags.get(tag)
    this.#tags.delete(tag)
    if (digest !== undefined) this.#tagsByDigest.get(digest)?.delete(tag)
  }

  #checkTag(tag: string, digest: string): void {
    const current = this.#tags.get(tag)
    // ECR says so even when the tag points at this very digest, so that clients have to look for themselves.
    if (current !== undefined && isTagImmutable(this.policy, tag)) {
      throw new EcrFault(
        'ImageTagAlreadyExists',
        `The image tag '${tag}' already exists in the '${this.name}' repository and cannot be overwritten because the tag is immutable.`
      )
    }
    if (current === digest) throw this.#alreadyExists(digest, tag)
    if ((this.#tagsByDigest.get(digest)?.size ?? 0) >= MAX_TAGS_PER_IMAGE) {
      throw new EcrFault(
        'LimitExceeded',
        `Adding tag '${tag}' to an image in the repository with name '${this.name}' in registry with id '${this.registryId}' exceeds the maximum allowed number of tags per image which is '${MAX_TAGS_PER_IMAGE}'`
      )
    }
  }

  #alreadyExists(digest: string, tag: string | undefined): EcrFault {
    return new EcrFault(
      'ImageAlreadyExists',
      `Image with digest '${digest}' and tag '${tag ?? 'null'}' already exists in the repository with name '${this.name}' in registry with id '${this.registryId}'`
    )
  }
}
