import type { JsonObject } from '../../protocol/operation.ts'
import { boundsOf } from './bounds.ts'
import { countTasks, isHealthy, type Engine } from './engine.ts'
import type { Service, Task } from './model.ts'
import { describeTruth, iso } from './truth.ts'

/** The ground truth: what is there and what really runs, by digest, whatever the API would say at this moment. */
export function describeState(engine: Engine): JsonObject {
  return {
    clusters: [...engine.clusters.values()].map(cluster => ({
      name: cluster.name,
      services: [...cluster.services.values()].map(service => describeService(service)),
      standaloneTasks: [...cluster.tasks.values()].filter(task => task.service === undefined).map(describeTask)
    })),
    taskDefinitions: engine.definitions.all().map(({ arn, status }) => ({ arn, status }))
  }
}

function describeService(service: Service): JsonObject {
  const [primary] = service.deployments
  const { minimum, maximum } = boundsOf(service.configuration, service.desiredCount)
  const tasks = [...service.tasks]
  return {
    name: service.name,
    arn: service.arn,
    status: service.status,
    desiredCount: service.desiredCount,
    runningCount: countTasks(tasks).running,
    pendingCount: countTasks(tasks).pending,
    healthyCount: tasks.filter(isHealthy).length,
    minimum,
    maximum,
    steady: service.steady,
    taskDefinition: primary.revision.taskDefinition.arn,
    running: runningImages(tasks),
    deployments: service.deployments.map(deployment => ({
      id: deployment.id,
      status: deployment.status,
      rolloutState: deployment.rolloutState,
      taskDefinition: deployment.revision.taskDefinition.arn,
      desiredCount: deployment.desiredCount,
      failures: deployment.failures
    })),
    serviceDeployments: service.serviceDeployments.map(describeTruth),
    schedulerPasses: service.passes,
    tasks: tasks.map(describeTask)
  }
}

/** Containers of RUNNING tasks, counted by name, image and digest. */
function runningImages(tasks: readonly Task[]): readonly JsonObject[] {
  const counts = new Map<string, { container: string; image: string; digest: string | undefined; tasks: number }>()
  for (const task of tasks) {
    if (task.lastStatus !== 'RUNNING') continue
    for (const { definition, imageDigest } of task.containers) {
      const key = [definition.name, definition.image, imageDigest].join(' ')
      const entry = counts.get(key) ?? {
        container: definition.name,
        image: definition.image,
        digest: imageDigest,
        tasks: 0
      }
      entry.tasks += 1
      counts.set(key, entry)
    }
  }
  return [...counts.values()]
}

function describeTask(task: Task): JsonObject {
  return {
    id: task.id,
    taskDefinition: task.taskDefinition.arn,
    startedBy: task.startedBy,
    lastStatus: task.lastStatus,
    desiredStatus: task.desiredStatus,
    health: task.health,
    stopCode: task.stopCode,
    stoppedReason: task.stoppedReason,
    stoppingAt: iso(task.stoppingAt),
    containers: task.containers.map(({ definition, imageDigest, exitCode }) => ({
      name: definition.name,
      image: definition.image,
      digest: imageDigest,
      exitCode
    }))
  }
}
