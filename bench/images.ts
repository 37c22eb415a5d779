// `npm run bench -- images`: what copying and tagging images takes, beside skopeo and docker on the same registries.
import { spawn } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { bundle } from '../scripts/bundle.ts'
import { startParts } from '../scripts/real-parts/engine.ts'
import { findMissingParts } from '../scripts/real-parts/parts.ts'
import type { World } from '../simulator/cloud/world.ts'
import type { LoggedCall } from '../simulator/control/calls.ts'
import { measureHighest } from './highest.ts'
import { measureMirror } from './images-mirror.ts'
import { measureRetag } from './images-retag.ts'

/** Everything that a measurement of images needs. */
export interface ImageBench {
  readonly node: string
  /** Measured runs of each contender. */
  readonly runs: number
  /** A directory for whatever is needed. */
  readonly root: string
  /** The action as the sources have it now. */
  readonly action: string
  /** Debian's registry, `host:port`. */
  readonly registry: string
  /** Variables that lead docker to an engine of its own. */
  readonly environment: Readonly<Record<string, string>>
  readonly cloud: CloudProcess
}

/** A simulator in a process of its own, so that nobody's work is counted as another's. */
export interface CloudProcess {
  readonly url: string
  reset(world: World): Promise<void>
  calls(): Promise<readonly LoggedCall[]>
  /** User name and password of its registry. */
  login(): Promise<readonly [username: string, password: string]>
  stop(): void
}

/** Measures all of it and returns lines to print; throws when a part is missing. */
export async function benchImages(node: string, runs: number): Promise<readonly string[]> {
  const missing = await findMissingParts()
  if (missing.length > 0) throw new Error(`it needs ${missing.join(', ')}: install with scripts/real-parts/install.sh`)
  const root = await mkdtemp(join(tmpdir(), 'bench-images-'))
  const parts = await startParts()
  const cloud = await startCloudProcess()
  try {
    const registry = parts.environment['REAL_REGISTRY'] ?? ''
    const action = await writeAction(join(root, 'action'))
    const bench = { node, runs, root, action, registry, environment: parts.environment, cloud }
    const mirror = await measureMirror(bench)
    return [...mirror, '', ...(await measureRetag(bench)), '', ...(await measureHighest(bench))]
  } finally {
    cloud.stop()
    await parts.stop()
    await rm(root, { recursive: true, force: true })
  }
}

async function writeAction(directory: string): Promise<string> {
  for (const [path, text] of await bundle()) {
    await mkdir(dirname(join(directory, path)), { recursive: true })
    await writeFile(join(directory, path), text)
  }
  await cp('action.yml', join(directory, 'action.yml'))
  return directory
}

async function startCloudProcess(): Promise<CloudProcess> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'simulator/main.ts'], {
    stdio: ['ignore', 'pipe', 'inherit']
  })
  const url = await new Promise<string>((resolve, reject) => {
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      const ready = /simulator ready (\S+)/.exec(output)?.[1]
      if (ready !== undefined) resolve(ready)
    })
    child.once('error', reject)
    child.once('exit', code => reject(new Error(`the simulator ended with ${String(code)}`)))
  })
  return {
    url,
    async reset(world) {
      const answer = await fetch(`${url}/_sim/world`, { method: 'POST', body: JSON.stringify(world) })
      if (!answer.ok) throw new Error(`the simulator refuses the world: ${await answer.text()}`)
    },
    async calls() {
      return (await (await fetch(`${url}/_sim/calls`)).json()) as readonly LoggedCall[]
    },
    async login() {
      const token = await getToken(url)
      const decoded = Buffer.from(token, 'base64').toString()
      return [decoded.slice(0, decoded.indexOf(':')), decoded.slice(decoded.indexOf(':') + 1)]
    },
    stop() {
      child.kill()
    }
  }
}

/** The simulator asks for a signature and does not check it. */
async function getToken(url: string): Promise<string> {
  const headers = {
    'x-amz-target': 'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken',
    'content-type': 'application/x-amz-json-1.1',
    authorization:
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20200101/eu-west-1/ecr/aws4_request, SignedHeaders=host, Signature=00'
  }
  const answer = await fetch(url, { method: 'POST', headers, body: '{}' })
  const document = (await answer.json()) as { authorizationData: readonly { authorizationToken: string }[] }
  return document.authorizationData[0]?.authorizationToken ?? ''
}
