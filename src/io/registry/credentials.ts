import { execFile } from 'node:child_process'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { findCredentials, readHelperAnswer, type CredentialSource } from '../../decide/image/docker-config.ts'
import type { Json } from '../../decide/json.ts'
import { readBounded } from '../bounded-file.ts'
import { dockerEnvironment, type Environment } from '../docker/environment.ts'

/** What is shown to a registry or to its token service. */
export type Credentials = Exclude<CredentialSource, { kind: 'helper' }>

/** Finds the credentials of a registry by its name in image references, e.g. `docker.io`. */
export type FindCredentials = (registry: string, signal: AbortSignal) => Promise<Credentials | undefined>

/** A helper may have to ask a service of its own. */
const HELPER_MS = 30_000
const LONGEST_ANSWER_BYTES = 64 * 1024
const LARGEST_CONFIG_BYTES = 1024 * 1024

/** The credentials that Docker itself would use: those of `docker login`, by its file or by a credential helper. */
export function dockerCredentials(environment: Environment): FindCredentials {
  const directory = environment['DOCKER_CONFIG'] ?? join(environment['HOME'] ?? homedir(), '.docker')
  let config: Promise<Json> | undefined
  return async (registry, signal) => {
    config ??= readConfig(join(directory, 'config.json'))
    for (const source of findCredentials(await config, registry)) {
      const found = source.kind === 'helper' ? await askHelper(source, environment, signal) : source
      if (found !== undefined) return found
    }
    return undefined
  }
}

/** Docker itself warns about a file that is not JSON, and goes on without it. */
async function readConfig(path: string): Promise<Json> {
  try {
    const file = await readBounded(path, LARGEST_CONFIG_BYTES)
    return file.kind === 'text' ? (JSON.parse(file.text) as Json) : null
  } catch {
    return null
  }
}

/** A helper that is missing, fails or knows nothing leaves the registry without credentials, as it does for Docker. */
function askHelper(
  { name, server }: Extract<CredentialSource, { kind: 'helper' }>,
  environment: Environment,
  signal: AbortSignal
): Promise<Credentials | undefined> {
  return new Promise(resolve => {
    const options = {
      env: dockerEnvironment(environment, []),
      signal,
      timeout: HELPER_MS,
      killSignal: 'SIGKILL' as const,
      maxBuffer: LONGEST_ANSWER_BYTES
    }
    const child = execFile(`docker-credential-${name}`, ['get'], options, (error, stdout) => {
      // It is not asked to end, for it may hang, and this process with it; an abort alone would ask.
      child.kill('SIGKILL')
      resolve(error === null ? readAnswer(stdout) : undefined)
    })
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(server)
  })
}

function readAnswer(text: string): Credentials | undefined {
  try {
    const found = readHelperAnswer(JSON.parse(text) as Json)
    return found?.kind === 'helper' ? undefined : found
  } catch {
    return undefined
  }
}
