import type { JsonObject } from '../../protocol/operation.ts'
import { ecsArn } from './arn.ts'
import { breakerSettings, breakerThreshold } from './bounds.ts'
import { countsOf, type Engine } from './engine.ts'
import type { Deployment, Service, ServiceDeployment, ServiceRevision, TaskDefinition } from './model.ts'

/** Members of UpdateService and CreateService that a service revision freezes; a change of one makes a new revision. */
export const REVISION_MEMBERS = [
  'networkConfiguration',
  'platformVersion',
  'loadBalancers',
  'serviceRegistries',
  'serviceConnectConfiguration',
  'volumeConfigurations',
  'vpcLatticeConfigurations'
] as const

/** Whose revision or deployment is made. */
export interface Owner {
  readonly clusterName: string
  readonly serviceName: string
}

/** A new revision of a service and the deployment that brings it. */
export function createDeployment(
  engine: Engine,
  owner: Owner,
  taskDefinition: TaskDefinition,
  settings: JsonObject,
  createdAt = engine.timeline.now()
): Deployment {
  const revision = createRevision(engine, owner, taskDefinition, settings, createdAt)
  const id = `ecs-svc/${revision.id}`
  return {
    id,
    revision,
    createdAt,
    updatedAt: createdAt,
    status: 'PRIMARY',
    planned: false,
    desiredCount: 0,
    rolloutState: 'IN_PROGRESS',
    rolloutStateReason: `ECS deployment ${id} in progress.`,
    failures: 0,
    unresolved: 0,
    replacing: 0,
    launches: 0,
    failedRounds: 0,
    roundOpen: false,
    nextStartAt: 0,
    verdict: undefined,
    bakeEndsAt: undefined
  }
}

function createRevision(
  engine: Engine,
  owner: Owner,
  taskDefinition: TaskDefinition,
  settings: JsonObject,
  createdAt: number
): ServiceRevision {
  const id = engine.random.revisionNumber()
  return {
    id,
    arn: ecsArn(engine, 'service-revision', owner.clusterName, owner.serviceName, id),
    createdAt,
    taskDefinition,
    settings,
    containerImages: taskDefinition.containers.map(({ name, image }) => ({
      containerName: name,
      image,
      imageDigest: undefined
    })),
    visibleAt: createdAt + engine.lag.serviceRevisionSeconds * 1000
  }
}

/** The service deployment that reports on `deployment`, which replaces `sources`. */
export function createServiceDeployment(
  engine: Engine,
  owner: Owner,
  deployment: Deployment,
  configuration: JsonObject,
  sources: readonly ServiceRevision[]
): ServiceDeployment {
  const id = engine.random.nanoid()
  const { createdAt } = deployment
  return {
    id,
    arn: ecsArn(engine, 'service-deployment', owner.clusterName, owner.serviceName, id),
    createdAt,
    sources,
    deployment,
    configuration,
    visibleAt: createdAt + engine.lag.serviceDeploymentSeconds * 1000,
    startedAt: undefined,
    finishedAt: undefined,
    stoppedAt: undefined,
    updatedAt: createdAt,
    status: 'PENDING',
    statusReason: undefined,
    rollback: undefined,
    breaker: { status: 'DISABLED', failures: 0, threshold: 0 },
    alarms: { status: 'DISABLED', names: [], triggered: [] },
    shift: undefined,
    decidedAt: undefined,
    supersededBy: undefined,
    finalCounts: undefined
  }
}

/** Whether a service deployment has reached one of its four ends. */
export function hasEnded(serviceDeployment: ServiceDeployment): boolean {
  switch (serviceDeployment.status) {
    case 'SUCCESSFUL':
    case 'STOPPED':
    case 'ROLLBACK_SUCCESSFUL':
    case 'ROLLBACK_FAILED':
      return true
    case 'PENDING':
    case 'IN_PROGRESS':
    case 'STOP_REQUESTED':
    case 'ROLLBACK_REQUESTED':
    case 'ROLLBACK_IN_PROGRESS':
      return false
  }
}

/** The service deployment under way, if there is one. */
export function currentServiceDeployment(service: Service): ServiceDeployment | undefined {
  const [newest] = service.serviceDeployments
  return newest === undefined || hasEnded(newest) ? undefined : newest
}

/** Freezes what an ended service deployment will go on to report. */
export function endServiceDeployment(
  engine: Engine,
  service: Service,
  serviceDeployment: ServiceDeployment,
  status: ServiceDeployment['status']
): void {
  const now = engine.timeline.now()
  refreshMonitors(service, serviceDeployment)
  serviceDeployment.status = status
  serviceDeployment.finishedAt = now
  serviceDeployment.updatedAt = now
  serviceDeployment.decidedAt ??= now
  if (status === 'STOPPED') serviceDeployment.stoppedAt = now
  const { breaker, alarms } = serviceDeployment
  if (alarms.status === 'MONITORING') serviceDeployment.alarms = { ...alarms, status: 'MONITORING_COMPLETE' }
  if (breaker.status === 'MONITORING') serviceDeployment.breaker = { ...breaker, status: 'MONITORING_COMPLETE' }
  serviceDeployment.finalCounts = new Map(
    service.deployments.map(deployment => [deployment.revision, countsOf(service, deployment)])
  )
}

/** Brings the circuit breaker a service deployment reports up to date; a breaker that tripped stays as it was then. */
export function refreshMonitors(service: Service, serviceDeployment: ServiceDeployment): void {
  if (hasEnded(serviceDeployment) || serviceDeployment.breaker.status === 'TRIGGERED') return
  const settings = breakerSettings(service.configuration)
  serviceDeployment.breaker = settings.enable
    ? {
        status: 'MONITORING',
        failures: serviceDeployment.deployment.failures,
        threshold: breakerThreshold(settings, service.desiredCount)
      }
    : { status: 'DISABLED', failures: 0, threshold: 0 }
}
