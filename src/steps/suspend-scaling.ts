import {
  ALL_SUSPENDED,
  formatSuspensionRecord,
  restoreCommand,
  sameSuspension,
  SUSPENSION_STATE,
  type SuspensionRecord
} from '../decide/scaling/suspension.ts'
import type { Emit } from '../event.ts'
import { Failure } from '../failure.ts'
import type { ScalingPort } from '../io/aws/scaling.ts'

/** What suspending needs to know. */
export interface SuspensionPlan {
  readonly region: string
  readonly clusterName: string
  readonly service: string
  readonly saveState: (name: string, value: string) => void
}

/**
 * Suspends a service's auto scaling and returns what to put back; undefined when the service is not auto scaled. What
 * was there is written to the job's state before anything changes, so that it comes back even if this process dies.
 */
export async function suspendScaling(
  scaling: ScalingPort,
  plan: SuspensionPlan,
  emit: Emit
): Promise<SuspensionRecord | undefined> {
  const resourceId = `service/${plan.clusterName}/${plan.service}`
  const target = await scaling.describeTarget(resourceId)
  if (target === undefined) {
    emit({ kind: 'note', text: `${resourceId} is not auto scaled: there is nothing to suspend` })
    return undefined
  }
  const record = { region: plan.region, resourceId, before: target.suspended }
  plan.saveState(SUSPENSION_STATE, formatSuspensionRecord(record))
  if (!sameSuspension(target.suspended, ALL_SUSPENDED)) await scaling.setSuspended(resourceId, ALL_SUSPENDED)
  emit({ kind: 'scaling-suspended', resourceId })
  return record
}

/**
 * Puts auto scaling back exactly as it was and reads back that it is; fails with `auto-scaling-not-restored` and the
 * command that does it by hand.
 */
export async function restoreScaling(scaling: ScalingPort, record: SuspensionRecord, emit: Emit): Promise<void> {
  try {
    const target = await scaling.describeTarget(record.resourceId)
    if (target === undefined) {
      emit({ kind: 'note', text: `${record.resourceId} is not auto scaled any more: there is nothing to restore` })
      return
    }
    if (!sameSuspension(target.suspended, record.before)) {
      await scaling.setSuspended(record.resourceId, record.before)
      const after = await scaling.describeTarget(record.resourceId)
      if (after !== undefined && !sameSuspension(after.suspended, record.before)) {
        throw new Failure('aws-error', 'Application Auto Scaling took the call, but the flags read differently')
      }
    }
    emit({ kind: 'scaling-restored', resourceId: record.resourceId })
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error)
    throw new Failure('auto-scaling-not-restored', `auto scaling of ${record.resourceId} is still suspended: ${said}`, {
      remedy: `restore it with: ${restoreCommand(record)}`,
      cause: error
    })
  }
}
