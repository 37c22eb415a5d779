import { breakerIsOn, withBreakerOn } from '../decide/service/circuit-breaker.ts'
import type { JsonObject } from '../decide/json.ts'
import { primaryDeployment, type DeploymentSnapshot, type ServiceSnapshot } from '../decide/service/snapshot.ts'
import { STALENESS_MS } from '../decide/service/staleness.ts'
import type { WatchedDeployment } from '../decide/service/verdict.ts'
import { AwsFailure, Failure, isCancelled } from '../failure.ts'
import type { ServiceChangeInputs } from '../inputs/service.ts'
import type { EcsPort, EcsReads } from '../io/aws/ecs.ts'
import type { World } from '../world.ts'
import { lookAfter } from './look-after.ts'

/** The request as it goes over the wire. */
export interface UpdateServiceRequest extends JsonObject {
  readonly cluster: string
  readonly service: string
  readonly taskDefinition: string
}

/** A deployment whose UpdateService answer was lost is looked for so often. */
const LOOK_PAUSE_MS = 2_000
/** Looks that fail are repeated for so long. */
const LONGEST_LOOK_MS = 60_000
/** What ECS itself called its own failure has seldom been done. */
const SERVER_ERROR_MS = 5_000
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
  const { taskDefinition: arn } = request
  try {
    return identify(await ecs.updateService(request), before, arn)
  } catch (error) {
    if (!(error instanceof AwsFailure && error.mayHaveActed)) throw error
    return lookAfter(error, async () => {
      const started = await findLate(world, ecs.polling(), before, request, looksForMs(error, request))
      if (started === 'unknown' || (started === undefined && attempts <= 1)) throw error
      return started ?? updateService(world, ecs, before, request, attempts - 1)
    })
  }
}

/**
 * For how long a deployment that a request may have started is looked for, in milliseconds. Sent again before it shows, a
 * forced request starts a second one, and any other is a call that nothing needed.
 */
function looksForMs({ awsCode }: AwsFailure, { forceNewDeployment }: UpdateServiceRequest): number {
  return awsCode === undefined || forceNewDeployment === true ? STALENESS_MS : SERVER_ERROR_MS
}

/**
 * The deployment that a request without an answer started, which DescribeServices may show late; undefined when it
 * started none that showed within `unseenMs`, `unknown` when that is not to be seen.
 */
async function findLate(
  { clock, signal }: World,
  ecs: EcsReads,
  before: ServiceSnapshot,
  { cluster, taskDefinition }: UpdateServiceRequest,
  unseenMs: number
): Promise<WatchedDeployment | 'unknown' | undefined> {
  const sentAt = clock.now()
  for (;;) {
    await clock.sleep(LOOK_PAUSE_MS, signal)
    const now = await look(ecs, cluster, before.name)
    const found = now === undefined ? undefined : findStarted(now, before, taskDefinition)
    if (found !== undefined) return watched(found, before)
    const passedMs = clock.now() - sentAt
    if (now !== undefined && passedMs >= unseenMs) return undefined
    if (passedMs >= LONGEST_LOOK_MS) return 'unknown'
  }
}

/** What the service says now; undefined when it does not. Fails when it will not either: expired credentials stay so. */
async function look(ecs: EcsReads, cluster: string, name: string): Promise<ServiceSnapshot | undefined> {
  try {
    const service = await ecs.describeService(cluster, name)
    return typeof service === 'string' ? undefined : service
  } catch (error) {
    if (!(error instanceof Failure) || error.code === 'credentials' || isCancelled(error)) throw error
    return undefined
  }
}

/** A deployment of this revision that was not there before. */
function findStarted(
  service: ServiceSnapshot,
  before: ServiceSnapshot,
  taskDefinitionArn: string
): DeploymentSnapshot | undefined {
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
