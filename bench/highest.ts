import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { World } from '../simulator/cloud/world.ts'
import type { ImageBench } from './images.ts'
import { spreadOf } from './statistics.ts'
import { measurePeakMemory, prepareStep, runStep } from './step.ts'

const MEBIBYTE = 1024 * 1024
/** ECR takes so many tags on an image, and lists so many at a time. */
const TAGS_AN_IMAGE = 1000

type Measurer = Pick<ImageBench, 'node' | 'runs' | 'root' | 'action' | 'cloud'>

/** What it takes to find the highest version in a repository, as the dry run of a registration: all else stays small. */
export async function measureHighest(bench: Measurer): Promise<readonly string[]> {
  return [await measure(bench, 10_000), await measure(bench, 100_000)]
}

async function measure(bench: Measurer, tags: number): Promise<string> {
  await bench.cloud.reset(repositoryOf(tags))
  const known = await runDry(bench, { image: `web:${lastVersion(tags)}`, repository: 'web' })
  const found = await runDry(bench, { version: 'highest', repository: 'web' })
  const more = spreadOf(found.map(({ milliseconds }, run) => milliseconds - (known[run]?.milliseconds ?? 0)))
  const step = await prepare(bench, { version: 'highest', repository: 'web' })
  const peak = await measurePeakMemory(bench.node, step)
  return (
    `the highest of ${String(tags)} tags: ${String(found[0]?.listings)} calls and ${(more.median / 1000).toFixed(2)} s ` +
    `(${(more.lower / 1000).toFixed(2)}–${(more.upper / 1000).toFixed(2)}) more than with a tag that is named, ` +
    `peak memory ${(peak / MEBIBYTE).toFixed(0)} MB`
  )
}

interface DryRun {
  readonly milliseconds: number
  /** How often ECR was asked for tags. */
  readonly listings: number
}

async function runDry(bench: Measurer, inputs: Readonly<Record<string, string>>): Promise<readonly DryRun[]> {
  const step = await prepare(bench, inputs)
  const runs: DryRun[] = []
  for (let run = 0; run < bench.runs; run++) {
    const before = (await bench.cloud.calls()).length
    const { exitCode, output, milliseconds } = await runStep(bench.node, step)
    if (exitCode !== 0) throw new Error(`the dry run failed:\n${output}`)
    const calls = (await bench.cloud.calls()).slice(before)
    runs.push({ milliseconds, listings: calls.filter(({ operation }) => operation === 'ListImages').length })
  }
  return runs
}

async function prepare({ root, action, cloud }: Measurer, inputs: Readonly<Record<string, string>>) {
  const asked = { 'task-definition': 'web.json', 'dry-run': 'true', 'tag-image': 'never', ...inputs }
  const step = await prepareStep(join(root, 'highest'), { directory: action, inputs: asked }, cloud.url)
  const containerDefinitions = [{ name: 'web', image: 'set by the run', essential: true }]
  await writeFile(join(step.directory, 'web.json'), JSON.stringify({ family: 'web', containerDefinitions }))
  return step
}

function repositoryOf(tags: number): World {
  const images = Array.from({ length: tags / TAGS_AN_IMAGE }, (_, image) => ({
    tags: Array.from({ length: TAGS_AN_IMAGE }, (__, tag) => `1.${String(image)}.${String(tag)}`)
  }))
  return {
    account: '123456789012',
    region: 'eu-west-1',
    repositories: [{ name: 'web', imageTagMutability: 'IMMUTABLE', images }],
    clusters: [],
    limits: { throttling: false }
  }
}

function lastVersion(tags: number): string {
  return `1.${String(tags / TAGS_AN_IMAGE - 1)}.${String(TAGS_AN_IMAGE - 1)}`
}
