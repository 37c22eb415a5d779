import { asList, asNumber, asObject, objectsOf, asString, type Json, type JsonObject } from '../../decide/json.ts'
import type {
  ContainerSnapshot,
  DeploymentSnapshot,
  HookSnapshot,
  ServiceDeploymentSnapshot,
  ServiceEvent,
  ServiceSnapshot,
  TaskSnapshot
} from '../../decide/service/snapshot.ts'

/** Reads one element of DescribeServices, or the service of UpdateService. */
export function readService(service: JsonObject): ServiceSnapshot {
  const deployments = objectsOf(service['deployments']).map(readDeployment)
  return {
    name: asString(service['serviceName']) ?? '',
    clusterArn: asString(service['clusterArn']) ?? '',
    status: asString(service['status']) ?? '',
    controller: asString(asObject(service['deploymentController'])?.['type']) ?? 'ECS',
    schedulingStrategy: asString(service['schedulingStrategy']) ?? 'REPLICA',
    taskDefinitionArn: asString(service['taskDefinition']) ?? '',
    desiredCount: asNumber(service['desiredCount']) ?? 0,
    runningCount: asNumber(service['runningCount']) ?? 0,
    deploymentConfiguration: asObject(service['deploymentConfiguration']) ?? {},
    healthCheckGracePeriodSeconds: asNumber(service['healthCheckGracePeriodSeconds']) ?? 0,
    loadBalanced: asList(service['loadBalancers']).length > 0,
    deployments: [...deployments].sort((a, b) => rank(a) - rank(b)),
    events: objectsOf(service['events'])
      .map(readEvent)
      .sort((a, b) => b.createdAt - a.createdAt)
  }
}

function rank(deployment: DeploymentSnapshot): number {
  return deployment.status === 'PRIMARY' ? 0 : 1
}

function readDeployment(deployment: JsonObject): DeploymentSnapshot {
  return {
    id: asString(deployment['id']) ?? '',
    status: asString(deployment['status']) ?? '',
    taskDefinitionArn: asString(deployment['taskDefinition']) ?? '',
    desiredCount: asNumber(deployment['desiredCount']) ?? 0,
    pendingCount: asNumber(deployment['pendingCount']) ?? 0,
    runningCount: asNumber(deployment['runningCount']) ?? 0,
    failedTasks: asNumber(deployment['failedTasks']) ?? 0,
    rolloutState: asString(deployment['rolloutState']),
    rolloutStateReason: asString(deployment['rolloutStateReason']),
    createdAt: readTime(deployment['createdAt']),
    updatedAt: readTime(deployment['updatedAt'])
  }
}

function readEvent(event: JsonObject): ServiceEvent {
  return {
    id: asString(event['id']) ?? '',
    createdAt: readTime(event['createdAt']) ?? 0,
    message: asString(event['message']) ?? ''
  }
}

/** Reads one element of DescribeServiceDeployments. */
export function readServiceDeployment(deployment: JsonObject): ServiceDeploymentSnapshot {
  const rollback = asObject(deployment['rollback'])
  const breaker = asObject(deployment['deploymentCircuitBreaker'])
  const target = asObject(deployment['targetServiceRevision']) ?? {}
  return {
    arn: asString(deployment['serviceDeploymentArn']) ?? '',
    status: asString(deployment['status']) ?? '',
    statusReason: asString(deployment['statusReason']),
    targetServiceRevisionArn: asString(target['arn']) ?? asString(deployment['targetServiceRevisionArn']) ?? '',
    createdAt: readTime(deployment['createdAt']),
    rollback:
      rollback === undefined
        ? undefined
        : { reason: asString(rollback['reason']), toRevisionArn: asString(rollback['serviceRevisionArn']) },
    circuitBreaker:
      breaker === undefined
        ? undefined
        : {
            status: asString(breaker['status']) ?? '',
            failureCount: asNumber(breaker['failureCount']) ?? 0,
            threshold: asNumber(breaker['threshold']) ?? 0
          },
    lifecycleStage: asString(deployment['lifecycleStage']),
    traffic: {
      test: asNumber(target['requestedTestTrafficWeight']),
      production: asNumber(target['requestedProductionTrafficWeight'])
    },
    hooks: objectsOf(deployment['lifecycleHookDetails']).map(readHook)
  }
}

function readHook(hook: JsonObject): HookSnapshot {
  return {
    id: asString(hook['hookId']) ?? '',
    targetArn: asString(hook['targetArn']),
    status: asString(hook['status']) ?? '',
    expiresAt: readTime(hook['expiresAt']),
    timeoutAction: asString(hook['timeoutAction'])
  }
}

/** Reads one element of DescribeTasks. */
export function readTask(task: JsonObject): TaskSnapshot {
  return {
    arn: asString(task['taskArn']) ?? '',
    taskDefinitionArn: asString(task['taskDefinitionArn']) ?? '',
    startedBy: asString(task['startedBy']),
    lastStatus: asString(task['lastStatus']) ?? '',
    healthStatus: asString(task['healthStatus']),
    stopCode: asString(task['stopCode']),
    stoppedReason: asString(task['stoppedReason']),
    createdAt: readTime(task['createdAt']),
    startedAt: readTime(task['startedAt']),
    endedAt: readFirst(task['stoppingAt'], task['executionStoppedAt'], task['stoppedAt']),
    containers: objectsOf(task['containers']).map(readContainer)
  }
}

function readContainer(container: JsonObject): ContainerSnapshot {
  return {
    name: asString(container['name']) ?? '',
    image: asString(container['image']),
    imageDigest: asString(container['imageDigest']),
    exitCode: asNumber(container['exitCode']),
    reason: asString(container['reason']),
    healthStatus: asString(container['healthStatus'])
  }
}

function readFirst(...values: readonly (Json | undefined)[]): number | undefined {
  const known = values.flatMap(value => readTime(value) ?? [])
  return known.length === 0 ? undefined : Math.min(...known)
}

/** A timestamp of AWS JSON 1.1: epoch seconds as a number; some servers send ISO 8601 text. */
function readTime(value: Json | undefined): number | undefined {
  const text = asString(value)
  if (text === undefined) return asNumber(value)
  const milliseconds = Date.parse(text)
  return Number.isNaN(milliseconds) ? undefined : milliseconds / 1000
}
