import { deploymentIdOf, type ServiceDeploymentSnapshot, type ServiceSnapshot } from './snapshot.ts'
import { isCompleted, isSuccessful } from './status.ts'

/**
 * ARN of the revision to go back to from a deployment: that of the newest other one that completed, as for ECS itself.
 * Undefined when the service lists none, as while a deployment is replaced that is under way.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
 */
export function previousRevision(before: ServiceSnapshot, deploymentId: string): string | undefined {
  const [newest] = before.deployments
    .filter(({ id, rolloutState }) => id !== deploymentId && isCompleted(rolloutState))
    .toSorted((one, other) => (other.createdAt ?? 0) - (one.createdAt ?? 0))
  return newest?.taskDefinitionArn
}

/**
 * The newest service deployment before a deployment that completed, among those of its service, newest first; undefined
 * when there is none, or none of the last 90 days.
 */
export function successBefore(
  deploymentId: string,
  listed: readonly ServiceDeploymentSnapshot[]
): ServiceDeploymentSnapshot | undefined {
  // Mine itself may not be listed yet.
  const own = listed.findIndex(deployment => deploymentIdOf(deployment) === deploymentId)
  return listed.slice(own + 1).find(({ status }) => isSuccessful(status))
}
