import { asObject } from '../json.ts'
import {
  primaryDeployment,
  rollsOut,
  type DeploymentSnapshot,
  type ServiceDeploymentSnapshot,
  type ServiceSnapshot
} from './snapshot.ts'
import {
  isActive,
  isCompleted,
  isFailed,
  isInProgress,
  isRollbackFailed,
  isRolledBack,
  isRollingBack,
  isStopped,
  isSuccessful,
  isTripped,
  isUnderWay
} from './status.ts'

/** Which deployment is watched: the PRIMARY of the UpdateService response, and what was known before it existed. */
export interface WatchedDeployment {
  /** `ecs-svc/N`. */
  readonly id: string
  readonly taskDefinitionArn: string
  /** Epoch seconds by the server's clock, from the UpdateService response. */
  readonly createdAt: number | undefined
  /** Ids of the deployments that were there before; a rollback makes one of them PRIMARY again. */
  readonly olderIds: readonly string[]
  /** It was under way already when this run began. */
  readonly isAdopted: boolean
  /**
   * For an adopted one the newest time that the service showed then, in epoch seconds by the server's clock: what is older
   * is from before, and says nothing of a deployment that ECS goes back to.
   */
  readonly adoptedAt: number | undefined
  /** It was there before another deployment of its service, which ECS takes back to it. */
  readonly isWayBack: boolean
  /** ECS tells the rollout state of this service's deployments; it does not behind a Classic Load Balancer. */
  readonly tellsRollout: boolean
}

/** What one poll saw. */
export interface Observation {
  readonly service: ServiceSnapshot
  /** Undefined while it is not visible yet, or when that API is denied. */
  readonly serviceDeployment: ServiceDeploymentSnapshot | undefined
  /** DescribeServices did not answer: `service` is what an earlier poll saw. */
  readonly isServiceOld?: boolean
}

/** What earlier polls saw, as far as it decides. */
export interface WatchMemory {
  /** It was in the list of deployments: before that, a read may be older than the deployment itself. */
  readonly sawMine: boolean
  /**
   * It was certain to fail: ECS drops a failed deployment from the list within a minute, and the rest then looks like
   * somebody else's deploy.
   */
  readonly sawFailing: boolean
  /** A deployment that began after mine was seen: it replaced mine, also where ECS has taken it back since. */
  readonly wasReplaced: boolean
  /** Behind a Classic Load Balancer: it has been full, and alone, for as long as that has to last. */
  readonly isSettledForGood: boolean
  /** It has been stopped for longer than whoever replaced it can go unseen. */
  readonly isStoppedForGood: boolean
}

/** Where the watched deployment stands. Everything but `in-progress` and `failing` is final. */
export type Verdict =
  | { readonly kind: 'in-progress' }
  | { readonly kind: 'completed' }
  /** It cannot end well any more, and has not landed yet. */
  | { readonly kind: 'failing'; readonly reason: string | undefined }
  | { readonly kind: 'rolled-back'; readonly to: DeploymentSnapshot; readonly reason: string | undefined }
  | { readonly kind: 'failed'; readonly reason: string | undefined }
  | { readonly kind: 'rollback-failed'; readonly reason: string | undefined }
  | { readonly kind: 'superseded'; readonly by: DeploymentSnapshot }
  | { readonly kind: 'service-gone'; readonly status: string }

/** The truth about my deployment, by identity and status alone. */
export function verdict(mine: WatchedDeployment, seen: Observation, memory: WatchMemory): Verdict {
  const { service } = seen
  if (!isActive(service.status)) return { kind: 'service-gone', status: service.status }
  const certain = byServiceDeployment(mine, seen, memory)
  if (certain !== undefined || seen.isServiceOld === true) return certain ?? { kind: 'in-progress' }
  return byDeployments(mine, seen, memory)
}

/** What the service deployments API says for certain; undefined when it leaves the question open. */
function byServiceDeployment(mine: WatchedDeployment, seen: Observation, memory: WatchMemory): Verdict | undefined {
  const deployment = seen.serviceDeployment
  if (deployment === undefined) return undefined
  const primary = primaryDeployment(seen.service)
  const reason = deployment.rollback?.reason ?? deployment.statusReason
  // An older deployment that a rollback made PRIMARY again was successful once; what becomes of it now, DescribeServices says.
  const isRepromoted = mine.isAdopted && !(primary?.id === mine.id && isCompleted(primary.rolloutState))
  // What runs is proven against the service as it is now: good news can wait until that is to be read.
  if (isSuccessful(deployment.status) && !isRepromoted) return { kind: seen.isServiceOld ? 'in-progress' : 'completed' }
  if (isRollbackFailed(deployment.status)) return { kind: 'rollback-failed', reason }
  if (isRolledBack(deployment.status)) {
    // DescribeServices may lag behind, or not answer: then a later poll shows where it landed.
    if (primary === undefined || primary.id === mine.id || seen.isServiceOld) return { kind: 'failing', reason }
    const isBack = isOlder(primary, mine) || isTargetOf(deployment.rollback, primary)
    return isBack ? { kind: 'rolled-back', to: primary, reason } : { kind: 'superseded', by: primary }
  }
  if (isRollingBack(deployment.status)) return { kind: 'failing', reason }
  if (isStopped(deployment.status) && primary?.id === mine.id) {
    if (isFailed(primary.rolloutState)) return { kind: 'failed', reason: reason ?? primary.rolloutStateReason }
    // While it still reads as PRIMARY and in progress, it was replaced and DescribeServices lags behind; then it was not.
    const isLeft = memory.isStoppedForGood && isInProgress(primary.rolloutState) && seen.isServiceOld !== true
    if (isLeft) return { kind: 'failed', reason: reason ?? 'ECS reports it as stopped' }
  }
  if (isTripped(deployment.circuitBreaker?.status) && !isStopped(deployment.status)) return { kind: 'failing', reason }
  // What is not over here has neither succeeded nor gone back, whatever a read of the service from another moment says.
  const hasFailed = primary?.id === mine.id && isFailed(primary.rolloutState)
  return isUnderWay(deployment.status) && !hasFailed ? { kind: 'in-progress' } : undefined
}

/** The full fallback: what DescribeServices alone tells. */
function byDeployments(mine: WatchedDeployment, seen: Observation, memory: WatchMemory): Verdict {
  const { service } = seen
  const primary = primaryDeployment(service)
  const own = service.deployments.find(deployment => deployment.id === mine.id)
  if (primary === undefined) return { kind: 'in-progress' }
  const isThrough = isCompleted(primary.rolloutState) || (memory.isSettledForGood && looksSettled(mine, service))
  if (primary.id === mine.id) return whilePrimary(primary, service, isThrough)
  if (isOlder(primary, mine)) {
    const isStale = own === undefined && !memory.sawMine && !memory.sawFailing && !memory.wasReplaced
    if (isStale) return { kind: 'in-progress' }
    // What ECS rolls back is not called stopped: somebody else's deployment replaced it, and is the one that went back.
    const isTheirs = (memory.wasReplaced || isStopped(seen.serviceDeployment?.status)) && !memory.sawFailing
    return isTheirs ? { kind: 'superseded', by: primary } : whileRollingBack(primary, own, isThrough)
  }
  return { kind: 'superseded', by: primary }
}

function whilePrimary(primary: DeploymentSnapshot, service: ServiceSnapshot, isThrough: boolean): Verdict {
  if (isThrough) return { kind: 'completed' }
  if (isFailed(primary.rolloutState)) {
    const reason = primary.rolloutStateReason
    return rollsBackByItself(service) ? { kind: 'failing', reason } : { kind: 'failed', reason }
  }
  return { kind: 'in-progress' }
}

/** Whether a service whose rollout states ECS does not tell shows one full deployment alone: that is all there is to see. */
export function looksSettled({ tellsRollout }: WatchedDeployment, service: ServiceSnapshot): boolean {
  const primary = primaryDeployment(service)
  if (tellsRollout || primary === undefined || primary.rolloutState !== undefined) return false
  const full = primary.desiredCount === service.desiredCount && primary.runningCount === service.desiredCount
  return service.deployments.length === 1 && full && primary.pendingCount === 0
}

function whileRollingBack(
  primary: DeploymentSnapshot,
  own: DeploymentSnapshot | undefined,
  isThrough: boolean
): Verdict {
  // Once it is back, what the older deployment says is that it completed, and no reason.
  if (isThrough) return { kind: 'rolled-back', to: primary, reason: own?.rolloutStateReason }
  const reason = own?.rolloutStateReason ?? primary.rolloutStateReason
  if (isFailed(primary.rolloutState)) return { kind: 'rollback-failed', reason }
  return { kind: 'failing', reason }
}

/**
 * Whether a deployment was there before mine: a rollback makes an older one PRIMARY again, under its old id and mostly with
 * its old creation time.
 */
export function isOlder({ id, createdAt }: DeploymentSnapshot, mine: WatchedDeployment): boolean {
  if (mine.olderIds.includes(id)) return true
  return createdAt !== undefined && mine.createdAt !== undefined && createdAt < mine.createdAt
}

/** Since when what a service tells may be about a deployment, in epoch seconds by the server's clock. */
export function beganAt({ createdAt, adoptedAt, isWayBack }: WatchedDeployment): number | undefined {
  return isWayBack ? adoptedAt : createdAt
}

/** Whether a service lists a deployment that began after mine, by the server's own times: that replaced mine. */
export function showsSuccessor({ deployments }: ServiceSnapshot, mine: WatchedDeployment): boolean {
  return deployments.some(
    ({ id, createdAt = 0 }) => createdAt > (mine.createdAt ?? Infinity) && ![mine.id, ...mine.olderIds].includes(id)
  )
}

/** Whether a rollback goes back to this deployment, which may have been gone when mine began, and be listed as new now. */
function isTargetOf(rollback: ServiceDeploymentSnapshot['rollback'], { id }: DeploymentSnapshot): boolean {
  return rollback?.toRevisionArn !== undefined && rollsOut(id, rollback.toRevisionArn)
}

/** Whether ECS itself rolls a failed deployment of this service back. */
export function rollsBackByItself(service: ServiceSnapshot): boolean {
  const { deploymentCircuitBreaker, alarms } = service.deploymentConfiguration
  return [deploymentCircuitBreaker, alarms].some(method => {
    const detector = asObject(method)
    return detector?.['enable'] === true && detector['rollback'] === true
  })
}
