import { matchesWildcard } from '../decide/image/immutability.ts'
import { acceptableDigests, parseManifest, type ImageManifest } from '../decide/image/manifest.ts'
import {
  formatImageReference,
  parseDigest,
  parseImageReference,
  sameRepository,
  type Digest,
  type ImageReference
} from '../decide/image/reference.ts'
import type { NamedManifest } from '../decide/pin/comparison.ts'
import { isExact, meantTag, type ExactImage, type NamedImage } from '../decide/pin/plan.ts'
import { readImages, rewrite, type ImagesOfFile, type Rewritten } from '../decide/pin/rewrite.ts'
import { UnreadableFile, type ImageSite } from '../decide/pin/site.ts'
import { splitImage } from '../decide/task/image.ts'
import { quoted } from '../decide/wording.ts'
import { Failure, type FailureCode } from '../failure.ts'
import type { HighestImages } from '../inputs/pin.ts'
import type { WorkspaceFile, WorkspaceFiles } from '../io/workspace-files.ts'
import type { World } from '../world.ts'
import { atMost } from './at-most.ts'
import { findImage, lookUpImage } from './find-image.ts'
import { findHighest } from './find-highest.ts'
import { repositoryInEcr } from './in-ecr.ts'
import { locateRepository, type LocatedRepository } from './locate-repository.ts'

/** A file and the images that it names. */
export interface PinnableFile {
  readonly file: WorkspaceFile
  readonly content: ImagesOfFile
}

/** What images are exactly, by their references; one that stays as it is is not there. */
export type ExactImages = ReadonlyMap<string, ExactImage>

/** Registries take more at a time; a file with a hundred images is done in a minute all the same. */
const LOOKUPS_AT_ONCE = 4

/** Indexes of indexes are rare, and deeper ones nobody makes. */
const DEEPEST_INDEX = 3

/** Reads the files; fails with `invalid-input`, naming all that cannot be read. */
export async function readPinnableFiles(
  files: WorkspaceFiles,
  patterns: readonly string[]
): Promise<readonly PinnableFile[]> {
  const read: PinnableFile[] = []
  const problems: string[] = []
  for (const path of await files.find(patterns)) {
    try {
      const file = await files.read(path)
      read.push({ file, content: await readFileImages(files, file) })
    } catch (error) {
      if (!(error instanceof UnreadableFile)) throw error
      problems.push(`${quoted(path)} ${error.message}`)
    }
  }
  if (problems.length === 0) return read
  throw new Failure('invalid-input', problems.join('\n'), {
    remedy: "correct it, or take it out of 'files' with a pattern that begins with '!'"
  })
}

/** Who sets its variables is looked up only for a file that has some. */
async function readFileImages(files: WorkspaceFiles, { text, path }: WorkspaceFile): Promise<ImagesOfFile> {
  const content = readImages(text, path)
  const hasVariables =
    content.images.some(({ template }) => template.variables.length > 0) ||
    content.built.some(value => value.includes('$'))
  if (!hasVariables) return content
  return readImages(text, path, await files.settingsFor(path))
}

/** Is an image, or its whole repository, listed as one that stays as it is? */
export function isAllowed(reference: string, allowed: readonly string[]): boolean {
  const { repository } = splitImage(reference)
  return allowed.some(pattern => matchesWildcard(pattern, reference) || matchesWildcard(pattern, repository))
}

/** Looks up what images are exactly. All are tried; fails with what could not be found. */
export async function resolveImages(
  world: World,
  images: readonly NamedImage[],
  highest: HighestImages | undefined
): Promise<ExactImages> {
  const found = new Map<string, ExactImage>()
  const failures: Failure[] = []
  const byReference = new Map(images.map(image => [image.reference, image]))
  await atMost(
    LOOKUPS_AT_ONCE,
    [...byReference.values()],
    async image => {
      try {
        const exact = await resolveImage(world, image, highest)
        if (exact !== undefined) found.set(image.reference, exact)
      } catch (error) {
        if (!(error instanceof Failure) || world.signal.aborted) throw error
        failures.push(error)
      }
    },
    () => undefined
  )
  const [first] = failures
  if (first === undefined) return found
  const remedies = new Set(failures.flatMap(({ remedy }) => remedy ?? []))
  const mayBeBuilt = highest === undefined && failures.some(({ code }) => UNKNOWN.includes(code))
  if (mayBeBuilt) remedies.add(BUILT_ELSEWHERE)
  throw new Failure(first.code, failures.map(({ message }) => message).join('\n'), {
    ...(remedies.size > 0 && { remedy: [...remedies].join('; ') }),
    cause: first
  })
}

/** Registries also answer with a denial when an image is not there. */
const UNKNOWN: readonly FailureCode[] = ['image-not-found', 'repository-not-found', 'access-denied']

/** Which files are given to Compose together nobody knows here, and one that is used alone has to be exact. */
const BUILT_ELSEWHERE = "list an image that only another file builds in 'allowed-images'"

/** The file with its images named exactly. */
export function rewriteFile({ file, content }: PinnableFile, exact: ExactImages): Rewritten {
  return rewrite(file, content, ({ reference }) => exact.get(reference))
}

/** What an image is by its registry; a digest stands for itself where another registry than ECR does not show it. */
export async function readNamed(world: World, image: ImageReference): Promise<NamedManifest> {
  const located = await locateInEcr(world, image)
  return located === undefined ? readElsewhere(world, image) : readInEcr(located, image)
}

async function readInEcr(
  located: LocatedRepository,
  { digest, tag = 'latest' }: ImageReference
): Promise<NamedManifest> {
  const found = digest === undefined ? await findImage(located, { tag }) : await lookUpImage(located, { digest })
  if (found?.manifest === undefined) return { digests: found?.digests ?? [digest ?? ''], kind: 'image' }
  return readInner(found.manifest, async inner => (await lookUpImage(located, { digest: inner }))?.manifest)
}

async function readElsewhere(world: World, image: ImageReference): Promise<NamedManifest> {
  const { digest, tag = 'latest' } = image
  try {
    const repository = await openRepository(world, image)
    const read = async (name: string): Promise<ImageManifest | undefined> => {
      const manifest = await repository.readManifest(name)
      return manifest && parseManifest(manifest.text, manifest.digest, manifest.mediaType)
    }
    const manifest = await read(digest ?? tag)
    if (manifest === undefined) throw notThere(formatImageReference(image))
    return await readInner(manifest, read)
  } catch (error) {
    if (digest === undefined || !(error instanceof Failure) || world.signal.aborted) throw error
    return { digests: [digest], kind: 'unread' }
  }
}

/** A manifest with what indexes inside of an index name; `unread` where one of those is not shown, or is too deep. */
async function readInner(
  manifest: ImageManifest,
  read: (digest: Digest) => Promise<ImageManifest | undefined>,
  depth = 0
): Promise<NamedManifest> {
  const digests: string[] = [...acceptableDigests(manifest)]
  let kind: NamedManifest['kind'] = manifest.kind
  for (const { digest, isIndex } of manifest.kind === 'index' ? manifest.platforms : []) {
    if (isIndex !== true) continue
    const inner = depth < DEEPEST_INDEX ? await read(digest) : undefined
    const named = inner && (await readInner(inner, read, depth + 1))
    digests.push(...(named?.digests ?? []))
    if (named === undefined || named.kind === 'unread') kind = 'unread'
  }
  return { digests, kind }
}

/** Where an image stands, for a sentence: `compose.yaml, line 12 (web)`. */
export function placeOf(path: string, { line, users }: ImageSite): string {
  return `${path}, line ${String(line)} (${users.map(user => quoted(user).slice(1, -1)).join(', ')})`
}

async function resolveImage(
  world: World,
  image: NamedImage,
  highest: HighestImages | undefined
): Promise<ExactImage | undefined> {
  const reference = parseImageReference(image.reference)
  const wantsHighest = highest !== undefined && isToBeHighest(world, image, highest)
  if (isExact(image) && !wantsHighest) return undefined
  const located = await locateInEcr(world, reference)
  if (located !== undefined && wantsHighest) {
    const { tag, digest } = await findHighest(located, highest.filter)
    return { tag, digest: parseDigest(digest) }
  }
  const tag = meantTag(image)
  if (located !== undefined) {
    const { stored } = await findImage(located, { tag })
    return { tag, digest: parseDigest(stored.digest) }
  }
  const digest = await (await openRepository(world, reference)).findDigest(tag)
  if (digest === undefined) throw notThere(image.reference)
  return { tag, digest }
}

/** Is an image one that is moved to its highest version? Only those in ECR are. */
export function isToBeHighest(world: World, { reference: text }: NamedImage, { repository }: HighestImages): boolean {
  const reference = parseImageReference(text)
  if (repositoryInEcr(world, reference) === undefined) return false
  if (repository === undefined) return true
  const { registry = reference.registry, repository: name } = repository
  return sameRepository(reference, { registry, repository: name })
}

async function locateInEcr(world: World, image: ImageReference): Promise<LocatedRepository | undefined> {
  const name = repositoryInEcr(world, image)
  return name === undefined ? undefined : locateRepository(world, name)
}

async function openRepository(world: World, { registry, repository }: ImageReference) {
  return (await world.registry()).open({ registry, repository, signal: world.signal })
}

function notThere(reference: string): Failure {
  return new Failure('image-not-found', `there is no image ${quoted(reference)}`, {
    remedy: 'check its name and tag, and that this job may read it (docker/login-action)'
  })
}
