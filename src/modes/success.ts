import { shortArn } from '../decide/arn.ts'
import type { Diagnosis } from '../decide/service/diagnosis/diagnosis.ts'
import { isBeforeCompletion, type Proof, type RunningProof } from '../decide/service/proof.ts'
import type { DeploymentSnapshot, ServiceSnapshot } from '../decide/service/snapshot.ts'
import { counted } from '../decide/wording.ts'
import { Failure } from '../failure.ts'
import type { EcsPort } from '../io/aws/ecs.ts'
import { proveRunning, type Finding } from '../steps/prove-running.ts'
import { diagnose, withoutStop } from './cause.ts'
import type { DeployRun } from './deploy.ts'
import { asUnread, type Ending, type Watched } from './ending.ts'
import { REMEDY } from './superseded.ts'
import { lookForNewcomer, wayBackByHand, whatIsLeft } from './what-is-left.ts'

const SCALE_UP = 'once the service is scaled up, run this job again: it changes nothing and proves what runs by then'
const LOOK_AT_STOPPED = 'look at the stopped tasks in the console'

/** The ending of a service that already ran what was asked for. */
export async function unwatched(
  run: DeployRun,
  ecs: EcsPort,
  { cluster, mine, service: before }: Pick<Watched, 'cluster' | 'mine' | 'service'>,
  { proof, service }: Finding
): Promise<Ending> {
  const { id } = mine
  switch (proof.kind) {
    case 'proven':
      note(run, proof)
      return {
        outcome: 'unchanged',
        reason: `${service.name} already runs this: ${counted(proof.tasks.length, 'task')} proven by digest`
      }
    case 'nothing-runs': {
      const isParked = service.desiredCount === 0
      const diagnosis = isParked ? undefined : await diagnose(run, ecs, { cluster, service, mine }, service.events)
      return setButNotRunning(service, diagnosis)
    }
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
export async function proveCompleted(run: DeployRun, ecs: EcsPort, watched: Watched): Promise<Ending> {
  const { cluster, service: before, mine, end, expected } = watched
  run.emit({ kind: 'phase', title: 'Proving what runs' })
  const seen = end.last?.service ?? before
  const plan = { cluster, mine, expected, service: seen }
  const finding = await proveRunning(run.world, ecs, plan, run.emit).catch((error: unknown) =>
    asUnread(run.world, error)
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
      const wanted = Math.max(proven, service.desiredCount)
      const revision = shortArn(mine.taskDefinitionArn)
      return {
        outcome: 'succeeded',
        reason: `${service.name} runs ${revision}: ${String(proven)} of ${counted(wanted, 'task')} proven by digest`
      }
    }
    case 'nothing-runs':
      // It may have been scaled while its tasks were looked for; one that was parked when it completed had none to prove.
      return nothingRuns(run, ecs, watched, isBeforeCompletion(mine, seen) ? service : lesser(seen, service))
    case 'parked':
      return seen.desiredCount === 0 ? nothingRuns(run, ecs, watched, service) : scaledToNone(`${mine.id} completed`)
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
  return { outcome: 'unproven', reasonCode: 'nothing-ran', reason, remedy: SCALE_UP }
}

/** The service is set to the revision and runs none of it: parked at 0 that is a warning, else it is broken. */
function setButNotRunning({ name, desiredCount }: ServiceSnapshot, diagnosis?: Diagnosis): Ending {
  const reason = `${name} is set to this revision already, and no task runs (desired count ${String(desiredCount)})`
  if (desiredCount === 0) return { outcome: 'unproven', reasonCode: 'nothing-ran', reason, remedy: SCALE_UP }
  return {
    outcome: 'failed',
    reasonCode: diagnosis?.code ?? 'nothing-ran',
    reason: diagnosis === undefined ? reason : `${reason}: ${diagnosis.sentence}`,
    remedy: diagnosis?.remedy ?? LOOK_AT_STOPPED
  }
}

/** A completed deployment of which no task runs: parked at 0, or all its tasks are gone, which ECS rolls back no more. */
async function nothingRuns(
  run: DeployRun,
  ecs: EcsPort,
  watched: Watched,
  { desiredCount, events }: ServiceSnapshot
): Promise<Ending> {
  const { mine, end } = watched
  const wanted = `(desired count ${String(desiredCount)})`
  if (desiredCount === 0) {
    const reason = `${mine.id} completed, but no task of it runs ${wanted}, so nothing is proven`
    return { outcome: 'unproven', reasonCode: 'nothing-ran', reason, remedy: SCALE_UP }
  }
  const diagnosis = await diagnose(run, ecs, watched, events)
  // They may have died before the poll that saw it complete; what ECS started none of has no container that failed.
  const own = end.last?.service.deployments.find(({ id }) => id === mine.id)
  const haveDied = (own?.runningCount ?? 0) > 0 || (diagnosis?.suspects.length ?? 0) > 0
  const what = haveDied ? `and then all its tasks died ${wanted}` : `but no task of it runs ${wanted}`
  const why = diagnosis === undefined ? '' : `: ${withoutStop(diagnosis.sentence)}`
  const { now, by } = await lookForNewcomer(run, ecs, watched)
  if (by !== undefined) return replaced(mine.id, by)
  const left = `${whatIsLeft(watched, now)}; nothing was rolled back`
  return {
    outcome: 'failed',
    reasonCode: diagnosis?.code ?? 'nothing-ran',
    reason: `${mine.id} completed, ${what}${why}; ${left}`,
    remedy: `${diagnosis?.remedy ?? LOOK_AT_STOPPED}; ${await wayBackByHand(run, ecs, watched, now)}`
  }
}

function replaced(id: string, by: DeploymentSnapshot): Ending {
  return {
    outcome: 'superseded',
    reasonCode: 'superseded',
    reason: `${id} completed and was then replaced by ${by.id}, which deploys ${shortArn(by.taskDefinitionArn)}, before all its tasks were proven by digest`,
    remedy: REMEDY
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
    reasonCode: proof.kind === 'mismatch' ? 'wrong-image-running' : 'not-all-seen',
    reason:
      proof.kind === 'mismatch'
        ? `${where} runs ${proof.actual}, not ${proof.expected.join(' or ')}`
        : `${where} runs, but ECS does not report which digest`,
    remedy: 'look at the task in the console; nothing was rolled back'
  }
}
