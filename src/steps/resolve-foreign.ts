import { exactness, type Exactness } from '../decide/image/exact.ts'
import { parseImageConfig } from '../decide/image/config.ts'
import { describeUntrue } from '../decide/image/conflict.ts'
import { readContents } from '../decide/image/contents.ts'
import {
  acceptableDigests,
  knownPlatforms,
  parseManifest,
  type ImageManifest,
  type ImagePlatform
} from '../decide/image/manifest.ts'
import { parseImageReference, type Digest, type ImageReference } from '../decide/image/reference.ts'
import { splitImage } from '../decide/task/image.ts'
import { quoted } from '../decide/wording.ts'
import type { Emit } from '../event.ts'
import { Failure, withRemedy } from '../failure.ts'
import type { RemoteManifest, RemoteRepository } from '../io/registry/registry.ts'
import type { World } from '../world.ts'

/** An image of a registry other than ECR. */
export interface ForeignImage {
  /** As the user wrote it, without a tag that was seen not to be on its digest. */
  readonly written: string
  readonly reference: ImageReference
  readonly digest: Digest
  /** Digests that a task running this image may report: the image's own and, for an index, its platforms'. */
  readonly digests: readonly string[]
  /** Undefined when its registry did not show it. */
  readonly manifest: ImageManifest | undefined
  /** The platforms that it is for, by its index or its config; undefined where nothing says it. */
  readonly platforms: () => Promise<readonly ImagePlatform[] | undefined>
}

/** Nobody else knows what a tag stands for: outlasts a hiccup of a quarter of a minute, and gives up within minutes. */
const PATIENCE = { attempts: 6, silenceMs: 10_000, longestPauseMs: 30_000 }

/** The registry is only asked whether all is well: a digest does without. */
const IMPATIENCE = { attempts: 2, silenceMs: 10_000, longestPauseMs: 5_000 }

/** Configs have a few kilobytes; a larger one is not read for a check, in bytes. */
const LARGEST_CONFIG_BYTES = 4 * 1024 * 1024

/**
 * Finds out which digest an exact reference stands for, with the credentials that Docker has for its registry. A digest
 * goes on without an answer, since its tasks may have credentials that this job has not; a tag does not. Fails with
 * `invalid-input` when the reference is not exact, or with what the registry says.
 */
export async function resolveForeign(world: World, written: string, emit: Emit): Promise<ForeignImage> {
  const reference = parseImageReference(written)
  const { registry, repository, tag, digest } = reference
  const found: Exactness = digest === undefined ? exactness(tag) : { kind: 'exact' }
  if (found.kind === 'inexact') {
    throw new Failure('invalid-input', `the image ${quoted(written)} is outside ECR and not exact: ${found.why}`, {
      remedy: `name one version, or add its digest: ${written}@sha256:…`
    })
  }
  try {
    const registries = await world.registry()
    const patience = digest === undefined ? PATIENCE : IMPATIENCE
    const source = registries.open({ registry, repository, signal: world.signal, ...patience })
    const manifest = await source.readManifest(digest ?? tag ?? '')
    if (manifest === undefined) throw new Failure('image-not-found', `there is no image ${quoted(written)}`)
    const parsed = parseManifest(manifest.text, manifest.digest, manifest.mediaType)
    emit({ kind: 'image-found', reference: written, digest: manifest.digest, how: 'in its registry' })
    const isTrue = digest === undefined || tag === undefined || (await mayHaveTag(world, source, tag, digest, emit))
    return {
      ...(isTrue ? { written, reference } : withoutTag(written, manifest.digest)),
      digest: manifest.digest,
      digests: [...acceptableDigests(parsed)],
      manifest: parsed,
      platforms: () => readPlatforms(source, manifest, parsed)
    }
  } catch (error) {
    const isUnanswered = error instanceof Failure && error.code !== 'digest-mismatch' && !world.signal.aborted
    if (!isUnanswered) throw error
    if (digest === undefined) throw withWayRound(error, written)
    emit({
      kind: 'note',
      text: `the image ${quoted(written)} is taken by its digest, as it could not be looked at: ${withRemedy(error)}`
    })
    const platforms = (): Promise<undefined> => Promise.resolve(undefined)
    return { written, reference, digest, digests: [digest], manifest: undefined, platforms }
  }
}

/** Whether a tag that was written beside a digest is on that image, as far as the registry tells. */
async function mayHaveTag(
  { signal }: World,
  source: RemoteRepository,
  tag: string,
  digest: Digest,
  emit: Emit
): Promise<boolean> {
  const name = `${source.registry}/${source.name}:${tag}`
  try {
    const found = await source.findDigest(tag)
    if (found === digest) return true
    const target = found === undefined ? ({ kind: 'absent' } as const) : ({ kind: 'image', digest: found } as const)
    emit({ kind: 'warning', text: describeUntrue(name, digest, target) })
    return false
  } catch (error) {
    if (signal.aborted || !(error instanceof Failure)) throw error
    // The digest says which image it is; a registry that is down today would otherwise make another revision of it.
    emit({ kind: 'note', text: `whether the tag ${name} is on that image is not known: ${withRemedy(error)}` })
    return true
  }
}

/** The same image by its digest alone. */
function withoutTag(written: string, digest: Digest): Pick<ForeignImage, 'written' | 'reference'> {
  const exact = `${splitImage(written).repository}@${digest}`
  return { written: exact, reference: parseImageReference(exact) }
}

/** A registry that was asked often enough: the digest needs no answer. */
function withWayRound(error: Failure, written: string): Failure {
  const { code, message, remedy } = error
  if (code !== 'registry-error' && code !== 'network') return error
  const wayRound = `name it by its digest, which needs no answer: ${written}@sha256:…`
  const first = remedy ?? 'run this job again when the registry is back'
  return new Failure(code, message, { remedy: `${first}, or ${wayRound}`, cause: error })
}

async function readPlatforms(
  source: RemoteRepository,
  { text, digest }: RemoteManifest,
  manifest: ImageManifest
): Promise<readonly ImagePlatform[] | undefined> {
  if (manifest.kind === 'index') return knownPlatforms(manifest)
  const config = readContents(text, digest).blobs.find(blob => blob.digest === manifest.config)
  if (config === undefined || config.size > LARGEST_CONFIG_BYTES) return undefined
  const { platform } = parseImageConfig((await source.readWhole(config)).toString('utf8'))
  return platform && [platform]
}
