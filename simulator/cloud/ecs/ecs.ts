import type { JsonObject } from '../../protocol/operation.ts'
import type { ImageSource } from '../images.ts'
import { Logs } from '../logs/logs.ts'
import type { Timeline } from '../timeline.ts'
import type { World } from '../world.ts'
import { setAlarm, type AlarmState } from './alarms.ts'
import { TaskDefinitions } from './definitions.ts'
import { setInstances } from './daemon.ts'
import type { Engine } from './engine.ts'
import { isDaemon, refuseDaemonCount } from './instances.ts'
import { findActiveService, findCluster, findRunnable, lookUpTask } from './lookup.ts'
import { continueServiceDeployment } from './hooks.ts'
import type { Service, ServiceDeployment } from './model.ts'
import { runPass } from './pass.ts'
import { Random } from './random.ts'
import { currentServiceDeployment } from './revisions.ts'
import { stopServiceDeployment } from './rollback.ts'
import { beginDeployment } from './rollout.ts'
import { fullImage, isEcrImage, seedCluster, withImage } from './seed.ts'
import { scaleService } from './services.ts'
import { describeState } from './state.ts'
import { stopTask } from './stop.ts'
import { DEFAULT_LAG, DEFAULT_TIMINGS } from './timings.ts'
import { validateTaskDefinition } from './validate-task-definition.ts'

export interface EcsOptions {
  readonly world: World
  readonly account: string
  readonly region: string
  readonly timeline: Timeline
  readonly images: ImageSource
  /** Host of the repositories of this account, as image references start. */
  readonly registryHost: string
  readonly random?: Random
}

/** The simulated ECS: what its API reads and writes, and what others do to it meanwhile. */
export interface Ecs {
  readonly engine: Engine
  readonly logs: Logs
  /** What somebody or something else does: sets the desired count of a service. */
  scale(cluster: string, service: string, desiredCount: number): void
  /** Somebody else's deployment, by image (in the first container) or by task definition. Returns `ecs-svc/N`. */
  deploy(cluster: string, service: string, what: { readonly image?: string; readonly taskDefinition?: string }): string
  /** Stops a task by id or ARN, in whatever cluster it is; `UserInitiated` unless another stop code is given. */
  stopTask(task: string, reason: string, stopCode?: string): void
  /** Somebody has ECS roll back the deployment in progress, as StopServiceDeployment does. */
  rollBack(cluster: string, service: string): void
  /** Somebody answers the PAUSE hook that the deployment in progress waits for, as ContinueServiceDeployment does. */
  answerHook(cluster: string, service: string, action: 'CONTINUE' | 'ROLLBACK'): void
  /** Makes room for so many tasks in a cluster; those that run stay. */
  setCapacity(cluster: string, tasks: number): void
  /** Sets how many container instances a cluster has. */
  setInstances(cluster: string, count: number): void
  /** Puts a CloudWatch alarm into a state. */
  setAlarm(name: string, state: AlarmState): void
  /** Calls `listener` after every moment at which a service may have changed. */
  onChange(listener: (service: Service) => void): void
  state(): JsonObject
}

/** Builds the ECS of one account and region with everything the world holds. */
export function createEcs(options: EcsOptions): Ecs {
  const { world, timeline } = options
  const listeners: ((service: Service) => void)[] = []
  const engine: Engine = {
    account: options.account,
    region: options.region,
    registryHost: options.registryHost,
    timeline,
    images: options.images,
    imageDigest: world.imageDigest ?? 'platform',
    random: options.random ?? new Random(),
    timings: { ...DEFAULT_TIMINGS, ...world.timings },
    lag: { ...DEFAULT_LAG, ...world.lag },
    logs: new Logs(),
    definitions: new TaskDefinitions(options),
    clusters: new Map(),
    alarms: new Map((world.alarms ?? []).map(({ name, state }) => [name, state])),
    functions: new Map(Object.entries(world.functions ?? {})),
    tags: new Map(),
    runPass: service => {
      runPass(engine, service)
    },
    changed: service => {
      for (const listener of listeners) listener(service)
    }
  }
  for (const cluster of world.clusters ?? []) seedCluster(engine, cluster)

  return {
    engine,
    logs: engine.logs,
    scale(cluster, name, desiredCount) {
      const service = findActiveService(findCluster(engine, cluster), name)
      if (isDaemon(service)) refuseDaemonCount()
      scaleService(engine, service, desiredCount)
      engine.changed(service)
    },
    deploy(cluster, name, what) {
      const service = findActiveService(findCluster(engine, cluster), name)
      const { settings, taskDefinition } = service.deployments[0].revision
      const definition =
        what.taskDefinition === undefined
          ? registerDefinition(engine, withImage(taskDefinition.document, what.image && fullImage(engine, what.image)))
          : findRunnable(engine, what.taskDefinition, 'ClientException')
      const deployment = beginDeployment(engine, service, definition, settings)
      engine.changed(service)
      return deployment.id
    },
    stopTask(reference, reason, stopCode = 'UserInitiated') {
      for (const cluster of engine.clusters.values()) {
        const task = lookUpTask(engine, cluster, reference)
        if (task === undefined) continue
        stopTask(engine, task, stopCode, reason)
        if (task.service !== undefined) engine.changed(task.service)
        return
      }
      throw new Error(`no cluster has a task ${reference}`)
    },
    rollBack(cluster, name) {
      const service = findActiveService(findCluster(engine, cluster), name)
      stopServiceDeployment(engine, service, deploymentUnderWay(service))
      engine.changed(service)
    },
    answerHook(cluster, name, action) {
      const service = findActiveService(findCluster(engine, cluster), name)
      const reported = deploymentUnderWay(service)
      const waiting = reported.shift?.hooks.find(({ status }) => status === 'AWAITING_ACTION')
      continueServiceDeployment(engine, service, reported, { hookId: waiting?.id ?? '', action })
      engine.changed(service)
    },
    setCapacity(cluster, tasks) {
      findCluster(engine, cluster).capacity = tasks
    },
    setInstances(cluster, count) {
      const changed = findCluster(engine, cluster)
      setInstances(engine, changed, count)
      for (const service of changed.services.values()) engine.changed(service)
    },
    setAlarm(name, state) {
      setAlarm(engine, name, state)
    },
    onChange(listener) {
      listeners.push(listener)
    },
    state: () => describeState(engine)
  }
}

function deploymentUnderWay(service: Service): ServiceDeployment {
  const reported = currentServiceDeployment(service)
  if (reported === undefined) throw new Error(`service ${service.name} has no deployment in progress`)
  return reported
}

/** Registers a task definition after the checks that ECS makes. */
export function registerDefinition(engine: Engine, input: JsonObject): ReturnType<TaskDefinitions['register']> {
  validateTaskDefinition(input, image => isEcrImage(engine, image))
  return engine.definitions.register(input, engine.timeline.now())
}
