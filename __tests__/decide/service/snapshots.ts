import type {
  DeploymentSnapshot,
  ServiceDeploymentSnapshot,
  ServiceSnapshot,
  TaskSnapshot
} from '../../../src/decide/service/snapshot.ts'
import type { WatchedDeployment } from '../../../src/decide/service/verdict.ts'

/** A PRIMARY deployment in progress, with what a test says otherwise. */
export function deployment(id: string, changes: Partial<DeploymentSnapshot> = {}): DeploymentSnapshot {
  return {
    id,
    status: 'PRIMARY',
    taskDefinitionArn: `arn:aws:ecs:eu-west-1:123456789012:task-definition/web:${id}`,
    desiredCount: 2,
    pendingCount: 0,
    runningCount: 2,
    failedTasks: 0,
    rolloutState: 'IN_PROGRESS',
    rolloutStateReason: undefined,
    createdAt: 100,
    updatedAt: undefined,
    ...changes
  }
}

/** The deployment that a test is about, after `ecs-svc/1`. */
export const MINE: WatchedDeployment = {
  id: 'ecs-svc/2',
  taskDefinitionArn: 'arn:aws:ecs:eu-west-1:123456789012:task-definition/web:2',
  createdAt: 100,
  olderIds: ['ecs-svc/1'],
  isAdopted: false,
  adoptedAt: undefined,
  isWayBack: false,
  tellsRollout: false
}

/** An active service with these deployments. */
export function service(
  deployments: readonly DeploymentSnapshot[],
  changes: Partial<ServiceSnapshot> = {}
): ServiceSnapshot {
  return {
    name: 'web',
    clusterArn: 'arn:aws:ecs:eu-west-1:123456789012:cluster/prod',
    status: 'ACTIVE',
    controller: 'ECS',
    schedulingStrategy: 'REPLICA',
    taskDefinitionArn: 'arn:aws:ecs:eu-west-1:123456789012:task-definition/web:1',
    desiredCount: 2,
    runningCount: 2,
    deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } },
    healthCheckGracePeriodSeconds: 0,
    loadBalanced: false,
    deployments,
    events: [],
    ...changes
  }
}

/** An entry of the service deployments API. */
export function serviceDeployment(
  status: string,
  changes: Partial<ServiceDeploymentSnapshot> = {}
): ServiceDeploymentSnapshot {
  return {
    arn: 'arn:aws:ecs:eu-west-1:123456789012:service-deployment/prod/web/ejGvqq2ilnbKT9qj0vLJe',
    status,
    statusReason: undefined,
    targetServiceRevisionArn: 'arn:aws:ecs:eu-west-1:123456789012:service-revision/prod/web/2',
    createdAt: undefined,
    rollback: undefined,
    circuitBreaker: undefined,
    lifecycleStage: undefined,
    traffic: { test: undefined, production: undefined },
    hooks: [],
    ...changes
  }
}

/** A running task of a deployment whose containers report these digests. */
export function task(
  id: string,
  digests: Readonly<Record<string, string | undefined>>,
  changes: Partial<TaskSnapshot> = {}
): TaskSnapshot {
  return {
    arn: `arn:aws:ecs:eu-west-1:123456789012:task/prod/${id}`,
    taskDefinitionArn: 'arn:aws:ecs:eu-west-1:123456789012:task-definition/web:2',
    startedBy: 'ecs-svc/2',
    lastStatus: 'RUNNING',
    healthStatus: 'UNKNOWN',
    stopCode: undefined,
    stoppedReason: undefined,
    createdAt: undefined,
    startedAt: undefined,
    endedAt: undefined,
    containers: Object.entries(digests).map(([name, imageDigest]) => ({
      name,
      image: undefined,
      imageDigest,
      lastStatus: 'RUNNING',
      exitCode: undefined,
      reason: undefined,
      healthStatus: undefined
    })),
    ...changes
  }
}
