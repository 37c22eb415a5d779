import { clampOf, type Clamp } from '../decide/scaling/clamp.ts'
import {
  ALL_SUSPENDED,
  describeSuspension,
  formatSuspensionRecord,
  isPutBack,
  restoreCommand,
  sameSuspension,
  stateToRestore,
  SUSPENSION_STATE,
  type SuspensionRecord
} from '../decide/scaling/suspension.ts'
import type { Emit } from '../event.ts'
import { Failure, isAwsError, withRemedy } from '../failure.ts'
import type { ScalableTarget } from '../io/aws/scaling.ts'
import type { World } from '../world.ts'

/**
 * A call whose sender died acts a moment later, and what was written before is overwritten then: it is written again
 * after these pauses, in milliseconds.
 */
const SETTLING_MS = [5_000, 10_000]

/**
 * Reads lag behind writes for seconds; each read that does not show the write yet is repeated after the next pause, for a
 * minute in all. The pauses stay short, so that a state is seen which another job ends soon by suspending again.
 * https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html
 */
const READ_BACK_MS = [1_000, 2_000, 4_000, ...Array<number>(11).fill(5_000)]

/** What AWS answers when an update names no range and there is no target to take it from. */
const TARGET_ERRORS = ['ValidationException', 'ObjectNotFoundException']

/**
 * How auto scaling was left: as before; with what others resumed meanwhile; with what others suspended after it was put
 * back; or without a target, for it was removed.
 */
export interface Restoration {
  readonly kind: 'restored' | 'changed' | 'taken-over' | 'gone'
  /** The desired count that the restoring call moved. */
  readonly clamp?: Clamp
}

/** What restoring needs of the world. */
export type RestoringWorld = Pick<World, 'clock' | 'signal' | 'scaling' | 'partingEcs' | 'saveState'>

/**
 * Puts auto scaling back exactly as it was, what others resumed meanwhile aside, and reads back that it is; fails with
 * `auto-scaling-not-restored` and the command that does it by hand. It is written whatever the first read shows, which may
 * be older than the suspension.
 */
export async function restoreScaling(
  world: RestoringWorld,
  record: SuspensionRecord,
  emit: Emit
): Promise<Restoration> {
  const { resourceId } = record
  try {
    const restoration = await restore(world, record, emit)
    if (restoration.kind === 'gone') {
      emit({ kind: 'note', text: `${resourceId} is not auto scaled any more: there is nothing to restore` })
    } else if (restoration.kind === 'changed') {
      const text = `somebody resumed some auto scaling of ${resourceId} meanwhile: their change stays, and the rest is as it was before`
      emit({ kind: 'warning', text })
    } else if (restoration.kind === 'restored') emit({ kind: 'scaling-restored', resourceId })
    return restoration
  } catch (error) {
    const said = error instanceof Failure ? withRemedy(error) : String(error)
    throw new Failure('auto-scaling-not-restored', `auto scaling of ${resourceId} may still be suspended: ${said}`, {
      remedy: `restore it with: ${restoreCommand(record)}`,
      cause: error
    })
  }
}

async function restore(world: RestoringWorld, record: SuspensionRecord, emit: Emit): Promise<Restoration> {
  const { resourceId, before } = record
  const written = record.isPutBack === true ? {} : await writeBack(world, record, emit)
  if (written === 'gone') return { kind: 'gone' }
  const after = await readBack(world, record)
  if (after === undefined) return { kind: 'gone' }
  const { suspended } = after
  if (!isPutBack(suspended, before)) {
    const text = `somebody else set auto scaling of ${resourceId} after this run had put it back: ${describeSuspension(suspended)}, which stays so; to have it as it was before the deployment: ${restoreCommand(record)}`
    emit({ kind: 'warning', text })
    return { kind: 'taken-over' }
  }
  return { kind: sameSuspension(suspended, before) ? 'restored' : 'changed', ...written }
}

/** What the restoring call does to the desired count; `gone` when there is no target any more. */
async function writeBack(
  world: RestoringWorld,
  record: SuspensionRecord,
  emit: Emit
): Promise<Pick<Restoration, 'clamp'> | 'gone'> {
  const { clock, signal } = world
  const { resourceId, before, isAnswered } = record
  const scaling = await world.scaling()
  let target = await scaling.describeTarget(resourceId)
  const clamp = target && (await foreseeClamp(world, target, record, emit))
  for (const pauseMs of isAnswered ? [0] : [0, ...SETTLING_MS]) {
    if (pauseMs > 0) {
      await clock.sleep(pauseMs, signal)
      target = await scaling.describeTarget(resourceId)
    }
    if (target === undefined) return 'gone'
    const wanted = stateToRestore(target.suspended, before)
    try {
      await scaling.setSuspended(resourceId, wanted)
    } catch (error) {
      if (isAwsError(error, ...TARGET_ERRORS) && (await isRemoved(world, resourceId))) return 'gone'
      // Who may not put it back may not have suspended it either: the reads of the next seconds show whether it is.
      if (isAnswered || !sameSuspension(target.suspended, wanted)) throw error
    }
  }
  // What is suspended from now on, others did.
  if (isAnswered) world.saveState(SUSPENSION_STATE, formatSuspensionRecord({ ...record, isPutBack: true }))
  return clamp === undefined ? {} : { clamp }
}

/**
 * The target once it reads as put back, or, after a minute, as somebody else set it meanwhile; undefined when it was
 * removed. Fails when it reads suspended then, and an unanswered call of this run's own may have done that.
 */
async function readBack(
  world: RestoringWorld,
  { resourceId, before, isAnswered }: SuspensionRecord
): Promise<ScalableTarget | undefined> {
  const target = await lookUntil(world, resourceId, now => isPutBack(now.suspended, before))
  if (target === undefined || isPutBack(target.suspended, before)) return target
  // No read is older than the minute that has passed, and AWS took the call that put it back.
  if (isAnswered || !sameSuspension(target.suspended, ALL_SUSPENDED)) return target
  throw new Failure(
    'aws-error',
    'Application Auto Scaling took the call, but a minute later the flags read differently (another job may have suspended it since)'
  )
}

/** Whether a target that AWS seems not to know was removed: reads may show it for a while yet. */
async function isRemoved(world: RestoringWorld, resourceId: string): Promise<boolean> {
  return (await lookUntil(world, resourceId, () => false)) === undefined
}

/** The target as it reads once that `suffices`, or when the minute is over; undefined as soon as there is none. */
async function lookUntil(
  { scaling, clock, signal }: RestoringWorld,
  resourceId: string,
  suffices: (target: ScalableTarget) => boolean
): Promise<ScalableTarget | undefined> {
  const port = await scaling()
  let target = await port.describeTarget(resourceId)
  for (const pauseMs of READ_BACK_MS) {
    if (target === undefined || suffices(target)) return target
    await clock.sleep(pauseMs, signal)
    target = await port.describeTarget(resourceId)
  }
  return target
}

/**
 * Warns that the restoring call moves a desired count that came out of range meanwhile: no call can spare it that; and that
 * the suspending one may have moved it, when somebody parked the service in the moment before.
 */
async function foreseeClamp(
  world: RestoringWorld,
  target: ScalableTarget,
  { region, resourceId, desiredCount }: SuspensionRecord,
  emit: Emit
): Promise<Clamp | undefined> {
  const [, cluster = '', service = ''] = resourceId.split('/')
  const look = async () => (await world.partingEcs()).describeService(cluster, service)
  // A warning only: without it, auto scaling is put back all the same.
  const now = await look().catch(() => undefined)
  if (now === undefined || typeof now === 'string') return undefined
  const toSet = (count: string): string =>
    `aws ecs update-service --region ${region} --cluster ${cluster} --service ${service} --desired-count ${count}`
  const isMoved = desiredCount !== undefined && now.desiredCount !== desiredCount
  if (isMoved && now.desiredCount === target.minCapacity) {
    const text = `the desired count of ${resourceId} was ${String(desiredCount)} right before auto scaling was suspended and is ${String(now.desiredCount)} now, the least that its scalable target allows: should somebody have parked the service in that moment, Application Auto Scaling has started it; it is parked again with: ${toSet('0')}`
    emit({ kind: 'warning', text })
  }
  const clamp = clampOf(target, now.desiredCount)
  if (clamp === undefined) return undefined
  const text = `${clamp.why}: putting auto scaling back makes Application Auto Scaling set it to ${String(clamp.to)}; if it is to stay as it was, change the range, or set it again with: ${toSet(String(clamp.from))}`
  emit({ kind: 'warning', text })
  return clamp
}
