import type { ServiceDeploymentSnapshot, ServiceSnapshot } from '../snapshot.ts'
import { isCompleted, isRolledBack, isSuccessful } from '../status.ts'
import { primaryDeployment } from '../snapshot.ts'
import type { Finding } from './finding.ts'

/** `status` is that of the revision that the service runs. */
export function inactiveRevision(service: ServiceSnapshot, status: string): readonly Finding[] {
  if (status === 'ACTIVE') return []
  return [
    {
      code: 'task-definition-inactive',
      severity: 'warning',
      sentence: `the revision that ${service.name} runs now is ${status}: ECS may not be able to roll back to it`,
      remedy: 'do not deregister revisions that services run'
    }
  ]
}

/** Whether ECS surely has a deployment to go back to: the one that is there completed. */
export function hasCandidate(service: ServiceSnapshot): boolean {
  return isCompleted(primaryDeployment(service)?.rolloutState)
}

/**
 * Without a deployment that once succeeded, ECS has nothing to roll back to and leaves a failed one as it is.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
 * `listed` is what ECS remembers of the last 90 days; an empty list says nothing.
 */
export function noCandidate(
  service: ServiceSnapshot,
  listed: readonly ServiceDeploymentSnapshot[]
): readonly Finding[] {
  const succeeded = listed.some(({ status }) => isSuccessful(status) || isRolledBack(status))
  if (hasCandidate(service) || listed.length === 0 || succeeded) return []
  return [
    {
      code: 'no-rollback-candidate',
      severity: 'warning',
      sentence: `no deployment of ${service.name} succeeded so far (of ${String(listed.length)} that ECS remembers): if this one fails, ECS has nothing to roll back to`,
      remedy: 'stay with this deployment until it is through'
    }
  ]
}
