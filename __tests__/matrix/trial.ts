import { nameOf } from './accident.ts'
import type { Mishap } from './gate.ts'
import { damage, lateCalls, scalingDamage, unnamedCall } from './invariants.ts'
import { close, open, runMain, runPost, type Place, type Told } from './process.ts'
import type { Scene } from './scene.ts'
import { look, type Snapshot } from './snapshot.ts'
import { missing, untruths } from './truth.ts'

/** One mishap in one scene. */
export interface Trial {
  readonly scene: Scene
  readonly mishap: Mishap
  /** The call that it happens to. */
  readonly operation: string
  /** How long it takes until the job is run again, in seconds. */
  readonly restSeconds: number
}

/** What came of a trial. */
export interface Trialled {
  /** What the job ended in, or `killed`. */
  readonly outcome: string
  /** Everything that should not be, in words. */
  readonly violations: readonly string[]
}

/** A run takes milliseconds; whoever takes longer waits for what never comes. */
const PATIENCE_MS = 30_000

/** The job suffers a mishap, its post step runs, and the same job runs again without one. */
export async function attempt(trial: Trial): Promise<Trialled> {
  const { scene, mishap, restSeconds } = trial
  const place = open(scene)
  try {
    const start = look(place)
    const first = await unlessHanging(runMain(place, mishap))
    if (first === undefined) return { outcome: 'hangs', violations: ['it hangs', ...record(trial)] }
    const outcome = first.ending?.outcome ?? 'killed'
    const violations = [...ofFirstRun(place, first, mishap, start)]
    violations.push(...(await runPost(place)).map(complaint => `post: ${complaint}`))
    violations.push(...scalingDamage(start, look(place)).map(each => `after post: ${each}`))
    const lacking = missing(place, look(place))
    // A marker that could not be moved is said, and is for the next run to move.
    const isToBeMended = lacking.length > 0 && first.log.some(line => line.includes('was not moved'))
    if (outcome === scene.ends.first && !isToBeMended) {
      // It ended as if nothing had happened: running it again shows nothing that other tests do not.
      violations.push(...lacking)
      return { outcome, violations: violations.length === 0 ? [] : [...violations, ...record(trial, first)] }
    }
    place.simulator.advance(restSeconds)
    const rested = look(place)
    violations.push(...damage(place, start, rested).map(each => `after a rest: ${each}`))

    const again = await unlessHanging(runMain(place))
    await runPost(place)
    const second = again === undefined ? ['it hangs'] : ofSecondRun(place, again, start, rested)
    violations.push(...second.map(each => `the second run: ${each}`))
    return { outcome, violations: violations.length === 0 ? [] : [...violations, ...record(trial, first, again)] }
  } finally {
    close(place)
  }
}

function ofFirstRun(place: Place, told: Told, { accident }: Mishap, before: Snapshot): readonly string[] {
  const after = look(place)
  const { ending } = told
  return [
    ...damage(place, before, after),
    ...(ending === undefined ? [] : untruths({ place, told, ending, before, after })),
    ...lateCalls(told),
    ...unnamedCall(told, accident)
  ]
}

function ofSecondRun(place: Place, again: Told, start: Snapshot, before: Snapshot): readonly string[] {
  const after = look(place)
  const { ending } = again
  if (ending === undefined) return ['it did not end']
  const { ends } = place.scene
  const isExpected = ends.again.includes(ending.outcome)
  return [
    ...(isExpected ? [] : [`${ending.outcome}, not ${ends.again.join(' or ')}: ${ending.reason}`]),
    ...untruths({ place, told: again, ending, before, after }),
    ...damage(place, before, after),
    ...scalingDamage(start, after),
    ...missing(place, after)
  ]
}

/** The story of a trial, to be read when something was wrong with it. */
function record({ scene, mishap, operation, restSeconds }: Trial, first?: Told, again?: Told): readonly string[] {
  const what = `${nameOf(mishap.accident)}, call ${String(mishap.at)} (${first?.struck ?? operation})`
  return [
    `${scene.name}: ${what}, again after ${String(restSeconds)} s`,
    ...(first?.log ?? []).map(line => `1| ${line}`),
    ...(again?.log ?? []).map(line => `2| ${line}`),
    `calls: ${(first?.calls ?? []).map(call => call.operation).join(' ')}`
  ]
}

async function unlessHanging<T>(run: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>(resolve => {
    timer = setTimeout(() => {
      resolve(undefined)
    }, PATIENCE_MS)
  })
  try {
    return await Promise.race([run, late])
  } finally {
    clearTimeout(timer)
  }
}
