import type { ImageSource } from '../images.ts'
import type { Logs } from '../logs/logs.ts'
import type { Scheduled, Timeline } from '../timeline.ts'
import type { Lag, Timings } from '../world.ts'
import type { AlarmState } from './alarms.ts'
import type { TaskDefinitions } from './definitions.ts'
import type { Cluster, Deployment, Service, Tag, Task, TaskCounts } from './model.ts'
import type { Random } from './random.ts'
import { STOPPED_TASK_SECONDS } from './timings.ts'

/** Everything the parts of the simulated ECS share. */
export interface Engine {
  readonly account: string
  readonly region: string
  /** Host of the repositories of this account. */
  readonly registryHost: string
  readonly timeline: Timeline
  readonly images: ImageSource
  readonly imageDigest: 'platform' | 'index'
  readonly random: Random
  readonly timings: Timings
  readonly lag: Lag
  readonly logs: Logs
  readonly definitions: TaskDefinitions
  readonly clusters: Map<string, Cluster>
  /** CloudWatch alarms by name; one that is not there never goes off. */
  readonly alarms: Map<string, AlarmState>
  /** How functions that lifecycle hooks invoke answer, by ARN; one that is not there succeeds. */
  readonly functions: ReadonlyMap<string, 'SUCCEEDED' | 'FAILED' | 'IN_PROGRESS'>
  /** Tags by ARN, of whatever has some. */
  readonly tags: Map<string, readonly Tag[]>
  /** One pass of the scheduler over a service. */
  readonly runPass: (service: Service) => void
  /** Called after every moment at which a service may have changed. */
  readonly changed: (service: Service) => void
}

/** Runs `run` after `seconds` and lets it be known that `service` may have changed. */
export function later(engine: Engine, service: Service | undefined, seconds: number, run: () => void): Scheduled {
  return engine.timeline.after(seconds * 1000, () => {
    run()
    if (service !== undefined) engine.changed(service)
  })
}

/** Has the scheduler look at `service` at its next pass, or sooner when one is planned already. */
export function requestPass(engine: Engine, service: Service, seconds = engine.timings.schedulerSeconds): void {
  const at = engine.timeline.now() + seconds * 1000
  if (service.pass !== undefined && service.pass.at <= at) return
  service.pass?.cancel()
  service.pass = later(engine, service, seconds, () => {
    service.pass = undefined
    engine.runPass(service)
  })
}

/** Whether a task is up or on its way up: what the upper limit of a deployment counts. */
export function isAlive(task: Task): boolean {
  return task.desiredStatus === 'RUNNING'
}

/** Whether a task counts toward the lower limit of a deployment. */
export function isHealthy(task: Task): boolean {
  return isAlive(task) && task.health === 'healthy'
}

/** Whether a task stopped so long ago that ECS no longer shows it. */
export function isForgotten(engine: Engine, task: Task): boolean {
  return task.stoppedAt !== undefined && engine.timeline.now() - task.stoppedAt >= STOPPED_TASK_SECONDS * 1000
}

/** The tasks of a deployment, stopped ones too. */
export function tasksOf(service: Service, deployment: Deployment): readonly Task[] {
  return [...service.tasks].filter(task => task.deployment === deployment)
}

/** The tasks of a deployment that are up or on their way up. */
export function aliveTasks(service: Service, deployment: Deployment): readonly Task[] {
  return tasksOf(service, deployment).filter(isAlive)
}

/** Task counts of a deployment as the API shows them. */
export function countsOf(service: Service, deployment: Deployment): TaskCounts {
  if (!deployment.planned) return { requested: 0, running: 0, pending: 0 }
  const { running, pending } = countTasks(tasksOf(service, deployment))
  return { requested: deployment.desiredCount, running, pending }
}

/** How many more tasks there is room for in a cluster. */
export function freePlaces(cluster: Cluster): number {
  if (cluster.capacity === Infinity) return Infinity
  const held = [...cluster.tasks.values()].filter(task => task.lastStatus !== 'STOPPED').length
  return Math.max(0, cluster.capacity - held)
}

/** How many tasks are RUNNING and how many on their way there. */
export function countTasks(tasks: Iterable<Task>): { readonly running: number; readonly pending: number } {
  let running = 0
  let pending = 0
  for (const task of tasks) {
    if (task.lastStatus === 'RUNNING') running += 1
    else if (isAlive(task)) pending += 1
  }
  return { running, pending }
}
