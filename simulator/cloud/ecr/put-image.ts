import type { BlobStore } from './blobs.ts'
import { readConfig, type ImageTraits } from './config.ts'
import { digestOf } from './digest.ts'
import { EcrFault, invalidParameter } from './fault.ts'
import { readManifest, type Manifest } from './manifest.ts'
import type { Image, Repository } from './repository.ts'

const MAX_CONFIG_BYTES = 4 * 1024 * 1024

/** The tags that an image reference can name (OCI distribution specification). */
export const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/

/** A manifest as a client hands it in. */
export interface ImagePut {
  readonly text: string
  readonly mediaType?: string
  readonly tag?: string
  /** The digest that the client expects. */
  readonly digest?: string
}

/**
 * Stores a manifest whose layers and children are all there, and tags it. Everything is checked after the last await, so
 * that of two racing calls for one immutable tag exactly one wins.
 */
export async function putImage(repository: Repository, blobs: BlobStore, put: ImagePut, now: number): Promise<Image> {
  const manifest = readManifest(put.text, put.mediaType)
  const digest = digestOf(put.text)
  if (put.digest !== undefined && put.digest !== digest) {
    throw new EcrFault(
      'ImageDigestDoesNotMatch',
      `The digest '${put.digest}' does not match the digest '${digest}' calculated by Amazon ECR for the image manifest`
    )
  }
  if (put.tag !== undefined && !TAG.test(put.tag)) {
    throw invalidParameter('imageTag', `Member must satisfy regular expression pattern: ${TAG.source}`)
  }
  const traits = await readTraits(repository, blobs, manifest)
  checkReferences(repository, manifest)
  const image: Image = { digest, text: put.text, manifest, pushedAt: now, status: 'ACTIVE', ...traits }
  return repository.put(image, put.tag)
}

async function readTraits(repository: Repository, blobs: BlobStore, manifest: Manifest): Promise<ImageTraits> {
  if (manifest.kind === 'index') return { behaviour: 'healthy' }
  const { digest } = manifest.config
  if (!repository.layers.has(digest) || (blobs.size(digest) ?? 0) > MAX_CONFIG_BYTES) return { behaviour: 'healthy' }
  return readConfig(await blobs.read(digest))
}

/** Refuses a manifest that names what this repository does not hold. */
function checkReferences(repository: Repository, manifest: Manifest): void {
  const where = `the repository with name '${repository.name}' in the registry with id '${repository.registryId}'`
  if (manifest.kind === 'index') {
    const missing = manifest.children.find(child => repository.find({ imageDigest: child.digest }) === undefined)
    if (missing === undefined) return
    throw new EcrFault(
      'ReferencedImagesNotFound',
      `Images with digests '[${missing.digest}]' required for pushing image into ${where} don't exist`
    )
  }
  const layers = manifest.layers.filter(layer => !isForeign(layer.mediaType))
  const missing = [manifest.config, ...layers].find(layer => !repository.layers.has(layer.digest))
  if (missing === undefined) return
  throw new EcrFault(
    'LayersNotFound',
    `Layers with digests '[${missing.digest}]' required for pushing image into ${where} don't exist`
  )
}

/** Layers that may not be redistributed stay where they are, as those of Windows base images. */
function isForeign(mediaType: string): boolean {
  return mediaType.includes('.foreign.') || mediaType.includes('.nondistributable.')
}
