import type { Ecr } from '../../cloud/ecr/ecr.ts'
import { EcrFault } from '../../cloud/ecr/fault.ts'
import { deleteImage, findImage, negotiate } from '../../cloud/ecr/find-image.ts'
import type { Image, ImageId, Repository } from '../../cloud/ecr/repository.ts'
import type { JsonObject, Operation } from '../operation.ts'
import { imageIds, page, refusePaging, requiredText, structure, text, texts } from './input.ts'
import { repositoryOf } from './repositories.ts'

const MS_PER_SECOND = 1000

/** The operations on images. */
export function imageOperations(ecr: Ecr): Record<string, Operation> {
  return {
    DescribeImages: input => describeImages(ecr, input),
    ListImages: input => listImages(ecr, input),
    BatchGetImage: input => batchGetImage(ecr, input),
    BatchDeleteImage: input => batchDeleteImage(ecr, input),
    PutImage: input => putImage(ecr, input)
  }
}

function describeImages(ecr: Ecr, input: JsonObject): JsonObject {
  const repository = repositoryOf(ecr, input)
  const ids = imageIds(input)
  if (ids !== undefined) {
    refusePaging(input, 'imageIds')
    const found = new Set(ids.map(id => requiredImage(repository, id)))
    return { imageDetails: [...found].map(image => imageDetail(repository, image)) }
  }
  const { items, ...next } = page(input, filtered(repository, structure(input, 'filter')))
  return { imageDetails: items.map(image => imageDetail(repository, image)), ...next }
}

function listImages(ecr: Ecr, input: JsonObject): JsonObject {
  const repository = repositoryOf(ecr, input)
  const ids = filtered(repository, structure(input, 'filter')).flatMap(({ digest }) => allIds(repository, digest))
  const { items, ...next } = page(input, ids)
  return { imageIds: items.map(id => ({ ...id })), ...next }
}

function batchGetImage(ecr: Ecr, input: JsonObject): JsonObject {
  const repository = repositoryOf(ecr, input)
  const accepted = texts(input, 'acceptedMediaTypes') ?? []
  const images: JsonObject[] = []
  const failures: JsonObject[] = []
  for (const id of imageIds(input) ?? []) {
    const search = findImage(repository, id)
    if (search.kind === 'failed') {
      failures.push({ imageId: { ...id }, failureCode: search.code, failureReason: search.reason })
    } else if (search.image.status === 'ARCHIVED') {
      const failureReason = 'The requested image is archived and cannot be pulled'
      failures.push({ imageId: { ...id }, failureCode: 'ImageInaccessible', failureReason })
    } else {
      const image = negotiate(repository, search.image, id, accepted)
      image.lastPulledAt = ecr.timeline.now()
      images.push(imageDocument(repository, image, id.imageTag))
    }
  }
  return { images, failures }
}

function batchDeleteImage(ecr: Ecr, input: JsonObject): JsonObject {
  const repository = repositoryOf(ecr, input)
  const deleted: JsonObject[] = []
  const failures: JsonObject[] = []
  for (const id of imageIds(input) ?? []) {
    const outcome = deleteImage(repository, id)
    if ('deleted' in outcome) deleted.push(...outcome.deleted.map(gone => ({ ...gone })))
    else failures.push({ imageId: { ...id }, failureCode: outcome.code, failureReason: outcome.reason })
  }
  return { imageIds: deleted, failures }
}

async function putImage(ecr: Ecr, input: JsonObject): Promise<JsonObject> {
  const repository = repositoryOf(ecr, input)
  const mediaType = text(input, 'imageManifestMediaType')
  const tag = text(input, 'imageTag')
  const digest = text(input, 'imageDigest')
  const image = await ecr.putImage(repository, {
    text: requiredText(input, 'imageManifest'),
    ...(mediaType !== undefined && { mediaType }),
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest })
  })
  return { image: imageDocument(repository, image, tag) }
}

/** The image that an id names, or ECR's ImageNotFoundException. */
export function requiredImage(repository: Repository, id: ImageId): Image {
  const image = repository.find(id)
  if (image !== undefined) return image
  throw new EcrFault(
    'ImageNotFound',
    `The image with imageId ${written(id)} does not exist within the repository with name '${repository.name}' in the registry with id '${repository.registryId}'`
  )
}

/** An image id as ECR prints it. */
export function written(id: ImageId): string {
  return `{imageDigest:'${id.imageDigest ?? 'null'}', imageTag:'${id.imageTag ?? 'null'}'}`
}

/** Archived images are listed only when asked for, although their tags are still taken. */
function filtered(repository: Repository, filter: JsonObject): Image[] {
  const tagStatus = text(filter, 'tagStatus') ?? 'ANY'
  const imageStatus = text(filter, 'imageStatus') ?? 'ACTIVE'
  return repository.images().filter(image => {
    const isTagged = repository.tagsOf(image.digest).length > 0
    if (tagStatus !== 'ANY' && isTagged !== (tagStatus === 'TAGGED')) return false
    return imageStatus === 'ANY' || imageStatus === image.status
  })
}

function allIds(repository: Repository, imageDigest: string): ImageId[] {
  const tags = repository.tagsOf(imageDigest)
  return tags.length === 0 ? [{ imageDigest }] : tags.map(imageTag => ({ imageDigest, imageTag }))
}

function imageDocument(repository: Repository, image: Image, imageTag: string | undefined): JsonObject {
  return {
    registryId: repository.registryId,
    repositoryName: repository.name,
    imageId: { imageDigest: image.digest, ...(imageTag !== undefined && { imageTag }) },
    imageManifest: image.text,
    imageManifestMediaType: image.manifest.mediaType
  }
}

function imageDetail(repository: Repository, image: Image): JsonObject {
  const { manifest, lastPulledAt } = image
  const tags = repository.tagsOf(image.digest)
  const artifactMediaType = manifest.artifactType ?? (manifest.kind === 'image' ? manifest.config.mediaType : undefined)
  return {
    registryId: repository.registryId,
    repositoryName: repository.name,
    imageDigest: image.digest,
    ...(tags.length > 0 && { imageTags: tags }),
    imageSizeInBytes: sizeOf(repository, image),
    imagePushedAt: image.pushedAt / MS_PER_SECOND,
    imageManifestMediaType: manifest.mediaType,
    ...(artifactMediaType !== undefined && { artifactMediaType }),
    ...(lastPulledAt !== undefined && { lastRecordedPullTime: lastPulledAt / MS_PER_SECOND }),
    ...(manifest.subject !== undefined && { subjectManifestDigest: manifest.subject }),
    imageStatus: image.status
  }
}

/** Bytes of an image as stored; of an index, those of its largest image. */
function sizeOf(repository: Repository, image: Image): number {
  const { manifest } = image
  if (manifest.kind === 'image') return manifest.layers.reduce((sum, layer) => sum + layer.size, manifest.config.size)
  const children = manifest.children.map(child => repository.find({ imageDigest: child.digest }))
  return Math.max(0, ...children.map(child => (child === undefined ? 0 : sizeOf(repository, child))))
}
