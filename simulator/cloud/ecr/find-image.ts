import { DIGEST } from './digest.ts'
import { childFor, isIndexType } from './manifest.ts'
import type { Image, ImageId, Repository } from './repository.ts'

/** Why an image that was asked for is not in the answer, in ECR's code and words. */
export interface ImageFailure {
  readonly code: string
  readonly reason: string
}

export type ImageSearch =
  { readonly kind: 'found'; readonly image: Image } | ({ readonly kind: 'failed' } & ImageFailure)

/** The platform that a client gets which takes no index: the one every registry picks for old clients. */
const DEFAULT_PLATFORM = { os: 'linux', architecture: 'amd64' }

/** The image that an id names, or why there is none. */
export function findImage(repository: Repository, id: ImageId): ImageSearch {
  const { imageTag, imageDigest } = id
  if (imageTag === undefined && imageDigest === undefined) {
    return failed('MissingDigestAndTag', 'Invalid request parameters: both tag and digest cannot be null')
  }
  if (imageDigest !== undefined && !DIGEST.test(imageDigest)) {
    return failed(
      'InvalidImageDigest',
      `Invalid request parameters: image digest should satisfy the regex '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'`
    )
  }
  const image = repository.find(id)
  if (image !== undefined) return { kind: 'found', image }
  const tagged = imageTag === undefined ? undefined : repository.find({ imageTag })
  if (tagged !== undefined && imageDigest !== undefined) {
    return failed(
      'ImageTagDoesNotMatchDigest',
      'Invalid request parameters: given tag does not map to the given digest'
    )
  }
  return failed('ImageNotFound', 'Requested image not found')
}

/**
 * What ECR hands to a client that takes only `accepted` media types. Named by digest, an image is never changed; named
 * by tag, an index becomes the image for linux/amd64 when the client does not take indexes. An empty list takes all.
 */
export function negotiate(repository: Repository, image: Image, id: ImageId, accepted: readonly string[]): Image {
  const { manifest } = image
  const takesIt = accepted.length === 0 || accepted.includes('*/*') || accepted.includes(manifest.mediaType)
  if (id.imageDigest !== undefined || !isIndexType(manifest.mediaType) || takesIt) return image
  const child = childFor(manifest, DEFAULT_PLATFORM)
  return (child && repository.find({ imageDigest: child.digest })) ?? image
}

/** Deletes what an id names: a tag, with the image when it was the last tag, or an image with all its tags. */
export function deleteImage(repository: Repository, id: ImageId): { readonly deleted: ImageId[] } | ImageFailure {
  const search = findImage(repository, id)
  if (search.kind === 'failed') return search
  const { digest } = search.image
  const tags = repository.tagsOf(digest)
  const goes = id.imageTag === undefined || tags.length === 1
  const indexes = goes ? repository.indexesWith(digest) : []
  if (indexes.length > 0) {
    return {
      code: 'ImageReferencedByManifestList',
      reason: `Requested image referenced by manifest list: [${indexes.join(', ')}]`
    }
  }
  if (id.imageTag !== undefined) {
    repository.untag(id.imageTag)
    return { deleted: [{ imageDigest: digest, imageTag: id.imageTag }] }
  }
  repository.remove(digest)
  if (tags.length === 0) return { deleted: [{ imageDigest: digest }] }
  return { deleted: tags.map(imageTag => ({ imageDigest: digest, imageTag })) }
}

function failed(code: string, reason: string): ImageSearch {
  return { kind: 'failed', code, reason }
}
