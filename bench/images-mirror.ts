import { join } from 'node:path'
import { writeFile, readFile } from 'node:fs/promises'
import type { World } from '../simulator/cloud/world.ts'
import { startFlakyRegistry } from '../__tests__/real/support/flaky-registry.ts'
import { pushLargeImage } from '../__tests__/real/support/large-image.ts'
import type { ImageBench } from './images.ts'
import { spreadOf, type Spread } from './statistics.ts'
import { prepareStep, runStep, TELL_PEAK_MEMORY, type Step } from './step.ts'

const MEBIBYTE = 1024 * 1024

/** What is copied: two platforms, each with a large layer and smaller ones, as images have them. */
const LAYERS = [256, 64, 16, 1].map(mebibytes => mebibytes * MEBIBYTE)
const IMAGE = { platforms: { 'linux/amd64': LAYERS, 'linux/arm64': LAYERS } }
const CUT_AFTER = [50, 60, 30, 45, 40].map(mebibytes => mebibytes * MEBIBYTE)

const WORLD: World = {
  account: '123456789012',
  region: 'eu-west-1',
  repositories: [{ name: 'mirror/app', imageTagMutability: 'IMMUTABLE' }],
  clusters: []
}

/** The rate of a mirror beside `skopeo copy --all`, the memory that it takes, and what a cut connection costs. */
export async function measureMirror(bench: ImageBench): Promise<readonly string[]> {
  const { layers } = await pushLargeImage(bench.registry, 'app', '1.0.0', IMAGE)
  const bytes = [...layers.values()].reduce((sum, size) => sum + size, 0)
  const rates = { ours: [] as number[], skopeo: [] as number[] }
  const peaks: number[] = []
  const ours = async (): Promise<void> => {
    const { milliseconds, peakBytes } = await mirror(bench, bench.registry)
    rates.ours.push(bytes / MEBIBYTE / (milliseconds / 1000))
    peaks.push(peakBytes)
  }
  const skopeo = async (): Promise<void> => {
    rates.skopeo.push(bytes / MEBIBYTE / ((await copyWithSkopeo(bench)) / 1000))
  }
  await ours()
  await skopeo()
  for (const list of [rates.ours, rates.skopeo, peaks]) list.length = 0
  // Who goes first takes turns, so that a slow moment of the machine meets both.
  for (let run = 0; run < bench.runs; run++) {
    for (const one of run % 2 === 0 ? [ours, skopeo] : [skopeo, ours]) await one()
  }
  const [our, their] = [spreadOf(rates.ours), spreadOf(rates.skopeo)]
  const lost = await measureCuts(bench, bytes)
  return [
    `mirror of ${String(Math.round(bytes / MEBIBYTE))} MiB, two platforms: ${shown(our)} MiB/s`,
    `skopeo copy --all: ${shown(their)} MiB/s, ratio ${(our.median / their.median).toFixed(2)} (at least 1)`,
    `peak memory: ${(Math.max(...peaks) / 1e6).toFixed(0)} MB at most (below 150 MB)`,
    `lost per cut connection: ${(lost / MEBIBYTE).toFixed(2)} MiB of what the source sent, after ${String(CUT_AFTER.length)} cuts`
  ]
}

async function mirror(
  { cloud, node, root, action }: ImageBench,
  from: string
): Promise<{ readonly milliseconds: number; readonly peakBytes: number }> {
  await cloud.reset(WORLD)
  const inputs = { mode: 'mirror', mirror: `${from}/app:1.0.0 -> mirror/app:1.0.0` }
  const step: Step = await prepareStep(join(root, 'mirror'), { directory: action, inputs }, cloud.url)
  const [script, told] = [join(step.directory, 'tell-peak-memory.cjs'), join(step.directory, 'peak-memory')]
  await writeFile(script, TELL_PEAK_MEMORY)
  const { exitCode, output, milliseconds } = await runStep(node, { ...step, args: ['--require', script, ...step.args] })
  if (exitCode !== 0) throw new Error(`the mirror failed:\n${output}`)
  return { milliseconds, peakBytes: Number(await readFile(told, 'utf8')) * 1024 }
}

async function copyWithSkopeo({ cloud, root, registry }: ImageBench): Promise<number> {
  await cloud.reset(WORLD)
  const login = (await cloud.login()).join(':')
  const { host } = new URL(cloud.url)
  const args = [
    ...['--insecure-policy', 'copy', '--all', '--preserve-digests', '--quiet', '--src-tls-verify=false'],
    ...['--dest-tls-verify=false', '--dest-creds', login],
    ...[`docker://${registry}/app:1.0.0`, `docker://${host}/mirror/app:1.0.0`]
  ]
  // A home of its own, so that it remembers no blobs.
  const env = { PATH: process.env['PATH'] ?? '', HOME: root, XDG_RUNTIME_DIR: root }
  const { exitCode, output, milliseconds } = await runStep('skopeo', { args, env, directory: root })
  if (exitCode !== 0) throw new Error(`skopeo failed:\n${output}`)
  return milliseconds
}

/** Bytes that the source sent in vain, per connection that was cut. */
async function measureCuts(bench: ImageBench, bytes: number): Promise<number> {
  const flaky = await startFlakyRegistry(bench.registry, { cutAfter: CUT_AFTER })
  try {
    await mirror(bench, flaky.host)
    if (flaky.cuts() !== CUT_AFTER.length) throw new Error(`only ${String(flaky.cuts())} connections were cut`)
    return (flaky.blobBytes() - bytes) / flaky.cuts()
  } finally {
    flaky.close()
  }
}

function shown({ median, lower, upper }: Spread): string {
  return `${median.toFixed(0)} (${lower.toFixed(0)}–${upper.toFixed(0)})`
}
