import { beginning } from '../text.ts'
import { counted } from '../wording.ts'
import { describeRunningHook } from './approval.ts'
import { bakeMinutes } from './budget.ts'
import { plain } from './diagnosis/stop-rule.ts'
import {
  describeEmptying,
  describeProgress,
  describeUnhealthy,
  eventsSince,
  readProgress,
  type Progress
} from './progress.ts'
import type { ServiceDeploymentSnapshot } from './snapshot.ts'
import { isBakeStage, isScaleUpStage } from './stage.ts'
import { isFailed, isRollingBack, isTripped } from './status.ts'
import { newestComplaint } from './task-events.ts'
import type { Observation } from './verdict.ts'

/** Whether all that is left is the time that ECS watches the new tasks, as far as one poll can tell. */
export function isBaking(id: string, { service, serviceDeployment }: Observation): boolean {
  if (bakeMinutes(service.deploymentConfiguration) === 0) return false
  if (serviceDeployment?.lifecycleStage !== undefined) return isBakeStage(serviceDeployment.lifecycleStage)
  const own = service.deployments.find(deployment => deployment.id === id)
  return own !== undefined && own.runningCount >= service.desiredCount && service.deployments.length === 1
}

/**
 * What the deployment `id` waits for at this moment, to stand behind "still waiting for". `bakingSince` is when it was
 * first seen to bake, in epoch milliseconds. `isGivenUp`: it cannot end well, whatever ECS says of it yet.
 */
export function describeWait(
  id: string,
  seen: Observation,
  bakingSince: number | undefined,
  isGivenUp = false
): string {
  const { service, serviceDeployment } = seen
  const own = service.deployments.find(deployment => deployment.id === id)
  const progress = readProgress(id, service, serviceDeployment)
  const [approval] = progress.approvals
  if (approval !== undefined) return `approval: ${approval.command}`
  if (own?.status !== 'PRIMARY' || isRollingBack(serviceDeployment?.status))
    return 'the service to be back on its old tasks'
  if (isGivenUp || isFailed(own.rolloutState) || isTripped(serviceDeployment?.circuitBreaker?.status))
    return 'ECS to roll it back, if it does'
  const hook = serviceDeployment && describeRunningHook(serviceDeployment)
  if (hook !== undefined) return `${hook} to answer`
  const complaint = newestComplaint(eventsSince(service, own))
  const because = complaint === undefined ? '' : ` (ecs: ${complaint})`
  if (progress.running < progress.desired && isStarting(serviceDeployment)) {
    return `${counted(progress.desired - progress.running, 'task')} to start${because}`
  }
  if (bakingSince !== undefined) {
    const end = new Date(bakingSince + bakeMinutes(service.deploymentConfiguration) * 60_000)
    return Number.isNaN(end.getTime()) ? 'the bake time' : `the bake time, until about ${timeOfDay(end)}`
  }
  if (progress.unhealthy.length > 0) {
    return `tasks to become healthy: ${progress.unhealthy.map(describeUnhealthy).join(', ')}`
  }
  if (progress.isEmptying) return `the old tasks to be gone: ${describeEmptying(progress)}`
  if (progress.stage === undefined) return rollingWait(progress, because)
  return isStarting(serviceDeployment)
    ? `${counted(progress.desired, 'task')} to be healthy`
    : `the next stage (${progress.stage})`
}

function isStarting(serviceDeployment: ServiceDeploymentSnapshot | undefined): boolean {
  const stage = serviceDeployment?.lifecycleStage
  return stage === undefined || isScaleUpStage(stage)
}

/** What a rolling deployment waits for once all its tasks run. */
function rollingWait(progress: Progress, because: string): string {
  const { desired, old } = progress
  if (old === 0) return `${counted(desired, 'task')} to be healthy`
  if (because !== '') return `${counted(old, 'old task')} to stop${because}`
  return `${counted(desired, 'task')} to be healthy, so that ${String(old)} old can stop`
}

/** It stands at the end of a sentence that has other things to say. */
const LONGEST_EVENT = 200

/** What a deployment still lacked when it was last seen: its progress, and the newest event. */
export function describeMissing(id: string, seen: Observation | undefined): string {
  if (seen === undefined) return 'no poll was answered'
  const { service, serviceDeployment } = seen
  const progress = readProgress(id, service, serviceDeployment)
  const own = service.deployments.find(deployment => deployment.id === id)
  const parts = [describeProgress(progress)]
  const [approval] = progress.approvals
  if (approval !== undefined) parts.push(`nobody has run ${approval.command}`)
  const hook = serviceDeployment && describeRunningHook(serviceDeployment)
  if (hook !== undefined) parts.push(`${hook} has not answered`)
  const [event] = eventsSince(service, own)
  if (event !== undefined) parts.push(`last event: ${beginning(plain(event.message), LONGEST_EVENT)}`)
  return parts.join('; ')
}

/** E.g. `14:03:10 UTC`. */
function timeOfDay(date: Date): string {
  return `${date.toISOString().slice(11, 19)} UTC`
}
