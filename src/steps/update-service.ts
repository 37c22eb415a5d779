import { shortArn } from '../decide/arn.ts'
import { breakerIsOn, withBreakerOn } from '../decide/service/circuit-breaker.ts'
import type { JsonObject } from '../decide/json.ts'
import { lookAtDeployments } from '../decide/service/look.ts'
import { primaryDeployment, type ServiceSnapshot } from '../decide/service/snapshot.ts'
import { newestTimeIn, STALENESS_MS } from '../decide/service/staleness.ts'
import type { WatchedDeployment } from '../decide/service/verdict.ts'
import type { Emit } from '../event.ts'
import { AwsFailure, Failure } from '../failure.ts'
import type { ServiceChangeInputs } from '../inputs/service.ts'
import type { EcsPort } from '../io/aws/ecs.ts'
import type { World } from '../world.ts'
import { lookAfter } from './look-after.ts'
import { lookForStarted, type Started } from './look-for-started.ts'

/** The request as it goes over the wire. */
export interface UpdateServiceRequest extends JsonObject {
  readonly cluster: string
  readonly service: string
  readonly taskDefinition: string
}

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
 * Starts exactly one deployment and returns its identity. When the answer is lost, or does not name it, ECS itself tells
 * whether the deployment exists before anything is sent again; fails with `superseded` where somebody else deployed since,
 * which would be undone.
 */
export async function updateService(
  world: World,
  ecs: EcsPort,
  before: ServiceSnapshot,
  request: UpdateServiceRequest,
  emit: Emit
): Promise<WatchedDeployment> {
  const send = async (): Promise<Started | AwsFailure> => {
    try {
      return startedBy(request, await ecs.updateService(request), before) ?? unnamed(world.region, request)
    } catch (error) {
      if (error instanceof AwsFailure && error.mayHaveActed) return error
      throw error
    }
  }
  let answer = await send()
  for (let left = UPDATE_ATTEMPTS - 1; answer instanceof AwsFailure; left--) {
    const lost = answer
    const started = await lookAfter(lost, () => seek(world, ecs, before, request, lost, emit))
    if (started !== undefined) return watched(started, before)
    if (left === 0) throw lost
    // What is refused now leaves open what became of the one before.
    answer = await lookAfter(lost, send)
  }
  return watched(answer, before)
}

/** The deployment that ECS answers to have started; undefined when the answer is empty or from before. */
function startedBy(
  { taskDefinition, forceNewDeployment }: UpdateServiceRequest,
  after: ServiceSnapshot,
  before: ServiceSnapshot
): Started | undefined {
  const primary = primaryDeployment(after)
  if (primary?.taskDefinitionArn !== taskDefinition) return undefined
  // Unforced, it may go on with a deployment of this revision, or back to it.
  const isOld = before.deployments.some(({ id }) => id === primary.id)
  return forceNewDeployment === true && isOld ? undefined : primary
}

/** An answer that does not name the deployment tells no more of it than none. */
function unnamed(region: string, { cluster, service, taskDefinition }: UpdateServiceRequest): AwsFailure {
  const operation = 'ecs:UpdateService'
  const sentence = `${operation} in ${region} got an answer without a PRIMARY deployment of ${shortArn(taskDefinition)}`
  return new AwsFailure('aws-error', sentence, {
    cause: undefined,
    awsCode: undefined,
    mayHaveActed: true,
    write: { operation, look: lookAtDeployments(region, cluster, service) }
  })
}

/** The deployment that a request without an answer started; undefined when there is surely none. */
async function seek(
  world: World,
  ecs: EcsPort,
  before: ServiceSnapshot,
  request: UpdateServiceRequest,
  error: AwsFailure,
  emit: Emit
): Promise<Started | undefined> {
  const { cluster, taskDefinition: taskDefinitionArn } = request
  const patienceMs = patienceFor(error, request)
  const seconds = String(patienceMs / 1000)
  emit({ kind: 'note', text: `${error.message}; looking for ${seconds} s whether it started a deployment` })
  const trace = await lookForStarted(world, ecs, { before, cluster, taskDefinitionArn, patienceMs })
  switch (trace.kind) {
    case 'started':
      return trace.deployment
    case 'others':
      throw overtaken(error, trace.deployment, taskDefinitionArn)
    case 'unknown':
      throw error
    case 'nothing':
      return undefined
  }
}

/** Mine may have been started and replaced by theirs, or never: either way theirs is what the service is set to. */
function overtaken(error: AwsFailure, { id, taskDefinitionArn }: Started, arn: string): Failure {
  const theirs = `since then somebody else deployed ${shortArn(taskDefinitionArn)} (${id})`
  const sentence = `${error.message}; no deployment of ${shortArn(arn)} is to be seen, and ${theirs}, so it was not sent again`
  return new Failure('superseded', sentence, {
    remedy:
      'if theirs was not meant, run this job again; let deployments of one service run one after the other (concurrency)',
    cause: error
  })
}

/**
 * For how long a deployment that a request may have started is looked for, in milliseconds. Sent again before it shows, a
 * forced request starts a second one, and any other is a call that nothing needed.
 */
function patienceFor({ awsCode }: AwsFailure, { forceNewDeployment }: UpdateServiceRequest): number {
  return awsCode === undefined || forceNewDeployment === true ? STALENESS_MS : SERVER_ERROR_MS
}

/** The identity of a deployment by which it is watched. */
export function watched(deployment: Started, before: ServiceSnapshot): WatchedDeployment {
  const { id, taskDefinitionArn, createdAt } = deployment
  const isAdopted = before.deployments.some(one => one.id === id)
  return {
    id,
    taskDefinitionArn,
    createdAt,
    olderIds: before.deployments.map(one => one.id).filter(other => other !== id),
    isAdopted,
    adoptedAt: isAdopted ? newestTimeIn(before) : undefined,
    tellsRollout: before.deployments.some(({ rolloutState }) => rolloutState !== undefined),
    isWayBack: isAdopted && before.deployments.some(one => (one.createdAt ?? 0) > (createdAt ?? Infinity))
  }
}
