import { causesOfTasks, diagnose, type Diagnosis, type Symptoms } from './diagnosis/diagnosis.ts'
import type { TaskCause } from './diagnosis/task-cause.ts'
import { isOrdinaryStop } from './diagnosis/stop-reason.ts'
import type { DeploymentSnapshot, TaskSnapshot } from './snapshot.ts'
import { isCompleted, isFailed } from './status.ts'

/** So many failures of one kind are no accident; ECS's own circuit breaker counts to three at least as well. */
const ENOUGH_FAILURES = 3

/** What is to be expected of a deployment that ECS still tries. */
export type Prospects =
  /**
   * None of its tasks runs or ever got healthy, and all failures are of one class that waiting does not mend: unless
   * `isUntried` is true of a task that still starts.
   */
  | { readonly kind: 'hopeless'; readonly diagnosis: Diagnosis; readonly isUntried: (task: TaskSnapshot) => boolean }
  /** A task got healthy, or failures may heal or differ: whatever fails from now on, it never becomes hopeless. */
  | { readonly kind: 'hopeful' }
  /** Nobody can tell yet. */
  | { readonly kind: 'open' }

/** Whether a deployment can end well, by its tasks that stopped. */
export function readProspects(own: DeploymentSnapshot, symptoms: Symptoms): Prospects {
  if (symptoms.stopped.some(gotHealthy)) return { kind: 'hopeful' }
  const failures = causesOfTasks(symptoms)
  if (failures.length < ENOUGH_FAILURES) return { kind: 'open' }
  const diagnosis = diagnose(symptoms)
  if (
    diagnosis === undefined ||
    failures.some(({ cause: { code, heals } }) => heals !== 'no' || code !== diagnosis.code)
  ) {
    return { kind: 'hopeful' }
  }
  const isUnderWay = own.status === 'PRIMARY' && !isCompleted(own.rolloutState) && !isFailed(own.rolloutState)
  const enoughAt = whenEnough(failures)
  if (!isUnderWay || own.runningCount > 0 || enoughAt === undefined) return { kind: 'open' }
  // In a crash loop there is always one that starts: what was started since then is one more try of the same.
  const isUntried = ({ createdAt, startedAt }: TaskSnapshot): boolean =>
    startedAt !== undefined || createdAt === undefined || createdAt < enoughAt
  return { kind: 'hopeless', diagnosis, isUntried }
}

/**
 * When the failures were enough to tell, in epoch seconds; undefined: they are not yet. Tasks that start side by side are
 * one try, and one try does not tell whether a right is missing or was given a moment ago.
 */
function whenEnough(failures: readonly TaskCause[]): number | undefined {
  const ends = failures.map(({ task }) => task.endedAt ?? Infinity).sort((one, other) => one - other)
  const [first = Infinity] = ends
  const third = ends[ENOUGH_FAILURES - 1] ?? Infinity
  if (!failures.some(({ cause }) => cause.isRight)) return third
  const again = failures.filter(({ task }) => (task.createdAt ?? 0) > first)
  return again.length === 0
    ? undefined
    : Math.max(third, Math.min(...again.map(({ task }) => task.endedAt ?? Infinity)))
}

/** Whether a stopped task did run: its checks passed, or ECS had no other reason to stop it than that it was not needed. */
function gotHealthy({ healthStatus, startedAt, stoppedReason = '' }: TaskSnapshot): boolean {
  return healthStatus === 'HEALTHY' || (startedAt !== undefined && isOrdinaryStop(stoppedReason))
}
