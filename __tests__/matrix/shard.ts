import { CANCELLATIONS, DEATHS, FAULTS, nameOf, type Accident } from './accident.ts'
import { close, open, runMain } from './process.ts'
import type { Scene } from './scene.ts'
import { BUILDS } from './scenes-build.ts'
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
  readonly atCalls: readonly Accident[]
  readonly inPauses: readonly Accident[]
  /** When the job is run again, in seconds. */
  readonly rests: readonly number[]
}

/** The next run finds a rollout under way, or one that has come to its end. */
const SOON = 5
const LATE = 1800

const ALL = [...SCENES, ...BUILDS]

const MATRICES: Readonly<Record<string, Matrix>> = {
  kills: { scenes: ALL, atCalls: DEATHS, inPauses: [], rests: [SOON, LATE] },
  faults: { scenes: ALL, atCalls: FAULTS, inPauses: [], rests: [SOON] },
  cancellations: {
    scenes: [...ALL, ...CANCELLED],
    atCalls: CANCELLATIONS,
    inPauses: [{ kind: 'cancelled-pause' }],
    rests: [SOON, LATE]
  }
}

const [name = '', shard = '0', shards = '1', first = '0', every = '1', only = ''] = process.argv.slice(2)
const matrix = MATRICES[name]
if (matrix === undefined) throw new Error(`there is no matrix '${name}'`)
const outcomes: Record<string, Record<string, number>> = {}
const violations: string[] = []
for (const scene of matrix.scenes.filter(each => only === '' || each.name === only)) {
  const trials = (await trialsOf(matrix, scene)).filter((_, index) => index % Number(every) === Number(first))
  for (const trial of trials) {
    if (trial.mishap.at % Number(shards) !== Number(shard)) continue
    const { outcome, violations: found } = await attempt(trial)
    const counts = (outcomes[nameOf(trial.mishap.accident)] ??= {})
    counts[outcome] = (counts[outcome] ?? 0) + 1
    if (found.length > 0) violations.push(found.join('\n'))
  }
}
process.stdout.write(JSON.stringify({ outcomes, violations } satisfies ShardReport))

/** Every accident of the matrix, at every call and in every pause that the scene has when nothing happens. */
async function trialsOf({ atCalls, inPauses, rests }: Matrix, scene: Scene): Promise<readonly Trial[]> {
  const place = open(scene)
  const { calls, pauses, ending } = await runMain(place)
  close(place)
  if (ending?.outcome !== scene.ends.first) {
    throw new Error(`${scene.name} ends ${ending?.outcome ?? 'never'}: ${ending?.reason ?? ''}`)
  }
  const during = [
    ...calls.flatMap(({ operation }, at) => atCalls.map(accident => ({ mishap: { accident, at }, operation }))),
    ...Array.from({ length: pauses }, (_, at) => at).flatMap(at =>
      inPauses.map(accident => ({ mishap: { accident, at }, operation: 'a pause' }))
    )
  ]
  return during.flatMap(each => rests.map(restSeconds => ({ scene, ...each, restSeconds })))
}
