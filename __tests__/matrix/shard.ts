import { CANCELLATIONS, DEATHS, FAULTS, faultsOfWrite, nameOf, type Accident } from './accident.ts'
import { close } from './place.ts'
import { enter, runMain, runPost } from './process.ts'
import type { Scene } from './scene.ts'
import { BUILDS } from './scenes-build.ts'
import { WITHOUT_SERVICE } from './scenes-files.ts'
import { CANCELLED, SCENES } from './scenes.ts'
import { attempt, type Trial } from './trial.ts'

/** Plays its share of a matrix and writes what came of it to standard output, as JSON. */

/** What a shard found. */
export interface ShardReport {
  /** How often each accident led to each outcome. */
  readonly outcomes: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** Every trial that something was wrong with, in words. */
  readonly violations: readonly string[]
}

/** Which accidents happen to which jobs. */
interface Matrix {
  readonly scenes: readonly Scene[]
  readonly atCalls: (operation: string) => readonly Accident[]
  readonly inPauses: readonly Accident[]
  /** What happens at the calls of the post step; then main is only killed where it leaves something to put back. */
  readonly inPost?: (operation: string) => readonly Accident[]
  /** When the job is run again, in seconds. */
  readonly rests: readonly number[]
}

/** The next run finds a rollout under way, one that is and reads that have caught up, or one that has come to its end. */
const SOON = 5
const SETTLED = 30
const LATE = 1800

const ALL = [...SCENES, ...BUILDS, ...WITHOUT_SERVICE]

const kills = (): readonly Accident[] => DEATHS
const faults = (operation: string): readonly Accident[] => [...FAULTS, ...faultsOfWrite(operation)]

const MATRICES: Readonly<Record<string, Matrix>> = {
  kills: { scenes: ALL, atCalls: kills, inPauses: [], rests: [SOON, LATE] },
  faults: { scenes: ALL, atCalls: faults, inPauses: [], rests: [SOON] },
  cancellations: {
    scenes: [...ALL, ...CANCELLED],
    atCalls: () => CANCELLATIONS,
    inPauses: [{ kind: 'cancelled-pause' }],
    rests: [SOON, LATE]
  },
  posts: {
    scenes: [...ALL, ...CANCELLED].filter(({ inputs }) => inputs['auto-scaling'] === 'suspend'),
    atCalls: kills,
    inPauses: [],
    inPost: operation => [...DEATHS, ...faults(operation)],
    rests: [SETTLED]
  }
}

/** Where auto scaling is suspended, or about to be. */
const SUSPENDED_AT = new Set(['application-autoscaling:RegisterScalableTarget', 'ecs:UpdateService'])

const [name = '', shard = '0', shards = '1', first = '0', every = '1', only = ''] = process.argv.slice(2)
const matrix = MATRICES[name]
if (matrix === undefined) throw new Error(`there is no matrix '${name}'`)
const outcomes: Record<string, Record<string, number>> = {}
const violations: string[] = []
// Counted through all scenes: a part of every scene's own would be a sample of another size each time.
let met = 0
for (const scene of matrix.scenes.filter(each => only === '' || each.name === only)) {
  const trials = (await trialsOf(matrix, scene))
    .filter(() => met++ % Number(every) === Number(first))
    .filter((_, index) => index % Number(shards) === Number(shard))
  for (const trial of trials) {
    const { outcome, violations: found } = await attempt(trial)
    const counts = (outcomes[nameOf((trial.post ?? trial.mishap).accident)] ??= {})
    counts[outcome] = (counts[outcome] ?? 0) + 1
    if (found.length > 0) violations.push(found.join('\n'))
  }
}
process.stdout.write(JSON.stringify({ outcomes, violations } satisfies ShardReport))

/** Every accident of the matrix, at every call and in every pause that the scene has when nothing happens. */
async function trialsOf({ atCalls, inPauses, rests, inPost }: Matrix, scene: Scene): Promise<readonly Trial[]> {
  const place = await enter(scene)
  const { calls, pauses, ending } = await runMain(place)
  close(place)
  if (ending?.outcome !== scene.ends.first) {
    throw new Error(`${scene.name} ends ${ending?.outcome ?? 'never'}: ${ending?.reason ?? ''}`)
  }
  const duringCalls = calls.flatMap(({ operation }, at) =>
    atCalls(operation).map(accident => ({ scene, mishap: { accident, at }, operation }))
  )
  const duringPauses = Array.from({ length: pauses }, (_, at) => at).flatMap(at =>
    inPauses.map(accident => ({ scene, mishap: { accident, at }, operation: 'a pause' }))
  )
  const during = inPost === undefined ? [...duringCalls, ...duringPauses] : await inPostOf(duringCalls, inPost)
  return during.flatMap(each => rests.map(restSeconds => ({ ...each, restSeconds })))
}

/** The accidents that befall the post step when main died while auto scaling was, or may have been, suspended. */
async function inPostOf(
  mains: readonly Omit<Trial, 'restSeconds'>[],
  accidentsAt: Required<Matrix>['inPost']
): Promise<readonly Omit<Trial, 'restSeconds'>[]> {
  const trials: Omit<Trial, 'restSeconds'>[] = []
  for (const main of mains.filter(({ operation }) => SUSPENDED_AT.has(operation))) {
    const place = await enter(main.scene)
    await runMain(place, main.mishap)
    const { calls } = await runPost(place)
    close(place)
    for (const [at, { operation }] of calls.entries()) {
      trials.push(...accidentsAt(operation).map(accident => ({ ...main, post: { accident, at } })))
    }
  }
  return trials
}
