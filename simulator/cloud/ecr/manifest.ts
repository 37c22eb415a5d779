import type { Platform } from '../images.ts'
import { DIGEST } from './digest.ts'
import { invalidParameter } from './fault.ts'

export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json'
export const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json'
export const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json'

/** What a manifest says about one thing it names. */
export interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly platform?: Platform
}

interface ManifestCommon {
  readonly mediaType: string
  readonly artifactType?: string
  /** Digest of the image that this artifact says something about. */
  readonly subject?: string
}

/** A manifest as far as a registry has to understand it. */
export type Manifest =
  | (ManifestCommon & {
      readonly kind: 'image'
      readonly config: Descriptor
      readonly layers: readonly Descriptor[]
    })
  | (ManifestCommon & { readonly kind: 'index'; readonly children: readonly Descriptor[] })

/** Is this the media type of an index, the kind of manifest that names other manifests? */
export function isIndexType(mediaType: string): boolean {
  return mediaType === OCI_INDEX || mediaType === DOCKER_LIST
}

/** Is this the media type of a manifest that a registry stores? */
export function isManifestType(mediaType: string): boolean {
  return isIndexType(mediaType) || mediaType === OCI_MANIFEST || mediaType === DOCKER_MANIFEST
}

/**
 * Reads a manifest, or refuses it as ECR does. OCI leaves the media type inside the manifest optional; without it there
 * and without `declaredType` ECR calls the whole text invalid JSON.
 */
export function readManifest(text: string, declaredType: string | undefined): Manifest {
  const document = parseObject(text)
  const mediaType = declaredType ?? textMember(document, 'mediaType')
  if (document === undefined || mediaType === undefined) throw malformed('Invalid JSON syntax')
  if (!isManifestType(mediaType)) throw malformed(`Unsupported media type '${mediaType}'`)
  const inside = textMember(document, 'mediaType')
  if (inside !== undefined && inside !== mediaType) throw malformed(`Media type is '${inside}', not '${mediaType}'`)
  const artifactType = textMember(document, 'artifactType')
  const subject = document.subject === undefined ? undefined : descriptor(document.subject).digest
  const common = {
    mediaType,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(subject === undefined ? {} : { subject })
  }
  if (isIndexType(mediaType)) return { ...common, kind: 'index', children: descriptors(document.manifests) }
  return { ...common, kind: 'image', config: descriptor(document.config), layers: descriptors(document.layers) }
}

/** The entry of an index that runs on `platform`; attestations have the platform `unknown` and never do. */
export function childFor(manifest: Manifest, platform: Platform): Descriptor | undefined {
  if (manifest.kind !== 'index') return undefined
  return manifest.children.find(child => isSamePlatform(child.platform, platform))
}

/** Do both name the same operating system and architecture? */
export function isSamePlatform(a: Platform | undefined, b: Platform): boolean {
  return a !== undefined && a.os === b.os && a.architecture === b.architecture
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(text)
    return isObject(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}

function descriptors(value: unknown): Descriptor[] {
  if (!Array.isArray(value)) throw malformed('Invalid JSON syntax')
  return value.map(descriptor)
}

function descriptor(value: unknown): Descriptor {
  if (!isObject(value)) throw malformed('Invalid JSON syntax')
  const { mediaType, digest, size } = value
  if (typeof mediaType !== 'string' || typeof digest !== 'string' || typeof size !== 'number' || !DIGEST.test(digest)) {
    throw malformed('Invalid JSON syntax')
  }
  const { platform } = value
  if (!isObject(platform)) return { mediaType, digest, size }
  const { os, architecture } = platform
  if (typeof os !== 'string' || typeof architecture !== 'string') return { mediaType, digest, size }
  return { mediaType, digest, size, platform: { os, architecture } }
}

function textMember(document: Readonly<Record<string, unknown>> | undefined, member: string): string | undefined {
  const value = document?.[member]
  return typeof value === 'string' && value !== '' ? value : undefined
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function malformed(constraint: string): Error {
  return invalidParameter('ImageManifest', constraint)
}
