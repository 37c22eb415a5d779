import { ownRevision } from '../decide/image/conflict.ts'
import { parseImageConfig, type ImageConfig } from '../decide/image/config.ts'
import {
  acceptableDigests,
  knownPlatforms,
  parseManifest,
  platformDigests,
  type ImageManifest,
  type ImagePlatform
} from '../decide/image/manifest.ts'
import { isDigest, parseDigest } from '../decide/image/reference.ts'
import { closest, listed, quoted } from '../decide/wording.ts'
import { Failure } from '../failure.ts'
import type { EcrPort, EcrRepository, ImageId, StoredImage } from '../io/aws/ecr.ts'
import type { LocatedRepository } from './locate-repository.ts'

/** An image that is in its repository. */
export interface RunImage extends LocatedRepository {
  readonly stored: StoredImage
  /** Undefined for an artifact that is no container image. */
  readonly manifest: ImageManifest | undefined
  /** Digests that a task running this image may report: the image's own and, for an index, its platforms'. */
  readonly digests: readonly string[]
  /** The tag it was found by. */
  readonly foundBy: string | undefined
  /** What its config says, for an index that of its first platform; read when it is first asked for. */
  readonly config: () => Promise<ImageConfig | undefined>
  /** A tag of nobody's that an old engine needed for its push, to be taken off when the image has its own. */
  readonly temporaryTag?: string
}

/** Looks an image up; undefined when the repository has none of that name. `answer` is what was asked for before. */
export async function lookUpImage(
  located: LocatedRepository,
  name: ImageId,
  answer = located.ecr.findImage(located.repository.name, name)
): Promise<RunImage | undefined> {
  const stored = await answer
  if (stored === undefined) return undefined
  const manifest = readManifest(stored)
  let config: Promise<ImageConfig | undefined> | undefined
  return {
    ...located,
    stored,
    manifest,
    digests: manifest === undefined ? [stored.digest] : [...acceptableDigests(manifest)],
    foundBy: 'tag' in name ? name.tag : undefined,
    config: () => (config ??= readConfig(located, manifest))
  }
}

/** Looks an image up and fails with `image-not-found` and the tags that come near. */
export async function findImage(located: LocatedRepository, name: ImageId, remedy?: string): Promise<RunImage> {
  const found = await lookUpImage(located, name)
  if (found !== undefined) return found
  const { name: repository } = located.repository
  throw new Failure('image-not-found', `repository ${quoted(repository)} has no image ${shown(name)}`, {
    remedy: remedy ?? (await suggestion(located.ecr, located.repository, name))
  })
}

function shown(name: ImageId): string {
  return 'tag' in name ? `with the tag ${quoted(name.tag)}` : `with the digest ${name.digest}`
}

async function suggestion(ecr: EcrPort, repository: EcrRepository, name: ImageId): Promise<string> {
  const tags = await ecr.someTags(repository.name).catch(() => undefined)
  // Without the right to list, nothing is known of what is there.
  if (tags === undefined) return 'push it first'
  const near = 'tag' in name ? closest(name.tag, tags) : undefined
  if (near !== undefined) return `push it first; did you mean ${quoted(near)}?`
  return `push it first; some of the tags that are there: ${listed(tags.slice(-10))}`
}

/**
 * The full id of the commit an image was built from, by its revision label; undefined when it does not say. `source` is
 * the URL of this run's repository: what labels say of another one is of a base image.
 */
export async function readRevisionLabel(image: RunImage, source?: string): Promise<string | undefined> {
  const stated = await image.config()
  return stated && ownRevision(stated, source)
}

/** The platforms that an image is for; undefined where nothing says it. */
export async function readPlatforms({ manifest, config }: RunImage): Promise<readonly ImagePlatform[] | undefined> {
  if (manifest?.kind === 'index') return knownPlatforms(manifest)
  const platform = (await config())?.platform
  return platform && [platform]
}

async function readConfig(
  { ecr, repository }: LocatedRepository,
  manifest: ImageManifest | undefined
): Promise<ImageConfig | undefined> {
  const digest = manifest && (await findConfig(ecr, repository.name, manifest))
  if (digest === undefined) return undefined
  const bytes = await ecr.readBlob(repository.name, digest)
  return parseImageConfig(Buffer.from(bytes).toString('utf8'))
}

async function findConfig(ecr: EcrPort, repository: string, manifest: ImageManifest): Promise<string | undefined> {
  if (manifest.kind === 'image') return manifest.config
  const child = platformDigests(manifest)[0]
  if (child === undefined) return undefined
  const stored = await ecr.findImage(repository, { digest: child })
  const platform = stored === undefined ? undefined : readManifest(stored)
  return platform?.kind === 'image' ? platform.config : undefined
}

/** An artifact that is no container image has no platforms to offer; ECS will say so better than this could. */
export function readManifest(stored: StoredImage): ImageManifest | undefined {
  try {
    return isDigest(stored.digest)
      ? parseManifest(stored.manifest, parseDigest(stored.digest), stored.mediaType)
      : undefined
  } catch {
    return undefined
  }
}
