import type { ServiceSnapshot } from './snapshot.ts'
import { isActive, isOver, isRollingBack, isUnderWay } from './status.ts'
import type { Observation, WatchedDeployment } from './verdict.ts'

/** For how long DescribeServices may answer with what was the case before, in milliseconds. */
export const STALENESS_MS = 20_000

/**
 * Whether a read of the service is from before the watched deployment, as far as the server's own times tell: it is not in
 * it, and nothing in it is as new. A rollback looks the same otherwise, but leaves events and an update behind, where the
 * service shows those. What the service deployments API says is looked at in any case, where that decides.
 */
export function isFromBefore(mine: WatchedDeployment, { service, serviceDeployment }: Observation): boolean {
  const { createdAt, adoptedAt } = mine
  // An adopted one may be older than anything that a read from before shows.
  if (adoptedAt !== undefined) return isActive(service.status) && (newestTimeIn(service) ?? adoptedAt) < adoptedAt
  if (createdAt === undefined || decides(serviceDeployment) || !isActive(service.status)) return false
  if (service.deployments.some(({ id }) => id === mine.id)) return false
  const newest = newestTimeIn(service)
  return newest === undefined || newest < createdAt
}

/** Whether a service deployment has a status that says something. */
function decides(deployment: Observation['serviceDeployment']): boolean {
  const status = deployment?.status
  return isUnderWay(status) || isRollingBack(status) || isOver(status)
}

/** When the newest of what a service shows happened, in epoch seconds by the server's clock; undefined when nothing says. */
export function newestTimeIn({ deployments, events }: ServiceSnapshot): number | undefined {
  const times = [
    ...deployments.flatMap(({ createdAt, updatedAt }) => [createdAt ?? [], updatedAt ?? []].flat()),
    ...events.map(({ createdAt }) => createdAt)
  ]
  return times.length === 0 ? undefined : times.reduce((one, other) => Math.max(one, other))
}
