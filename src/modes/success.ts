import { shortArn } from '../decide/arn.ts'
import type { Proof } from '../decide/service/proof.ts'
import { primaryDeployment, type ServiceSnapshot } from '../decide/service/snapshot.ts'
import { counted } from '../decide/wording.ts'
import { Failure } from '../failure.ts'
import type { EcsPort } from '../io/aws/ecs.ts'
import { proveRunning, type RunningProof } from '../steps/prove-running.ts'
import type { DeployRun } from './deploy.ts'
import { asUnread, type Ending, type Watched } from './ending.ts'

/** The ending of a service that already ran what was asked for. */
export function unwatched(run: DeployRun, service: ServiceSnapshot, proof: RunningProof): Ending {
  const { known } = run
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
      return scaledToNone(`${service.name} is set to this revision already`)
    case 'not-yet':
    case 'mismatch':
      return wrongImage(run, proof, known.deploymentId ?? '')
  }
}

/** The ending of a deployment that ECS calls complete: what its tasks prove. */
export async function proveCompleted(
  run: DeployRun,
  ecs: EcsPort,
  { cluster, service, mine, end, expected }: Watched
): Promise<Ending> {
  run.emit({ kind: 'phase', title: 'Proving what runs' })
  const seen = end.last?.service ?? service
  const plan = { cluster, service: service.name, deploymentId: mine.id, expected, expectsTasks: seen.desiredCount > 0 }
  const proof = await proveRunning(run.world, ecs, plan).catch((error: unknown) => asUnread(run.world, error))
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
  if (proof.kind === 'nothing-runs') return nothingRuns(ecs, { cluster, service: seen, mine })
  return proof.kind === 'parked' ? scaledToNone(`${mine.id} completed`) : wrongImage(run, proof, mine.id)
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
  // It may have been scaled while its tasks were looked for; one that was parked when it completed had none to prove.
  const desired = Math.min(service.desiredCount, seen.desiredCount)
  const reason = `${mine.id} completed, but no task of it runs (desired count ${String(desired)})`
  if (desired === 0) {
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
