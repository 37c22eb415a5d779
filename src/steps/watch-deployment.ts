import type { Diagnosis } from '../decide/service/diagnosis/diagnosis.ts'
import {
  outOfPatience,
  rollbackBudgetMs,
  rollbackSeen,
  stillFailing,
  type Failing,
  type PatienceEnd
} from '../decide/service/patience.ts'
import { countFailures } from '../decide/service/progress.ts'
import { primaryDeployment } from '../decide/service/snapshot.ts'
import { STALENESS_MS } from '../decide/service/staleness.ts'
import { isStopped } from '../decide/service/status.ts'
import { verdict, type Observation, type Verdict, type WatchedDeployment } from '../decide/service/verdict.ts'
import type { Emit } from '../event.ts'
import type { EcsPort } from '../io/aws/ecs.ts'
import type { World } from '../world.ts'
import { FailureLook } from './watch/failure-look.ts'
import { Narrator } from './watch/narrator.ts'
import { Poller } from './watch/poller.ts'

/** How a deployment is watched. */
export interface WatchPlan {
  readonly cluster: string
  readonly service: string
  readonly pollMs: number
  /** How long the deployment may take; a rollback that begins gets as much again, or more. */
  readonly budgetMs: number
  /** Whether the watch ends `doomed`; false when a rollback was asked for already. */
  readonly failsFast: boolean
  /** The last thing seen by the watch that this one goes on from, so that nothing is told twice. */
  readonly after?: Observation | undefined
  /** Called before the first pause between two polls: what only informs is read while there is nothing else to do. */
  readonly onPause?: () => void
}

/** For so long the service deployments API may fail before what DescribeServices alone tells is the end. */
const SILENCE_MS = 30_000

type FinalVerdict = Exclude<Verdict, { kind: 'in-progress' | 'failing' }>

/** How a watch ends: a final verdict of ECS, the budget's end, or a deployment in progress that cannot end well. */
export type WatchVerdict =
  | FinalVerdict
  | PatienceEnd
  /** ECS still tries: no task ever got healthy, and every failure has the same cause, which does not heal. */
  | { readonly kind: 'doomed'; readonly diagnosis: Diagnosis }

/** The end of a watch. */
export interface WatchEnd {
  readonly verdict: WatchVerdict
  /** The last thing seen, undefined when no poll ever succeeded. */
  readonly last: Observation | undefined
  readonly serviceDeploymentArn: string | undefined
  /** Since when and why it was certain to fail; undefined when it was not. */
  readonly failing: Failing | undefined
  /** How many of its tasks had failed, when it was last seen to be PRIMARY without all of its tasks. */
  readonly failedTasks: number
  /** Why the last polls failed; undefined when the end was seen. */
  readonly blindness: string | undefined
}

/** Watches one deployment to its end; throws only what makes further polls pointless. */
export async function watchDeployment(
  world: World,
  ecs: EcsPort,
  mine: WatchedDeployment,
  plan: WatchPlan,
  emit: Emit
): Promise<WatchEnd> {
  const { clock, signal } = world
  const startedAt = clock.now()
  const reads = ecs.polling()
  const poller = new Poller(reads, clock, mine, plan, emit)
  const narrator = new Narrator(mine, plan.service, startedAt, plan.after, emit)
  const failures = new FailureLook(world, reads, mine, plan, emit)
  let failing: Failing | undefined
  let failedTasks = 0
  const end = (final: WatchVerdict, blindness?: string): WatchEnd => ({
    verdict: final,
    last: poller.last,
    serviceDeploymentArn: poller.serviceDeploymentArn,
    failing,
    failedTasks,
    blindness
  })
  const turnRed = (reason = 'ECS gives no reason yet'): void => {
    // Whoever asked for a rollback knows.
    if (plan.failsFast) emit({ kind: 'turned-red', service: plan.service, reason })
  }
  let sawMine = plan.after?.service.deployments.some(({ id }) => id === mine.id) ?? false
  let hasPaused = false
  let stoppedSince: number | undefined
  for (;;) {
    const seen = await poller.poll()
    if (poller.isGone) return end({ kind: 'service-gone', status: 'MISSING' })
    if (seen !== undefined) {
      sawMine ||= seen.service.deployments.some(({ id }) => id === mine.id)
      const isFresh = sawMine || clock.now() - startedAt > STALENESS_MS
      stoppedSince = isStopped(seen.serviceDeployment?.status) ? (stoppedSince ?? clock.now()) : undefined
      const isStoppedForGood = stoppedSince !== undefined && clock.now() - stoppedSince > STALENESS_MS
      const sawFailing = failing?.isApparent === false
      const found = verdict(mine, seen, { sawMine: isFresh, sawFailing, isStoppedForGood })
      narrator.tell(seen, clock.now())
      const { silentMs } = poller
      const isApparent = silentMs !== undefined && primaryDeployment(seen.service)?.id !== mine.id
      if (found.kind === 'failing' || (found.kind === 'rolled-back' && isApparent && silentMs <= SILENCE_MS)) {
        if (failing === undefined) turnRed(found.reason)
        const { reason } = found
        const rollback = rollbackSeen(mine, seen)
        failing = stillFailing(failing, { sinceMs: clock.now(), reason, isApparent, rollback })
      } else if (found.kind !== 'in-progress') {
        // It can be over before anybody looks.
        if (failing === undefined && 'reason' in found) turnRed(found.reason)
        return end(withReason(found, failing))
      } else if (plan.failsFast && failing === undefined) {
        const diagnosis = await failures.look(seen, clock.now())
        if (diagnosis !== undefined) {
          turnRed(diagnosis.sentence)
          return end({ kind: 'doomed', diagnosis })
        }
      }
      failedTasks = countFailures(mine.id, seen, failures.failedTasks) ?? failedTasks
    }
    const now = clock.now()
    const deadline =
      failing === undefined ? startedAt + plan.budgetMs : failing.sinceMs + rollbackBudgetMs(plan.budgetMs)
    const isBlind = seen === undefined || poller.silentMs !== undefined
    const over = outOfPatience(failing, isBlind, now, deadline)
    if (over !== undefined) return end(over, poller.blindness)
    if (!hasPaused) plan.onPause?.()
    hasPaused = true
    await clock.sleep(Math.min(plan.pollMs, deadline - now), signal)
  }
}

/** What ECS says no more once a deployment has landed, it may have said before. */
function withReason(landed: FinalVerdict, failing: Failing | undefined): FinalVerdict {
  return 'reason' in landed ? { ...landed, reason: landed.reason ?? failing?.reason } : landed
}
