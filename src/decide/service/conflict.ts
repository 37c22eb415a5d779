import { asObject } from '../json.ts'
import { primaryDeployment, type DeploymentSnapshot, type ServiceSnapshot } from './snapshot.ts'
import { isInProgress } from './status.ts'

/** So many failed tasks and none that runs: without a circuit breaker it starts tasks for ever. */
const HOPELESS_FAILURES = 3

/** The deployment that is in progress; undefined when a new one would be in nobody's way. */
export function deploymentInProgress(service: ServiceSnapshot): DeploymentSnapshot | undefined {
  const primary = primaryDeployment(service)
  if (primary === undefined) return undefined
  // Behind a Classic Load Balancer ECS reports no rollout state; then a second deployment is all there is to see.
  const isUnderWay =
    primary.rolloutState === undefined ? service.deployments.length > 1 : isInProgress(primary.rolloutState)
  return isUnderWay ? primary : undefined
}

/** Whether waiting for a deployment in progress is in vain: nothing of it runs, and nothing will ever end it. */
export function neverEnds(service: ServiceSnapshot, { failedTasks, runningCount }: DeploymentSnapshot): boolean {
  const breaker = asObject(service.deploymentConfiguration['deploymentCircuitBreaker'])
  return breaker?.['enable'] !== true && failedTasks >= HOPELESS_FAILURES && runningCount === 0
}
