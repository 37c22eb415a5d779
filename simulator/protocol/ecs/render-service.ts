import { countsOf, countTasks, type Engine } from '../../cloud/ecs/engine.ts'
import { listOf } from '../../cloud/ecs/json.ts'
import type { Deployment, Service } from '../../cloud/ecs/model.ts'
import { currentServiceDeployment } from '../../cloud/ecs/revisions.ts'
import type { Json, JsonObject } from '../operation.ts'
import { seconds } from './paging.ts'

/** What `LATEST` stands for on Fargate. */
const PLATFORM_VERSION = '1.4.0'
const PLATFORM_FAMILY = 'Linux'

/** A service as DescribeServices shows it. */
export function renderService(engine: Engine, service: Service): JsonObject {
  const [primary] = service.deployments
  const { settings, taskDefinition } = primary.revision
  const { running, pending } = countTasks(service.tasks)
  const current = currentServiceDeployment(service)
  const visible = current !== undefined && current.visibleAt <= engine.timeline.now()
  const native = service.controller === 'ECS'
  return {
    serviceArn: service.arn,
    serviceName: service.name,
    clusterArn: service.cluster.arn,
    loadBalancers: listOf(settings.loadBalancers),
    serviceRegistries: listOf(settings.serviceRegistries),
    status: service.status,
    desiredCount: service.desiredCount,
    runningCount: running,
    pendingCount: pending,
    ...platform(settings, service.attributes, 'LATEST'),
    taskDefinition: taskDefinition.arn,
    deploymentConfiguration: service.configuration,
    ...(native ? {} : { taskSets: service.deployments.map(item => renderTaskSet(service, item)) }),
    deployments: native ? service.deployments.map(item => renderDeployment(service, item)) : [],
    events: service.events.map(({ id, createdAt, message }) => ({ id, createdAt: seconds(createdAt), message })),
    createdAt: seconds(service.createdAt),
    ...(visible && native ? { currentServiceDeployment: current.arn } : {}),
    ...(native ? { currentServiceRevisions: service.deployments.map(item => renderCurrent(service, item)) } : {}),
    networkConfiguration: settings.networkConfiguration,
    ...(listOf(settings.loadBalancers).length > 0
      ? { healthCheckGracePeriodSeconds: service.healthCheckGracePeriodSeconds }
      : {}),
    deploymentController: { type: service.controller },
    ...service.attributes
  }
}

function renderCurrent(service: Service, deployment: Deployment): JsonObject {
  const { requested, running, pending } = countsOf(service, deployment)
  return {
    arn: deployment.revision.arn,
    requestedTaskCount: requested,
    runningTaskCount: running,
    pendingTaskCount: pending
  }
}

function renderDeployment(service: Service, deployment: Deployment): JsonObject {
  const { settings, taskDefinition } = deployment.revision
  const { requested, running, pending } = countsOf(service, deployment)
  return {
    id: deployment.id,
    status: deployment.status,
    taskDefinition: taskDefinition.arn,
    desiredCount: requested,
    pendingCount: pending,
    runningCount: running,
    failedTasks: deployment.failures,
    createdAt: seconds(deployment.createdAt),
    updatedAt: seconds(deployment.updatedAt),
    ...platform(settings, service.attributes, PLATFORM_VERSION),
    ...frozen(settings),
    rolloutState: deployment.rolloutState,
    rolloutStateReason: deployment.rolloutStateReason
  }
}

/** Services of other controllers have a task set where ECS has deployments. */
function renderTaskSet(service: Service, deployment: Deployment): JsonObject {
  const { settings, taskDefinition } = deployment.revision
  const { requested, running, pending } = countsOf(service, deployment)
  return {
    id: deployment.id,
    taskSetArn: deployment.revision.arn.replace(':service-revision/', ':task-set/'),
    serviceArn: service.arn,
    clusterArn: service.cluster.arn,
    startedBy: service.controller === 'CODE_DEPLOY' ? 'CODE_DEPLOY' : 'EXTERNAL',
    status: deployment.status,
    taskDefinition: taskDefinition.arn,
    computedDesiredCount: requested,
    pendingCount: pending,
    runningCount: running,
    createdAt: seconds(deployment.createdAt),
    updatedAt: seconds(deployment.updatedAt),
    ...platform(settings, service.attributes, PLATFORM_VERSION),
    networkConfiguration: settings.networkConfiguration,
    loadBalancers: listOf(settings.loadBalancers),
    serviceRegistries: listOf(settings.serviceRegistries),
    scale: { value: 100, unit: 'PERCENT' },
    stabilityStatus: service.steady ? 'STEADY_STATE' : 'STABILIZING'
  }
}

/** Launch type or capacity providers, and the platform. */
export function platform(settings: JsonObject, attributes: JsonObject, latest: string): JsonObject {
  const version = settings.platformVersion === 'LATEST' ? latest : settings.platformVersion
  const strategy = attributes.capacityProviderStrategy
  return {
    ...(strategy === undefined ? { launchType: settings.launchType } : { capacityProviderStrategy: strategy }),
    platformVersion: version,
    platformFamily: PLATFORM_FAMILY
  }
}

/** The members of a revision that are shown where it was given some. */
export function frozen(settings: JsonObject): JsonObject {
  const members: [string, Json | undefined][] = [
    ['networkConfiguration', settings.networkConfiguration],
    ['serviceConnectConfiguration', settings.serviceConnectConfiguration],
    ['volumeConfigurations', settings.volumeConfigurations],
    ['vpcLatticeConfigurations', settings.vpcLatticeConfigurations]
  ]
  return Object.fromEntries(members.filter(([, value]) => value !== undefined))
}
