import { isDeepStrictEqual } from 'node:util'
import { AwsError, type Json, type JsonObject } from '../../protocol/operation.ts'
import { ecsArn, iamArn } from './arn.ts'
import { fillConfiguration } from './bounds.ts'
import { requestPass, type Engine } from './engine.ts'
import { isDaemon, refuseDaemonCount } from './instances.ts'
import { flagOf, numberOf, objectOf, textOf } from './json.ts'
import { findRunnable } from './lookup.ts'
import type { Cluster, Deployment, Service, TaskDefinition } from './model.ts'
import { REVISION_MEMBERS } from './revisions.ts'
import { beginDeployment, trackDeployment } from './rollout.ts'
import { refuseConfiguration, requireNetwork, requireTaskRole } from './supported.ts'

/** Members of a service that are kept and given back, and start no deployment. */
const ATTRIBUTE_MEMBERS = [
  'capacityProviderStrategy',
  'availabilityZoneRebalancing',
  'placementConstraints',
  'placementStrategy',
  'enableExecuteCommand',
  'enableECSManagedTags',
  'propagateTags'
] as const

const DEFAULT_ATTRIBUTES: JsonObject = {
  placementConstraints: [],
  placementStrategy: [],
  schedulingStrategy: 'REPLICA',
  enableECSManagedTags: false,
  propagateTags: 'NONE',
  enableExecuteCommand: false,
  availabilityZoneRebalancing: 'DISABLED'
}

/** What a service is made of before it has a deployment. */
export interface ServicePlan {
  readonly name: string
  readonly desiredCount: number
  readonly controller: Service['controller']
  readonly configuration: JsonObject
  readonly healthCheckGracePeriodSeconds: number
  readonly drainSeconds: number
  readonly attributes: JsonObject
  readonly createdAt: number
}

/** A service that holds its first deployment and nothing that happened to it yet. */
export function assembleService(engine: Engine, cluster: Cluster, plan: ServicePlan, deployment: Deployment): Service {
  const service: Service = {
    ...plan,
    arn: ecsArn(engine, 'service', cluster.name, plan.name),
    cluster,
    attributes: { ...DEFAULT_ATTRIBUTES, ...plan.attributes },
    configuration: fillConfiguration(plan.configuration, plan.attributes.schedulingStrategy === 'DAEMON'),
    status: 'ACTIVE',
    deployments: [deployment],
    lastCompleted: undefined,
    revisions: [],
    serviceDeployments: [],
    tasks: new Set(),
    events: [],
    said: new Map(),
    steady: false,
    pass: undefined,
    passes: 0,
    registering: [],
    deregistering: []
  }
  cluster.services.set(plan.name, service)
  return service
}

/** What CreateService was asked for, checked; the caller makes the deployment. */
export function planService(
  engine: Engine,
  cluster: Cluster,
  input: JsonObject
): ServicePlan & { settings: JsonObject } {
  const name = textOf(input.serviceName) ?? ''
  const existing = cluster.services.get(name)
  if (existing?.status === 'ACTIVE') {
    throw new AwsError('InvalidParameterException', 'Creation of service was not idempotent.')
  }
  if (existing?.status === 'DRAINING') {
    throw new AwsError('InvalidParameterException', 'Unable to Start a service that is still Draining.')
  }
  const daemon = input.schedulingStrategy === 'DAEMON'
  if (daemon && input.desiredCount !== undefined) refuseDaemonCount()
  const configuration = objectOf(input.deploymentConfiguration)
  refuseConfiguration(configuration)
  const controller = textOf(objectOf(input.deploymentController).type) ?? 'ECS'
  if (controller !== 'ECS') {
    throw new AwsError(
      'UnsupportedFeatureException',
      `This simulator creates no services with a ${controller} controller.`
    )
  }
  const launchType =
    input.capacityProviderStrategy === undefined
      ? (textOf(input.launchType) ?? (daemon ? 'EC2' : 'FARGATE'))
      : undefined
  return {
    name,
    desiredCount: daemon ? cluster.instances.length : (numberOf(input.desiredCount) ?? 0),
    controller,
    configuration,
    healthCheckGracePeriodSeconds: numberOf(input.healthCheckGracePeriodSeconds) ?? 0,
    drainSeconds: engine.timings.drainSeconds,
    attributes: {
      ...pick(input, ATTRIBUTE_MEMBERS),
      ...(daemon ? { schedulingStrategy: 'DAEMON' } : {}),
      createdBy: iamArn(engine, 'role/deployer')
    },
    createdAt: engine.timeline.now(),
    settings: {
      ...(launchType === 'EC2' ? {} : { platformVersion: 'LATEST' }),
      ...pick(input, REVISION_MEMBERS),
      ...(launchType === undefined ? {} : { launchType })
    }
  }
}

/** Starts the first deployment of a new service. */
export function launchService(engine: Engine, service: Service): void {
  trackDeployment(engine, service, service.deployments[0], [])
}

/**
 * UpdateService: members of a revision, another task definition or `forceNewDeployment` begin a deployment; everything
 * else takes effect where it stands. Nothing changes when anything is refused.
 */
export function updateService(engine: Engine, service: Service, input: JsonObject): void {
  refuseForeignController(service, input)
  if (isDaemon(service) && input.desiredCount !== undefined) refuseDaemonCount()
  const { revision } = service.deployments[0]
  const named = textOf(input.taskDefinition)
  const definition = named === undefined ? revision.taskDefinition : findRunnable(engine, named, 'ClientException')
  if (input.deploymentConfiguration !== undefined) refuseConfiguration(objectOf(input.deploymentConfiguration))
  const settings: JsonObject = { ...revision.settings, ...pick(input, REVISION_MEMBERS) }
  requireNetwork(definition, settings)
  if (flagOf(input.enableExecuteCommand) === true) requireTaskRole(definition)

  if (input.deploymentConfiguration !== undefined) {
    service.configuration = fillConfiguration(objectOf(input.deploymentConfiguration), isDaemon(service))
  }
  service.attributes = { ...service.attributes, ...pick(input, ATTRIBUTE_MEMBERS) }
  service.healthCheckGracePeriodSeconds =
    numberOf(input.healthCheckGracePeriodSeconds) ?? service.healthCheckGracePeriodSeconds
  const desiredCount = numberOf(input.desiredCount)
  if (desiredCount !== undefined) scaleService(engine, service, desiredCount)
  if (input.forceNewDeployment === true || isNewRevision(definition, settings, revision)) {
    beginDeployment(engine, service, definition, settings)
  }
}

/** Sets the desired count; during a rollout the former deployments are scaled by the same factor. */
export function scaleService(engine: Engine, service: Service, desiredCount: number): void {
  const before = service.desiredCount
  if (desiredCount === before) return
  service.desiredCount = desiredCount
  service.steady = false
  const [primary, ...former] = service.deployments
  if (primary.planned && primary.rolloutState !== 'FAILED') primary.desiredCount = desiredCount
  for (const deployment of former) {
    if (deployment.rolloutState !== 'COMPLETED' || before === 0) continue
    deployment.desiredCount = Math.ceil((deployment.desiredCount * desiredCount) / before)
  }
  requestPass(engine, service)
}

/** DeleteService: the tasks go, and then the service is INACTIVE. */
export function deleteService(engine: Engine, service: Service, force: boolean): void {
  if (service.status === 'INACTIVE') throw new AwsError('ServiceNotFoundException', 'Service not found.')
  if (service.desiredCount > 0 && !force) {
    throw new AwsError('InvalidParameterException', 'The service cannot be stopped while it is scaled above 0.')
  }
  service.status = 'DRAINING'
  service.desiredCount = 0
  for (const deployment of service.deployments) deployment.desiredCount = 0
  requestPass(engine, service, 0)
}

/** What only the controller of a service may change, as its refusals name it. */
const CONTROLLED: Readonly<Record<(typeof REVISION_MEMBERS)[number] | 'taskDefinition', string>> = {
  taskDefinition: 'task definition',
  networkConfiguration: 'network parameters',
  platformVersion: 'platform version',
  loadBalancers: 'load balancers',
  serviceRegistries: 'service registries',
  serviceConnectConfiguration: 'service connect configuration',
  volumeConfigurations: 'volume configurations',
  vpcLatticeConfigurations: 'VPC Lattice configurations'
}

function refuseForeignController(service: Service, input: JsonObject): void {
  if (service.controller === 'ECS') return
  const end =
    service.controller === 'CODE_DEPLOY'
      ? ` on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a new deployment.`
      : ` on services with an ${service.controller} deployment controller.`
  for (const [member, what] of Object.entries(CONTROLLED)) {
    if (input[member] === undefined) continue
    throw new AwsError('InvalidParameterException', `Unable to update ${what}${end}`)
  }
  if (input.forceNewDeployment === true) {
    throw new AwsError('InvalidParameterException', `Cannot force a new deployment${end}`)
  }
}

function isNewRevision(
  definition: TaskDefinition,
  settings: JsonObject,
  current: { readonly taskDefinition: TaskDefinition; readonly settings: JsonObject }
): boolean {
  if (definition !== current.taskDefinition) return true
  return REVISION_MEMBERS.some(name => !isDeepStrictEqual(orAbsent(settings[name]), orAbsent(current.settings[name])))
}

/** An empty list says the same as no list. */
function orAbsent(value: Json | undefined): Json | undefined {
  return Array.isArray(value) && value.length === 0 ? undefined : value
}

function pick(input: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(
    names.flatMap(name => (input[name] === undefined || input[name] === null ? [] : [[name, input[name]]]))
  )
}
