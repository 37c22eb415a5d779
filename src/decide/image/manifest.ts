import { Failure } from '../../failure.ts'
import { isList, isObject, type Json, type JsonObject } from '../json.ts'
import { type Digest, isDigest } from './reference.ts'

/** Operating system and processor as OCI names them, e.g. `linux` and `arm64`. */
export interface ImagePlatform {
  readonly os: string
  readonly architecture: string
  readonly variant?: string
}

/** One platform's image inside an index. */
export interface PlatformManifest {
  readonly digest: Digest
  readonly platform: ImagePlatform | undefined
  /** Set for an index inside the index, which OCI allows: the images of its platforms are one deeper. */
  readonly isIndex?: true
}

/** What a digest names in a registry: one platform's image, or an index of several. */
export type ImageManifest = IndexManifest | SingleManifest

/** An OCI index or a Docker manifest list; attestations are left out of its platforms. */
export interface IndexManifest {
  readonly kind: 'index'
  readonly digest: Digest
  readonly mediaType: string
  readonly platforms: readonly PlatformManifest[]
}

/** One platform's image; which platform it is for stands in its config. */
export interface SingleManifest {
  readonly kind: 'image'
  readonly digest: Digest
  readonly mediaType: string
  readonly config: Digest
}

const OCI_INDEX = 'application/vnd.oci.image.index.v1+json'
const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json'
const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json'
/** What all types of manifests begin with, and the general ones of file servers do not. */
const VENDOR_TYPES = 'application/vnd.'
const DOCKER_CONFIG = 'application/vnd.docker.container.image.v1+json'

/**
 * All the media types to ask a registry for. With the index types left out, ECR converts what a tag names into
 * something else, with another digest.
 */
export const MANIFEST_MEDIA_TYPES: readonly string[] = [OCI_INDEX, OCI_MANIFEST, DOCKER_LIST, DOCKER_MANIFEST]

/** Reads a manifest as the registry stores it; `mediaType` is what the registry says that it is. */
export function parseManifest(text: string, digest: Digest, mediaType?: string): ImageManifest {
  const document = parseObject(text, digest)
  const type = mediaTypeOf(document, mediaType)
  if (type === undefined) throw unreadable(digest, 'it has the format of Docker before 2016')
  if (isIndexType(type)) {
    return { kind: 'index', digest, mediaType: type, platforms: readPlatforms(document, digest) }
  }
  if (type === OCI_MANIFEST || type === DOCKER_MANIFEST) {
    const config = isObject(document.config) ? document.config.digest : undefined
    if (typeof config !== 'string' || !isDigest(config)) throw unreadable(digest, 'it names no config')
    return { kind: 'image', digest, mediaType: type, config }
  }
  throw unreadable(digest, `its media type is '${type}', which is no container image`)
}

/**
 * The media type of a manifest: what its registry says, else what the manifest says, else what it looks like. Registries
 * that are file servers call it text/plain or application/octet-stream, which ECR would take at its word; and OCI allows
 * a manifest without the field, which ECR refuses unless the type is passed beside it. Undefined when nothing tells.
 */
export function readMediaType(text: string, said: string | undefined): string | undefined {
  try {
    const value = JSON.parse(text) as Json
    return isObject(value) ? mediaTypeOf(value, said) : said
  } catch {
    return said
  }
}

/** Digests of the images of the platforms, without the index itself; an image without an index is its own. */
export function platformDigests(manifest: ImageManifest): readonly Digest[] {
  return manifest.kind === 'image' ? [manifest.digest] : manifest.platforms.map(({ digest }) => digest)
}

/** The digests with which ECS may report a task that runs this image: the index's, or one of its platforms'. */
export function acceptableDigests(manifest: ImageManifest): ReadonlySet<Digest> {
  return new Set([manifest.digest, ...platformDigests(manifest)])
}

/** The platforms of an index; undefined where one of its images does not say which it is for. */
export function knownPlatforms({ platforms }: IndexManifest): readonly ImagePlatform[] | undefined {
  const known = platforms.flatMap(({ platform }) => platform ?? [])
  return known.length === platforms.length ? known : undefined
}

/** Does an image of one platform run on another? A variant counts only where both name one. */
export function fits(platform: ImagePlatform, wanted: ImagePlatform): boolean {
  if (platform.os !== wanted.os || platform.architecture !== wanted.architecture) return false
  return platform.variant === undefined || wanted.variant === undefined || platform.variant === wanted.variant
}

/** `linux/arm64` or `linux/arm/v7`, as Docker writes it. */
export function formatPlatform({ os, architecture, variant }: ImagePlatform): string {
  return variant === undefined ? `${os}/${architecture}` : `${os}/${architecture}/${variant}`
}

function mediaTypeOf(document: JsonObject, said: string | undefined): string | undefined {
  if (said?.startsWith(VENDOR_TYPES) === true) return said
  if (typeof document.mediaType === 'string') return document.mediaType
  if (document.schemaVersion !== 2) return undefined
  if (Array.isArray(document.manifests)) return OCI_INDEX
  // Only OCI may leave the field out, but some clients write Docker's manifests without it all the same.
  const config = isObject(document.config) ? document.config.mediaType : undefined
  return config === DOCKER_CONFIG ? DOCKER_MANIFEST : OCI_MANIFEST
}

function readPlatforms(document: JsonObject, digest: Digest): readonly PlatformManifest[] {
  if (!isList(document.manifests)) throw unreadable(digest, 'it is an index without manifests')
  const platforms: PlatformManifest[] = []
  for (const child of document.manifests) {
    if (!isObject(child) || typeof child.digest !== 'string' || !isDigest(child.digest)) {
      throw unreadable(digest, 'one of its manifests has no digest')
    }
    if (isAttestation(child)) continue
    const isIndex = isIndexType(child.mediaType)
    platforms.push({ digest: child.digest, platform: readPlatform(child.platform), ...(isIndex && { isIndex }) })
  }
  return platforms
}

function isIndexType(type: Json | undefined): boolean {
  return type === OCI_INDEX || type === DOCKER_LIST
}

/** buildx stores provenance as one more "platform", unknown/unknown; a task that is given it cannot start. */
function isAttestation(child: JsonObject): boolean {
  if (isObject(child.annotations) && child.annotations['vnd.docker.reference.type'] !== undefined) return true
  return isObject(child.platform) && child.platform.os === 'unknown' && child.platform.architecture === 'unknown'
}

/** Reads the platform out of an index entry or an image config; undefined when it is not said. */
export function readPlatform(value: Json | undefined): ImagePlatform | undefined {
  if (!isObject(value)) return undefined
  const { os, architecture, variant } = value
  if (typeof os !== 'string' || typeof architecture !== 'string') return undefined
  return { os, architecture, ...(typeof variant === 'string' && variant !== '' ? { variant } : {}) }
}

function parseObject(text: string, digest: Digest): JsonObject {
  let value: Json
  try {
    value = JSON.parse(text) as Json
  } catch (cause) {
    throw unreadable(digest, 'it is not JSON', cause)
  }
  if (isObject(value)) return value
  throw unreadable(digest, 'it is not a JSON object')
}

function unreadable(digest: Digest, why: string, cause?: unknown): Failure {
  return new Failure('image-not-found', `the manifest ${digest} cannot be deployed: ${why}`, {
    remedy: 'build and push the image again',
    cause
  })
}
