import { type RunningSimulator, startSimulator } from '../server.ts'
import { type Commit, readCommits } from './commits.ts'
import { deploy, INPUTS, type Stage, USES } from './deployment.ts'
import { chooseImageMaker, type MakeImage, push } from './images.ts'
import { type Summary, writeSummaries } from './page.ts'
import type { Screen } from './screen.ts'
import { readTruth, type Truth } from './truth.ts'
import { CLUSTER, SERVICE, WORLD } from './world.ts'

/** A rollout of some three minutes passes in as many seconds. */
const SPEED = 60

/** What the demo needs to know. */
export interface DemoOptions {
  /** Directory of action.yml, dist and examples. */
  readonly root: string
  /** Directory below which the summaries are left. */
  readonly output: string
  readonly isDockerThere: boolean
  readonly screen: Screen
  readonly signal: AbortSignal
}

interface Chapter {
  readonly title: string
  readonly commit: Commit
  readonly outcome: 'succeeded' | 'rolled-back'
  readonly exitCode: number
}

/** Tells the whole story; true when every part of it ended as it should. Rejects when it is aborted. */
export async function runDemo(options: DemoOptions): Promise<boolean> {
  const { root, screen, signal } = options
  const [first, second, broken] = await readCommits(`${root}/examples/app`)
  const chapters: readonly Chapter[] = [
    { title: 'A first deploy', commit: first, outcome: 'succeeded', exitCode: 0 },
    { title: 'A new commit', commit: second, outcome: 'succeeded', exitCode: 0 },
    { title: 'A commit that crashes', commit: broken, outcome: 'rolled-back', exitCode: 1 }
  ]
  const running = await startSimulator({ world: WORLD, speed: SPEED })
  try {
    introduce(screen, running)
    const makeImage = chooseImageMaker(options.isDockerThere, screen, signal)
    const stage = { action: root, url: running.url, screen, signal }
    const summaries: Summary[] = []
    const digests: string[] = []
    let isGood = true
    for (const [index, chapter] of chapters.entries()) {
      signal.throwIfAborted()
      screen.heading(`${String(index + 1)} of ${String(chapters.length)}: ${chapter.title}`)
      digests.push(await publish(stage, makeImage, chapter.commit))
      const { good, markdown } = await perform(stage, chapter)
      summaries.push({ title: chapter.title, markdown })
      isGood &&= good
    }
    const [, expected = ''] = digests
    const truth = readTruth(running.simulator.state())
    isGood = conclude(screen, truth, expected) && isGood
    const { page, source } = await writeSummaries(options.output, summaries)
    screen.line()
    screen.line(`The three job summaries: ${page}`)
    screen.line(`and as Markdown:         ${source}`)
    return isGood
  } finally {
    await running.close()
  }
}

function introduce(screen: Screen, { url, simulator }: RunningSimulator): void {
  const { tasks } = readTruth(simulator.state())
  screen.line(`A local cloud with ECS, ECR and auto scaling listens on ${url}; ${String(SPEED)} times as fast as AWS.`)
  screen.line(
    `The service ${SERVICE} in cluster ${CLUSTER} runs ${String(tasks.length)} tasks of ${tasks[0]?.image ?? ''}.`
  )
  screen.line('The workflow deploys with this step:')
  screen.line()
  screen.line(`    - uses: ${USES}`)
  screen.line('      with:')
  for (const [name, value] of Object.entries(INPUTS)) screen.line(`        ${name}: ${value}`)
  screen.line()
}

/** Makes the image of a commit and pushes it, as the workflow's build job would; returns its digest. */
async function publish({ url, screen }: Stage, makeImage: MakeImage, commit: Commit): Promise<string> {
  const tag = `main-${commit.sha.slice(0, 7)}`
  screen.line(`A push to main: ${commit.sha.slice(0, 7)} "${commit.message}"`)
  const image = await makeImage(commit)
  await push(url, image, tag)
  screen.line(`Its image is pushed: ${SERVICE}:${tag}, ${image.digest}`)
  screen.line()
  return image.digest
}

async function perform(
  stage: Stage,
  { commit, outcome, exitCode }: Chapter
): Promise<{ readonly good: boolean; readonly markdown: string }> {
  const { screen, signal } = stage
  const result = await deploy(stage, commit)
  signal.throwIfAborted()
  const seen = result.outputs['outcome'] ?? 'none'
  const good = seen === outcome && result.exitCode === exitCode && result.post?.outcome === 'success'
  const wanted = `outcome ${outcome}, exit code ${String(exitCode)}`
  screen.line()
  screen.verdict(
    good,
    good ? `${wanted}, as it should be` : `${wanted} was to come; it is ${seen}, exit code ${String(result.exitCode)}`
  )
  return { good, markdown: result.summary }
}

function conclude(screen: Screen, truth: Truth, expected: string): boolean {
  screen.heading('What runs now, by the simulator’s own account')
  screen.line(`service ${SERVICE} is set to ${truth.taskDefinition}`)
  for (const { id, image, digest } of truth.tasks) screen.line(`task ${id} runs ${image}, ${digest}`)
  const isRight = truth.tasks.length > 0 && truth.tasks.every(({ digest }) => digest === expected)
  screen.verdict(isRight, `every task runs the image of the second commit, ${expected}`)
  screen.verdict(!truth.isScalingSuspended, 'auto scaling is as it was before')
  return isRight && !truth.isScalingSuspended
}
