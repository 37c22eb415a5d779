import type { Platform } from '../images.ts'
import { digestOf } from './digest.ts'
import { OCI_INDEX, OCI_MANIFEST, type Descriptor } from './manifest.ts'
import { gzip, tar, type LayerFile } from './tar.ts'

const OCI_CONFIG = 'application/vnd.oci.image.config.v1+json'
const OCI_LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip'

/** Every image is of the same date, because the date is part of the digest. */
const CREATED = '1970-01-01T00:00:00Z'

/** What goes into an image. */
export interface ImageContents {
  readonly files: readonly LayerFile[]
  /** More than one makes an index. Default: linux/amd64. */
  readonly platforms?: readonly Platform[]
  readonly labels?: Readonly<Record<string, string>>
  readonly environment?: Readonly<Record<string, string>>
  readonly command?: readonly string[]
  readonly workingDirectory?: string
  /** TCP ports. */
  readonly ports?: readonly number[]
}

/** A finished image in memory, ready to be stored or pushed: blobs first, then children, then the manifest. */
export interface AssembledImage {
  readonly digest: string
  readonly mediaType: string
  readonly manifest: Buffer
  /** The config and layers; none for an index. */
  readonly blobs: readonly Buffer[]
  /** The images of an index; none for a single image. */
  readonly children: readonly AssembledImage[]
}

/** Builds a real OCI image from files, without Docker. The same contents give the same digests on every machine. */
export function assembleImage(contents: ImageContents): AssembledImage {
  const platforms = contents.platforms ?? [{ os: 'linux', architecture: 'amd64' }]
  const images = platforms.map(platform => ({ platform, image: assembleOne(contents, platform) }))
  const [first] = images
  if (first === undefined) throw new Error('an image needs at least one platform')
  if (images.length === 1) return first.image
  const manifests = images.map(({ platform, image }) => ({
    mediaType: image.mediaType,
    digest: image.digest,
    size: image.manifest.length,
    platform: { architecture: platform.architecture, os: platform.os }
  }))
  const manifest = json({ schemaVersion: 2, mediaType: OCI_INDEX, manifests })
  const children = images.map(({ image }) => image)
  return { digest: digestOf(manifest), mediaType: OCI_INDEX, manifest, blobs: [], children }
}

function assembleOne(contents: ImageContents, platform: Platform): AssembledImage {
  const archive = tar(contents.files)
  const layer = gzip(archive)
  const config = json({
    created: CREATED,
    architecture: platform.architecture,
    os: platform.os,
    config: runConfig(contents),
    rootfs: { type: 'layers', diff_ids: [digestOf(archive)] },
    history: [{ created_by: 'assembled without Docker' }]
  })
  const manifest = json({
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: descriptorOf(OCI_CONFIG, config),
    layers: [descriptorOf(OCI_LAYER, layer)]
  })
  return { digest: digestOf(manifest), mediaType: OCI_MANIFEST, manifest, blobs: [config, layer], children: [] }
}

/** The part of a config that says how to run the image, in the spelling of the OCI image specification. */
function runConfig(contents: ImageContents): Readonly<Record<string, unknown>> {
  const { environment, command, workingDirectory, ports, labels } = contents
  return {
    ...(environment && { Env: Object.entries(environment).map(([name, value]) => `${name}=${value}`) }),
    ...(command && { Cmd: command }),
    ...(workingDirectory !== undefined && { WorkingDir: workingDirectory }),
    ...(ports && { ExposedPorts: Object.fromEntries(ports.map(port => [`${port}/tcp`, {}])) }),
    ...(labels && { Labels: labels })
  }
}

function descriptorOf(mediaType: string, bytes: Buffer): Descriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.length }
}

function json(document: unknown): Buffer {
  return Buffer.from(JSON.stringify(document))
}
