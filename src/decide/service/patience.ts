import { isRolledBack, isRollingBack } from './status.ts'
import type { Observation, WatchedDeployment } from './verdict.ts'

/** A deployment that cannot end well any more and has not landed yet. */
export interface Failing {
  /** When that was first seen, in epoch milliseconds. */
  readonly sinceMs: number
  /** The newest reason that ECS gave. */
  readonly reason: string | undefined
  /**
   * Nothing but an older deployment that is PRIMARY again tells so, and who made it that the service deployments API,
   * which fails for the moment, has yet to say: ECS, or whoever replaced mine and rolled their own back.
   */
  readonly isApparent: boolean
}

/** What a watch that ends before ECS does has to say. */
export type PatienceEnd =
  | { readonly kind: 'timed-out' }
  /** ECS left the failed deployment as it is. */
  | { readonly kind: 'failed'; readonly reason: string | undefined }
  | { readonly kind: 'rollback-failed'; readonly reason: string }

/** A failed deployment for which no rollback begins within this time was left as it is by ECS. */
const ROLLBACK_PATIENCE_MS = 120_000

/** Draining alone takes five minutes by default; a budget that was too short for the way out is so for the way back. */
const LEAST_ROLLBACK_MS = 15 * 60_000

/** The budget of a rollback, in milliseconds, beside that of the deployment. */
export function rollbackBudgetMs(budgetMs: number): number {
  return Math.max(budgetMs, LEAST_ROLLBACK_MS)
}

/** Notes that a deployment still fails; a reason that ECS says no more is kept. */
export function stillFailing(
  before: Failing | undefined,
  reason: string | undefined,
  isApparent: boolean,
  nowMs: number
): Failing {
  return {
    sinceMs: before?.sinceMs ?? nowMs,
    reason: reason ?? before?.reason,
    isApparent: isApparent && before?.isApparent !== false
  }
}

/**
 * Whether a watch has waited long enough at `nowMs`: at its deadline, which for a rollback counts from the moment it
 * began, and for a rollback that does not begin earlier than that. Undefined while it goes on.
 */
export function outOfPatience(
  mine: WatchedDeployment,
  last: Observation | undefined,
  failing: Failing | undefined,
  nowMs: number,
  deadlineMs: number
): PatienceEnd | undefined {
  const isOver = nowMs >= deadlineMs
  if (failing === undefined) return isOver ? { kind: 'timed-out' } : undefined
  const { reason, sinceMs } = failing
  if (!hasBegunToRollBack(mine, last)) {
    return isOver || nowMs - sinceMs > ROLLBACK_PATIENCE_MS ? { kind: 'failed', reason } : undefined
  }
  if (!isOver) return undefined
  const why = isRolledBack(last?.serviceDeployment?.status)
    ? 'the service was not seen back within the time given'
    : 'the rollback by ECS did not end within the time given'
  return { kind: 'rollback-failed', reason: reason === undefined ? why : `${reason.replace(/\.$/, '')}; ${why}` }
}

function hasBegunToRollBack(mine: WatchedDeployment, last: Observation | undefined): boolean {
  const status = last?.serviceDeployment?.status
  return isRollingBack(status) || isRolledBack(status) || last?.service.deployments[0]?.id !== mine.id
}
