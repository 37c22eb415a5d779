// `npm run bench -- verdicts`: how soon a run tells the truth, in simulated time.
import { play } from '../__tests__/properties/play.ts'
import { timeOfficial } from './verdicts-official.ts'
import { doomedScenes, goodRollout, type Scene } from './verdicts-scenes.ts'
import { decidedAt, type Timed } from './verdicts-timing.ts'

const POLL_SECONDS = 3
/** A load balancer that drains this long makes a rollout of ten minutes. */
const SLOW_DRAIN_SECONDS = 500
const MEAN_LIMIT_S = 2
const WORST_LIMIT_S = 4
const RED_LIMIT_S = 10

/** Measures all of it and returns lines to print; `official` is a checkout of the official action. */
export async function benchVerdicts(
  node: string,
  runs: number,
  official: string | undefined
): Promise<readonly string[]> {
  const theirs = async (scene: Scene): Promise<Timed | undefined> =>
    official === undefined ? undefined : timeOfficial(node, official, scene)
  const good = await timeAll(runs, goodRollout)
  const lags = good.map(({ lagMs }) => lagMs / 1000)
  const [mean, p95, worst] = [average(lags), quantile(lags, 0.95), Math.max(...lags)]
  const slow = await time(goodRollout(0.5, SLOW_DRAIN_SECONDS))
  const [theirGood, theirSlow] = [await theirs(goodRollout(0.5)), await theirs(goodRollout(0.5, SLOW_DRAIN_SECONDS))]
  const lines: (readonly string[])[] = [
    ['', 'this action', 'official', 'target', ''],
    [
      'end of a rollout to exit',
      `${tenths(mean)} mean, ${tenths(p95)} p95, ${tenths(worst)} worst`,
      told(theirGood),
      `≤ ${tenths(MEAN_LIMIT_S)} mean, ${tenths(WORST_LIMIT_S)} worst`,
      met(mean <= MEAN_LIMIT_S && worst <= WORST_LIMIT_S)
    ],
    ...(await doomedLines(runs, theirs)),
    [
      `calls in a rollout of ${minutes(slow)}`,
      `${String(slow.calls)}, ${String(slow.throttled)} throttled`,
      theirSlow === undefined ? '' : `${String(theirSlow.calls)} (${minutes(theirSlow)})`,
      'none throttled',
      met([...good, slow].every(({ throttled }) => throttled === 0))
    ]
  ]
  return aligned(lines)
}

async function doomedLines(
  runs: number,
  theirs: (scene: Scene) => Promise<Timed | undefined>
): Promise<(readonly string[])[]> {
  const lines: (readonly string[])[] = []
  for (const [index, { title }] of doomedScenes(0).entries()) {
    const sceneAt = (phase: number): Scene => {
      const scene = doomedScenes(phase)[index]
      if (scene === undefined) throw new Error(`no scene ${title}`)
      return scene
    }
    const timed = await timeAll(runs, sceneAt)
    const lags = timed.map(({ lagMs }) => lagMs / 1000)
    const worst = Math.max(...lags)
    const outcomes = [...new Set(timed.map(({ outcome }) => outcome))].join(', ')
    lines.push([
      title,
      `red after ${tenths(average(lags))} mean, ${tenths(worst)} worst (${outcomes})`,
      told(await theirs(sceneAt(0.5))),
      `≤ ${tenths(RED_LIMIT_S)}`,
      met(worst <= RED_LIMIT_S)
    ])
  }
  return lines
}

async function timeAll(runs: number, sceneAt: (phase: number) => Scene): Promise<readonly Timed[]> {
  const timed: Timed[] = []
  for (let run = 0; run < runs; run++) timed.push(await time(sceneAt(run / runs)))
  return timed
}

/** This action, its SDK and its waits in the simulator's own time: exact, whatever the machine does besides. */
async function time(scene: Scene): Promise<Timed> {
  const { ending, known, truth, calls, startedAt, endedAt, redAt } = await play({
    ...scene,
    faults: [],
    circuitBreaker: 'ignore',
    onFailure: 'rollback',
    pollSeconds: POLL_SECONDS,
    budgetMinutes: 30
  })
  const mine = truth.serviceDeployments.find(({ deploymentId }) => deploymentId === known.deploymentId)
  if (mine === undefined) throw new Error(`${scene.title}: ${ending.reason}`)
  const certain = decidedAt(scene, truth, mine)
  const toldAt = Math.min(redAt ?? endedAt, endedAt)
  const throttled = calls.filter(({ error }) => error === 'ThrottlingException').length
  const times = { lagMs: toldAt - certain, endMs: endedAt - certain, rolloutMs: endedAt - startedAt }
  return { ...times, outcome: ending.outcome, calls: calls.length, throttled }
}

function told(timed: Timed | undefined): string {
  if (timed === undefined) return ''
  const seconds = timed.lagMs / 1000
  return `${timed.outcome} ${seconds < 0 ? `${tenths(-seconds)} before it is certain` : `after ${tenths(seconds)}`}`
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(share * values.length) - 1] ?? Number.NaN
}

function tenths(seconds: number): string {
  return `${seconds.toFixed(1)} s`
}

function minutes({ rolloutMs }: Timed): string {
  return `${(rolloutMs / 60_000).toFixed(1)} min`
}

function met(isMet: boolean): string {
  return isMet ? 'met' : 'MISSED'
}

function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0))) ?? []
  return rows.map(row =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  )
}
