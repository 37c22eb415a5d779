import { taskId, type TaskSnapshot } from './snapshot.ts'

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
