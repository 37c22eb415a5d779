import { nameOf } from './accident.ts'
import type { Mishap } from './gate.ts'
import { damage, lateCalls, scalingDamage, unnamedCall } from './invariants.ts'
import { close, open, runMain, runPost, type Told } from './process.ts'
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
export async function attempt({ scene, mishap, operation, restSeconds }: Trial): Promise<Trialled> {
  const place = open(scene)
  try {
    const start = look(place)
    const first = await unlessHanging(runMain(place, mishap))
    if (first === undefined) return { outcome: 'hangs', violations: ['it hangs'] }
    const told = look(place)
    const violations = [
      ...damage(place, start, told),
      ...(first.ending === undefined
        ? []
        : untruths({ place, told: first, ending: first.ending, before: start, after: told })),
      ...lateCalls(first),
      ...unnamedCall(first, mishap.accident)
    ]
    place.simulator.setFaults(scene.faults ?? [])
    violations.push(...(await runPost(place)).map(complaint => `post: ${complaint}`))
    violations.push(...scalingDamage(start, look(place)).map(each => `after post: ${each}`))
    place.simulator.advance(restSeconds)
    const rested = look(place)
    violations.push(...damage(place, start, rested).map(each => `after a rest: ${each}`))

    const again = await unlessHanging(runMain(place))
    if (again === undefined) return { outcome: 'hangs', violations: [...violations, 'the second run hangs'] }
    await runPost(place)
    const end = look(place)
    violations.push(...ofSecondRun(place, again, start, rested, end).map(each => `the second run: ${each}`))
    return {
      outcome: first.ending?.outcome ?? 'killed',
      violations:
        violations.length === 0
          ? []
          : [...violations, ...record({ scene, mishap, operation, restSeconds }, first, again)]
    }
  } finally {
    close(place)
  }
}

function ofSecondRun(
  place: ReturnType<typeof open>,
  again: Told,
  start: Snapshot,
  before: Snapshot,
  after: Snapshot
): readonly string[] {
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
function record({ scene, mishap, operation, restSeconds }: Trial, first: Told, again: Told): readonly string[] {
  const calls = first.calls.map(call => call.operation).join(' ')
  return [
    `${scene.name}: ${nameOf(mishap.accident)}, call ${String(mishap.at)} (${operation}), again after ${String(restSeconds)} s`,
    ...first.log.map(line => `1| ${line}`),
    ...again.log.map(line => `2| ${line}`),
    `calls: ${calls}`
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
