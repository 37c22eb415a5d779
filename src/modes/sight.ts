import { shortArn } from '../decide/arn.ts'
import {
  primaryDeployment,
  serviceDeploymentOf,
  type ServiceDeploymentSnapshot,
  type ServiceSnapshot
} from '../decide/service/snapshot.ts'
import {
  isCompleted,
  isInProgress,
  isRollbackFailed,
  isRolledBack,
  isRollingBack,
  isSuccessful
} from '../decide/service/status.ts'
import { isFromBefore } from '../decide/service/staleness.ts'
import { isOlder, type WatchedDeployment } from '../decide/service/verdict.ts'
import type { EcsPort, EcsReads } from '../io/aws/ecs.ts'

/** How a deployment was seen last, for a run that is cut off; empty before that. */
export interface Sight {
  service?: ServiceSnapshot
  serviceDeployment?: ServiceDeploymentSnapshot
}

/** A port that remembers how it saw a deployment last. */
export function remembering(port: EcsPort, { id }: WatchedDeployment, seen: Sight): EcsPort {
  const note = (listed: readonly ServiceDeploymentSnapshot[]): void => {
    const own = serviceDeploymentOf(id, listed)
    if (own !== undefined) seen.serviceDeployment = own
  }
  const through = (reads: EcsReads): Partial<EcsReads> => ({
    async describeService(cluster, name) {
      const service = await reads.describeService(cluster, name)
      if (typeof service !== 'string') seen.service = service
      return service
    },
    async listServiceDeployments(cluster, name) {
      const listed = await reads.listServiceDeployments(cluster, name)
      note(listed)
      return listed
    },
    async describeServiceDeployment(arn) {
      const found = await reads.describeServiceDeployment(arn)
      note(found === undefined ? [] : [found])
      return found
    }
  })
  const polling = (): EcsReads => {
    const reads = port.polling()
    return { ...reads, ...through(reads) }
  }
  return { ...port, ...through(port), polling }
}

/** What became of a deployment as far as it was seen, in words that go on from "it was started;"; undefined while it is under way. */
export function standingOf(mine: WatchedDeployment, seen: Sight): string | undefined {
  const { service, serviceDeployment } = seen
  const primary = service && primaryDeployment(service)
  const isMine = primary?.id === mine.id
  if (primary !== undefined && !isMine && !isOlder(primary, mine)) {
    return `it was replaced by ${primary.id}, which deploys ${shortArn(primary.taskDefinitionArn)}`
  }
  const status = serviceDeployment?.status
  if (isRolledBack(status)) return 'ECS has rolled it back'
  if (isRollingBack(status)) return 'ECS is rolling it back'
  if (isRollbackFailed(status)) return 'ECS could not roll it back'
  const isDated = service !== undefined && !isFromBefore(mine, { service, serviceDeployment: undefined })
  if (primary !== undefined && !isMine && isDated) {
    const back = shortArn(primary.taskDefinitionArn)
    return isInProgress(primary.rolloutState) ? `the service goes back to ${back}` : `the service is back on ${back}`
  }
  // One that completed before is under way again when ECS goes back to it.
  const hasCompleted = isSuccessful(status) && !(isMine && isInProgress(primary.rolloutState))
  return hasCompleted || (isMine && isCompleted(primary.rolloutState)) ? 'it completed' : undefined
}
