import { Failure } from '../../failure.ts'
import { isObject, memberOf, objectsOf, textAt, type Json, type JsonObject } from '../json.ts'
import { isDigest, type Digest } from './reference.ts'

/** What a manifest says of something that belongs to it; `size` in bytes. */
export interface Descriptor {
  readonly digest: Digest
  readonly size: number
  readonly mediaType: string | undefined
}

/** Everything that has to be in a registry before it takes a manifest: other manifests, or blobs. */
export interface ManifestContents {
  readonly children: readonly Descriptor[]
  /** The config and the layers, each digest once. */
  readonly blobs: readonly Descriptor[]
  /** How many layers are left to their own servers: those that may not be distributed. */
  readonly foreignLayers: number
}

/** ECR takes no larger manifest, in bytes; https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImage.html */
export const LARGEST_MANIFEST_BYTES = 4_194_304

/**
 * Reads what a manifest names, be it an index, an image or an artifact. Fails with `image-not-found` when it is of
 * Docker's first format, whose digest no copy could keep, or names something without a sha256 digest and a size.
 */
export function readContents(text: string, digest: string): ManifestContents {
  const document = parseDocument(text, digest)
  const children = memberOf(document, 'manifests')
  if (children !== undefined) {
    return {
      children: distinct(objectsOf(children).map(child => readDescriptor(child, digest))),
      blobs: [],
      foreignLayers: 0
    }
  }
  const config = memberOf(document, 'config')
  const layers = objectsOf(memberOf(document, 'layers'))
  if (!isObject(config)) throw unfit(digest, 'it names neither manifests nor a config')
  const own = layers.filter(layer => !isForeign(layer))
  return {
    children: [],
    blobs: distinct([config, ...own].map(blob => readDescriptor(blob, digest))),
    foreignLayers: layers.length - own.length
  }
}

function parseDocument(text: string, digest: string): JsonObject {
  let document: Json
  try {
    document = JSON.parse(text) as Json
  } catch (cause) {
    throw unfit(digest, 'it is not JSON', cause)
  }
  if (!isObject(document)) throw unfit(digest, 'it is not a JSON object')
  if (memberOf(document, 'schemaVersion') !== 2) throw unfit(digest, 'it has the format of Docker before 2016')
  return document
}

function readDescriptor(value: JsonObject, digest: string): Descriptor {
  const own = textAt(value, 'digest') ?? ''
  const size = memberOf(value, 'size')
  if (!isDigest(own)) throw unfit(digest, 'it names something without a sha256 digest')
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
    throw unfit(digest, `it gives ${own} no size`)
  return { digest: own, size, mediaType: textAt(value, 'mediaType') }
}

/** Layers of Windows base images used to be kept on Microsoft's servers only; the manifest says where. */
function isForeign(layer: JsonObject): boolean {
  const type = textAt(layer, 'mediaType') ?? ''
  return /foreign|nondistributable/.test(type) && objectsOrTexts(memberOf(layer, 'urls')) > 0
}

function objectsOrTexts(value: Json | undefined): number {
  return Array.isArray(value) ? value.length : 0
}

function distinct(descriptors: readonly Descriptor[]): readonly Descriptor[] {
  return [...new Map(descriptors.map(descriptor => [descriptor.digest, descriptor])).values()]
}

function unfit(digest: string, why: string, cause?: unknown): Failure {
  return new Failure('image-not-found', `the manifest ${digest} cannot be copied: ${why}`, {
    remedy: 'only what is in the OCI format, or in that of Docker since 2016, can be copied',
    cause
  })
}
