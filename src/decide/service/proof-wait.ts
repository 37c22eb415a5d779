import { counted } from '../wording.ts'
import { eventsOf } from './progress.ts'
import { isBeforeCompletion, type Proof, type RunningProof } from './proof.ts'
import type { DeploymentSnapshot, ServiceSnapshot } from './snapshot.ts'
import { newestComplaint } from './task-events.ts'
import type { WatchedDeployment } from './verdict.ts'

const LAGGING = 'DescribeServices to catch up'

/** What the proof of a deployment waits for at this moment, to stand behind "still waiting for". */
export function describeProofWait(proof: RunningProof, mine: WatchedDeployment, service: ServiceSnapshot): string {
  if (proof.kind === 'partial') return toBeListed(proof.tasks.length, proof.running)
  if (proof.kind === 'not-yet') return digestOf(proof)
  if (proof.kind !== 'nothing-runs') return LAGGING
  const running = service.deployments.find(({ id }) => id === mine.id)?.runningCount ?? 0
  if (running > 0) return toBeListed(0, running)
  if (service.desiredCount === 0 || isBeforeCompletion(mine, service)) return LAGGING
  const complaint = newestComplaint(eventsOf(service, mine))
  const because = complaint === undefined ? '' : ` (ecs: ${complaint})`
  return `${counted(service.desiredCount, 'task')} to start${because}`
}

/** What the proof of a rollback waits for: `seen` tasks of any revision are listed as running. */
export function describeLandingWait(
  proof: Proof,
  isOfRevision: boolean,
  seen: number,
  { runningCount, desiredCount }: Pick<DeploymentSnapshot, 'runningCount' | 'desiredCount'>
): string {
  if (!isOfRevision) return 'the tasks of the other revision to be gone'
  if (proof.kind === 'mismatch') return 'the tasks with another digest to be gone'
  if (proof.kind === 'not-yet') return digestOf(proof)
  if (seen < runningCount) return toBeListed(seen, runningCount)
  return desiredCount === 0 ? LAGGING : `${counted(desiredCount, 'task')} to start`
}

function digestOf({ container, taskId }: Extract<Proof, { kind: 'not-yet' }>): string {
  return `ECS to tell which digest container ${container} of task ${taskId} runs`
}

function toBeListed(seen: number, running: number): string {
  return seen === 0
    ? `${counted(running, 'running task')} to be listed`
    : `${String(running - seen)} of ${counted(running, 'running task')} to be listed`
}
