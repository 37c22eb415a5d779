import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { DOCKER_PLUGINS, findCommand, findNode24 } from './parts.ts'

const run = promisify(execFile)

const START_MS = 30_000
const STOP_MS = 15_000
const POLL_MS = 100

/** Parts that are running, and how tests reach them. */
export interface RunningParts {
  /** Variables that lead docker and the tests to these parts. */
  readonly environment: Readonly<Record<string, string>>
  stop(): Promise<void>
}

/** Starts a Docker engine and a registry of their own, with everything they keep below one temporary directory. */
export async function startParts(): Promise<RunningParts> {
  const home = await mkdtemp(join(tmpdir(), 'real-parts-'))
  const started: ChildProcess[] = []
  const stop = async (): Promise<void> => {
    await Promise.all(started.map(end))
    await rm(home, { recursive: true, force: true, maxRetries: 5 })
  }
  try {
    const environment = {
      ...(await startEngine(home, started)),
      ...(await startRegistry(home, started)),
      REAL_NODE24: (await findNode24()) ?? ''
    }
    return { environment, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function startEngine(home: string, started: ChildProcess[]): Promise<Record<string, string>> {
  const config = join(home, 'docker-config')
  await mkdir(config)
  await symlink(DOCKER_PLUGINS, join(config, 'cli-plugins'))
  const environment = { DOCKER_HOST: `unix://${join(home, 'docker.sock')}`, DOCKER_CONFIG: config }
  // No bridge and no firewall rules: the tests need neither, and a machine that cannot have them can run the engine.
  const options = ['--iptables=false', '--ip6tables=false', '--ip-masq=false', '--ip-forward=false', '--bridge=none']
  const state = ['--data-root', join(home, 'root'), '--exec-root', join(home, 'exec'), '-p', join(home, 'dockerd.pid')]
  const log = await start(home, 'dockerd', [...state, '-H', environment.DOCKER_HOST, ...options], started)
  const env = { ...process.env, ...environment }
  await waitFor('the Docker engine', log, () => run('docker', ['version'], { env }))
  return environment
}

async function startRegistry(home: string, started: ChildProcess[]): Promise<Record<string, string>> {
  const address = `127.0.0.1:${String(await findFreePort())}`
  const config = join(home, 'registry.json')
  // Written as JSON, which is YAML too.
  const settings = {
    version: 0.1,
    log: { level: 'error' },
    storage: { filesystem: { rootdirectory: join(home, 'registry') }, delete: { enabled: true } },
    http: { addr: address }
  }
  await writeFile(config, JSON.stringify(settings))
  const log = await start(home, 'docker-registry', ['serve', config], started)
  await waitFor('docker-registry', log, async () => {
    const response = await fetch(`http://${address}/v2/`)
    if (!response.ok) throw new Error(`it answers ${String(response.status)}`)
  })
  return { REAL_REGISTRY: address }
}

async function start(home: string, name: string, options: readonly string[], started: ChildProcess[]): Promise<string> {
  const log = join(home, `${name}.log`)
  const child = spawn((await findCommand(name)) ?? name, options, { stdio: ['ignore', 'pipe', 'pipe'] })
  const file = createWriteStream(log)
  child.stdout.pipe(file, { end: false })
  child.stderr.pipe(file, { end: false })
  child.on('error', error => file.write(`${error.message}\n`))
  started.push(child)
  return log
}

async function waitFor(what: string, log: string, probe: () => Promise<unknown>): Promise<void> {
  const deadline = performance.now() + START_MS
  for (;;) {
    try {
      await probe()
      return
    } catch (cause) {
      if (performance.now() > deadline) {
        const text = await readFile(log, 'utf8').catch(() => '')
        const last = text.trimEnd().split('\n').slice(-10).join('\n')
        throw new Error(`${what} did not start within ${String(START_MS / 1000)} s; it last said:\n${last}`, { cause })
      }
      await sleep(POLL_MS)
    }
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise<void>(resolve => child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
  await gone
  clearTimeout(late)
}

async function findFreePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', () => resolve()))
  const { port } = server.address() as AddressInfo
  await new Promise<void>(resolve => server.close(() => resolve()))
  return port
}
