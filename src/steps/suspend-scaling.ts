import { refuseClamp, refuseClampOfWish } from '../decide/scaling/clamp.ts'
import {
  ALL_SUSPENDED,
  formatSuspensionRecord,
  NONE_SUSPENDED,
  restoreCommand,
  sameSuspension,
  SUSPENSION_STATE,
  type SuspensionRecord
} from '../decide/scaling/suspension.ts'
import type { Emit } from '../event.ts'
import { didNothing } from '../failure.ts'
import type { ScalableTarget, ScalingPort } from '../io/aws/scaling.ts'

/** A service that may be auto scaled, and the deployment that it is to get. */
export interface ScaledService {
  readonly clusterName: string
  readonly service: string
  /** What the service runs now, by number. */
  readonly desiredCount: number
  /** What the deployment is to set it to; undefined when it leaves it alone. */
  readonly wish: number | undefined
}

/** What suspending needs to know. */
export interface SuspensionPlan extends Omit<ScaledService, 'desiredCount'> {
  readonly region: string
  /** What the service runs at that moment, by number. */
  readonly lookAtCount: () => Promise<number>
  readonly saveState: (name: string, value: string) => void
}

/** Whose the suspension is: nobody's, for the service is not auto scaled; somebody else's, who also ends it; or this run's. */
export type Suspension =
  | { readonly kind: 'none' }
  | { readonly kind: 'others'; readonly resourceId: string }
  | { readonly kind: 'mine'; readonly record: SuspensionRecord }

/** Fails when suspending auto scaling, or putting it back, would scale the service; to be known before anything changes. */
export async function checkScaling(scaling: ScalingPort, plan: ScaledService): Promise<void> {
  const target = await scaling.describeTarget(resourceOf(plan))
  if (target !== undefined && !sameSuspension(target.suspended, ALL_SUSPENDED)) refuseClamps(target, plan)
}

/**
 * Suspends a service's auto scaling, unless there is nothing to suspend, or somebody else has and will put it back when it
 * suits them. What was there is written to the job's state before anything changes, so that it comes back even if this
 * process dies.
 */
export async function suspendScaling(scaling: ScalingPort, plan: SuspensionPlan, emit: Emit): Promise<Suspension> {
  const resourceId = resourceOf(plan)
  const target = await scaling.describeTarget(resourceId)
  if (target === undefined) {
    emit({ kind: 'note', text: `${resourceId} is not auto scaled: there is nothing to suspend` })
    return { kind: 'none' }
  }
  if (sameSuspension(target.suspended, ALL_SUSPENDED)) {
    emit({ kind: 'warning', text: suspendedAlready(plan.region, resourceId) })
    return { kind: 'others', resourceId }
  }
  // Whoever parked it since it was observed would have it started by the suspending call.
  const desiredCount = await plan.lookAtCount()
  refuseClamps(target, { desiredCount, wish: plan.wish })
  const counted = plan.wish === undefined ? { desiredCount } : {}
  const record = { region: plan.region, resourceId, before: target.suspended, ...counted }
  plan.saveState(SUSPENSION_STATE, formatSuspensionRecord({ ...record, isAnswered: false }))
  // Said before it is true: a machine that is lost takes the job's state with it, and the log stays.
  emit({ kind: 'note', text: `should this job be lost before it puts auto scaling back: ${restoreCommand(record)}` })
  const settling = await scaling.setSuspended(resourceId, ALL_SUSPENDED).catch((error: unknown) => {
    // Refused each time, it left nothing to put back; without an answer, nobody knows.
    if (didNothing(error)) plan.saveState(SUSPENSION_STATE, '')
    throw error
  })
  const answered = { ...record, isAnswered: settling === 'settled' }
  plan.saveState(SUSPENSION_STATE, formatSuspensionRecord(answered))
  emit({ kind: 'scaling-suspended', resourceId })
  return { kind: 'mine', record: answered }
}

/** Says what became, by the end of this run, of the suspension that somebody else had made; undefined when that cannot be read. */
export async function lookAtSuspension(
  scaling: ScalingPort,
  resourceId: string,
  emit: Emit
): Promise<'suspended' | 'resumed' | undefined> {
  const target = await scaling.describeTarget(resourceId).catch(() => undefined)
  if (target === undefined) return undefined
  const isSuspended = sameSuspension(target.suspended, ALL_SUSPENDED)
  const text = isSuspended
    ? `auto scaling of ${resourceId} is suspended still, as this run found it`
    : `auto scaling of ${resourceId}, which this run found suspended, was resumed by others meanwhile`
  emit({ kind: 'note', text })
  return isSuspended ? 'suspended' : 'resumed'
}

function refuseClamps(
  target: ScalableTarget,
  { desiredCount, wish }: Pick<ScaledService, 'desiredCount' | 'wish'>
): void {
  refuseClamp(target, desiredCount)
  if (wish !== undefined) refuseClampOfWish(target, wish)
}

/** By another job, which ends it when its own deployment ends; by one that was lost; or by a person: only people know. */
function suspendedAlready(region: string, resourceId: string): string {
  const command = restoreCommand({ region, resourceId, before: NONE_SUSPENDED })
  return `auto scaling of ${resourceId} is suspended already and not by this run, which leaves that to whoever did it: another job that deploys this service may end it at any time, also during this deployment; only if no job does and nobody wants it, resume it with: ${command}`
}

function resourceOf(plan: Pick<ScaledService, 'clusterName' | 'service'>): string {
  return `service/${plan.clusterName}/${plan.service}`
}
