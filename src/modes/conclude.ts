import { shortArn } from '../decide/arn.ts'
import { primaryDeployment, type DeploymentSnapshot, type ServiceSnapshot } from '../decide/service/snapshot.ts'
import { breakerIsOn } from '../decide/service/circuit-breaker.ts'
import { rollbackBudgetMs } from '../decide/service/patience.ts'
import { isFromBefore } from '../decide/service/staleness.ts'
import { isOlder } from '../decide/service/verdict.ts'
import { Failure, withRemedy } from '../failure.ts'
import type { EcsPort } from '../io/aws/ecs.ts'
import { proveRollback } from '../steps/prove-running.ts'
import { isLeft, rollBack, type RollbackEnd } from '../steps/roll-back.ts'
import { watchDeployment, type WatchEnd } from '../steps/watch-deployment.ts'
import { explain, said, type Cause } from './cause.ts'
import type { DeployRun } from './deploy.ts'
import { asUnread, type Ending, type Watched } from './ending.ts'
import { bad, isThrough, mayGoBack, mayUndo, overtaken, proveLate, stuck, unseen, type Stuck } from './not-back.ts'
import { proveCompleted } from './success.ts'
import { superseded } from './superseded.ts'
import { lookForNewcomer, wayBackByHand, whatIsLeft } from './what-is-left.ts'

/** Turns the end of a watch into the run's ending: the proof after a success, explanation and way back after a failure. */
export async function conclude(run: DeployRun, ecs: EcsPort, watched: Watched): Promise<Ending> {
  const { mine, end } = watched
  const { verdict } = end
  switch (verdict.kind) {
    case 'completed':
      return proveCompleted(run, ecs, watched)
    case 'superseded':
      return superseded(run, ecs, watched, verdict.by)
    case 'service-gone':
      return {
        outcome: 'failed',
        reasonCode: 'service-inactive',
        reason: `the service became ${verdict.status} while ${mine.id} was under way`,
        remedy: 'if that was not meant, create the service again and run this job again'
      }
    case 'rolled-back':
      return landed(run, ecs, watched, await explain(run, ecs, watched), verdict.to)
    case 'rollback-failed':
      if (isLeft(mine, end) && mayUndo(run, watched)) return undo(run, ecs, watched)
      return end.blindness === undefined
        ? stuck(run, ecs, watched, await explain(run, ecs, watched), howStuck(end))
        : unseen(run, ecs, watched, await explain(run, ecs, watched), { why: end.blindness })
    case 'doomed': {
      // Alarms may see nothing of tasks that do not start; the circuit breaker counts them.
      if (mayUndo(run, watched) || !breakerIsOn(end.last?.service ?? watched.service)) return undo(run, ecs, watched)
      const leftMs = Math.max(0, watched.sinceMs + watched.plan.budgetMs - run.world.clock.now())
      const on = await watchOn(run, ecs, watched, leftMs)
      return on.verdict.kind === 'timed-out'
        ? undo(run, ecs, { ...watched, end: { ...on, verdict } })
        : conclude(run, ecs, { ...watched, end: on })
    }
    case 'timed-out':
    case 'failed':
      return undo(run, ecs, watched)
  }
}

/** ECS goes back by itself, sooner or later: the watch goes on, to report where the service lands. */
async function watchOn(
  run: DeployRun,
  ecs: EcsPort,
  { mine, plan, end }: Watched,
  budgetMs: number
): Promise<WatchEnd> {
  const onPlan = { ...plan, budgetMs, failsFast: false, after: end.last }
  const on = await watchDeployment(run.world, ecs, mine, onPlan, run.emit)
  return { ...on, failedTasks: Math.max(on.failedTasks, end.failedTasks) }
}

/** What becomes of a deployment that ECS left as it is: it is rolled back or left, as `on-failure` says. */
async function undo(run: DeployRun, ecs: EcsPort, watched: Watched): Promise<Ending> {
  const cause = await explain(run, ecs, watched)
  if (!mayUndo(run, watched)) return leave(run, ecs, watched, cause)
  // What dooms a deployment has been told when it was seen.
  if (watched.end.verdict.kind !== 'doomed') run.emit({ kind: 'note', text: cause.sentence })
  run.emit({ kind: 'phase', title: `Rolling ${watched.service.name} back` })
  const { mine, previousArn, plan, end } = watched
  const watch = { ...plan, budgetMs: rollbackBudgetMs(plan.budgetMs), after: end.last }
  const { serviceDeploymentArn } = end
  const rollbackPlan = { mine, serviceDeploymentArn, previousArn, watch, known: run.known }
  const back = await rollBack(run.world, ecs, rollbackPlan, run.emit).catch((error: unknown): RollbackEnd => ({
    kind: 'stuck',
    why: withRemedy(asUnread(run.world, error))
  }))
  switch (back.kind) {
    case 'completed':
      return proveCompleted(run, ecs, { ...watched, end: back.end })
    case 'landed':
      return landed(run, ecs, watched, cause, back.on)
    case 'superseded':
      return overtaken(run, ecs, watched, cause, back.by)
    case 'stuck':
      // Whether a deployment failed that nobody could see any more is not known.
      return end.blindness === undefined
        ? stuck(run, ecs, watched, cause, back)
        : unseen(run, ecs, watched, cause, { why: back.why, isBegun: mayGoBack(run, watched) })
    case 'unseen':
      return unseen(run, ecs, watched, cause, { why: back.why })
    case 'unwatchable':
      return unseen(run, ecs, watched, cause, { why: back.why, isOver: end.verdict.kind === 'timed-out' })
  }
}

async function leave(run: DeployRun, ecs: EcsPort, watched: Watched, cause: Cause): Promise<Ending> {
  const isTimedOut = watched.end.verdict.kind === 'timed-out'
  const hasEnded = !isTimedOut && watched.end.verdict.kind !== 'doomed'
  const { now, by } = await lookForNewcomer(run, ecs, watched)
  if (now !== undefined && isThrough(watched, now)) return proveLate(run, ecs, watched, now)
  if (by !== undefined) return overtaken(run, ecs, watched, cause, by)
  if (!hasEnded && now !== undefined && isGoingBack(watched, now)) {
    const on = await watchOn(run, ecs, watched, rollbackBudgetMs(watched.plan.budgetMs))
    if (on.verdict.kind !== 'timed-out') return conclude(run, ecs, { ...watched, end: on })
  }
  const reason = `${cause.sentence}; ${whatIsLeft(watched, now)}`
  const remedies = [cause.remedy, isTimedOut ? undefined : await wayBackByHand(run, ecs, watched, now)]
  return { ...bad(cause, remedies), outcome: isTimedOut ? 'timed-out' : 'failed', reason }
}

/** Whether ECS has begun to take the service back, which nobody asked it for. */
function isGoingBack({ mine }: Watched, now: ServiceSnapshot): boolean {
  const primary = primaryDeployment(now)
  if (primary === undefined || primary.id === mine.id || !isOlder(primary, mine)) return false
  return !isFromBefore(mine, { service: now, serviceDeployment: undefined })
}

async function landed(
  run: DeployRun,
  ecs: EcsPort,
  before: Watched,
  cause: Cause,
  to: DeploymentSnapshot
): Promise<Ending> {
  // Where ECS goes back to is nobody's new deployment, also when it was gone and is made anew.
  const watched = { ...before, mine: { ...before.mine, olderIds: [...before.mine.olderIds, to.id] } }
  const { cluster, service } = watched
  const back = shortArn(to.taskDefinitionArn)
  const proof = await proveRollback(run.world, ecs, { cluster, service, to }, run.emit).catch((error: unknown) =>
    asUnread(run.world, error)
  )
  if (proof instanceof Failure) {
    const landing = `ECS reports ${service.name} back on ${back} (${to.id}), which is not proven: ${withRemedy(proof)}`
    return { ...bad(cause, [cause.remedy]), outcome: 'failed', reason: `${cause.sentence}; ${landing}` }
  }
  if (proof.kind === 'refuted') {
    const { by } = await lookForNewcomer(run, ecs, watched)
    if (by !== undefined) return overtaken(run, ecs, watched, cause, by, back)
    return stuck(run, ecs, watched, cause, proof)
  }
  run.known.changed = false
  const landing = `${service.name} is back on ${back}, and ${describeProof(proof.tasks)}`
  return { ...bad(cause, [cause.remedy]), outcome: 'rolled-back', reason: `${cause.sentence}; ${landing}` }
}

/** What was seen of the tasks of a service that is back. */
function describeProof(tasks: number): string {
  if (tasks === 0) return 'no task of another revision runs; none runs at all'
  return tasks === 1 ? 'its running task was seen to run it' : `its ${String(tasks)} running tasks were seen to run it`
}

/** Why ECS did not get back; what it says first is why it set out. */
function howStuck({ verdict, last }: WatchEnd): Stuck {
  if ('unfinished' in verdict) return { why: verdict.unfinished, isUnderWay: true }
  const { statusReason, rollback } = last?.serviceDeployment ?? {}
  const isNews = true
  return statusReason === undefined || statusReason === rollback?.reason
    ? { isNews }
    : { why: said(statusReason), isNews }
}
