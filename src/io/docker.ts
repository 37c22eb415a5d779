import { randomBytes } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { explainBuildFailure } from '../decide/image/build-failure.ts'
import {
  type Build,
  buildxArguments,
  type BuiltImage,
  inheritedVariables,
  isRemoteContext,
  readMetadata,
  secretsOf,
  secretVariables
} from '../decide/image/build.ts'
import { Failure } from '../failure.ts'
import { type CommandEnd, runCommand } from './docker/command.ts'
import { dockerEnvironment, type Environment } from './docker/environment.ts'
import { type DockerSession, withDockerSession } from './docker/session.ts'

/** The Docker engine as far as this project needs it: one verb that builds and pushes. */
export interface Docker {
  /** Builds and pushes without touching any tag that exists; removes the credentials and secrets afterwards. */
  buildAndPush(order: BuildOrder, signal: AbortSignal): Promise<PushedImage>
}

/** A build, and the repository its image is for. */
export interface BuildOrder {
  readonly build: Build
  /** Host and path, as DescribeRepositories gives it. */
  readonly repositoryUri: string
  readonly login: { readonly username: string; readonly password: string }
  /** `KEY=VALUE` labels that say where the image comes from. */
  readonly labels: readonly string[]
}

/** The image in the registry. */
export interface PushedImage extends BuiltImage {
  /** The tag that the engine needed for its push; superfluous as soon as the image has another one. */
  readonly temporaryTag: string | undefined
}

/** Where docker runs and what it may know. */
export interface DockerOptions {
  readonly workspace: string
  /** A private directory of the job, such as RUNNER_TEMP. */
  readonly temporary: string
  readonly environment: Environment
  /** Link to the run, for a provenance attestation; undefined when the runner does not say. */
  readonly builderId?: string | undefined
  /** Told of the private directory of a build, for whoever has to remove it if this process dies. */
  readonly onDirectory?: (path: string) => void
  /** Gets every line that docker prints, as it comes. */
  readonly onLine: (line: string) => void
}

/** Linux takes no longer environment variable; BuildKit's own limit for a secret is 500 KiB. */
const MAX_SECRET_BYTES = 128 * 1024 - 64

/** Docker through its command line. */
export function createDocker(options: DockerOptions): Docker {
  function run(args: readonly string[], more: RunOptions, signal: AbortSignal): Promise<CommandEnd> {
    const { session, named = [], variables, ...rest } = more
    const environment = {
      ...dockerEnvironment(options.environment, named),
      DOCKER_CONFIG: session.configDirectory,
      ...Object.fromEntries(variables ?? [])
    }
    return runCommand({ program: 'docker', args, directory: options.workspace, environment, ...rest }, signal)
  }

  /** The driver of the builder that buildx uses now: `docker`, `docker-container`, `kubernetes`, `remote`, … */
  async function driverOf(session: DockerSession, signal: AbortSignal): Promise<string> {
    // Without the plugin, docker would take `inspect` for a command of its own.
    succeeded(await run(['buildx', 'version'], { session }, signal))
    const { lines } = succeeded(await run(['buildx', 'inspect'], { session }, signal))
    const driver = /^Driver: +(\S+)$/m.exec(lines.join('\n'))?.[1]
    if (driver === undefined) throw explainBuildFailure(lines.map(line => line.replace(/^Error: +/, 'ERROR: ')))
    return driver
  }

  async function build(order: BuildOrder, session: DockerSession, signal: AbortSignal): Promise<PushedImage> {
    const driver = await driverOf(session, signal)
    const host = order.repositoryUri.slice(0, order.repositoryUri.indexOf('/'))
    const { username, password } = order.login
    const login = ['login', '--username', username, '--password-stdin', host]
    const inherited = order.build.secrets.flatMap(secret =>
      secret.kind === 'variable' ? (options.environment[secret.name] ?? []) : []
    )
    const hide = hiding([...secretsOf(order.build), ...inherited, password])
    const checked = (end: CommandEnd): CommandEnd => succeeded({ ...end, lines: end.lines.map(hide) })
    checked(await run(login, { session, input: password }, signal))

    const tag = driver === 'docker' ? temporaryTag() : undefined
    const target = { repositoryUri: order.repositoryUri, tag, labels: order.labels, metadataFile: session.metadataFile }
    const from = options.builderId === undefined ? {} : { builderId: options.builderId }
    const args = buildxArguments(order.build, { ...target, ...from })
    const named = inheritedVariables(order.build)
    const variables = secretVariables(order.build)
    const onLine = (line: string): void => {
      options.onLine(hide(line))
    }
    const end = await run(args, { session, named, variables, onLine }, signal)
    checked(end)
    // The name means nothing on this machine either; the build cache keeps the layers. Best effort.
    if (tag !== undefined) await run(['image', 'rm', `${order.repositoryUri}:${tag}`], { session }, signal)
    return { ...readMetadata(await metadataOf(session, driver)), temporaryTag: tag }
  }

  return {
    async buildAndPush(order, signal) {
      await checkFiles(order.build, options.workspace)
      checkSecrets(order.build)
      const { environment, temporary, onDirectory } = options
      const host = order.repositoryUri.slice(0, order.repositoryUri.indexOf('/'))
      return withDockerSession({ environment, temporary, host, onDirectory }, session => build(order, session, signal))
    }
  }
}

interface RunOptions {
  readonly session: DockerSession
  readonly named?: readonly string[]
  readonly variables?: ReadonlyMap<string, string>
  readonly input?: string
  readonly onLine?: (line: string) => void
}

/**
 * A tag that nobody else has. The driver `docker`, which is what a runner has without docker/setup-buildx-action,
 * refuses push-by-digest with every image store (seen with engines 20.10 and 26.1), and a push under the wanted tag
 * would move it if somebody took it during the build. So such an engine pushes under a name drawn at random, and the
 * caller tags the digest as it does for every other engine. The name begins with a letter and is no version.
 */
function temporaryTag(): string {
  return `push-${randomBytes(16).toString('hex')}`
}

/** Shorter ones are flags and numbers, which would garble what is left. */
const SHORTEST_SECRET = 4

/** Takes secrets out of a line, each line of one that has several: a build prints what it is told to print. */
function hiding(secrets: readonly string[]): (line: string) => string {
  const lines = secrets.flatMap(secret => secret.split(/\r?\n/)).filter(line => line.trim().length >= SHORTEST_SECRET)
  return line => {
    let shown = line
    for (const secret of lines) shown = shown.replaceAll(secret, '***')
    return shown
  }
}

function succeeded(end: CommandEnd): CommandEnd {
  if (end.code === 0) return end
  throw explainBuildFailure(end.lines)
}

/** Buildx writes it since 0.6, and refuses the option before: whatever leaves it out is no buildx. */
async function metadataOf({ metadataFile }: DockerSession, driver: string): Promise<string> {
  try {
    return await readFile(metadataFile, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause
    const sentence =
      'docker buildx build ended well and left no metadata file, so nobody knows which image it pushed, if any ' +
      `(builder with the driver '${driver}')`
    throw new Failure('build-failed', sentence, {
      remedy:
        'something else answers to docker or buildx here, such as a wrapper: ' +
        'install buildx itself with docker/setup-buildx-action before this action',
      cause
    })
  }
}

async function checkFiles({ context, file }: Build, workspace: string): Promise<void> {
  if (isRemoteContext(context)) return
  const directory = resolve(workspace, context)
  if ((await stat(directory).catch(() => undefined))?.isDirectory() !== true) {
    throw new Failure('file-not-found', `the context '${context}' is no directory in ${workspace}`, {
      remedy: 'correct `context`, and check out the repository before this action'
    })
  }
  const dockerfile = file === undefined ? resolve(directory, 'Dockerfile') : resolve(workspace, file)
  if (file !== undefined && isRemoteContext(file)) return
  if ((await stat(dockerfile).catch(() => undefined))?.isFile() !== true) {
    throw new Failure('file-not-found', `there is no Dockerfile at ${dockerfile}`, {
      remedy:
        file === undefined
          ? 'name it in `file` if it stands elsewhere'
          : 'correct `file`: it is relative to the workspace, not to `context`'
    })
  }
}

function checkSecrets(build: Build): void {
  for (const secret of build.secrets) {
    if (secret.kind !== 'value' || Buffer.byteLength(secret.value) <= MAX_SECRET_BYTES) continue
    throw new Failure('invalid-input', `the build secret '${secret.id}' is longer than 128 KiB`, {
      remedy: `write it to a file in a step before, and give id=${secret.id},src=FILE`
    })
  }
}
