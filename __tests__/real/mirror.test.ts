import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSimulator, type RunningSimulator } from '../../simulator/server.ts'
import { deployTo, type Deployed } from '../action/harness.ts'
import { tagsOf } from '../action/shop.ts'
import { loginTo } from '../io/registry/server.ts'
import { realPart, run } from './support/command.ts'
import { startFlakyRegistry, type FlakyRegistry, type Trouble } from './support/flaky-registry.ts'
import { pushLargeImage, type PushedImage } from './support/large-image.ts'

const MEBIBYTE = 1024 * 1024
const GIBIBYTE = 1024 * MEBIBYTE
const LARGEST_PEAK_BYTES = 150e6

/** What a client may read ahead of what it was given when a connection is cut: buffers of both sockets. */
const LOST_PER_CUT_BYTES = 8 * MEBIBYTE

const WORLD = {
  account: '123456789012',
  region: 'eu-west-1',
  repositories: [{ name: 'mirror/app', imageTagMutability: 'IMMUTABLE' }],
  clusters: []
} as const

let target: RunningSimulator
let directory: string
let large: PushedImage
let small: PushedImage

beforeAll(async () => {
  target = await startSimulator({ world: WORLD })
  directory = await mkdtemp(join(tmpdir(), 'mirror-'))
  const registry = realPart('REAL_REGISTRY')
  const layers = [3 * MEBIBYTE, 40 * MEBIBYTE]
  large = await pushLargeImage(registry, 'app', '1.0.0', {
    platforms: { 'linux/amd64': [GIBIBYTE, ...layers], 'linux/arm64': layers }
  })
  small = await pushLargeImage(registry, 'app', '2.0.0', { platforms: { 'linux/amd64': [12 * MEBIBYTE] } })
}, 300_000)

afterAll(async () => {
  await target.close()
  await rm(directory, { recursive: true, force: true })
})

interface Mirrored extends Deployed {
  readonly peakBytes: number
}

/** Runs the action, and learns the most memory that its process ever took. */
async function mirror(from: FlakyRegistry, tag: string): Promise<Mirrored> {
  const tellPeak = join(directory, 'tell-peak.cjs')
  await writeFile(
    tellPeak,
    `const { readFileSync, writeFileSync } = require('node:fs')
     process.on('exit', () => writeFileSync(process.env.PEAK_FILE, readFileSync('/proc/self/status', 'utf8')))`
  )
  const status = join(directory, 'status')
  const env = { NODE_OPTIONS: `--require ${tellPeak}`, PEAK_FILE: status, DOCKER_CONFIG: directory }
  const inputs = { 'poll-seconds': '', mode: 'mirror', mirror: `${from.host}/app:${tag} -> mirror/app:${tag}` }
  const run = await deployTo(target, inputs, { env })
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(await readFile(status, 'utf8'))?.[1]
  return { ...run, peakBytes: Number(kibibytes) * 1024 }
}

async function withTrouble<T>(trouble: Trouble, use: (registry: FlakyRegistry) => Promise<T>): Promise<T> {
  const registry = await startFlakyRegistry(realPart('REAL_REGISTRY'), trouble)
  try {
    return await use(registry)
  } finally {
    registry.close()
  }
}

describe('from a registry nobody here wrote', () => {
  test('an index with a layer of a gibibyte arrives through cut connections and rate limits, in little memory', async () => {
    const cutAfter = [100, 300, 7, 200, 150].map(mebibytes => mebibytes * MEBIBYTE)
    await withTrouble({ cutAfter, limitEvery: 4 }, async registry => {
      const run = await mirror(registry, '1.0.0')
      expect(run.outputs).toMatchObject({ outcome: 'succeeded', 'image-digest': large.digest })
      expect([registry.cuts(), registry.limited() > 0]).toEqual([5, true])
      expect(run.peakBytes).toBeLessThan(LARGEST_PEAK_BYTES)
      const promised = [...large.layers.values()].reduce((sum, size) => sum + size, 0)
      expect(registry.blobBytes() - promised).toBeLessThan(5 * LOST_PER_CUT_BYTES)
    })
  }, 300_000)

  test('the copy is what another client reads there, platform by platform', async () => {
    const { username, password } = await loginTo(target.simulator)
    const reference = `docker://127.0.0.1:${String(target.port)}/mirror/app:1.0.0`
    const options = ['--tls-verify=false', '--creds', `${username}:${password}`]
    const raw = await run('skopeo', ['inspect', '--raw', ...options, reference])
    const original = `docker://${realPart('REAL_REGISTRY')}/app:1.0.0`
    expect(raw).toBe(await run('skopeo', ['inspect', '--raw', '--tls-verify=false', original]))
    const arm = ['--override-os', 'linux', '--override-arch', 'arm64', 'inspect', ...options, reference]
    const { Layers, Digest } = JSON.parse(await run('skopeo', arm)) as { Layers: string[]; Digest: string }
    expect(Digest).toBe(large.digest)
    expect(Layers.every(layer => large.layers.has(layer))).toBe(true)
  })

  test('again, nothing is copied', async () => {
    await withTrouble({}, async registry => {
      const run = await mirror(registry, '1.0.0')
      expect(run.outputs).toMatchObject({ outcome: 'unchanged', 'image-digest': large.digest })
      expect(registry.blobBytes()).toBe(0)
    })
  })

  test('other bytes than promised never arrive, and no tag is put', async () => {
    const [layer = ''] = small.layers.keys()
    await withTrouble({ corrupt: layer }, async registry => {
      const run = await mirror(registry, '2.0.0')
      expect(run.outputs).toMatchObject({ outcome: 'failed', 'reason-code': 'digest-mismatch' })
      expect(run.outputs['reason']).toContain(layer)
      expect(Object.keys(tagsOf(run.cloud, 'mirror/app'))).toEqual(['1.0.0'])
    })
    await withTrouble({}, async registry => {
      expect((await mirror(registry, '2.0.0')).outputs).toMatchObject({ outcome: 'succeeded' })
    })
  })
})
