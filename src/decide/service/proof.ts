import {
  primaryDeployment,
  taskId,
  type DeploymentSnapshot,
  type ServiceSnapshot,
  type TaskSnapshot
} from './snapshot.ts'
import { isInProgress } from './status.ts'
import { isOlder, type WatchedDeployment } from './verdict.ts'

/** What must run: per container the digests that count as the image, the index's own and its platforms'. */
export type ExpectedDigests = ReadonlyMap<string, readonly string[]>

/** One running task and the digest of each container that was to be proven. */
export interface ProvenTask {
  readonly taskId: string
  readonly digests: ReadonlyMap<string, string>
}

/** What the running tasks of a deployment prove. */
export type Proof =
  | { readonly kind: 'proven'; readonly tasks: readonly ProvenTask[] }
  | { readonly kind: 'nothing-runs' }
  /** A running task whose digest ECS has not reported yet. */
  | { readonly kind: 'not-yet'; readonly taskId: string; readonly container: string }
  | {
      readonly kind: 'mismatch'
      readonly taskId: string
      readonly container: string
      readonly expected: readonly string[]
      readonly actual: string
    }

/** The tasks of one deployment: by `startedBy`, which ECS sets to the deployment's id. */
export function tasksOfDeployment(tasks: readonly TaskSnapshot[], deploymentId: string): readonly TaskSnapshot[] {
  return tasks.filter(task => task.startedBy === deploymentId)
}

/** Compares the digest of every expected container in every running task with what it should be. */
export function proveDigests(tasks: readonly TaskSnapshot[], expected: ExpectedDigests): Proof {
  const proven: ProvenTask[] = []
  for (const task of tasks) {
    if (task.lastStatus !== 'RUNNING') continue
    const digests = new Map<string, string>()
    for (const [name, acceptable] of expected) {
      const actual = task.containers.find(container => container.name === name)?.imageDigest
      if (actual === undefined) return { kind: 'not-yet', taskId: taskId(task.arn), container: name }
      if (!acceptable.includes(actual)) {
        return { kind: 'mismatch', taskId: taskId(task.arn), container: name, expected: acceptable, actual }
      }
      digests.set(name, actual)
    }
    proven.push({ taskId: taskId(task.arn), digests })
  }
  return proven.length === 0 ? { kind: 'nothing-runs' } : { kind: 'proven', tasks: proven }
}

/** What the running tasks of a deployment prove, beside what its service says of them. */
export type RunningProof =
  | Proof
  /** Those that are to be seen run the right digests, and they are fewer than run. */
  | { readonly kind: 'partial'; readonly tasks: readonly ProvenTask[]; readonly running: number }
  /** Somebody else's deployment takes their place, so that nobody can tell any more how many there were to see. */
  | { readonly kind: 'replaced'; readonly by: DeploymentSnapshot }

/** Holds a proof of what is to be seen against how much there is to see. */
export function weighProof(proof: Proof, mine: WatchedDeployment, service: ServiceSnapshot): RunningProof {
  const primary = primaryDeployment(service)
  const isReplaced = primary !== undefined && primary.id !== mine.id && !isOlder(primary, mine)
  if (proof.kind === 'mismatch') return proof
  if (isReplaced) return { kind: 'replaced', by: primary }
  if (proof.kind !== 'proven') return proof
  const running = runningTasks(mine, service)
  return proof.tasks.length < running ? { kind: 'partial', tasks: proof.tasks, running } : proof
}

/** How many tasks of a deployment run; a read from before it completed tells how many are wanted. */
function runningTasks(mine: WatchedDeployment, service: ServiceSnapshot): number {
  const running = service.deployments.find(({ id }) => id === mine.id)?.runningCount ?? 0
  return isBeforeCompletion(mine, service) ? Math.max(running, service.desiredCount) : running
}

/** Whether a read of the service is from before a deployment completed that did: reads may lag behind for seconds. */
export function isBeforeCompletion(mine: WatchedDeployment, service: ServiceSnapshot): boolean {
  const primary = primaryDeployment(service)
  if (primary === undefined) return true
  return primary.id === mine.id ? isInProgress(primary.rolloutState) : isOlder(primary, mine)
}
