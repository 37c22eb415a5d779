// `npm run bench`: what this action takes, beside the official deploy action when its checkout is given. Figures to
// read, never a test: they depend on the machine.
import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { benchImages } from './images.ts'
import { startCloud, type BenchCloud } from './cloud.ts'
import { measureDeploy, measureMemory, prepareOfficial, prepareOurs, type Contender } from './contender.ts'
import { runStep, type ActionStep } from './step.ts'
import { format, linesOf } from './table.ts'

const USAGE = 'npm run bench -- [images | verdicts] [--official DIRECTORY] [--node FILE] [--runs N]'
/** A copy of an image takes a thousand times as long as a deploy. */
const DEFAULT_RUNS = { deploy: 30, images: 5, verdicts: 100 } as const
/** The first runs read both bundles from disk and let the simulator's own code become fast. */
const WARM_UP_RUNS = 3

interface Options {
  /** What is measured. */
  readonly subject: keyof typeof DEFAULT_RUNS
  readonly node: string
  readonly runs: number
  /** The official action's directory, with its action.yml and dist. */
  readonly official: string | undefined
}

function readOptions(): Options {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      official: { type: 'string' },
      node: { type: 'string', default: process.execPath },
      runs: { type: 'string' }
    }
  })
  const [subject = 'deploy', ...more] = positionals
  if (!isSubject(subject) || more.length > 0) throw new Error(`usage: ${USAGE}`)
  const runs = Number(values.runs ?? DEFAULT_RUNS[subject])
  if (!Number.isInteger(runs) || runs < 1)
    throw new Error(`--runs: expected a whole number above 0, got '${values.runs ?? ''}'\nusage: ${USAGE}`)
  return {
    subject,
    node: values.node,
    runs,
    official: values.official === undefined ? undefined : resolve(values.official)
  }
}

function isSubject(text: string): text is Options['subject'] {
  return Object.hasOwn(DEFAULT_RUNS, text)
}

/** Each run measures everything once, in turn, so that a slow moment of the machine meets all alike. */
async function measure(root: string, cloud: BenchCloud, options: Options): Promise<string> {
  const { node, runs } = options
  const ours = await prepareOurs(root, cloud, resolve('.'))
  const official = options.official === undefined ? undefined : await prepareOfficial(root, cloud, options.official)
  const contenders = official === undefined ? [ours] : [ours, official]
  const post = { postMs: [] as number[], bareNodeMs: [] as number[] }
  for (let run = 0; run < WARM_UP_RUNS + runs; run++) {
    if (run === WARM_UP_RUNS) forget(contenders, post)
    // Who goes first takes turns, too.
    for (const one of run % 2 === 0 ? contenders : contenders.toReversed()) await measureDeploy(node, cloud, one)
    for (const one of contenders) await measureMemory(node, cloud, one)
    await measurePost(node, ours.step, post)
  }
  return format(linesOf(ours, official, post))
}

function forget(contenders: readonly Contender[], post: { postMs: number[]; bareNodeMs: number[] }): void {
  for (const { firstRequestMs, deployMs, peakBytes, calls } of contenders) {
    for (const measured of [firstRequestMs, deployMs, peakBytes, calls]) measured.length = 0
  }
  post.postMs.length = 0
  post.bareNodeMs.length = 0
}

async function measurePost(
  node: string,
  main: ActionStep,
  times: { postMs: number[]; bareNodeMs: number[] }
): Promise<void> {
  const post = await runStep(node, { ...main, args: main.postArgs })
  if (post.exitCode !== 0) throw new Error(`the post step failed:\n${post.output}`)
  times.postMs.push(post.milliseconds)
  const bare = await runStep(node, { ...main, args: ['-e', '0'] })
  times.bareNodeMs.push(bare.milliseconds)
}

async function main(): Promise<void> {
  const options = readOptions()
  if (options.subject === 'verdicts') {
    const { benchVerdicts } = await import('./verdicts.ts')
    console.log(`${String(options.runs)} runs in simulated time\n`)
    console.log((await benchVerdicts(options.node, options.runs, options.official)).join('\n'))
    return
  }
  const version = execFileSync(options.node, ['--version'], { encoding: 'utf8' }).trim()
  console.log(`${String(options.runs)} interleaved runs with Node ${version}: median (middle half)\n`)
  if (options.subject === 'images') {
    console.log((await benchImages(options.node, options.runs)).join('\n'))
    return
  }
  const root = await mkdtemp(join(tmpdir(), 'bench-'))
  const cloud = await startCloud()
  try {
    console.log(await measure(root, cloud, options))
  } finally {
    await cloud.close()
    await rm(root, { recursive: true, force: true })
  }
}

try {
  await main()
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}
