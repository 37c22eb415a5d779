import { shortArn } from '../decide/arn.ts'
import { primaryDeployment, type DeploymentSnapshot, type ServiceSnapshot } from '../decide/service/snapshot.ts'
import { lookAtDeployments } from '../decide/service/look.ts'
import { isCompleted, isRolledBack, isSuccessful, isUnderWay } from '../decide/service/status.ts'
import { rollsBackByItself } from '../decide/service/verdict.ts'
import type { EcsPort } from '../io/aws/ecs.ts'
import { withoutStop, type Cause } from './cause.ts'
import type { DeployRun } from './deploy.ts'
import { asUnread, type Ending, type Watched } from './ending.ts'
import { proveCompleted } from './success.ts'
import { replacedMeanwhile } from './superseded.ts'
import { lookForLong, lookForNewcomer, wayBackByHand, whatIsLeft } from './what-is-left.ts'

/**
 * A deployment that was under way already deploys what this run is to deploy, most likely for a run of the same job that
 * died: its failure is this run's. Only one that completed before is a way back already, from somebody else's failure.
 */
export function mayUndo(run: DeployRun, { mine, end }: Watched): boolean {
  const isWayBack = mine.isWayBack || (mine.isAdopted && isSuccessful(end.last?.serviceDeployment?.status))
  return run.inputs.watch.onFailure === 'rollback' && !isWayBack
}

/**
 * The ending of a deployment that had failed when somebody else deployed: where it was left, before a way back was begun,
 * on it, or when it was `back`.
 */
export async function overtaken(
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

/** Whether a deployment whose time is over was through by then, when nobody could look. */
export function isThrough({ mine, end }: Watched, now: ServiceSnapshot): boolean {
  const isUnheard = end.blindness !== undefined || !isUnderWay(end.last?.serviceDeployment?.status)
  const primary = primaryDeployment(now)
  return end.verdict.kind === 'timed-out' && isUnheard && primary?.id === mine.id && isCompleted(primary.rolloutState)
}

/** The ending of a deployment that was through, of which nobody could see that in time. */
export function proveLate(run: DeployRun, ecs: EcsPort, watched: Watched, now: ServiceSnapshot): Promise<Ending> {
  // What failed on the way is no evidence of a success.
  delete run.known.evidence
  const last = { service: now, serviceDeployment: watched.end.last?.serviceDeployment }
  return proveCompleted(run, ecs, { ...watched, end: { ...watched.end, last } })
}

/** Why a service did not get back, as far as that is known, and whether it may still. */
export interface Stuck {
  readonly why?: string
  readonly isUnderWay?: boolean
  /** It may have failed because somebody deployed, which reads of that moment do not show yet. */
  readonly isNews?: boolean
}

/** The ending of a deployment that failed, and so did its way back. */
export async function stuck(
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
export function mayGoBack({ known }: DeployRun, { end, service }: Watched): boolean {
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

/** The ending of a run that could not read its service any more, which may be on its way back. */
export async function unseen(
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

/** Reason code and remedy of an ending that is no success. */
export function bad({ code }: Cause, remedies: readonly (string | undefined)[]): Pick<Ending, 'reasonCode' | 'remedy'> {
  const remedy = remedies.filter(text => text !== undefined).join('; ')
  return { reasonCode: code, ...(remedy !== '' && { remedy }) }
}
