import type { Outcome } from '../../src/outcome.ts'
import type { Played } from './play.ts'
import { budgetMs, isDenied, type Scenario } from './scenario.ts'
import { runningTasks, type DeploymentTruth } from './truth.ts'

/** The outcomes that are true of a run, from what the simulator knows at the moment it ends. */
export function trueOutcomes(scenario: Scenario, played: Played): readonly Outcome[] {
  const { known, truth } = played
  if (known.deploymentId === undefined) return withoutDeployment(played)
  const mine = truth.serviceDeployments.find(({ deploymentId }) => deploymentId === known.deploymentId)
  if (mine === undefined) throw new Error(`the simulator knows no deployment ${known.deploymentId}`)
  // A poll may not have shown yet what was decided right before the time was over.
  const newest = mine.endedAt ?? mine.decidedAt
  const slackMs = isRequested(scenario) && isSilentSince(played, newest) ? REQUEST_MS : 0
  const isUnknown =
    isNews(scenario, played, newest, slackMs) ||
    isUnseen(scenario, played, newest) ||
    isBlindInTheEnd(played, 3) ||
    isBlindAtTheDeadline(scenario, played)
  const late: Outcome[] = isTimeOver(scenario, played) && isUnknown ? ['timed-out'] : []
  const outcomes = [...outcomesOf(scenario, played, mine), ...late]
  // What was through before this run began is found, and nothing was done.
  return known.update === undefined ? outcomes.map(one => (one === 'succeeded' ? 'unchanged' : one)) : outcomes
}

function outcomesOf(scenario: Scenario, played: Played, mine: DeploymentTruth): readonly Outcome[] {
  switch (mine.ending) {
    case 'COMPLETED':
      return [...afterSuccess(scenario, played, mine), ...(isBlindInTheEnd(played, 10) ? (['failed'] as const) : [])]
    case 'ROLLED_BACK':
      return afterRollback(scenario, played, mine)
    case 'ROLLBACK_FAILED':
      return afterFailedRollback(scenario, played, mine)
    case 'FAILED':
    case 'SUPERSEDED':
      return afterFailure(scenario, played, mine)
    case 'IN_PROGRESS':
      return whileInProgress(scenario, played, mine)
  }
}

/** It happened so shortly before the run ended that reads of that moment are older. */
function isNews({ world }: Scenario, { endedAt: now }: Played, iso: string | undefined, slackMs = 0): boolean {
  const { staleReadSeconds = 0 } = world.lag ?? {}
  return iso !== undefined && now - Date.parse(iso) <= staleReadSeconds * 1000 + slackMs
}

/** From then on until the time was over, nobody could read the service. */
function isUnseen(scenario: Scenario, { calls, startedAt }: Played, iso: string | undefined): boolean {
  if (iso === undefined) return false
  const until = startedAt + budgetMs(scenario)
  return !calls.some(
    ({ operation, status, at }) =>
      operation === 'DescribeServices' && status === 200 && Date.parse(at) >= Date.parse(iso) && Date.parse(at) <= until
  )
}

/** The last look within the budget showed nothing. */
function isBlindAtTheDeadline(scenario: Scenario, { calls, startedAt }: Played): boolean {
  const until = startedAt + budgetMs(scenario)
  const reads = calls.filter(({ operation, at }) => operation === 'DescribeServices' && Date.parse(at) <= until)
  return reads.at(-1)?.status !== 200
}

/** So often in a row the service could not be read in the end: nothing can be proven then, or told. */
function isBlindInTheEnd({ calls }: Played, times: number): boolean {
  const reads = calls.filter(({ operation }) => operation === 'DescribeServices').slice(-times)
  return reads.length === times && reads.every(({ status }) => status !== 200)
}

/** What was done at `iso` was decided by reads that may be older than `event`. */
function isStaleAt({ world }: Scenario, iso: string, event: string | undefined): boolean {
  const { staleReadSeconds = 0 } = world.lag ?? {}
  return event !== undefined && Date.parse(iso) - Date.parse(event) <= staleReadSeconds * 1000
}

/** A request to roll back shows in DescribeServices when the scheduler gets to it. */
export const REQUEST_MS = 5_000

/** Somebody asks ECS to roll back. */
export function isRequested({ meanwhile }: Scenario): boolean {
  return meanwhile.some(({ change }) => change.rollBack !== undefined)
}

/** A call that is throttled three times is answered so late at most. */
const RETRIES_MS = 10_000

/** The desired count was changed so shortly before the run ended. */
function wasScaled(scenario: Scenario, played: Played): boolean {
  const beganAt = played.startedAt - (scenario.headStartSeconds ?? 0) * 1000
  return scenario.meanwhile.some(({ atSeconds, change }) => {
    const at = new Date(beganAt + atSeconds * 1000).toISOString()
    const isPast = beganAt + atSeconds * 1000 <= played.endedAt
    return (change.scale ?? change.instances) !== undefined && isPast && isNews(scenario, played, at, RETRIES_MS)
  })
}

/** Nothing was started, unless the answer to UpdateService was lost beyond recovery. */
function withoutDeployment({ known, truth, startedAt }: Played): readonly Outcome[] {
  const started = truth.serviceDeployments.some(
    ({ taskDefinition, createdAt }) => taskDefinition === known.taskDefinitionArn && Date.parse(createdAt) >= startedAt
  )
  if (known.update === undefined) return started ? [] : ['rejected']
  return ['failed']
}

/** Completed: proven by the tasks that run at this moment, or not. */
function afterSuccess(scenario: Scenario, played: Played, mine: DeploymentTruth): readonly Outcome[] {
  const { truth } = played
  const [newest] = truth.serviceDeployments
  const isReplaced = newest?.deploymentId !== mine.deploymentId
  // The time was over in the moment it completed: reads older than that are what it was undone by.
  const wayBack = wayBackOf(played, mine)
  if (wayBack !== undefined && isTimeOver(scenario, played) && isStaleAt(scenario, wayBack.createdAt, mine.endedAt))
    return afterWayBack(scenario, played, mine, wayBack)
  const runs = runningTasks(truth).some(({ startedBy }) => startedBy === mine.deploymentId)
  if (runs) return isReplaced ? ['succeeded', 'superseded'] : ['succeeded']
  const empty: readonly Outcome[] = wasScaled(scenario, played)
    ? ['unproven', 'failed']
    : [truth.desiredCount === 0 ? 'unproven' : 'failed']
  // Whoever replaced it may have been rolled back, to this very deployment.
  const isBack = truth.deployments[0]?.id === mine.deploymentId
  if (isReplaced)
    return isBack || isNews(scenario, played, newest?.createdAt) ? ['superseded', ...empty] : ['superseded']
  return empty
}

/** ECS went back, by itself or because it was asked to. */
function afterRollback(scenario: Scenario, played: Played, mine: DeploymentTruth): readonly Outcome[] {
  const { truth } = played
  if (othersAfter(played, mine).length > 0) return ['superseded', 'rolled-back']
  return landed(scenario, played, truth.deployments[0]?.taskDefinition)
}

/** ECS did not get back: it found nothing to go back to, or did not arrive there. Then this run goes back if it may. */
function afterFailedRollback(scenario: Scenario, played: Played, mine: DeploymentTruth): readonly Outcome[] {
  const wayBack = wayBackOf(played, mine)
  if (wayBack !== undefined) return afterWayBack(scenario, played, mine, wayBack)
  // A rollback fails too when somebody deploys in its middle: both are true then.
  if (othersAfter(played, mine).length > 0) return ['rollback-failed', 'superseded']
  // That ECS looked for somewhere to go back to, DescribeServices does not tell.
  const isUntold = isDenied(scenario) && scenario.onFailure === 'leave'
  return isUntold ? ['rollback-failed', 'failed'] : ['rollback-failed']
}

/** ECS is through with the way back to this revision: true when nothing else runs any more. */
function landed(scenario: Scenario, played: Played, taskDefinition: string | undefined): readonly Outcome[] {
  if (isBackOn(played, taskDefinition)) return ['rolled-back']
  // A task that is wanted since a moment ago is missing, or nobody knows yet that it is wanted.
  const isEmpty = runningTasks(played.truth).length === 0
  return isEmpty && wasScaled(scenario, played) ? ['rolled-back', 'rollback-failed'] : ['rollback-failed']
}

/** Failed and left by ECS, or replaced: by somebody else, or by this run on its way back. */
function afterFailure(scenario: Scenario, played: Played, mine: DeploymentTruth): readonly Outcome[] {
  const wayBack = wayBackOf(played, mine)
  const isReplaced = othersAfter(played, mine).length > 0
  if (wayBack === undefined) {
    // What had failed before it was replaced is `failed` to reads that are older than its successor.
    const [successor] = othersAfter(played, mine)
    const isOlder = mine.ending === 'FAILED' && isNews(scenario, played, successor?.createdAt)
    const failed: Outcome[] = isOlder && scenario.onFailure === 'leave' ? ['failed'] : []
    if (isReplaced && isBlind(scenario, played, mine)) return ['superseded', ...failed, ...undone(played, mine)]
    if (isReplaced) return ['superseded', ...failed]
    return scenario.onFailure === 'leave' ? ['failed'] : ['rollback-failed']
  }
  return afterWayBack(scenario, played, mine, wayBack)
}

/** What this run's own way back led to. */
function afterWayBack(
  scenario: Scenario,
  played: Played,
  mine: DeploymentTruth,
  wayBack: DeploymentTruth
): readonly Outcome[] {
  const isReplaced = othersAfter(played, mine).length > 0
  // ECS may go back from the way back, to the same revision.
  const isThrough = wayBack.ending === 'COMPLETED' || wayBack.ending === 'ROLLED_BACK'
  const back: readonly Outcome[] = isThrough ? landed(scenario, played, wayBack.taskDefinition) : ['rollback-failed']
  return isReplaced ? ['superseded', ...back] : back
}

/** Still under way: the time was over, or it could not end well and was left. */
function whileInProgress(scenario: Scenario, played: Played, mine: DeploymentTruth): readonly Outcome[] {
  switch (mine.status) {
    case 'STOP_REQUESTED':
      return afterFailure(scenario, played, mine)
    case 'ROLLBACK_REQUESTED':
    case 'ROLLBACK_IN_PROGRESS':
      return isTimeOver(scenario, played) ? ['rollback-failed'] : []
    default: {
      if (scenario.onFailure === 'rollback') return ['rollback-failed']
      return [
        ...(isTimeOver(scenario, played) ? (['timed-out'] as const) : []),
        ...(isDoomed(played, mine) ? (['failed'] as const) : [])
      ]
    }
  }
}

/** Three tasks or more failed before they were of use, and none is. */
function isDoomed({ truth }: Played, { deploymentId }: DeploymentTruth): boolean {
  const mine = truth.tasks.filter(({ startedBy }) => startedBy === deploymentId)
  const failed = mine.filter(({ desiredStatus, health }) => desiredStatus === 'STOPPED' && health !== 'healthy')
  return failed.length >= 3 && !mine.some(({ health }) => health === 'healthy')
}

function isTimeOver(scenario: Scenario, { startedAt, endedAt }: Played): boolean {
  return endedAt - startedAt >= budgetMs(scenario)
}

/** Everything that runs is of this revision, and something does unless nothing should. */
function isBackOn({ truth }: Played, taskDefinition: string | undefined): boolean {
  const running = runningTasks(truth)
  return (
    running.every(task => task.taskDefinition === taskDefinition) && (running.length > 0 || truth.desiredCount === 0)
  )
}

/** The deployment by which this run went back to the previous revision. */
export function wayBackOf({ known, truth }: Played, mine: DeploymentTruth): DeploymentTruth | undefined {
  return laterThan(truth.serviceDeployments, mine).find(
    ({ taskDefinition }) => taskDefinition === known.previousTaskDefinitionArn
  )
}

/** Whoever replaced mine was rolled back: in the list of deployments that looks as if it were mine. */
function undone(played: Played, mine: DeploymentTruth): readonly Outcome[] {
  const [newest] = othersAfter(played, mine)
  if (newest?.ending === 'ROLLBACK_FAILED') return ['rollback-failed']
  return newest?.ending === 'ROLLED_BACK' && isBackOn(played, played.known.previousTaskDefinitionArn)
    ? ['rolled-back']
    : []
}

/** The service deployments API shows nothing, or nothing yet. */
function isBlind(scenario: Scenario, played: Played, mine: DeploymentTruth): boolean {
  const { serviceDeploymentSeconds = 0 } = scenario.world.lag ?? {}
  const isLate = played.endedAt - Date.parse(mine.createdAt) <= serviceDeploymentSeconds * 1000
  // Half a minute later what DescribeServices tells is the end.
  return isDenied(scenario) || isLate || (mine.endedAt !== undefined && isSilentSince(played, mine.endedAt))
}

/** The service deployments API was not answered since then. */
function isSilentSince({ calls }: Played, iso = ''): boolean {
  return !calls.some(
    ({ operation, status, at }) => operation === 'DescribeServiceDeployments' && status === 200 && at >= iso
  )
}

/** Deployments that others began after mine; theirs are of revisions that nobody had before. */
export function othersAfter({ known, truth }: Played, mine: DeploymentTruth): readonly DeploymentTruth[] {
  return laterThan(truth.serviceDeployments, mine).filter(
    ({ taskDefinition }) => taskDefinition !== known.previousTaskDefinitionArn
  )
}

function laterThan(newestFirst: readonly DeploymentTruth[], mine: DeploymentTruth): readonly DeploymentTruth[] {
  return newestFirst.slice(0, newestFirst.indexOf(mine))
}
