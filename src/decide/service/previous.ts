import type { ServiceSnapshot } from './snapshot.ts'
import { isCompleted } from './status.ts'

/**
 * ARN of the revision to go back to from a deployment: that of the newest other one that completed, as for ECS itself;
 * where none is listed, what the service was set to.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
 */
export function previousRevision(before: ServiceSnapshot, deploymentId: string): string {
  const [newest] = before.deployments
    .filter(({ id, rolloutState }) => id !== deploymentId && isCompleted(rolloutState))
    .toSorted((one, other) => (other.createdAt ?? 0) - (one.createdAt ?? 0))
  return newest?.taskDefinitionArn ?? before.taskDefinitionArn
}
