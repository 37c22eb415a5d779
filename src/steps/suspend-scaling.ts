import { refuseClamp } from '../decide/scaling/clamp.ts'
import {
  ALL_SUSPENDED,
  formatSuspensionRecord,
  NONE_SUSPENDED,
  restoreCommand,
  sameSuspension,
  stateToRestore,
  SUSPENSION_STATE,
  type SuspensionRecord
} from '../decide/scaling/suspension.ts'
import type { Emit } from '../event.ts'
import { Failure, withRemedy } from '../failure.ts'
import type { ScalingPort } from '../io/aws/scaling.ts'

/** What suspending needs to know. */
export interface SuspensionPlan {
  readonly region: string
  readonly clusterName: string
  readonly service: string
  /** What the service runs now, by number. */
  readonly desiredCount: number
  readonly saveState: (name: string, value: string) => void
}

/** Fails when suspending auto scaling would scale the service; to be known before anything changes. */
export async function checkScaling(
  scaling: ScalingPort,
  plan: Pick<SuspensionPlan, 'clusterName' | 'service' | 'desiredCount'>
): Promise<void> {
  const target = await scaling.describeTarget(resourceOf(plan))
  if (target !== undefined && !sameSuspension(target.suspended, ALL_SUSPENDED)) refuseClamp(target, plan.desiredCount)
}

/**
 * Suspends a service's auto scaling and returns what to put back; undefined when there is nothing to suspend: the
 * service is not auto scaled, or somebody else has suspended it and will put it back when it suits them. What was there
 * is written to the job's state before anything changes, so that it comes back even if this process dies.
 */
export async function suspendScaling(
  scaling: ScalingPort,
  plan: SuspensionPlan,
  emit: Emit
): Promise<SuspensionRecord | undefined> {
  const resourceId = resourceOf(plan)
  const target = await scaling.describeTarget(resourceId)
  if (target === undefined) {
    emit({ kind: 'note', text: `${resourceId} is not auto scaled: there is nothing to suspend` })
    return undefined
  }
  if (sameSuspension(target.suspended, ALL_SUSPENDED)) {
    emit({ kind: 'warning', text: suspendedAlready(plan.region, resourceId) })
    return undefined
  }
  refuseClamp(target, plan.desiredCount)
  const record = { region: plan.region, resourceId, before: target.suspended }
  plan.saveState(SUSPENSION_STATE, formatSuspensionRecord(record))
  // Said before it is true: a machine that is lost takes the job's state with it, and the log stays.
  emit({ kind: 'note', text: `should this job be lost before it puts auto scaling back: ${restoreCommand(record)}` })
  await scaling.setSuspended(resourceId, ALL_SUSPENDED)
  emit({ kind: 'scaling-suspended', resourceId })
  return record
}

/**
 * Puts auto scaling back exactly as it was, what others changed meanwhile aside, and reads back that it is; fails with
 * `auto-scaling-not-restored` and the command that does it by hand.
 */
export async function restoreScaling(scaling: ScalingPort, record: SuspensionRecord, emit: Emit): Promise<void> {
  const { resourceId, before } = record
  try {
    const target = await scaling.describeTarget(resourceId)
    if (target === undefined) {
      emit({ kind: 'note', text: `${resourceId} is not auto scaled any more: there is nothing to restore` })
      return
    }
    const wanted = stateToRestore(target.suspended, before)
    if (!sameSuspension(target.suspended, wanted)) {
      await scaling.setSuspended(resourceId, wanted)
      const after = await scaling.describeTarget(resourceId)
      if (after !== undefined && !sameSuspension(stateToRestore(after.suspended, before), after.suspended)) {
        throw new Failure('aws-error', 'Application Auto Scaling took the call, but the flags read differently')
      }
    }
    if (!sameSuspension(wanted, before)) {
      emit({
        kind: 'warning',
        text: `somebody changed the auto scaling of ${resourceId} meanwhile: their change stays`
      })
    }
    emit({ kind: 'scaling-restored', resourceId })
  } catch (error) {
    const said = error instanceof Failure ? withRemedy(error) : String(error)
    throw new Failure('auto-scaling-not-restored', `auto scaling of ${resourceId} may still be suspended: ${said}`, {
      remedy: `restore it with: ${restoreCommand(record)}`,
      cause: error
    })
  }
}

/** By a person, or by a job that was lost together with its post step: only the person knows. */
function suspendedAlready(region: string, resourceId: string): string {
  const command = restoreCommand({ region, resourceId, before: NONE_SUSPENDED })
  return `auto scaling of ${resourceId} is suspended already and not by this run: it stays so; if nobody wants that, resume it with: ${command}`
}

function resourceOf(plan: Pick<SuspensionPlan, 'clusterName' | 'service'>): string {
  return `service/${plan.clusterName}/${plan.service}`
}
