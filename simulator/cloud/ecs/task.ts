import { createHash } from 'node:crypto'
import type { JsonObject } from '../../protocol/operation.ts'
import { ecsArn } from './arn.ts'
import { later, requestPass, type Engine } from './engine.ts'
import { sayOnce } from './events.ts'
import { fateOf, logLines, type Fate } from './fate.ts'
import { watchHealth } from './health.ts'
import { nextInstance } from './instances.ts'
import type { Cluster, Container, Deployment, Parting, Service, Task, TaskDefinition } from './model.ts'
import { pullImages } from './pull.ts'
import { isAfterPull, startFailureEvent } from './start-failure.ts'
import { endTask, enter, stopTask } from './stop.ts'

/** What a task is started for. */
export interface TaskOrder {
  readonly cluster: Cluster
  readonly taskDefinition: TaskDefinition
  readonly service?: Service
  readonly deployment?: Deployment
  readonly group: string
  readonly startedBy: string | undefined
  readonly settings: JsonObject
  readonly overrides?: JsonObject
  /** For a task that was there before the simulation began: since when it runs. */
  readonly runningSince?: number
}

/** Starts a task: it will find out by itself whether its images can be had and how long it lives. */
export function startTask(engine: Engine, order: TaskOrder): Task {
  const task = createTask(engine, order)
  plan(engine, task, engine.timings.provisioningSeconds, () => {
    enter(task, 'PENDING')
    plan(engine, task, engine.timings.pendingSeconds, () => {
      activate(engine, task)
    })
  })
  return task
}

/** Puts a task there that has been running for a while, and is healthy, even if its image is gone by now. */
export function seedTask(engine: Engine, order: TaskOrder & { readonly runningSince: number }): Task {
  const task = createTask(engine, order)
  if (pullImages(engine, task).kind === 'failed') rememberImages(task)
  task.pullStartedAt = order.runningSince
  task.health = 'healthy'
  task.wasHealthy = true
  run(engine, task, order.runningSince)
  for (const container of task.containers) {
    if (container.definition.healthCheck !== undefined) container.healthStatus = 'HEALTHY'
  }
  return task
}

function rememberImages(task: Task): void {
  for (const container of task.containers) {
    const { name, image } = container.definition
    container.imageDigest ??= `sha256:${createHash('sha256').update(image).digest('hex')}`
    const pinned = task.deployment?.revision.containerImages.find(entry => entry.containerName === name)
    if (pinned !== undefined) pinned.imageDigest ??= container.imageDigest
  }
}

function createTask(engine: Engine, order: TaskOrder): Task {
  const { cluster, service, deployment, taskDefinition } = order
  const id = engine.random.hex(32)
  const arn = ecsArn(engine, 'task', cluster.name, id)
  const task: Task = {
    id,
    arn,
    cluster,
    service,
    deployment,
    taskDefinition,
    group: order.group,
    startedBy: order.startedBy,
    settings: order.settings,
    overrides: order.overrides ?? {},
    instance: service === undefined ? undefined : nextInstance(cluster, service),
    containers: taskDefinition.containers.map(definition => createContainer(engine, definition, cluster.name, id)),
    createdAt: order.runningSince ?? engine.timeline.now(),
    ordinal: deployment === undefined || order.runningSince !== undefined ? Infinity : (deployment.launches += 1),
    address: `10.0.${String(Math.floor(engine.random.next() * 256))}.${String(Math.floor(engine.random.next() * 250) + 4)}`,
    lastStatus: 'PROVISIONING',
    desiredStatus: 'RUNNING',
    version: 1,
    health: 'undetermined',
    failure: 'none',
    wasHealthy: false,
    target: 'none',
    pullStartedAt: undefined,
    pullStoppedAt: undefined,
    startedAt: undefined,
    stoppingAt: undefined,
    executionStoppedAt: undefined,
    stoppedAt: undefined,
    stopCode: undefined,
    stoppedReason: undefined,
    plans: []
  }
  cluster.tasks.set(id, task)
  service?.tasks.add(task)
  return task
}

function createContainer(
  engine: Engine,
  definition: Container['definition'],
  clusterName: string,
  taskId: string
): Container {
  return {
    definition,
    arn: ecsArn(engine, 'container', clusterName, taskId, engine.random.uuid()),
    runtimeId: `${taskId}-${engine.random.revisionNumber().slice(0, 10)}`,
    imageDigest: undefined,
    behaviour: 'healthy',
    lastStatus: 'PENDING',
    exitCode: undefined,
    reason: undefined,
    parting: {},
    healthStatus: 'UNKNOWN'
  }
}

function plan(engine: Engine, task: Task, seconds: number, happening: () => void): void {
  task.plans.push(later(engine, task.service, seconds, happening))
}

function activate(engine: Engine, task: Task): void {
  enter(task, 'ACTIVATING')
  task.pullStartedAt = engine.timeline.now()
  const pull = pullImages(engine, task)
  if (pull.kind === 'failed') {
    const { container, reason } = pull
    failToStart(engine, task, { container, reason, parting: { reason }, unresolved: true })
    return
  }
  for (const container of task.containers) {
    const fate = fateOf(container.behaviour, task.ordinal)
    if (fate.kind === 'never-starts') {
      const { reason, container: parting } = fate
      if (!isAfterPull(reason)) for (const unpulled of task.containers) unpulled.imageDigest = undefined
      failToStart(engine, task, { container, reason, parting, unresolved: false })
      return
    }
  }
  plan(engine, task, engine.timings.pullSeconds, () => {
    run(engine, task, engine.timeline.now())
  })
}

interface FailureToStart {
  readonly container: Container
  readonly reason: string
  readonly parting: Parting
  /** Whether the registry had no digest for a tag. */
  readonly unresolved: boolean
}

function failToStart(engine: Engine, task: Task, { container, reason, parting, unresolved }: FailureToStart): void {
  plan(engine, task, engine.timings.pullFailureSeconds, () => {
    task.failure = 'start'
    if (unresolved && task.deployment !== undefined) task.deployment.unresolved += 1
    container.reason = parting.reason ?? (reason.startsWith('Cannot') ? reason : undefined)
    container.exitCode = parting.exitCode
    endTask(engine, task, 'TaskFailedToStart', reason)
    const event = startFailureEvent(reason)
    if (task.service !== undefined && event !== undefined) sayOnce(engine, task.service, event)
  })
}

function run(engine: Engine, task: Task, startedAt: number): void {
  enter(task, 'RUNNING')
  task.pullStoppedAt = startedAt
  task.startedAt = startedAt
  if (task.deployment !== undefined) task.deployment.failedRounds = 0
  for (const container of task.containers) {
    container.lastStatus = 'RUNNING'
    writeLog(engine, task, container)
    meetFate(engine, task, container)
  }
  watchHealth(engine, task)
  if (task.service !== undefined) requestPass(engine, task.service)
}

function writeLog(engine: Engine, task: Task, container: Container): void {
  const { log, name } = container.definition
  if (log === undefined) return
  const stream = `${log.prefix}/${name}/${task.id}`
  engine.logs.open(log.group, stream)
  for (const message of logLines(container.behaviour)) {
    engine.logs.write(log.group, stream, { timestamp: engine.timeline.now(), message })
  }
}

function meetFate(engine: Engine, task: Task, container: Container): void {
  const fate = fateOf(container.behaviour, task.ordinal)
  if (fate.kind === 'exits') {
    plan(engine, task, fate.afterSeconds, () => {
      exit(engine, task, container, fate)
    })
  }
  if (fate.kind === 'is-stopped') {
    plan(engine, task, fate.afterSeconds, () => {
      task.failure = 'exit'
      container.parting = fate.container
      stopTask(engine, task, fate.stopCode, fate.reason)
    })
  }
}

function exit(engine: Engine, task: Task, container: Container, fate: Extract<Fate, { kind: 'exits' }>): void {
  container.lastStatus = 'STOPPED'
  container.exitCode = fate.container.exitCode
  container.reason = fate.container.reason
  task.version += 1
  const allStopped = task.containers.every(other => other.lastStatus === 'STOPPED')
  if (!container.definition.essential && !allStopped) return
  task.failure = 'exit'
  endTask(engine, task, 'EssentialContainerExited', fate.reason ?? 'Essential container in task exited')
}
