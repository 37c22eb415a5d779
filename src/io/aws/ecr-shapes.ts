import { asObject, asString, objectsOf, textAt, type JsonObject } from '../../decide/json.ts'
import { Failure } from '../../failure.ts'
import type { EcrRepository, FoundImage, ImageId, ImageTag, StoredImage } from './ecr.ts'

/** Reads one element of DescribeRepositories. */
export function readRepository(repository: JsonObject, name: string): EcrRepository {
  return {
    name,
    uri: textAt(repository, 'repositoryUri') ?? '',
    immutability: {
      mode: textAt(repository, 'imageTagMutability') ?? 'MUTABLE',
      filters: objectsOf(repository['imageTagMutabilityExclusionFilters']).map(filter => ({
        filterType: textAt(filter, 'filterType') ?? '',
        filter: textAt(filter, 'filter') ?? ''
      }))
    }
  }
}

/** Reads what BatchGetImage says of each of the images that it was asked for, in their order. */
export function readFoundImages(
  answer: JsonObject,
  names: readonly ImageId[],
  repositoryName: string
): readonly FoundImage[] {
  const images = objectsOf(answer['images'])
  const failures = objectsOf(answer['failures'])
  const isOnly = names.length === 1
  return names.map(name => {
    const isThisOne = (candidate: JsonObject): boolean => isOnly || isNamed(candidate, name)
    const image = images.find(isThisOne)
    if (image !== undefined) return { kind: 'there', stored: readImage(image, repositoryName) }
    return readFailure(failures.find(isThisOne) ?? {})
  })
}

function readFailure(failure: JsonObject): FoundImage {
  const code = textAt(failure, 'failureCode') ?? 'no code'
  if (code === 'ImageNotFound') return { kind: 'missing' }
  if (code === 'ImageInaccessible') return { kind: 'archived' }
  const reason = textAt(failure, 'failureReason') ?? 'ECR returned neither the image nor a reason'
  return { kind: 'unread', why: `${reason} (${code})` }
}

function isNamed(document: JsonObject, name: ImageId): boolean {
  const id = asObject(document['imageId']) ?? {}
  return 'tag' in name ? textAt(id, 'imageTag') === name.tag : textAt(id, 'imageDigest') === name.digest
}

function readImage(image: JsonObject, repositoryName: string): StoredImage {
  const digest = digestOf(image)
  const manifest = textAt(image, 'imageManifest')
  if (digest === undefined || manifest === undefined) {
    throw new Failure(
      'aws-error',
      `ecr:BatchGetImage returned an image of ${repositoryName} without digest or manifest`
    )
  }
  return { digest, manifest, mediaType: textAt(image, 'imageManifestMediaType') }
}

/** The digest in the id of an image. */
export function digestOf(image: JsonObject | undefined): string | undefined {
  return asString(asObject(image?.['imageId'])?.['imageDigest'])
}

/** Reads one element of ListImages; an untagged image has none. */
export function readTag(id: JsonObject): readonly ImageTag[] {
  const tag = textAt(id, 'imageTag')
  const digest = textAt(id, 'imageDigest')
  return tag === undefined || digest === undefined ? [] : [{ tag, digest }]
}
