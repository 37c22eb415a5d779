import type { Engine } from '../../cloud/ecs/engine.ts'
import { listOf, numberOf, objectOf, textOf } from '../../cloud/ecs/json.ts'
import type { Container, Task } from '../../cloud/ecs/model.ts'
import type { JsonObject } from '../operation.ts'
import { seconds } from './paging.ts'

/** A task as DescribeTasks shows it. */
export function renderTask(engine: Engine, task: Task): JsonObject {
  const { document } = task.taskDefinition
  const attachmentId = attachmentOf(task)
  return {
    taskArn: task.arn,
    clusterArn: task.cluster.arn,
    taskDefinitionArn: task.taskDefinition.arn,
    containerInstanceArn: task.instance,
    group: task.group,
    startedBy: task.startedBy,
    launchType: task.settings.launchType,
    platformVersion: task.settings.platformVersion === 'LATEST' ? '1.4.0' : task.settings.platformVersion,
    platformFamily: 'Linux',
    availabilityZone: `${engine.region}a`,
    attachments: document.networkMode === 'awsvpc' ? [renderInterface(task, attachmentId)] : [],
    attributes: [{ name: 'ecs.cpu-architecture', value: architectureOf(task) }],
    ...(task.startedAt === undefined ? {} : { connectivity: 'CONNECTED', connectivityAt: seconds(task.startedAt) }),
    lastStatus: task.lastStatus,
    desiredStatus: task.desiredStatus,
    healthStatus: healthOf(task),
    cpu: document.cpu,
    memory: document.memory,
    ephemeralStorage: { sizeInGiB: 20 },
    enableExecuteCommand: task.service?.attributes.enableExecuteCommand === true,
    overrides: { containerOverrides: [], inferenceAcceleratorOverrides: [], ...task.overrides },
    createdAt: seconds(task.createdAt),
    pullStartedAt: seconds(task.pullStartedAt),
    pullStoppedAt: seconds(task.pullStoppedAt),
    startedAt: seconds(task.startedAt),
    stoppingAt: seconds(task.stoppingAt),
    executionStoppedAt: seconds(task.executionStoppedAt),
    stoppedAt: seconds(task.stoppedAt),
    stopCode: task.stopCode,
    stoppedReason: task.stoppedReason,
    version: task.version,
    tags: [],
    containers: task.containers.map(container => renderContainer(task, container, attachmentId))
  }
}

function renderContainer(task: Task, container: Container, attachmentId: string): JsonObject {
  const { definition } = container
  const document = listOf(task.taskDefinition.document.containerDefinitions)
    .map(objectOf)
    .find(item => item.name === definition.name)
  return {
    containerArn: container.arn,
    taskArn: task.arn,
    name: definition.name,
    image: definition.image,
    imageDigest: container.imageDigest,
    ...(task.startedAt === undefined ? {} : { runtimeId: container.runtimeId }),
    lastStatus: container.lastStatus,
    exitCode: container.exitCode,
    reason: container.reason,
    networkBindings: [],
    networkInterfaces: [{ attachmentId, privateIpv4Address: task.address }],
    healthStatus: container.healthStatus,
    cpu: String(numberOf(document?.cpu) ?? 0),
    ...(typeof document?.memory === 'number' ? { memory: String(document.memory) } : {})
  }
}

function renderInterface(task: Task, id: string): JsonObject {
  const awsvpc = objectOf(objectOf(task.settings.networkConfiguration).awsvpcConfiguration)
  return {
    id,
    type: 'ElasticNetworkInterface',
    status: task.lastStatus === 'STOPPED' ? 'DELETED' : task.startedAt === undefined ? 'ATTACHING' : 'ATTACHED',
    details: [
      { name: 'subnetId', value: textOf(listOf(awsvpc.subnets)[0]) ?? '' },
      { name: 'networkInterfaceId', value: `eni-${task.id.slice(0, 17)}` },
      { name: 'privateIPv4Address', value: task.address }
    ]
  }
}

function attachmentOf(task: Task): string {
  const parts = [task.id.slice(0, 8), task.id.slice(8, 12), task.id.slice(12, 16), task.id.slice(16, 20)]
  return [...parts, task.id.slice(20)].join('-')
}

/** A task without container health checks is UNKNOWN, however healthy its targets are. */
function healthOf(task: Task): string {
  const statuses = task.containers.map(container => container.healthStatus)
  if (statuses.includes('UNHEALTHY')) return 'UNHEALTHY'
  return statuses.includes('HEALTHY') ? 'HEALTHY' : 'UNKNOWN'
}

function architectureOf(task: Task): string {
  const architecture = textOf(objectOf(task.taskDefinition.document.runtimePlatform).cpuArchitecture)
  return architecture === 'ARM64' ? 'arm64' : 'x86_64'
}
