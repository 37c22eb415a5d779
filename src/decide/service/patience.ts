import { primaryDeployment } from './snapshot.ts'
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
  /** How far its rollback was seen to be; a later poll may show less of it. */
  readonly rollback: RollbackProgress
}

/** `over`: ECS says that it is through, and the service is yet to be seen back. */
export type RollbackProgress = 'none' | 'begun' | 'over'

/** What a watch that ends before ECS does has to say. */
export type PatienceEnd =
  | { readonly kind: 'timed-out' }
  /** ECS left the failed deployment as it is. */
  | { readonly kind: 'failed'; readonly reason: string | undefined }
  /** ECS may still be on its way back; `unfinished` is what was not seen of that, as a clause. */
  | { readonly kind: 'rollback-failed'; readonly reason: string | undefined; readonly unfinished: string }

/** A failed deployment for which no rollback begins within this time was left as it is by ECS. */
const ROLLBACK_PATIENCE_MS = 120_000

/** Draining alone takes five minutes by default; a budget that was too short for the way out is so for the way back. */
const LEAST_ROLLBACK_MS = 15 * 60_000

/** The budget of a rollback, in milliseconds, beside that of the deployment. */
export function rollbackBudgetMs(budgetMs: number): number {
  return Math.max(budgetMs, LEAST_ROLLBACK_MS)
}

/** How far one look shows a rollback to be: PRIMARY may be the failed deployment to its end. */
export function rollbackSeen(mine: WatchedDeployment, { service, serviceDeployment }: Observation): RollbackProgress {
  const status = serviceDeployment?.status
  if (isRolledBack(status)) return 'over'
  const primary = primaryDeployment(service)
  return isRollingBack(status) || (primary !== undefined && primary.id !== mine.id) ? 'begun' : 'none'
}

/** What is known of a failing deployment by another look at it: what ECS says no more, or does not show, is kept. */
export function stillFailing(before: Failing | undefined, now: Failing): Failing {
  if (before === undefined) return now
  return {
    sinceMs: before.sinceMs,
    reason: now.reason ?? before.reason,
    isApparent: now.isApparent && before.isApparent,
    rollback: now.rollback === 'none' || before.rollback === 'over' ? before.rollback : now.rollback
  }
}

/**
 * Whether a watch has waited long enough at `nowMs`: at its deadline, which for a rollback counts from the moment it
 * began, and earlier for a rollback that does not begin, unless the last poll could not have shown it (`isBlind`).
 * Undefined while it goes on.
 */
export function outOfPatience(
  failing: Failing | undefined,
  isBlind: boolean,
  nowMs: number,
  deadlineMs: number
): PatienceEnd | undefined {
  const isOver = nowMs >= deadlineMs
  if (failing === undefined) return isOver ? { kind: 'timed-out' } : undefined
  const { reason, sinceMs, rollback } = failing
  if (rollback === 'none') {
    const isLeft = !isBlind && nowMs - sinceMs > ROLLBACK_PATIENCE_MS
    return isOver || isLeft ? { kind: 'failed', reason } : undefined
  }
  if (!isOver) return undefined
  const unfinished =
    rollback === 'over'
      ? 'the service was not seen back within the time given'
      : 'the rollback by ECS did not end within the time given'
  return { kind: 'rollback-failed', reason, unfinished }
}
