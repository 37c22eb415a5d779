import { shortArn } from '../decide/arn.ts'
import { isBeforeCompletion, type Proof, type RunningProof } from '../decide/service/proof.ts'
import type { DeploymentSnapshot, ServiceSnapshot } from '../decide/service/snapshot.ts'
import { counted } from '../decide/wording.ts'
import { Failure } from '../failure.ts'
import type { EcsPort } from '../io/aws/ecs.ts'
import { proveRunning, type Finding } from '../steps/prove-running.ts'
import type { DeployRun } from './deploy.ts'
import { asUnread, type Ending, type Watched } from './ending.ts'

const LOOK_AT_STOPPED = 'look at the stopped tasks in the console'

/** The ending of a service that already ran what was asked for. */
export function unwatched(run: DeployRun, before: ServiceSnapshot, { proof, service }: Finding): Ending {
  const id = run.known.deploymentId ?? ''
  switch (proof.kind) {
    case 'proven':
      note(run, proof)
      return {
        outcome: 'unchanged',
        reason: `${service.name} already runs this: ${counted(proof.tasks.length, 'task')} proven by digest`
      }
    case 'nothing-runs':
      return setButNotRunning(service)
    case 'parked':
      return before.desiredCount === 0
        ? setButNotRunning(service)
        : scaledToNone(`${service.name} is set to this revision already`)
    case 'replaced':
      return replaced(id, proof.by)
    case 'partial':
      return partlySeen(`${service.name} is set to this revision already`, proof)
    case 'not-yet':
    case 'mismatch':
      return wrongImage(run, proof, id)
  }
}

/** The ending of a deployment that ECS calls complete: what its tasks prove. */
export async function proveCompleted(
  run: DeployRun,
  ecs: EcsPort,
  { cluster, service: before, mine, end, expected }: Watched
): Promise<Ending> {
  run.emit({ kind: 'phase', title: 'Proving what runs' })
  const seen = end.last?.service ?? before
  const finding = await proveRunning(run.world, ecs, { cluster, mine, expected, service: seen }).catch(
    (error: unknown) => asUnread(run.world, error)
  )
  if (finding instanceof Failure) {
    const remedy = finding.remedy === undefined ? {} : { remedy: finding.remedy }
    const reason = `${mine.id} completed, but what runs could not be proven: ${finding.message}`
    return { outcome: 'failed', reasonCode: finding.code, reason, ...remedy }
  }
  const { proof, service } = finding
  switch (proof.kind) {
    case 'proven': {
      note(run, proof)
      const proven = proof.tasks.length
      const of = String(Math.max(proven, service.desiredCount))
      const revision = shortArn(mine.taskDefinitionArn)
      return {
        outcome: 'succeeded',
        reason: `${service.name} runs ${revision}: ${String(proven)} of ${of} tasks proven by digest`
      }
    }
    case 'nothing-runs':
      // It may have been scaled while its tasks were looked for; one that was parked when it completed had none to prove.
      return nothingRuns(mine.id, isBeforeCompletion(mine, seen) ? service : lesser(seen, service))
    case 'parked':
      return seen.desiredCount === 0 ? nothingRuns(mine.id, service) : scaledToNone(`${mine.id} completed`)
    case 'replaced':
      return replaced(mine.id, proof.by)
    case 'partial':
      return partlySeen(`${mine.id} completed`, proof)
    case 'not-yet':
    case 'mismatch':
      return wrongImage(run, proof, mine.id)
  }
}

function lesser(one: ServiceSnapshot, other: ServiceSnapshot): ServiceSnapshot {
  return one.desiredCount < other.desiredCount ? one : other
}

/** Somebody scaled the service to 0 before a task could prove anything. */
function scaledToNone(what: string): Ending {
  const reason = `${what}, and the service was scaled to 0 before a task of it ran (desired count 0), so nothing is proven`
  return { outcome: 'unproven', reasonCode: 'nothing-ran', reason }
}

/** The service is set to the revision and runs none of it: parked at 0 that is a warning, else it is broken. */
function setButNotRunning({ name, desiredCount }: ServiceSnapshot): Ending {
  const reason = `${name} is set to this revision already, and no task runs (desired count ${String(desiredCount)})`
  if (desiredCount === 0) return { outcome: 'unproven', reasonCode: 'nothing-ran', reason }
  return { outcome: 'failed', reasonCode: 'nothing-ran', reason, remedy: LOOK_AT_STOPPED }
}

/** A completed deployment of which no task runs: parked at 0, or all its tasks are gone. */
function nothingRuns(id: string, { desiredCount }: ServiceSnapshot): Ending {
  const reason = `${id} completed, but no task of it runs (desired count ${String(desiredCount)})`
  if (desiredCount === 0) {
    return { outcome: 'unproven', reasonCode: 'nothing-ran', reason: `${reason}, so nothing is proven` }
  }
  return { outcome: 'failed', reasonCode: 'nothing-ran', reason, remedy: LOOK_AT_STOPPED }
}

function replaced(id: string, by: DeploymentSnapshot): Ending {
  return {
    outcome: 'superseded',
    reasonCode: 'superseded',
    reason: `${id} completed and was then replaced by ${by.id}, which deploys ${shortArn(by.taskDefinitionArn)}, before all its tasks were proven by digest`
  }
}

/** A task that ECS does not list may run anything. */
function partlySeen(what: string, { tasks, running }: Extract<RunningProof, { kind: 'partial' }>): Ending {
  const seen = `${String(tasks.length)} of ${counted(running, 'running task')}`
  return {
    outcome: 'unproven',
    reasonCode: 'not-all-seen',
    reason: `${what}, and only ${seen} could be seen, which the right image is proven of by digest`,
    remedy: 'run this job again: it changes nothing and proves what runs by then'
  }
}

/** Hundreds of lines that all say the same help nobody; the summary has them. */
const MOST_TASKS_TOLD = 10

function note(run: DeployRun, proof: Extract<Proof, { kind: 'proven' }>): void {
  run.known.tasks = proof.tasks.flatMap(({ taskId, digests }) =>
    [...digests].map(([container, digest]) => ({ taskId, container, digest }))
  )
  for (const task of run.known.tasks.slice(0, MOST_TASKS_TOLD)) run.emit({ kind: 'task-proven', ...task })
}

/** Tasks report the digest of their platform, and which ones an image has only its registry tells. */
export function mayBePlatform({ known }: DeployRun, proof: Extract<Proof, { kind: 'mismatch' }>): boolean {
  return proof.expected.some(digest => known.unseenDigests?.includes(digest))
}

function wrongImage(
  run: DeployRun,
  proof: Extract<Proof, { kind: 'mismatch' | 'not-yet' }>,
  deploymentId: string
): Ending {
  const where = `task ${proof.taskId} of ${deploymentId}, container ${proof.container}`
  if (proof.kind === 'mismatch' && mayBePlatform(run, proof)) {
    return {
      outcome: 'unproven',
      reason: `${where} runs ${proof.actual}; whether ${proof.expected.join(' or ')} has that as a platform is not known, as its registry did not show it`,
      remedy: 'log in to that registry before this step, e.g. with docker/login-action'
    }
  }
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
