import { Failure } from '../../failure.ts'
import { secretsInUrl, withoutLogin } from '../login.ts'
import { REVISION_LABEL } from './labels.ts'
import { parseFields, parseList } from './list.ts'
import { type Digest, isDigest } from './reference.ts'

/** The build inputs as they stand in the workflow; an empty text is an input that was not given. */
export interface BuildInputs {
  readonly context: string
  readonly file: string
  readonly target: string
  readonly platforms: string
  readonly buildArgs: string
  readonly buildContexts: string
  readonly buildSecrets: string
  readonly labels: string
  readonly cacheFrom: string
  readonly cacheTo: string
  readonly provenance: string
  readonly sbom: string
  readonly network: string
  readonly pull: boolean
  readonly noCache: boolean
}

/** What to build and how, read from the inputs. */
export interface Build {
  /** Directory, or a Git or tarball URL. */
  readonly context: string
  readonly file: string | undefined
  readonly target: string | undefined
  readonly platforms: readonly string[]
  readonly buildArgs: readonly string[]
  readonly buildContexts: readonly string[]
  readonly labels: readonly string[]
  readonly cacheFrom: readonly string[]
  readonly cacheTo: readonly string[]
  readonly provenance: string | undefined
  readonly sbom: string | undefined
  readonly network: string | undefined
  readonly pull: boolean
  readonly noCache: boolean
  readonly secrets: readonly BuildSecret[]
}

/** A secret that the build may mount: its value, or where buildx finds it. */
export type BuildSecret =
  | { readonly kind: 'value'; readonly id: string; readonly value: string }
  | { readonly kind: 'file'; readonly id: string; readonly path: string }
  | { readonly kind: 'variable'; readonly id: string; readonly name: string }

/** Where the image goes. `tag` is for engines that cannot push by digest, and must be one that nobody else uses. */
export interface BuildTarget {
  readonly repositoryUri: string
  readonly tag: string | undefined
  /** Labels that say where the image comes from; labels of the build win over them, but not over the revision. */
  readonly labels: readonly string[]
  readonly metadataFile: string
  /** Link to the run, recorded in a provenance attestation. */
  readonly builderId?: string
}

/** What was pushed, by buildx's own account. */
export interface BuiltImage {
  readonly digest: Digest
  /** Engines without the containerd image store do not say. */
  readonly mediaType: string | undefined
}

/** Reads the build inputs with the meaning they have in docker/build-push-action. */
export function parseBuild(inputs: BuildInputs): Build {
  if (/\{\{\s*defaultContext\s*\}\}/.test(inputs.context)) {
    throw new Failure(
      'invalid-input',
      `the context '${withoutLogin(inputs.context)}' is a template of docker/build-push-action`,
      {
        remedy: "write '.' for the checked-out repository, or the path of a directory in it"
      }
    )
  }
  return {
    context: inputs.context,
    file: optional(inputs.file),
    target: optional(inputs.target),
    platforms: trimmed(parseList(inputs.platforms, 'separate')),
    buildArgs: trimmed(parseList(inputs.buildArgs, 'keep')),
    buildContexts: trimmed(parseList(inputs.buildContexts, 'keep')),
    labels: trimmed(parseList(inputs.labels, 'keep')),
    cacheFrom: trimmed(parseList(inputs.cacheFrom, 'keep')),
    cacheTo: trimmed(parseList(inputs.cacheTo, 'keep')),
    provenance: optional(inputs.provenance),
    sbom: optional(inputs.sbom),
    network: optional(inputs.network),
    pull: inputs.pull,
    noCache: inputs.noCache,
    secrets: parseSecrets(inputs.buildSecrets)
  }
}

/** The arguments after `docker`. Values of secrets are not among them: other processes can read a command line. */
export function buildxArguments(build: Build, target: BuildTarget): readonly string[] {
  return [
    'buildx',
    'build',
    // Lines that can be kept in a log, whatever the terminal and the variable BUILDKIT_PROGRESS say.
    ...['--progress', 'plain'],
    ...build.buildArgs.flatMap(value => ['--build-arg', value]),
    ...build.buildContexts.flatMap(value => ['--build-context', value]),
    ...build.cacheFrom.flatMap(value => ['--cache-from', value]),
    ...build.cacheTo.flatMap(value => ['--cache-to', value]),
    ...(build.file === undefined ? [] : ['--file', build.file]),
    ...[...target.labels, ...withoutRevision(build.labels)].flatMap(value => ['--label', value]),
    ...(build.network === undefined ? [] : ['--network', build.network]),
    ...(build.noCache ? ['--no-cache'] : []),
    ...(build.platforms.length === 0 ? [] : ['--platform', build.platforms.join(',')]),
    ...(build.pull ? ['--pull'] : []),
    ...build.secrets.flatMap((secret, index) => ['--secret', secretOption(secret, index)]),
    ...(build.target === undefined ? [] : ['--target', build.target]),
    ...attestations(build, target.builderId),
    ...['--metadata-file', target.metadataFile],
    ...['--output', output(target)],
    '--',
    build.context
  ]
}

/** The environment variables through which buildx gets the values of secrets, so that none is written to a disk. */
export function secretVariables(build: Build): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  for (const [index, secret] of build.secrets.entries()) {
    if (secret.kind === 'value') values.set(secretVariable(index), secret.value)
  }
  return values
}

/** What a build was given and nobody may print: the values of secrets, and what the URLs of its contexts hold. */
export function secretsOf(build: Build): readonly string[] {
  return [...secretVariables(build).values(), ...[build.context, ...build.buildContexts].flatMap(secretsInUrl)]
}

/** Variables of the job that the build refers to by name: build arguments without a value, secrets by variable. */
export function inheritedVariables(build: Build): readonly string[] {
  const bare = build.buildArgs.filter(value => !value.includes('='))
  return [...bare, ...build.secrets.flatMap(secret => (secret.kind === 'variable' ? [secret.name] : []))]
}

/** Does buildx fetch the context itself (Git, an archive over HTTP), so that no directory is needed? */
export function isRemoteContext(context: string): boolean {
  return /^(?:[a-z][a-z0-9+.-]*:\/\/|git@|github\.com\/)/i.test(context)
}

/**
 * The full commit id in the URL of a Git repository, `https://host/shop.git#COMMIT:directory`; undefined where it names a
 * branch, a tag or an archive, of which nobody knows what they hold when they are fetched.
 * https://docs.docker.com/build/concepts/context/#url-fragments
 */
export function commitOfRemoteContext(context: string): string | undefined {
  const [, url, commit] = /^([^#]+)#([0-9a-f]{40}|[0-9a-f]{64})(?::.*)?$/.exec(context) ?? []
  const isArchive = url !== undefined && /^https?:/i.test(url) && !url.endsWith('.git')
  return isArchive ? undefined : commit
}

/** Reads the file that buildx writes with `--metadata-file`; `build-failed` when it has no digest. */
export function readMetadata(json: string): BuiltImage {
  let metadata: unknown
  try {
    metadata = JSON.parse(json)
  } catch (cause) {
    throw new Failure('build-failed', 'buildx wrote metadata that is not JSON', { cause })
  }
  const digest = member(metadata, 'containerimage.digest')
  if (typeof digest !== 'string' || !isDigest(digest)) {
    throw new Failure('build-failed', 'the build ended well, but buildx reported no image digest', {
      remedy: 'update docker buildx'
    })
  }
  const mediaType = member(member(metadata, 'containerimage.descriptor'), 'mediaType')
  return { digest, mediaType: typeof mediaType === 'string' ? mediaType : undefined }
}

function parseSecrets(text: string): readonly BuildSecret[] {
  return parseList(text, 'keep').map(parseSecret)
}

/** `KEY=VALUE` as in docker/build-push-action; buildx's own `id=KEY,src=FILE` and `id=KEY,env=NAME` besides. */
function parseSecret(line: string, index: number): BuildSecret {
  const { id, by, where } = /^id=(?<id>[^,]+),(?<by>src|source|env)=(?<where>.+)$/.exec(line.trim())?.groups ?? {}
  if (id !== undefined && where !== undefined) {
    return by === 'env' ? { kind: 'variable', id, name: where } : { kind: 'file', id, path: where }
  }
  const equals = line.indexOf('=')
  const key = line.slice(0, Math.max(equals, 0)).trim()
  const value = line.slice(equals + 1)
  if (key !== '' && value !== '') return { kind: 'value', id: key, value }
  // The line itself may be a secret, so only its number is shown.
  throw new Failure('invalid-input', `entry ${index + 1} of the input 'build-secrets' is not KEY=VALUE`, {
    remedy: 'write one KEY=VALUE a line; a value with several lines goes into double quotes: "KEY=first\\nsecond"'
  })
}

/**
 * The commit is what the image is recognised by. Labels of docker/metadata-action name GITHUB_SHA, which for pull requests
 * and workflow runs is often not what is checked out.
 */
function withoutRevision(labels: readonly string[]): readonly string[] {
  return labels.filter(label => !label.startsWith(`${REVISION_LABEL}=`))
}

function secretVariable(index: number): string {
  return `BUILD_SECRET_${index}`
}

function secretOption(secret: BuildSecret, index: number): string {
  switch (secret.kind) {
    case 'value':
      return `${csvField(`id=${secret.id}`)},env=${secretVariable(index)}`
    case 'file':
      return `${csvField(`id=${secret.id}`)},${csvField(`src=${secret.path}`)}`
    case 'variable':
      return `${csvField(`id=${secret.id}`)},${csvField(`env=${secret.name}`)}`
  }
}

/**
 * An index digest differs with every build, since provenance holds times: a rebuild of the same source would conflict
 * with its own tag. So one platform gets no provenance unless it was asked for, and several keep buildx's default.
 */
function attestations(build: Build, builderId: string | undefined): readonly string[] {
  const options: string[] = []
  const provenance = build.provenance ?? (build.platforms.length > 1 ? undefined : 'false')
  if (provenance !== undefined) {
    const hasBuilder = parseFields(provenance).some(field => field.trim().startsWith('builder-id='))
    const isOn = parseSwitch(provenance) !== false
    const by = isOn && !hasBuilder && builderId !== undefined ? `,builder-id=${builderId}` : ''
    options.push('--attest', `type=provenance,${attestation(provenance)}${by}`)
  }
  if (build.sbom !== undefined) options.push('--attest', `type=sbom,${attestation(build.sbom)}`)
  return options
}

function attestation(text: string): string {
  const on = parseSwitch(text)
  return on === undefined ? text : `disabled=${String(!on)}`
}

function parseSwitch(text: string): boolean | undefined {
  if (/^(?:true|True|TRUE)$/.test(text)) return true
  return /^(?:false|False|FALSE)$/.test(text) ? false : undefined
}

function output({ repositoryUri, tag }: BuildTarget): string {
  return tag === undefined
    ? `type=image,name=${repositoryUri},push-by-digest=true,name-canonical=true,push=true`
    : `type=image,name=${repositoryUri}:${tag},push=true`
}

function csvField(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

function member(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return (value as Readonly<Record<string, unknown>>)[key]
}

function optional(text: string): string | undefined {
  return text === '' ? undefined : text
}

function trimmed(items: readonly string[]): readonly string[] {
  return items.map(item => item.trim())
}
