import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BehaviourDetails } from '../cloud/images.ts'

/** A commit of the example service, and how its containers behave when ECS runs them. */
export interface Commit {
  readonly message: string
  /** 40 hex digits. */
  readonly sha: string
  /** Path in the service's directory → content. */
  readonly files: Readonly<Record<string, string>>
  /** Undefined: healthy. */
  readonly behaviour: BehaviourDetails | undefined
}

const SOURCE = 'server.mjs'
const DOCKERFILE = 'Dockerfile'

/** The example service in three commits: as it stands, changed, and broken. */
export async function readCommits(directory: string): Promise<readonly [Commit, Commit, Commit]> {
  const source = await readFile(join(directory, SOURCE), 'utf8')
  const dockerfile = await readFile(join(directory, DOCKERFILE), 'utf8')
  const commit = (message: string, text: string, behaviour?: BehaviourDetails): Commit => {
    const sha = createHash('sha1').update(`${message}\n${text}`).digest('hex')
    return { message, sha, files: { [SOURCE]: text, [DOCKERFILE]: dockerfile }, behaviour }
  }
  const welcoming = source.replace('Hello from', 'Welcome to')
  if (welcoming === source) throw new Error(`${SOURCE} of the example service does not say 'Hello from' any more`)
  // Nobody set GREETING: this throws as soon as the container starts.
  const broken = `const greeting = process.env.GREETING.trim()\n${welcoming.replace('Welcome to', '${greeting}')}`
  return [
    commit('Say hello', source),
    commit('Say welcome', welcoming),
    commit('Read the greeting from the environment', broken, { crash: { exitCode: 1, afterSeconds: 2 } })
  ]
}
