import { causesOfTasks, diagnose, type Diagnosis, type Symptoms } from './diagnosis/diagnosis.ts'
import { isOrdinaryStop } from './diagnosis/stop-reason.ts'
import type { DeploymentSnapshot, TaskSnapshot } from './snapshot.ts'
import { isCompleted, isFailed } from './status.ts'

/** So many failures of one kind are no accident; ECS's own circuit breaker counts to three at least as well. */
const ENOUGH_FAILURES = 3

/**
 * Why a deployment that ECS still tries cannot end well: none of its tasks runs or ever got healthy, and all failures,
 * three or more, are of one class that waiting does not mend. Undefined when there is hope, or not enough to tell.
 */
export function hopeless(own: DeploymentSnapshot, symptoms: Symptoms): Diagnosis | undefined {
  const isUnderWay = own.status === 'PRIMARY' && !isCompleted(own.rolloutState) && !isFailed(own.rolloutState)
  if (!isUnderWay || own.runningCount > 0 || symptoms.stopped.some(gotHealthy)) return undefined
  const causes = causesOfTasks(symptoms).map(({ cause }) => cause)
  if (causes.length < ENOUGH_FAILURES) return undefined
  const diagnosis = diagnose(symptoms)
  return causes.every(({ code, heals }) => heals === 'no' && code === diagnosis?.code) ? diagnosis : undefined
}

/** Whether a stopped task did run: its checks passed, or ECS had no other reason to stop it than that it was not needed. */
function gotHealthy({ healthStatus, startedAt, stoppedReason = '' }: TaskSnapshot): boolean {
  return healthStatus === 'HEALTHY' || (startedAt !== undefined && isOrdinaryStop(stoppedReason))
}
