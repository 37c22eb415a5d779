import { shortArn } from '../decide/arn.ts'
import { primaryDeployment, type DeploymentSnapshot, type ServiceSnapshot } from '../decide/service/snapshot.ts'
import { isCompleted, isRolledBack, isSuccessful, isUnderWay } from '../decide/service/status.ts'
import { lookAtDeployments } from '../decide/service/look.ts'
import { breakerIsOn } from '../decide/service/circuit-breaker.ts'
import { rollbackBudgetMs } from '../decide/service/patience.ts'
import { rollsBackByItself } from '../decide/service/verdict.ts'
import { Failure, withRemedy } from '../failure.ts'
import type { EcsPort } from '../io/aws/ecs.ts'
import { proveRollback } from '../steps/prove-running.ts'
import { isLeft, rollBack, type RollbackEnd } from '../steps/roll-back.ts'
import { watchDeployment, type WatchEnd } from '../steps/watch-deployment.ts'
import { explain, said, withoutStop, type Cause } from './cause.ts'
import type { DeployRun } from './deploy.ts'
import { asUnread, type Ending, type Watched } from './ending.ts'
import { proveCompleted } from './success.ts'
import { replacedMeanwhile, superseded } from './superseded.ts'
import { lookForLong, lookForNewcomer, wayBackByHand, whatIsLeft } from './what-is-left.ts'

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
      const on = await watchOn(run, ecs, watched)
      return on.verdict.kind === 'timed-out'
        ? undo(run, ecs, { ...watched, end: { ...on, verdict } })
        : conclude(run, ecs, { ...watched, end: on })
    }
    case 'timed-out':
    case 'failed':
      return undo(run, ecs, watched)
  }
}

/** ECS goes back by itself, sooner or later: the watch goes on in what is left of its time, to report where the service lands. */
async function watchOn(run: DeployRun, ecs: EcsPort, { mine, plan, end, sinceMs }: Watched): Promise<WatchEnd> {
  const budgetMs = Math.max(0, sinceMs + plan.budgetMs - run.world.clock.now())
  const onPlan = { ...plan, budgetMs, failsFast: false, after: end.last }
  const on = await watchDeployment(run.world, ecs, mine, onPlan, run.emit)
  return { ...on, failedTasks: Math.max(on.failedTasks, end.failedTasks) }
}

/**
 * A deployment that was under way already deploys what this run is to deploy, most likely for a run of the same job that
 * died: its failure is this run's. Only one that completed before is a way back already, from somebody else's failure.
 */
function mayUndo(run: DeployRun, { mine, end }: Watched): boolean {
  const isWayBack = mine.isWayBack || (mine.isAdopted && isSuccessful(end.last?.serviceDeployment?.status))
  return run.inputs.watch.onFailure === 'rollback' && !isWayBack
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

/** Somebody else deployed after a deployment had failed: where it was left, before a way back was begun, on it, or when it was `back`. */
async function overtaken(
  run: DeployRun,
  ecs: EcsPort,
  watched: Watched,
  cause: Cause,
  by: DeploymentSnapshot,
  back?: string
): Promise<Ending> {
  const { reason, remedy = '', ...ending } = await replacedMeanwhile(run, ecs, watched, by)
  const since = `and since then the service is set to ${by.id}, which deploys ${shortArn(by.taskDefinitionArn)}`
  const { parting, wayBackId } = run.known
  let then = mayUndo(run, watched) ? `before it could be rolled back, ${reason}` : `since then ${reason}`
  if (back !== undefined) then = `${watched.service.name} was back on ${back}, ${since}`
  else if (wayBackId !== undefined)
    then = `${shortArn(watched.previousArn)} was deployed again as ${wayBackId}, ${since}`
  else if (parting !== undefined) then = `before its rollback was through, ${reason}`
  const remedies = cause.remedy === undefined ? remedy : `${cause.remedy}; ${remedy}`
  return { ...ending, reason: `${cause.sentence}; ${then}`, remedy: remedies }
}

async function leave(run: DeployRun, ecs: EcsPort, watched: Watched, cause: Cause): Promise<Ending> {
  const isTimedOut = watched.end.verdict.kind === 'timed-out'
  const { now, by } = await lookForNewcomer(run, ecs, watched)
  if (now !== undefined && isThrough(watched, now)) return proveLate(run, ecs, watched, now)
  if (by !== undefined) return overtaken(run, ecs, watched, cause, by)
  const reason = `${cause.sentence}; ${whatIsLeft(watched, now)}`
  const remedies = [cause.remedy, isTimedOut ? undefined : await wayBackByHand(run, ecs, watched, now)]
  return { ...bad(cause, remedies), outcome: isTimedOut ? 'timed-out' : 'failed', reason }
}

/** Whether a deployment whose time is over was through by then, when nobody could look. */
function isThrough({ mine, end }: Watched, now: ServiceSnapshot): boolean {
  const isUnheard = end.blindness !== undefined || !isUnderWay(end.last?.serviceDeployment?.status)
  const primary = primaryDeployment(now)
  return end.verdict.kind === 'timed-out' && isUnheard && primary?.id === mine.id && isCompleted(primary.rolloutState)
}

function proveLate(run: DeployRun, ecs: EcsPort, watched: Watched, now: ServiceSnapshot): Promise<Ending> {
  // What failed on the way is no evidence of a success.
  delete run.known.evidence
  const last = { service: now, serviceDeployment: watched.end.last?.serviceDeployment }
  return proveCompleted(run, ecs, { ...watched, end: { ...watched.end, last } })
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

/** Why a service did not get back, as far as that is known, and whether it may still. */
interface Stuck {
  readonly why?: string
  readonly isUnderWay?: boolean
  /** It may have failed because somebody deployed, which reads of that moment do not show yet. */
  readonly isNews?: boolean
}

async function stuck(
  run: DeployRun,
  ecs: EcsPort,
  watched: Watched,
  cause: Cause,
  { why, isUnderWay = false, isNews = false }: Stuck
): Promise<Ending> {
  const { cluster, service } = watched
  const { now, by } = await (isNews ? lookForLong : lookForNewcomer)(run, ecs, watched)
  if (now !== undefined && isThrough(watched, now)) return proveLate(run, ecs, watched, now)
  if (by !== undefined) return overtaken(run, ecs, watched, cause, by)
  const isUntouched = watched.end.verdict.kind === 'timed-out' && run.known.parting === undefined
  if (why !== undefined && isUntouched && now === undefined) {
    // Nobody saw it fail, and nobody can see now whether it did.
    return untold(run, ecs, watched, cause, { why, isBegun: mayGoBack(run, watched) })
  }
  const isTold = why === undefined || cause.sentence.includes(withoutStop(why))
  const also = isTold ? 'the rollback failed too' : `the rollback failed too: ${withoutStop(why)}`
  const reason = `${cause.sentence}; ${isUnderWay && why !== undefined ? withoutStop(why) : also}; ${whatIsLeft(watched, now)}`
  // By hand, it would replace a rollback that may still arrive.
  const next = isUnderWay
    ? `see where that leads with: ${lookAtDeployments(run.world.region, cluster, service.name)}`
    : await wayBackByHand(run, ecs, watched, now)
  const remedies = [cause.remedy, next]
  return { ...bad(cause, remedies), outcome: 'rollback-failed', reason }
}

/** Whether a deployment out of sight may be on its way back: this run began that, or ECS does it by itself. */
function mayGoBack({ known }: DeployRun, { end, service }: Watched): boolean {
  return known.parting !== undefined || rollsBackByItself(end.last?.service ?? service)
}

/** Why nobody saw where a deployment went. */
interface Blindness {
  readonly why: string
  /** It may be on its way back. */
  readonly isBegun?: boolean
  /** The time for it ended; else there is no leave to look. */
  readonly isOver?: boolean
}

/** The service could not be read any more, which may be on its way back. */
async function unseen(
  run: DeployRun,
  ecs: EcsPort,
  watched: Watched,
  cause: Cause,
  blindness: Blindness
): Promise<Ending> {
  const { now, by } = await lookForNewcomer(run, ecs, watched)
  if (by !== undefined) return overtaken(run, ecs, watched, cause, by)
  return untold(run, ecs, watched, cause, blindness, now)
}

/** What is known of a service that went out of sight: what of it can be seen `now`, and what was begun. */
async function untold(
  run: DeployRun,
  ecs: EcsPort,
  watched: Watched,
  cause: Cause,
  { why, isBegun = true, isOver = true }: Blindness,
  now?: ServiceSnapshot
): Promise<Ending> {
  const isBack = run.known.wayBackId === undefined && (await isReportedBack(run, ecs, watched))
  const { parting } = run.known
  let what = parting === undefined ? '' : `${parting}; `
  if (isBack) what = 'ECS reports it as rolled back, and the service could not be read'
  else what += isBegun ? 'whether it was rolled back could not be seen' : 'this run did not roll it back'
  const reason = `${cause.sentence}; ${what}: ${withoutStop(why)}; ${whatIsLeft(watched, now)}`
  // By hand, it would replace a way back that is under way.
  const byHand = isBack || parting !== undefined ? undefined : await wayBackByHand(run, ecs, watched, now)
  return { ...bad(cause, [cause.remedy, byHand]), outcome: isOver ? 'timed-out' : 'failed', reason }
}

/** Whether the service deployments API, which may answer where DescribeServices does not, says that ECS has rolled back. */
async function isReportedBack({ world }: DeployRun, ecs: EcsPort, { end }: Watched): Promise<boolean> {
  const { serviceDeploymentArn: arn, last } = end
  if (arn === undefined) return isRolledBack(last?.serviceDeployment?.status)
  const looking = ecs.polling().describeServiceDeployment(arn)
  const now = await looking.catch((error: unknown) => {
    asUnread(world, error)
    return undefined
  })
  return isRolledBack((now ?? last?.serviceDeployment)?.status)
}

function bad({ code }: Cause, remedies: readonly (string | undefined)[]): Pick<Ending, 'reasonCode' | 'remedy'> {
  const remedy = remedies.filter(text => text !== undefined).join('; ')
  return { reasonCode: code, ...(remedy !== '' && { remedy }) }
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
