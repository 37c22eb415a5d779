import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { readBounded } from '../bounded-file.ts'
import type { Environment } from './environment.ts'

/** Under this name the job's state keeps the directory that a killed build leaves behind. */
export const DOCKER_SESSION_STATE = 'docker-session'

const PREFIX = 'ecs-deploy-docker-'
const LARGEST_CONFIG_BYTES = 1024 * 1024

/** Directories that exist for one build and hold everything secret about it. */
export interface DockerSession {
  /** The value of DOCKER_CONFIG. */
  readonly configDirectory: string
  readonly metadataFile: string
}

/** Whose configuration a session starts from, where it lives, and which registry it logs in to. */
export interface SessionOptions {
  readonly environment: Environment
  readonly temporary: string
  readonly host: string
  /** Told of the directory before anything secret is in it. */
  readonly onDirectory?: ((path: string) => void) | undefined
}

/** Removes what a killed build left behind; a path that is no session's is left alone. */
export async function removeDockerSession(directory: string): Promise<void> {
  if (basename(directory).startsWith(PREFIX)) await rm(directory, { recursive: true, force: true })
}

/**
 * Runs `use` with a private Docker configuration, and removes it whatever happens. Plugins, contexts and builders stay
 * the user's; only credentials are written to the private part, so that the registry's token ends with the build and no
 * later step of the job can push with it.
 */
export async function withDockerSession<T>(
  { environment, temporary, host, onDirectory }: SessionOptions,
  use: (session: DockerSession) => Promise<T>
): Promise<T> {
  const root = await mkdtemp(join(temporary, PREFIX))
  onDirectory?.(root)
  try {
    const configDirectory = join(root, 'config')
    await mkdir(configDirectory, { mode: 0o700 })
    const own = resolve(environment.DOCKER_CONFIG ?? join(environment.HOME ?? homedir(), '.docker'))
    for (const name of await readdir(own).catch(() => [])) {
      if (name !== 'config.json') await symlink(join(own, name), join(configDirectory, name))
    }
    const found = await readBounded(join(own, 'config.json'), LARGEST_CONFIG_BYTES)
    const config = privateConfig(found.kind === 'text' ? found.text : '{}', host)
    await writeFile(join(configDirectory, 'config.json'), config, { mode: 0o600 })
    return await use({ configDirectory, metadataFile: join(root, 'metadata.json') })
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

/**
 * The user's own configuration, except that the credentials of this registry go into the file. An empty helper says
 * so: without it the client would put them into the user's credential store, where they would outlive the build.
 */
function privateConfig(text: string, host: string): string {
  const config = parseConfig(text)
  const helpers = typeof config.credHelpers === 'object' && config.credHelpers !== null ? config.credHelpers : {}
  return JSON.stringify({ ...config, credHelpers: { ...helpers, [host]: '' } })
}

/** A file that is not JSON is left out: docker itself warns about it and goes on. */
function parseConfig(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}
