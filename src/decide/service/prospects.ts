import { causesOfTasks, diagnose, type Diagnosis, type Symptoms } from './diagnosis/diagnosis.ts'
import { isOrdinaryStop } from './diagnosis/stop-reason.ts'
import type { DeploymentSnapshot, TaskSnapshot } from './snapshot.ts'
import { isCompleted, isFailed } from './status.ts'

/** So many failures of one kind are no accident; ECS's own circuit breaker counts to three at least as well. */
const ENOUGH_FAILURES = 3

/** What is to be expected of a deployment that ECS still tries. */
export type Prospects =
  /** None of its tasks runs or ever got healthy, and all failures are of one class that waiting does not mend. */
  | { readonly kind: 'hopeless'; readonly diagnosis: Diagnosis }
  /** A task got healthy, or failures may heal or differ: whatever fails from now on, it never becomes hopeless. */
  | { readonly kind: 'hopeful' }
  /** Nobody can tell yet. */
  | { readonly kind: 'open' }

/** Whether a deployment can end well, by its tasks that stopped. */
export function readProspects(own: DeploymentSnapshot, symptoms: Symptoms): Prospects {
  if (symptoms.stopped.some(gotHealthy)) return { kind: 'hopeful' }
  const causes = causesOfTasks(symptoms).map(({ cause }) => cause)
  if (causes.length < ENOUGH_FAILURES) return { kind: 'open' }
  const diagnosis = diagnose(symptoms)
  if (diagnosis === undefined || causes.some(({ code, heals }) => heals !== 'no' || code !== diagnosis.code)) {
    return { kind: 'hopeful' }
  }
  const isUnderWay = own.status === 'PRIMARY' && !isCompleted(own.rolloutState) && !isFailed(own.rolloutState)
  return isUnderWay && own.runningCount === 0 ? { kind: 'hopeless', diagnosis } : { kind: 'open' }
}

/** Whether a stopped task did run: its checks passed, or ECS had no other reason to stop it than that it was not needed. */
function gotHealthy({ healthStatus, startedAt, stoppedReason = '' }: TaskSnapshot): boolean {
  return healthStatus === 'HEALTHY' || (startedAt !== undefined && isOrdinaryStop(stoppedReason))
}
