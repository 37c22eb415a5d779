import { aliveTasks, isAlive, requestPass, type Engine } from './engine.ts'
import { sayStopped } from './events.ts'
import { healthFailureReason } from './health.ts'
import { start } from './launch.ts'
import { limitsOf } from './limits.ts'
import type { Deployment, Service, Task } from './model.ts'
import { stopTask } from './stop.ts'

/**
 * Replaces tasks that failed their health checks with tasks of the same revision: the replacement first where the upper
 * limit leaves room, and the old one goes when the replacement has been judged; otherwise one old task goes first.
 */
export function replaceUnhealthy(engine: Engine, service: Service): void {
  const { maximum } = limitsOf(service)
  for (const deployment of service.deployments) {
    if (deployment.rolloutState === 'FAILED') continue
    const alive = aliveTasks(service, deployment)
    const unhealthy = alive.filter(task => task.health === 'unhealthy')
    if (unhealthy.length === 0) continue
    const unjudged = alive.filter(task => task.health === 'undetermined').length
    const judgedSurplus = Math.max(0, alive.length - deployment.desiredCount - unjudged)
    const going = unhealthy.slice(0, judgedSurplus)
    failTasks(engine, service, deployment, going)
    const left = unhealthy.length - going.length - unjudged
    const room = maximum - [...service.tasks].filter(isAlive).length
    const waitMs = deployment.nextStartAt - engine.timeline.now()
    if (left > 0 && waitMs > 0) {
      requestPass(engine, service, waitMs / 1000)
      continue
    }
    const starting = Math.min(left, room)
    if (starting > 0) start(engine, service, deployment, starting, starting)
    else if (left > 0 && going.length === 0) {
      const oldest = unhealthy.slice(0, 1)
      failTasks(engine, service, deployment, oldest)
      deployment.replacing += oldest.length
      requestPass(engine, service)
    }
  }
}

function failTasks(engine: Engine, service: Service, deployment: Deployment, tasks: readonly Task[]): void {
  if (tasks.length === 0) return
  deployment.failures += tasks.length
  sayStopped(engine, service, tasks)
  for (const task of tasks) stopTask(engine, task, 'ServiceSchedulerInitiated', healthFailureReason(service))
}
