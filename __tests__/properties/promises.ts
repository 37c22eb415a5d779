import { isRequested, othersAfter, REQUEST_MS, trueOutcomes, wayBackOf } from './oracle.ts'
import type { Played } from './play.ts'
import { isDenied, type Scenario } from './scenario.ts'
import { runningTasks, type DeploymentTruth } from './truth.ts'

/** Beside one poll: the pauses between two reads of a proof. */
const SLACK_MS = 2_500
/** How long the tasks of a rollback may take to be seen, and to start where one was lost. */
const PROOF_MS = 30_000
const START_MS = 180_000
/** A list of deployments that does not show mine is taken for older than mine for so long. */
const UNSEEN_MS = 20_000
/** Approvals, the way back and its proof come on top of a budget; nothing takes longer than this. */
const LONGEST_MS = 12 * 3_600_000

/** Every promise that a run broke, as a sentence; none when it kept them all. */
export function brokenPromises(scenario: Scenario, played: Played): readonly string[] {
  return [
    ...outcome(scenario, played),
    ...provenByDigest(played),
    ...supersededBySomebody(played),
    ...oneUpdateEach(played),
    ...undoesNobodyElse(scenario, played),
    ...unthrottled(scenario, played),
    ...promptly(scenario, played)
  ]
}

function outcome(scenario: Scenario, played: Played): readonly string[] {
  const told = played.ending.outcome
  const acceptable = trueOutcomes(scenario, played)
  return acceptable.includes(told) ? [] : [`the outcome is ${told}; true is ${acceptable.join(' or ') || 'none'}`]
}

/** Every running task of a success runs the digest that the run says it deployed. */
function provenByDigest({ ending, known, truth }: Played): readonly string[] {
  if (ending.outcome !== 'succeeded') return []
  const digests = runningTasks(truth)
    .filter(({ startedBy }) => startedBy === known.deploymentId)
    .flatMap(({ containers }) => containers.map(({ digest }) => digest))
  return digests.every(digest => digest === known.imageDigest) ? [] : [`told as success, but ${digests.join()} runs`]
}

function supersededBySomebody({ ending, known, truth }: Played): readonly string[] {
  if (ending.outcome !== 'superseded') return []
  const others = truth.serviceDeployments.filter(({ deploymentId }) => deploymentId !== known.deploymentId)
  const isNamed = others.some(({ deploymentId }) => ending.reason.includes(deploymentId))
  return isNamed ? [] : [`nobody's deployment is named: ${ending.reason}`]
}

/**
 * One UpdateService and one service deployment for the new revision, and one at most for the way back: what was done and
 * not answered is looked for, and not sent again.
 */
function oneUpdateEach({ calls, known, truth, startedAt }: Played): readonly string[] {
  const { taskDefinitionArn, previousTaskDefinitionArn } = known
  const updates = calls.filter(({ operation }) => operation === 'UpdateService')
  const mine = truth.serviceDeployments.findIndex(({ taskDefinition }) => taskDefinition === taskDefinitionArn)
  return [taskDefinitionArn, previousTaskDefinitionArn].flatMap(arn => {
    const sent = updates.filter(({ request }) => (request as { taskDefinition?: string }).taskDefinition === arn)
    const answered = sent.filter(({ status }) => status === 200).length
    const lost = sent.filter(({ error }) => error === 'dropped after').length
    const started = truth.serviceDeployments.filter(
      ({ taskDefinition, createdAt }, index) =>
        taskDefinition === arn && index <= mine && Date.parse(createdAt) >= startedAt
    ).length
    if (started <= answered + lost && answered + lost <= 1) return []
    return [
      `${String(answered)} answered and ${String(lost)} lost calls started ${String(started)} deployments of ${arn ?? ''}`
    ]
  })
}

/** The way back replaces nobody else's deployment that could have been seen. */
function undoesNobodyElse(scenario: Scenario, played: Played): readonly string[] {
  const { known, truth } = played
  const mine = truth.serviceDeployments.find(({ deploymentId }) => deploymentId === known.deploymentId)
  // A call that has to be sent again may come as late as it likes.
  if (mine === undefined || hasMishaps(scenario)) return []
  const wayBack = wayBackOf(played, mine)
  if (wayBack === undefined) return []
  const unseenMs = (scenario.world.lag?.staleReadSeconds ?? 0) * 1000
  return othersAfter(played, mine)
    .filter(({ createdAt }) => Date.parse(wayBack.createdAt) - Date.parse(createdAt) > unseenMs)
    .map(({ deploymentId }) => `${wayBack.deploymentId} went back over ${deploymentId}, which was somebody else's`)
}

/** Nothing is refused for coming too often, but what a fault rule refuses. */
function unthrottled({ faults }: Scenario, { calls }: Played): readonly string[] {
  if (faults.some(({ error }) => error === 'ThrottlingException')) return []
  const refused = calls.filter(({ error }) => error === 'ThrottlingException')
  return refused.length === 0 ? [] : [`${String(refused.length)} calls were throttled: ${refused[0]?.operation ?? ''}`]
}

/** The run ends one poll after the deployment at the latest, and turns red one poll after it is certain to fail. */
function promptly(scenario: Scenario, played: Played): readonly string[] {
  const { ending, known, truth, startedAt, endedAt, redAt, provingAt } = played
  const broken: string[] = []
  if (endedAt - startedAt > LONGEST_MS) broken.push(`it took ${seconds(endedAt - startedAt)}`)
  const mine = truth.serviceDeployments.find(({ deploymentId }) => deploymentId === known.deploymentId)
  if (mine === undefined || hasMishaps(scenario)) return broken
  const patience = patienceMs(scenario)
  const over = terminalAt(scenario, played, mine)
  // Tasks that come and go may have to be waited for.
  const end = ending.outcome === 'succeeded' ? (provingAt ?? endedAt) : endedAt
  // A rollback of a service that is scaled or loses tasks meanwhile is proven by tasks that have yet to start.
  const proving = ending.outcome === 'rolled-back' && losesTasks(scenario) ? START_MS : 0
  if (over !== undefined && end - over > patience + proving) broken.push(`it ended ${seconds(end - over)} late`)
  const failed = mine.ending === 'FAILED' || mine.ending === 'ROLLED_BACK' || mine.ending === 'ROLLBACK_FAILED'
  const certain = failed ? time(mine.decidedAt) : undefined
  // What is back already when it is first seen to have failed is proven before it is told.
  const red = Math.min(redAt ?? endedAt - PROOF_MS, endedAt)
  if (certain !== undefined && red - certain > patience) broken.push(`it turned red ${seconds(red - certain)} late`)
  return broken
}

/** How much later than it happens something may be told. */
function patienceMs(scenario: Scenario): number {
  const { staleReadSeconds = 0, serviceDeploymentSeconds = 0 } = scenario.world.lag ?? {}
  const isBlind = isDenied(scenario) || serviceDeploymentSeconds > staleReadSeconds
  return (
    (scenario.pollSeconds + staleReadSeconds) * 1000 +
    SLACK_MS +
    (isRequested(scenario) ? REQUEST_MS : 0) +
    (isBlind && staleReadSeconds > 0 ? UNSEEN_MS : 0)
  )
}

/** When a deployment was over for whoever waited for this outcome; undefined where other waits decide. */
function terminalAt(scenario: Scenario, { ending, truth }: Played, mine: DeploymentTruth): number | undefined {
  const { outcome } = ending
  const over = time(mine.endedAt)
  if (outcome === 'succeeded') return over
  if (outcome === 'rolled-back' && mine.ending === 'ROLLED_BACK') return over
  if (outcome === 'superseded' && mine.supersededBy === truth.serviceDeployments[0]?.deploymentId) return over
  // DescribeServices alone does not tell for a while whether a rollback will begin.
  if (outcome !== 'failed' || mine.ending !== 'FAILED' || isDenied(scenario) || over === undefined) return undefined
  const { serviceDeploymentSeconds = 0 } = scenario.world.lag ?? {}
  return Math.max(over, Date.parse(mine.createdAt) + serviceDeploymentSeconds * 1000)
}

/** Calls that go wrong make a run wait; denials do not. */
function hasMishaps({ faults }: Scenario): boolean {
  return faults.some(({ error }) => error !== 'AccessDeniedException')
}

function losesTasks({ meanwhile }: Scenario): boolean {
  return meanwhile.some(({ change }) => (change.scale ?? change.instances ?? change.stopTask) !== undefined)
}

function time(iso: string | undefined): number | undefined {
  return iso === undefined ? undefined : Date.parse(iso)
}

function seconds(ms: number): string {
  return `${String(ms / 1000)} s`
}
