import { isRed } from '../../src/outcome.ts'
import { nameOf } from './accident.ts'
import type { Mishap } from './gate.ts'
import { damage, lateCalls, leftByPost, scalingDamage, unnamedCall, untoldSuspension } from './invariants.ts'
import { close, pass, settle, type Place } from './place.ts'
import { enter, runMain, runPost, type PostTold, type Told } from './process.ts'
import type { Scene } from './scene.ts'
import { look, type Snapshot } from './snapshot.ts'
import { missing, untruths } from './truth.ts'

/** One mishap in one scene. */
export interface Trial {
  readonly scene: Scene
  readonly mishap: Mishap
  /** What happens to the post step; nothing when left out. */
  readonly post?: Mishap
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

/** The job suffers a mishap, or its post step does, and the same job runs again without one. */
export async function attempt(trial: Trial): Promise<Trialled> {
  const { scene, mishap } = trial
  const place = await enter(scene)
  try {
    const start = look(place)
    const first = await unlessHanging(runMain(place, mishap))
    if (first === undefined) return { outcome: 'hangs', violations: ['it hangs', ...record(trial)] }
    const parted = await unlessHanging(runPost(place, trial.post))
    if (parted === undefined) {
      return { outcome: 'hangs', violations: ['the post step hangs', ...record(trial, { first })] }
    }
    const outcome = trial.post === undefined ? endOf(first) : endOfPost(parted)
    await settle(place)
    const whole = look(place)
    const violations = [
      ...ofFirstRun(place, first, mishap, start),
      ...leftByPost(parted, trial.post, start, whole).map(each => `post: ${each}`)
    ]
    const lacking = missing(place, whole)
    // A marker that could not be moved is said, and is for the next run to move, as is what a red run did not get to.
    const isSaid = isRed(scene.ends.first) || first.log.some(line => line.includes('was not moved'))
    const isToBeMended = lacking.length > 0 && isSaid
    if (endOf(first) === scene.ends.first && !isToBeMended) {
      // It ended as if nothing had happened: running it again shows nothing that other tests do not.
      return told(outcome, [...violations, ...lacking], () => record(trial, { first, parted }))
    }
    await pass(place, trial.restSeconds * 1000)
    const rested = look(place)
    violations.push(...damage(place, start, rested).map(each => `after a rest: ${each}`))

    const again = await unlessHanging(runMain(place))
    await runPost(place)
    const second = again === undefined ? ['it hangs'] : ofSecondRun(place, again, { start, rested })
    violations.push(...second.map(each => `the second run: ${each}`))
    return told(outcome, violations, () => record(trial, { first, parted, again }))
  } finally {
    close(place)
  }
}

function told(outcome: string, violations: readonly string[], story: () => readonly string[]): Trialled {
  return { outcome, violations: violations.length === 0 ? [] : [...violations, ...story()] }
}

function endOf({ ending }: Told): string {
  return ending?.outcome ?? 'killed'
}

function endOfPost({ isKilled, isRed }: PostTold): string {
  if (isKilled) return 'killed'
  return isRed ? 'red' : 'put back'
}

function ofFirstRun(place: Place, told: Told, { accident }: Mishap, before: Snapshot): readonly string[] {
  const after = look(place)
  const { ending } = told
  return [
    ...damage(place, before, after),
    ...(ending === undefined ? [] : untruths({ place, told, ending, before, after })),
    ...lateCalls(told),
    ...unnamedCall(place, told, accident)
  ]
}

/** What the second run is measured by: before the first one, and right before itself. */
interface Moments {
  readonly start: Snapshot
  readonly rested: Snapshot
}

function ofSecondRun(place: Place, again: Told, { start, rested }: Moments): readonly string[] {
  const after = look(place)
  const { ending } = again
  if (ending === undefined) return ['it did not end']
  const { ends } = place.scene
  const isExpected = ends.again.includes(ending.outcome)
  return [
    ...(isExpected ? [] : [`${ending.outcome}, not ${ends.again.join(' or ')}: ${ending.reason}`]),
    ...untruths({ place, told: again, ending, before: rested, after }),
    ...damage(place, rested, after),
    ...scalingDamage(rested, after),
    ...untoldSuspension(again, start, rested),
    ...missing(place, after)
  ]
}

/** What the processes of a trial told. */
interface Stories {
  readonly first?: Told
  readonly parted?: PostTold
  readonly again?: Told | undefined
}

/** The story of a trial, to be read when something was wrong with it. */
function record(
  { scene, mishap, post, operation, restSeconds }: Trial,
  { first, parted, again }: Stories = {}
): readonly string[] {
  const main = `${nameOf(mishap.accident)}, call ${String(mishap.at)} (${first?.struck ?? operation})`
  const inPost = post && `, post: ${nameOf(post.accident)}, call ${String(post.at)} (${parted?.struck ?? ''})`
  return [
    `${scene.name}: ${main}${inPost ?? ''}, again after ${String(restSeconds)} s`,
    ...(first?.log ?? []).map(line => `1| ${line}`),
    ...(parted?.log ?? []).map(line => `post| ${line}`),
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
