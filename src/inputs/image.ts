import { type Build, commitOfRemoteContext, isRemoteContext, parseBuild } from '../decide/image/build.ts'
import { type CommitOverrides, parseSha } from '../decide/image/commit.ts'
import type { PinMode } from '../decide/image/pin.ts'
import { isDigest, parseImageReference, parseRepository, sameRepository } from '../decide/image/reference.ts'
import { isLegalTag } from '../decide/image/tag-grammar.ts'
import { parseAdditionalTags } from '../decide/image/tags.ts'
import { withoutLogin } from '../decide/login.ts'
import { splitImage } from '../decide/task/image.ts'
import { listed, quoted } from '../decide/wording.ts'
import { Failure } from '../failure.ts'
import type { InputName } from './defaults.ts'
import { readGuardInputs, type GuardInputs } from './guard.ts'
import type { InputReader } from './reader.ts'
import { readVersionInputs, type VersionRequest } from './version.ts'

/** Which image is meant, what it is called, and how the task definition names it. */
export interface ImageInputs {
  /** A legal tag, a digest, or a full reference with a tag or a digest; undefined when the image is built or looked for. */
  readonly image: string | undefined
  /** A legal repository name or URI. */
  readonly repository: string | undefined
  readonly build: Build | undefined
  readonly version: VersionRequest
  /** Empty when git tags have no prefix. */
  readonly tagPrefix: string
  /** Hex digits of the commit id in the image tag. */
  readonly shaLength: number
  /** What is built, where the user says something else than the event. */
  readonly commit: CommitOverrides
  readonly tagImage: 'auto' | 'always' | 'never'
  /** Legal tags besides the commit's and the version's. */
  readonly tags: readonly string[]
  readonly pin: PinMode
  readonly guard: GuardInputs
}

const BUILD_ONLY: readonly InputName[] = [
  'file',
  'target',
  'platforms',
  'build-args',
  'build-contexts',
  'build-secrets',
  'labels',
  'cache-from',
  'cache-to',
  'pull',
  'no-cache',
  'provenance',
  'sbom',
  'network'
]

/** Reads the inputs about the image. */
export function readImageInputs(reader: InputReader): ImageInputs {
  const image = reader.optionalLine('image')
  const repository = reader.optionalLine('repository')
  if (image !== undefined && !isDigest(image) && !isLegalTag(image)) {
    reader.parsed('image', () => {
      checkReference(image)
    })
  }
  if (repository !== undefined) reader.parsed('repository', () => parseRepository(repository))
  const tags = readTags(reader)
  const inputs = {
    image,
    repository,
    build: readBuild(reader),
    version: readVersionInputs(reader),
    tagPrefix: reader.line('tag-prefix'),
    shaLength: reader.number('sha-length', { least: 7, most: 40, isWhole: true }),
    commit: readCommit(reader),
    tagImage: reader.choice('tag-image', ['auto', 'always', 'never']),
    tags,
    pin: reader.choice('pin', ['auto', 'tag', 'digest', 'tag@digest']),
    guard: readGuardInputs(reader, tags)
  }
  refuseCombinations(reader, inputs)
  return inputs
}

/** Fails with `invalid-input` unless the text is a full reference that names a tag or a digest. */
export function checkReference(text: string): void {
  const { tag, digest } = isDigest(text) ? {} : parseImageReference(text)
  if (tag !== undefined || digest !== undefined) return
  const why = isDigest(text) ? 'names no repository' : 'has neither tag nor digest, which would mean latest'
  throw new Failure('invalid-input', `${quoted(text)} ${why}`, {
    remedy: 'write REPOSITORY:TAG or REPOSITORY@sha256:…'
  })
}

function readBuild(reader: InputReader): Build | undefined {
  const context = reader.line('context')
  const inputs = {
    context,
    file: reader.line('file'),
    target: reader.line('target'),
    platforms: reader.verbatim('platforms'),
    buildArgs: reader.verbatim('build-args'),
    buildContexts: reader.verbatim('build-contexts'),
    buildSecrets: reader.verbatim('build-secrets'),
    labels: reader.verbatim('labels'),
    cacheFrom: reader.verbatim('cache-from'),
    cacheTo: reader.verbatim('cache-to'),
    provenance: reader.line('provenance'),
    sbom: reader.line('sbom'),
    network: reader.line('network'),
    pull: reader.flag('pull'),
    noCache: reader.flag('no-cache')
  }
  if (!reader.isSet('context')) {
    const useless = BUILD_ONLY.filter(name => reader.isSet(name))
    if (useless.length > 0) {
      reader.refuse(`without the input context nothing is built; leave out ${listed(useless)}, or give context`)
    }
    return undefined
  }
  return reader.parsed('context', () => parseBuild(inputs))
}

function readCommit(reader: InputReader): CommitOverrides {
  const ref = reader.optionalLine('ref')
  const given = reader.optionalLine('sha')
  const sha = given === undefined ? undefined : reader.parsed('sha', () => parseSha(given, "the input 'sha'"))
  return { ...(sha !== undefined && { sha }), ...(ref !== undefined && { ref }) }
}

function readTags(reader: InputReader): readonly string[] {
  const tags = reader.list('tags')
  // One by one, so that each wrong tag is reported.
  for (const tag of tags) reader.parsed('tags', () => parseAdditionalTags([tag]))
  return [...new Set(tags)]
}

function refuseCombinations(reader: InputReader, { image, repository, tagImage, build, commit }: ImageInputs): void {
  if (build !== undefined && isRemoteContext(build.context)) refuseUnknownCommit(reader, build.context, commit)
  if (image !== undefined && reader.isSet('context')) {
    reader.refuse(
      `inputs image (${quoted(withoutLogin(image))}) and context exclude each other; an image is given or built`
    )
  }
  if (tagImage === 'never' && reader.isSet('context')) {
    reader.refuse("input tag-image is 'never', but an image built from context always gets its commit's tag")
  }
  if (image === undefined || repository === undefined || isDigest(image) || isLegalTag(image)) return
  if (contradicts(image, repository)) {
    reader.refuse(
      `input image is ${quoted(image)}, which is not in the repository ${quoted(repository)}; leave repository out`
    )
  }
}

/** What is fetched is not what is checked out, and the event knows nothing of it: its tag would name any commit. */
function refuseUnknownCommit(reader: InputReader, context: string, { sha }: CommitOverrides): void {
  const built = commitOfRemoteContext(context)
  const shown = quoted(withoutLogin(context))
  if (built === undefined && sha === undefined) {
    reader.refuse(
      `input context is ${shown}, which does not say which commit is built; ` +
        'name it there (https://HOST/REPOSITORY.git#COMMIT, all 40 digits) or in the input sha'
    )
  }
  if (built !== undefined && sha !== undefined && built !== sha) {
    reader.refuse(`input sha is ${sha}, and input context ${shown} is of another commit; leave sha out`)
  }
}

/** Does a full reference name another repository? A host counts where both have one. */
function contradicts(image: string, repository: string): boolean {
  try {
    const wanted = parseRepository(repository)
    const named = parseRepository(splitImage(image).repository)
    if (wanted.registry === undefined || named.registry === undefined) return wanted.repository !== named.repository
    return !sameRepository(
      { registry: wanted.registry, repository: wanted.repository },
      { registry: named.registry, repository: named.repository }
    )
  } catch {
    // One of them is no name at all, which is reported by itself.
    return false
  }
}
