import { isActive } from './status.ts'
import type { Observation, WatchedDeployment } from './verdict.ts'

/** For how long DescribeServices may answer with what was the case before, in milliseconds. */
export const STALENESS_MS = 20_000

/**
 * Whether a read of the service is from before the watched deployment, by the server's own times: it is not in it, and
 * nothing in it is as new. A rollback looks the same otherwise, but leaves events and an update behind. What the service
 * deployments API says is looked at in any case.
 */
export function isFromBefore(mine: WatchedDeployment, { service, serviceDeployment }: Observation): boolean {
  const { createdAt } = mine
  if (createdAt === undefined || serviceDeployment !== undefined || !isActive(service.status)) return false
  if (service.deployments.some(({ id }) => id === mine.id)) return false
  const updates = service.deployments.flatMap(deployment => deployment.updatedAt ?? [])
  const changes = [...updates, ...service.events.map(event => event.createdAt)]
  const starts = service.deployments.flatMap(deployment => deployment.createdAt ?? [])
  return changes.length > 0 && [...changes, ...starts].every(time => time < createdAt)
}
