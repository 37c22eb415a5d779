import { later, requestPass, type Engine } from './engine.ts'
import { say, sayDraining } from './events.ts'
import { targetGroupOf } from './health.ts'
import type { Deployment, Service, Task, TaskStatus } from './model.ts'
import { DEREGISTRATION_SECONDS, startThrottleSeconds } from './timings.ts'

/** Rounds of failed starts after which ECS says that it starts tasks less and less often. */
const INCONSISTENT_ROUNDS = 4

const INCONSISTENT =
  'is unable to consistently start tasks successfully. For more information, see the Troubleshooting section of the ' +
  'Amazon ECS Developer Guide.'

/** Moves a task to its next status. */
export function enter(task: Task, status: TaskStatus): void {
  task.lastStatus = status
  task.version += 1
}

/** Stops a task as ECS does: out of the load balancer, SIGTERM, and away. Does nothing to one that is stopping. */
export function stopTask(engine: Engine, task: Task, stopCode: string, reason: string): void {
  if (task.desiredStatus === 'STOPPED') return
  const wasRunning = task.lastStatus === 'RUNNING'
  letGo(engine, task, stopCode, reason)
  if (!wasRunning) {
    deprovision(engine, task)
    return
  }
  if (task.target === 'registered' && task.service !== undefined) {
    enter(task, 'DEACTIVATING')
    deregister(engine, task.service, task, () => {
      later(engine, task.service, task.service?.drainSeconds ?? 0, () => {
        terminate(engine, task)
      })
    })
    return
  }
  terminate(engine, task)
}

/** Ends a task whose essential container exited, or that could not start. */
export function endTask(engine: Engine, task: Task, stopCode: string, reason: string): void {
  if (task.desiredStatus === 'STOPPED') return
  letGo(engine, task, stopCode, reason)
  if (task.target === 'registered' && task.service !== undefined)
    deregister(engine, task.service, task, () => undefined)
  endExecution(engine, task)
}

function letGo(engine: Engine, task: Task, stopCode: string, reason: string): void {
  for (const planned of task.plans.splice(0)) planned.cancel()
  task.desiredStatus = 'STOPPED'
  task.stoppingAt = engine.timeline.now()
  task.stopCode = stopCode
  task.stoppedReason = reason
  if (task.service !== undefined) task.service.steady = false
}

function terminate(engine: Engine, task: Task): void {
  enter(task, 'STOPPING')
  later(engine, task.service, engine.timings.stopSeconds, () => {
    endExecution(engine, task)
  })
}

function endExecution(engine: Engine, task: Task): void {
  if (task.startedAt !== undefined) {
    task.executionStoppedAt = engine.timeline.now()
    for (const container of task.containers) {
      container.exitCode ??= container.parting.exitCode ?? 0
      container.reason ??= container.parting.reason
    }
  }
  deprovision(engine, task)
}

function deprovision(engine: Engine, task: Task): void {
  for (const container of task.containers) container.lastStatus = 'STOPPED'
  enter(task, 'DEPROVISIONING')
  later(engine, task.service, engine.timings.deprovisioningSeconds, () => {
    enter(task, 'STOPPED')
    task.stoppedAt = engine.timeline.now()
    if (task.service === undefined) return
    if (task.deployment !== undefined) countFailure(engine, task.service, task.deployment, task)
    requestPass(engine, task.service)
  })
}

function deregister(engine: Engine, service: Service, task: Task, drained: () => void): void {
  later(engine, service, DEREGISTRATION_SECONDS, () => {
    task.target = 'deregistered'
    service.deregistering.push(task)
    drained()
    if (service.deregistering.length > 1) return
    later(engine, service, 0, () => {
      announceDeregistration(engine, service)
    })
  })
}

function announceDeregistration(engine: Engine, service: Service): void {
  const tasks = service.deregistering.splice(0)
  say(engine, service, `deregistered ${String(tasks.length)} targets in (target-group ${targetGroupOf(service) ?? ''})`)
  for (const deployment of new Set(tasks.flatMap(task => task.deployment ?? []))) {
    const draining = tasks.filter(task => task.deployment === deployment && task.lastStatus === 'DEACTIVATING')
    if (draining.length > 0) sayDraining(engine, service, deployment, draining.length)
  }
}

/** A task that ended by itself before it was ever healthy is a failure of its deployment. */
function countFailure(engine: Engine, service: Service, deployment: Deployment, task: Task): void {
  if (task.failure === 'none' || task.wasHealthy) return
  deployment.failures += 1
  if (task.failure !== 'start' || !deployment.roundOpen) return
  deployment.roundOpen = false
  deployment.failedRounds += 1
  deployment.nextStartAt = engine.timeline.now() + startThrottleSeconds(deployment.failedRounds) * 1000
  if (deployment.failedRounds === INCONSISTENT_ROUNDS) say(engine, service, INCONSISTENT)
}
