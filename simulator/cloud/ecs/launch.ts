import { breakerSettings } from './bounds.ts'
import { freePlaces, isAlive, requestPass, tasksOf, type Engine } from './engine.ts'
import { say, sayOnce, sayStarted } from './events.ts'
import { limitsOf } from './limits.ts'
import type { Deployment, Service, Task } from './model.ts'
import { holdsStart } from './shift.ts'
import { startTask } from './task.ts'
import { startThrottleSeconds } from './timings.ts'

const NO_CAPACITY =
  'was unable to place a task. Reason: Capacity is unavailable at this time. Please try again later or in a different ' +
  'availability zone. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.'

/** Starts what deployments lack: proven former ones first, so that each revision replaces its own tasks. */
export function startMissing(
  engine: Engine,
  service: Service
): { readonly count: number; readonly throttledUntil?: number } {
  const [primary, ...former] = service.deployments
  const { maximum } = limitsOf(service)
  const proven = former.filter(deployment => deployment.rolloutState === 'COMPLETED')
  let room = maximum - [...service.tasks].filter(isAlive).length
  let count = 0
  let throttledUntil: number | undefined
  for (const deployment of [...proven, primary]) {
    const missing = deployment.desiredCount - occupied(service, deployment)
    const starting = Math.min(missing, room)
    if (deployment === primary && holdsStart(service)) continue
    if (starting <= 0 || deployment.rolloutState === 'FAILED' || service.status !== 'ACTIVE') continue
    if (deployment.nextStartAt > engine.timeline.now()) {
      throttledUntil = Math.min(throttledUntil ?? Infinity, deployment.nextStartAt)
      continue
    }
    const replaced = Math.min(deployment.replacing, starting)
    deployment.replacing -= replaced
    start(engine, service, deployment, starting, replaced)
    room -= starting
    count += starting
  }
  return throttledUntil === undefined ? { count } : { count, throttledUntil }
}

/** A task that ended by itself keeps its place until it is STOPPED: only then does the scheduler hear of it. */
function occupied(service: Service, deployment: Deployment): number {
  const ending = (task: Task): boolean => task.failure !== 'none' && task.lastStatus !== 'STOPPED'
  return tasksOf(service, deployment).filter(task => isAlive(task) || ending(task)).length
}

/** Starts tasks of a deployment as far as there is room for them in the cluster. */
export function start(engine: Engine, service: Service, deployment: Deployment, count: number, replaced: number): void {
  const { taskDefinition, settings } = deployment.revision
  const placed = Math.min(count, freePlaces(service.cluster))
  const tasks = Array.from({ length: placed }, () =>
    startTask(engine, {
      cluster: service.cluster,
      service,
      deployment,
      taskDefinition,
      settings,
      group: `service:${service.name}`,
      startedBy: deployment.id
    })
  )
  service.steady = false
  if (placed > 0) {
    deployment.roundOpen = true
    sayStarted(engine, service, tasks, Math.min(replaced, placed))
  }
  if (placed < count) reportUnplaced(engine, service, deployment, { unplaced: count - placed, placed })
}

/** An attempt that could not place every task is a failure, and the next one waits as after a failed start. */
function reportUnplaced(
  engine: Engine,
  service: Service,
  deployment: Deployment,
  { unplaced, placed }: { readonly unplaced: number; readonly placed: number }
): void {
  sayOnce(engine, service, NO_CAPACITY)
  if (placed > 0 && breakerSettings(service.configuration).enable) {
    say(engine, service, `could not launch ${String(unplaced)} tasks for deployment ${deployment.id}.`)
  }
  deployment.failures += 1
  deployment.failedRounds += 1
  const waitSeconds = startThrottleSeconds(deployment.failedRounds)
  deployment.nextStartAt = engine.timeline.now() + waitSeconds * 1000
  requestPass(engine, service, waitSeconds)
}
