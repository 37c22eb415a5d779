import type { Diagnosis } from '../decide/service/diagnosis/diagnosis.ts'
import { describeProgress, readProgress } from '../decide/service/progress.ts'
import type { ExpectedDigests, Proof } from '../decide/service/proof.ts'
import { primaryDeployment, type ServiceSnapshot } from '../decide/service/snapshot.ts'
import { isTripped } from '../decide/service/status.ts'
import type { WatchedDeployment } from '../decide/service/verdict.ts'
import { Failure, type FailureCode } from '../failure.ts'
import type { EcsPort } from '../io/aws/ecs.ts'
import type { Outcome } from '../outcome.ts'
import { explainFailure } from '../steps/explain-failure.ts'
import { proveRollback, proveRunning } from '../steps/prove-running.ts'
import type { WatchEnd } from '../steps/watch-deployment.ts'
import type { DeployRun } from './deploy.ts'

/** How a run ends, in a word and a sentence. */
export interface Ending {
  readonly outcome: Outcome
  readonly reason: string
  readonly reasonCode?: FailureCode
  readonly remedy?: string
}

/** A watch that ended, and what it was about. */
export interface Watched {
  readonly cluster: string
  readonly service: ServiceSnapshot
  readonly mine: WatchedDeployment
  readonly end: WatchEnd
  readonly expected: ExpectedDigests
}

/** Turns the end of a watch into the run's ending: the proof after a success, the explanation after a failure. */
export async function conclude(run: DeployRun, ecs: EcsPort, watched: Watched): Promise<Ending> {
  const { verdict } = watched.end
  const { id } = watched.mine
  switch (verdict.kind) {
    case 'completed':
      return proveCompleted(run, ecs, watched)
    case 'superseded':
      return {
        outcome: 'superseded',
        reasonCode: 'superseded',
        reason: `${id} was replaced by ${verdict.by.id}, which deploys ${shortArn(verdict.by.taskDefinitionArn)}`,
        remedy: 'if that was not meant, let deployments of one service run one after the other (concurrency)'
      }
    case 'service-gone':
      return {
        outcome: 'failed',
        reasonCode: 'service-inactive',
        reason: `the service became ${verdict.status} while ${id} was under way`
      }
    case 'timed-out':
      return timedOut(run, ecs, watched)
    case 'rolled-back': {
      const back = shortArn(verdict.to.taskDefinitionArn)
      const { cluster, service } = watched
      const tasks = await proveRollback(run.world, ecs, { cluster, service: service.name, to: verdict.to }).catch(
        (error: unknown) => asUnread(run, error)
      )
      if (tasks instanceof Failure) {
        const unread = `ECS reports ${service.name} back on ${back}, but its tasks could not be read: ${tasks.message}`
        return failed(run, ecs, watched, 'rolled-back', unread, verdict.reason)
      }
      if (tasks === undefined)
        return failed(run, ecs, watched, 'rollback-failed', await whatIsLeft(ecs, watched), verdict.reason)
      run.known.changed = false
      const landing = `${service.name} is back on ${back}, and its ${String(tasks)} running tasks were seen to run it`
      return failed(run, ecs, watched, 'rolled-back', landing, verdict.reason)
    }
    case 'failed':
      return failed(run, ecs, watched, 'failed', await whatIsLeft(ecs, watched), verdict.reason)
    case 'doomed':
      return failed(run, ecs, watched, 'failed', await whatIsLeft(ecs, watched), verdict.diagnosis.sentence)
    case 'rollback-failed':
      return failed(run, ecs, watched, 'rollback-failed', await whatIsLeft(ecs, watched), verdict.reason)
  }
}

/** The ending of a service that already ran what was asked for. */
export function unwatched(run: DeployRun, service: ServiceSnapshot, proof: Proof): Ending {
  const { known } = run
  switch (proof.kind) {
    case 'proven':
      note(run, proof)
      return {
        outcome: 'unchanged',
        reason: `${service.name} already runs this: ${String(proof.tasks.length)} tasks proven by digest`
      }
    case 'nothing-runs':
      return setButNotRunning(service)
    case 'not-yet':
    case 'mismatch':
      return wrongImage(proof, known.deploymentId ?? '')
  }
}

async function proveCompleted(
  run: DeployRun,
  ecs: EcsPort,
  { cluster, service, mine, end, expected }: Watched
): Promise<Ending> {
  run.emit({ kind: 'phase', title: 'Proving what runs' })
  const seen = end.last?.service ?? service
  const plan = { cluster, service: service.name, deploymentId: mine.id, expected, expectsTasks: seen.desiredCount > 0 }
  const proof = await proveRunning(run.world, ecs, plan).catch((error: unknown) => asUnread(run, error))
  if (proof instanceof Failure) {
    const remedy = proof.remedy === undefined ? {} : { remedy: proof.remedy }
    const reason = `${mine.id} completed, but what runs could not be proven: ${proof.message}`
    return { outcome: 'failed', reasonCode: proof.code, reason, ...remedy }
  }
  if (proof.kind === 'proven') {
    note(run, proof)
    return {
      outcome: 'succeeded',
      reason: `${service.name} runs ${shortArn(mine.taskDefinitionArn)}: ${String(proof.tasks.length)} of ${String(seen.desiredCount)} tasks proven by digest`
    }
  }
  if (proof.kind !== 'nothing-runs') return wrongImage(proof, mine.id)
  return nothingRuns(ecs, { cluster, service: seen, mine })
}

/** A proof that could not be read, as the failure it is; a cancellation and a bug go on. */
function asUnread(run: DeployRun, error: unknown): Failure {
  if (error instanceof Failure && !run.world.signal.aborted) return error
  throw error
}

/** The service is set to the revision and runs none of it: parked at 0 that is a warning, else it is broken. */
function setButNotRunning({ name, desiredCount }: ServiceSnapshot): Ending {
  const reason = `${name} is set to this revision already, and no task runs (desired count ${String(desiredCount)})`
  if (desiredCount === 0) return { outcome: 'unproven', reasonCode: 'nothing-ran', reason }
  return { outcome: 'failed', reasonCode: 'nothing-ran', reason, remedy: 'look at the stopped tasks in the console' }
}

/** A completed deployment of which no task runs: parked at 0, replaced since, or all its tasks are gone. */
async function nothingRuns(
  ecs: EcsPort,
  { cluster, service, mine }: Pick<Watched, 'cluster' | 'service' | 'mine'>
): Promise<Ending> {
  const now = await ecs.describeService(cluster, service.name)
  const seen = typeof now === 'string' ? service : now
  const primary = primaryDeployment(seen)
  if (primary !== undefined && primary.id !== mine.id) {
    return {
      outcome: 'superseded',
      reasonCode: 'superseded',
      reason: `${mine.id} completed and was then replaced by ${primary.id}, which deploys ${shortArn(primary.taskDefinitionArn)}`
    }
  }
  const reason = `${mine.id} completed, but no task of it runs (desired count ${String(service.desiredCount)})`
  if (service.desiredCount === 0) {
    return { outcome: 'unproven', reasonCode: 'nothing-ran', reason: `${reason}, so nothing is proven` }
  }
  return { outcome: 'failed', reasonCode: 'nothing-ran', reason, remedy: 'look at the stopped tasks in the console' }
}

/** Hundreds of lines that all say the same help nobody; the summary has them. */
const MOST_TASKS_TOLD = 10

function note(run: DeployRun, proof: Extract<Proof, { kind: 'proven' }>): void {
  run.known.tasks = proof.tasks.flatMap(({ taskId, digests }) =>
    [...digests].map(([container, digest]) => ({ taskId, container, digest }))
  )
  for (const task of run.known.tasks.slice(0, MOST_TASKS_TOLD)) run.emit({ kind: 'task-proven', ...task })
}

function wrongImage(proof: Extract<Proof, { kind: 'mismatch' | 'not-yet' }>, deploymentId: string): Ending {
  const where = `task ${proof.taskId} of ${deploymentId}, container ${proof.container}`
  return {
    outcome: 'failed',
    reasonCode: 'wrong-image-running',
    reason:
      proof.kind === 'mismatch'
        ? `${where} runs ${proof.actual}, not ${proof.expected.join(' or ')}`
        : `${where} runs, but ECS does not report which digest`,
    remedy: 'look at the task in the console; nothing was rolled back'
  }
}

async function failed(
  run: DeployRun,
  ecs: EcsPort,
  watched: Watched,
  outcome: Outcome,
  landing: string,
  awsReason: string | undefined
): Promise<Ending> {
  const diagnosis = await explain(run, ecs, watched)
  const cause = (diagnosis?.sentence ?? awsReason ?? 'ECS gave no reason').replace(/\.$/, '')
  const remedy = diagnosis?.remedy
  return {
    outcome,
    reasonCode: diagnosis?.code ?? (breakerTripped(watched.end) ? 'circuit-breaker' : 'deployment-failed'),
    reason: `${shortArn(watched.mine.taskDefinitionArn)} failed: ${cause}; ${landing}`,
    ...(remedy !== undefined && { remedy })
  }
}

function breakerTripped({ last }: WatchEnd): boolean {
  return isTripped(last?.serviceDeployment?.circuitBreaker?.status)
}

async function timedOut(run: DeployRun, ecs: EcsPort, watched: Watched): Promise<Ending> {
  const { end, mine } = watched
  const diagnosis = await explain(run, ecs, watched)
  const last = end.last
  const missing =
    last === undefined
      ? 'no poll succeeded'
      : describeProgress(readProgress(mine.id, last.service, last.serviceDeployment))
  const lastEvent = last?.service.events[0]?.message
  const parts = [`${mine.id} did not finish within the time given: ${missing}`]
  if (diagnosis !== undefined) parts.push(diagnosis.sentence)
  if (lastEvent !== undefined) parts.push(`last event: ${lastEvent}`)
  return {
    outcome: 'timed-out',
    reasonCode: diagnosis?.code ?? 'timed-out',
    reason: parts.join('; '),
    remedy: diagnosis?.remedy ?? 'the deployment goes on; raise wait-for-minutes if it only needs longer'
  }
}

async function explain(run: DeployRun, ecs: EcsPort, watched: Watched): Promise<Diagnosis | undefined> {
  const { cluster, service, mine, end } = watched
  const { diagnosis, evidence } = await explainFailure(run.world, ecs, {
    cluster,
    service: service.name,
    deploymentId: mine.id,
    taskDefinitionArn: mine.taskDefinitionArn,
    since: mine.createdAt,
    events: end.last?.service.events ?? [],
    logLines: run.inputs.logLines
  })
  if (evidence.length > 0) run.known.evidence = evidence
  return diagnosis
}

async function whatIsLeft(ecs: EcsPort, { cluster, service, end }: Watched): Promise<string> {
  const now = await ecs.describeService(cluster, service.name).catch(() => undefined)
  const seen = now === undefined || typeof now === 'string' ? end.last?.service : now
  const primary = seen && primaryDeployment(seen)
  if (seen === undefined || primary === undefined) return 'what the service runs now could not be read'
  const running = seen.deployments
    .filter(({ runningCount }) => runningCount > 0)
    .map(({ runningCount, taskDefinitionArn }) => `${String(runningCount)} tasks of ${shortArn(taskDefinitionArn)}`)
  return `the service is set to ${shortArn(primary.taskDefinitionArn)} and runs ${running.length === 0 ? 'no task' : running.join(' and ')}`
}

function shortArn(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1)
}
