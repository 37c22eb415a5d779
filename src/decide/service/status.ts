/*
 * The status strings of AWS: each becomes a question.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html
 */

/** The service deployment is not over, and not on its way back. */
export function isUnderWay(status: string | undefined): boolean {
  return status === 'PENDING' || status === 'IN_PROGRESS' || status === 'STOP_REQUESTED'
}

/** The service deployment ended well. */
export function isSuccessful(status: string | undefined): boolean {
  return status === 'SUCCESSFUL'
}

/** A rollback was asked for or is under way: this deployment cannot end well any more. */
export function isRollingBack(status: string | undefined): boolean {
  return status === 'ROLLBACK_REQUESTED' || status === 'ROLLBACK_IN_PROGRESS'
}

/** What is rolled out is about to be taken back or given up, whatever its tasks do. */
export function isBeingUndone(status: string | undefined): boolean {
  return status === 'STOP_REQUESTED' || isRollingBack(status)
}

/** The rollback reached its target. */
export function isRolledBack(status: string | undefined): boolean {
  return status === 'ROLLBACK_SUCCESSFUL'
}

/** The rollback did not reach its target, or had none. */
export function isRollbackFailed(status: string | undefined): boolean {
  return status === 'ROLLBACK_FAILED'
}

/** The service deployment ended without a rollback: replaced by another one, or failed with rollback switched off. */
export function isStopped(status: string | undefined): boolean {
  return status === 'STOPPED'
}

/** The service deployment was stopped, or is about to be: it was replaced, or failed with rollback switched off. */
export function isStopping(status: string | undefined): boolean {
  return status === 'STOP_REQUESTED' || isStopped(status)
}

/** The service deployment is over, one way or another. */
export function isOver(status: string | undefined): boolean {
  return isSuccessful(status) || isStopped(status) || isRolledBack(status) || isRollbackFailed(status)
}

/** The circuit breaker of a service deployment counted to its threshold. */
export function isTripped(breakerStatus: string | undefined): boolean {
  return breakerStatus === 'TRIGGERED'
}

/** The circuit breaker counts failures, or did until it tripped; else its threshold means nothing. */
export function isCounting(breakerStatus: string | undefined): boolean {
  return breakerStatus === 'MONITORING' || isTripped(breakerStatus)
}

/** A lifecycle hook waits for somebody to continue the deployment. */
export function isAwaitingAction(hookStatus: string): boolean {
  return hookStatus === 'AWAITING_ACTION'
}

/** A lifecycle hook was called and has not answered. */
export function isHookRunning(hookStatus: string): boolean {
  return hookStatus === 'IN_PROGRESS'
}

/** The rollout of an entry of `deployments` is through. */
export function isCompleted(rolloutState: string | undefined): boolean {
  return rolloutState === 'COMPLETED'
}

/** The rollout of an entry of `deployments` is under way. */
export function isInProgress(rolloutState: string | undefined): boolean {
  return rolloutState === 'IN_PROGRESS'
}

/** The rollout of an entry of `deployments` failed. */
export function isFailed(rolloutState: string | undefined): boolean {
  return rolloutState === 'FAILED'
}

/** The service takes deployments. */
export function isActive(serviceStatus: string): boolean {
  return serviceStatus === 'ACTIVE'
}
