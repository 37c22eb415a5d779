import { breakerIsOn, withBreakerOn } from '../decide/service/circuit-breaker.ts'
import type { JsonObject } from '../decide/json.ts'
import { primaryDeployment, type DeploymentSnapshot, type ServiceSnapshot } from '../decide/service/snapshot.ts'
import type { WatchedDeployment } from '../decide/service/verdict.ts'
import { AwsFailure, Failure } from '../failure.ts'
import type { ServiceChangeInputs } from '../inputs/service.ts'
import type { EcsPort, ServiceAbsence } from '../io/aws/ecs.ts'
import type { World } from '../world.ts'
import { lookAfter } from './look-after.ts'

/** The request as it goes over the wire. */
export interface UpdateServiceRequest extends JsonObject {
  readonly cluster: string
  readonly service: string
  readonly taskDefinition: string
}

/** How long DescribeServices may take to show a deployment whose UpdateService answer was lost. */
const VISIBILITY_MS = 2_000
const CAUTIOUS_LOOKS = 3
const UPDATE_ATTEMPTS = 3

/**
 * The UpdateService request: what was asked for and nothing else. A deployment starts only when something triggers it,
 * so a service that is set to this revision already, but does not run it, needs a forced one.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html
 */
export function updateRequest(
  service: ServiceSnapshot,
  cluster: string,
  taskDefinitionArn: string,
  changes: ServiceChangeInputs
): UpdateServiceRequest {
  const force = changes.forceNewDeployment || service.taskDefinitionArn === taskDefinitionArn
  const breakerOn = changes.circuitBreaker === 'enable' && !breakerIsOn(service)
  return {
    cluster,
    service: service.name,
    taskDefinition: taskDefinitionArn,
    ...(breakerOn && { deploymentConfiguration: withBreakerOn(service.deploymentConfiguration) }),
    ...(force && { forceNewDeployment: true }),
    ...(changes.desiredCount !== undefined && { desiredCount: changes.desiredCount }),
    ...(changes.propagateTags !== undefined && { propagateTags: changes.propagateTags }),
    ...(changes.enableEcsManagedTags !== undefined && { enableECSManagedTags: changes.enableEcsManagedTags })
  }
}

/**
 * Starts exactly one deployment and returns its identity. When the answer is lost, the service itself tells whether the
 * deployment exists before anything is sent again.
 */
export async function updateService(
  world: World,
  ecs: EcsPort,
  before: ServiceSnapshot,
  request: UpdateServiceRequest,
  attempts = UPDATE_ATTEMPTS
): Promise<WatchedDeployment> {
  const { cluster, taskDefinition: arn } = request
  try {
    return identify(await ecs.updateService(request), before, arn)
  } catch (error) {
    if (!(error instanceof AwsFailure && error.mayHaveActed)) throw error
    return lookAfter(error, async () => {
      // Sent again, a forced deployment would be a second one; any other request is then answered without starting any.
      for (let looks = request['forceNewDeployment'] === true ? CAUTIOUS_LOOKS : 1; looks > 0; looks--) {
        await world.clock.sleep(VISIBILITY_MS, world.signal)
        const found = findStarted(await look(ecs, cluster, before.name), before, arn)
        if (found !== undefined) return watched(found, before)
      }
      if (attempts <= 1) throw error
      return updateService(world, ecs, before, request, attempts - 1)
    })
  }
}

/** What the service says now; a look that fails is no answer. */
function look(ecs: EcsPort, cluster: string, name: string): Promise<ServiceSnapshot | ServiceAbsence> {
  return ecs.describeService(cluster, name).catch(() => 'no-service' as const)
}

/** A deployment of this revision that was not there before. */
function findStarted(
  service: ServiceSnapshot | ServiceAbsence,
  before: ServiceSnapshot,
  taskDefinitionArn: string
): DeploymentSnapshot | undefined {
  if (typeof service === 'string') return undefined
  return service.deployments.find(
    ({ id, taskDefinitionArn: own }) => own === taskDefinitionArn && !before.deployments.some(old => old.id === id)
  )
}

function identify(after: ServiceSnapshot, before: ServiceSnapshot, taskDefinitionArn: string): WatchedDeployment {
  const primary = primaryDeployment(after)
  if (primary?.taskDefinitionArn !== taskDefinitionArn) {
    throw new Failure(
      'aws-error',
      `UpdateService answered without a PRIMARY deployment of ${taskDefinitionArn}, so there is nothing to watch`
    )
  }
  return watched(primary, before)
}

/** The identity of a deployment by which it is watched. */
export function watched(deployment: DeploymentSnapshot, before: ServiceSnapshot): WatchedDeployment {
  return {
    id: deployment.id,
    taskDefinitionArn: deployment.taskDefinitionArn,
    createdAt: deployment.createdAt,
    olderIds: before.deployments.map(({ id }) => id).filter(id => id !== deployment.id),
    isAdopted: before.deployments.some(({ id }) => id === deployment.id)
  }
}
