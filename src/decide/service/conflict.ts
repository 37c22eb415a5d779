import { primaryDeployment, type DeploymentSnapshot, type ServiceSnapshot } from './snapshot.ts'
import { isInProgress } from './status.ts'

/** The deployment that is in progress; undefined when a new one would be in nobody's way. */
export function deploymentInProgress(service: ServiceSnapshot): DeploymentSnapshot | undefined {
  const primary = primaryDeployment(service)
  if (primary === undefined) return undefined
  // Behind a Classic Load Balancer ECS reports no rollout state; then a second deployment is all there is to see.
  const isUnderWay =
    primary.rolloutState === undefined ? service.deployments.length > 1 : isInProgress(primary.rolloutState)
  return isUnderWay ? primary : undefined
}

/**
 * What others started since the service was seen as it was `before`, if it still is under way or was of the same revision:
 * a new deployment would replace it. Undefined when there is none.
 */
export function startedSince(before: ServiceSnapshot, now: ServiceSnapshot): DeploymentSnapshot | undefined {
  const primary = primaryDeployment(now)
  if (primary?.id !== primaryDeployment(before)?.id) return primary
  // An older deployment that ECS goes back to keeps its id.
  return deploymentInProgress(before) === undefined ? deploymentInProgress(now) : undefined
}
