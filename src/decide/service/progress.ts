import { approvals, type Approval } from './approval.ts'
import {
  primaryDeployment,
  type DeploymentSnapshot,
  type ServiceDeploymentSnapshot,
  type ServiceEvent,
  type ServiceSnapshot
} from './snapshot.ts'
import { describeStage } from './stage.ts'
import { isCounting } from './status.ts'
import { drainingTasks, unhealthyTargets, type UnhealthyTargets } from './task-events.ts'
import { beganAt, type Observation, type WatchedDeployment } from './verdict.ts'

/** How far a deployment is, in what people look for. */
export interface Progress {
  readonly desired: number
  readonly running: number
  readonly starting: number
  readonly failed: number
  /** Tasks of other deployments that still run. */
  readonly old: number
  /** Other deployments are listed though none of their tasks runs: `draining` tells how many end their connections. */
  readonly isEmptying: boolean
  readonly draining: number | undefined
  /** Failures after which the circuit breaker trips; undefined when it counts none, or nobody says. */
  readonly breakerThreshold: number | undefined
  /** Where a deployment that shifts traffic is, in words; undefined for a rolling one. */
  readonly stage: string | undefined
  readonly unhealthy: readonly UnhealthyTargets[]
  readonly approvals: readonly Approval[]
}

/** Reads the progress of the deployment `id` out of one poll. */
export function readProgress(
  id: string,
  service: ServiceSnapshot,
  serviceDeployment: ServiceDeploymentSnapshot | undefined
): Progress {
  const own = service.deployments.find(deployment => deployment.id === id)
  const others = service.deployments.filter(deployment => deployment.id !== id)
  const events = eventsSince(service, own)
  const old = others.reduce((sum, deployment) => sum + deployment.runningCount + deployment.pendingCount, 0)
  const breaker = serviceDeployment?.circuitBreaker
  return {
    // Right after UpdateService the deployment's own count still reads 0.
    desired: Math.max(own?.desiredCount ?? 0, service.desiredCount),
    running: own?.runningCount ?? 0,
    starting: own?.pendingCount ?? 0,
    failed: Math.max(own?.failedTasks ?? 0, breaker?.failureCount ?? 0),
    old,
    isEmptying: others.length > 0 && old === 0,
    draining: drainingTasks(events),
    breakerThreshold: thresholdOf(breaker),
    stage: serviceDeployment && describeStage(serviceDeployment),
    unhealthy: unhealthyTargets(events),
    approvals: serviceDeployment === undefined ? [] : approvals(serviceDeployment)
  }
}

/** A breaker that is off or done counting lists its threshold all the same. */
function thresholdOf(breaker: ServiceDeploymentSnapshot['circuitBreaker']): number | undefined {
  const counts = breaker !== undefined && isCounting(breaker.status) && breaker.threshold > 0
  return counts ? breaker.threshold : undefined
}

/**
 * How many tasks of the deployment `id` have failed while it lacks some, when they are more than run: one that failed
 * among others that do is no failure of the deployment. `stopped` are known to have failed, and ECS counts them when they
 * are gone. Undefined when it is not PRIMARY, and its tasks go for another reason.
 */
export function countFailures(
  id: string,
  { service, serviceDeployment }: Observation,
  stopped: number
): number | undefined {
  if (primaryDeployment(service)?.id !== id) return undefined
  const { failed, running, desired } = readProgress(id, service, serviceDeployment)
  const failures = Math.max(failed, stopped)
  return running < desired && failures > running ? failures : 0
}

/** The service's events since a deployment began, newest first; none when nobody knows when that was. */
export function eventsSince(
  service: ServiceSnapshot,
  began: Pick<DeploymentSnapshot, 'createdAt'> | undefined
): readonly ServiceEvent[] {
  const since = began?.createdAt
  return since === undefined ? [] : service.events.filter(({ createdAt }) => createdAt >= since)
}

/** The events of a service that may be about a watched deployment: one that ECS goes back to has a past. */
export function eventsOf(service: ServiceSnapshot, mine: WatchedDeployment): readonly ServiceEvent[] {
  return eventsSince(service, { createdAt: beganAt(mine) })
}

/** The progress in words, e.g. `2/4 running, 1 starting, 2 old left`. */
export function describeProgress(progress: Progress): string {
  const { running, desired, starting, failed, old, stage } = progress
  const parts = [`${String(running)}/${String(desired)} running`]
  if (starting > 0) parts.push(`${String(starting)} starting`)
  if (old > 0) parts.push(`${String(old)} old left`)
  if (progress.isEmptying) parts.push(describeEmptying(progress))
  if (failed > 0) parts.push(describeFailures(failed, progress.breakerThreshold))
  parts.push(...progress.unhealthy.map(describeUnhealthy))
  if (stage !== undefined) parts.push(stage)
  if (progress.approvals.length > 0) parts.push('waiting for approval')
  return parts.join(', ')
}

/** The old tasks that have left RUNNING, e.g. `2 old draining`. */
export function describeEmptying({ draining }: Progress): string {
  return draining === undefined ? 'old tasks stopping' : `${String(draining)} old draining`
}

/** E.g. `1 unhealthy in target group web (Request timed out)`. */
export function describeUnhealthy({ tasks, targetGroup, reason }: UnhealthyTargets): string {
  return `${String(tasks)} unhealthy in target group ${targetGroup} (${reason})`
}

function describeFailures(failed: number, threshold: number | undefined): string {
  if (threshold === undefined) return `${String(failed)} failed`
  if (failed >= threshold) return `${String(failed)} tasks failed: the circuit breaker trips at ${String(threshold)}`
  return `failed tasks ${String(failed)} of ${String(threshold)} before the circuit breaker trips`
}
