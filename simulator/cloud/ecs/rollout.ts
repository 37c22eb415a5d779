import { AwsError, type JsonObject } from '../../protocol/operation.ts'
import { breakerSettings, breakerThreshold } from './bounds.ts'
import { aliveTasks, later, requestPass, type Engine } from './engine.ts'
import { say } from './events.ts'
import type { Deployment, Service, ServiceDeployment, TaskDefinition } from './model.ts'
import {
  createDeployment,
  createServiceDeployment,
  currentServiceDeployment,
  endServiceDeployment,
  hasEnded,
  refreshBreaker
} from './revisions.ts'
import { SERVICE_DEPLOYMENT_PENDING_SECONDS, SERVICE_DEPLOYMENT_STOP_SECONDS, VERDICT_SECONDS } from './timings.ts'

const BREAKER_REASON = 'Service deployment rolled back because the circuit breaker threshold was exceeded.'
const NO_CANDIDATE = 'No rollback candidate was found to run the rollback.'

/** Starts that may fail for want of a digest before the circuit breaker gives up, whatever its threshold. */
const MAX_UNRESOLVED = 3

/** Begins the deployment of a revision; the one that was PRIMARY becomes ACTIVE, and what it was doing is stopped. */
export function beginDeployment(
  engine: Engine,
  service: Service,
  taskDefinition: TaskDefinition,
  settings: JsonObject
): Deployment {
  const owner = { clusterName: service.cluster.name, serviceName: service.name }
  const deployment = createDeployment(engine, owner, taskDefinition, settings)
  const under = currentServiceDeployment(service)
  if (under !== undefined) supersede(engine, service, under)
  for (const former of service.deployments) {
    former.status = 'ACTIVE'
    former.verdict?.cancel()
    former.verdict = undefined
  }
  const sources = service.deployments.map(former => former.revision)
  service.deployments = [deployment, ...service.deployments]
  trackDeployment(engine, service, deployment, sources)
  return deployment
}

/** Adds the revision and the service deployment of a new PRIMARY deployment, and wakes the scheduler. */
export function trackDeployment(
  engine: Engine,
  service: Service,
  deployment: Deployment,
  sources: ServiceDeployment['sources']
): ServiceDeployment {
  const owner = { clusterName: service.cluster.name, serviceName: service.name }
  const reported = createServiceDeployment(engine, owner, deployment, service.configuration, sources)
  service.revisions.push(deployment.revision)
  service.serviceDeployments.unshift(reported)
  service.said.clear()
  service.steady = false
  service.pass?.cancel()
  service.pass = undefined
  requestPass(engine, service)
  later(engine, service, SERVICE_DEPLOYMENT_PENDING_SECONDS, () => {
    if (reported.status !== 'PENDING') return
    reported.status = 'IN_PROGRESS'
    reported.startedAt = engine.timeline.now()
    reported.updatedAt = engine.timeline.now()
  })
  return reported
}

function supersede(engine: Engine, service: Service, under: ServiceDeployment): void {
  if (under.status === 'ROLLBACK_IN_PROGRESS') {
    endServiceDeployment(engine, service, under, 'ROLLBACK_FAILED')
    return
  }
  requestStop(engine, service, under)
}

function requestStop(engine: Engine, service: Service, under: ServiceDeployment): void {
  refreshBreaker(service, under)
  under.status = 'STOP_REQUESTED'
  under.updatedAt = engine.timeline.now()
  later(engine, service, SERVICE_DEPLOYMENT_STOP_SECONDS, () => {
    if (!hasEnded(under)) endServiceDeployment(engine, service, under, 'STOPPED')
  })
}

/** The PRIMARY deployment has all its tasks healthy and the others are gone. */
export function completeDeployment(engine: Engine, service: Service): void {
  const [deployment] = service.deployments
  deployment.rolloutState = 'COMPLETED'
  deployment.rolloutStateReason = `ECS deployment ${deployment.id} completed.`
  deployment.updatedAt = engine.timeline.now()
  service.lastCompleted = deployment
  say(engine, service, `(deployment ${deployment.id}) deployment completed.`)
  const under = currentServiceDeployment(service)
  if (under === undefined) return
  const wentBack = under.status === 'ROLLBACK_IN_PROGRESS'
  endServiceDeployment(engine, service, under, wentBack ? 'ROLLBACK_SUCCESSFUL' : 'SUCCESSFUL')
}

/** Has the circuit breaker speak a moment later when the PRIMARY deployment has failed often enough. */
export function considerVerdict(engine: Engine, service: Service): void {
  const [deployment] = service.deployments
  if (deployment.verdict !== undefined || !isFailing(service, deployment)) return
  deployment.verdict = later(engine, service, VERDICT_SECONDS, () => {
    deployment.verdict = undefined
    if (service.deployments[0] === deployment && isFailing(service, deployment)) trip(engine, service)
  })
}

function isFailing(service: Service, deployment: Deployment): boolean {
  const settings = breakerSettings(service.configuration)
  if (!settings.enable || deployment.rolloutState !== 'IN_PROGRESS' || service.controller !== 'ECS') return false
  const enough = deployment.failures >= breakerThreshold(settings, service.desiredCount)
  return deployment.failures > 0 && (enough || deployment.unresolved >= MAX_UNRESOLVED)
}

function trip(engine: Engine, service: Service): void {
  const [deployment] = service.deployments
  const settings = breakerSettings(service.configuration)
  const under = currentServiceDeployment(service)
  deployment.rolloutState = 'FAILED'
  deployment.rolloutStateReason = 'ECS deployment circuit breaker: tasks failed to start.'
  deployment.updatedAt = engine.timeline.now()
  say(engine, service, `(deployment ${deployment.id}) deployment failed: tasks failed to start.`)
  if (under !== undefined && under.status !== 'ROLLBACK_IN_PROGRESS') {
    refreshBreaker(service, under)
    under.breaker = { ...under.breaker, status: 'TRIGGERED' }
  }
  if (settings.rollback) {
    const target = rollbackTarget(service)
    const reason = target && `ECS deployment circuit breaker: rolling back to deploymentId ${target.id}.`
    rollBack(engine, service, target, reason, BREAKER_REASON)
  } else if (under !== undefined) {
    requestStop(engine, service, under)
  }
  engine.runPass(service)
}

/** The deployment that a rollback goes to: the one that completed last, while it is in COMPLETED. */
function rollbackTarget(service: Service): Deployment | undefined {
  const target = service.lastCompleted
  const eligible = target?.rolloutState === 'COMPLETED' && target !== service.deployments[0]
  return eligible ? target : undefined
}

/** Promotes the old deployment under its old id; without one the service is stalled and the rollback has failed. */
function rollBack(
  engine: Engine,
  service: Service,
  target: Deployment | undefined,
  rolloutStateReason: string | undefined,
  statusReason: string
): void {
  const under = currentServiceDeployment(service)
  const now = engine.timeline.now()
  if (target === undefined) {
    if (under === undefined) return
    under.statusReason = NO_CANDIDATE
    endServiceDeployment(engine, service, under, 'ROLLBACK_FAILED')
    return
  }
  say(engine, service, `rolling back to deployment ${target.id}.`, 1)
  const others = service.deployments.filter(deployment => deployment !== target)
  for (const other of others) other.status = 'ACTIVE'
  target.status = 'PRIMARY'
  target.rolloutState = 'IN_PROGRESS'
  target.rolloutStateReason = rolloutStateReason ?? `ECS deployment ${target.id} in progress.`
  target.updatedAt = now
  target.desiredCount = service.desiredCount
  target.failures = 0
  target.unresolved = 0
  target.failedRounds = 0
  target.nextStartAt = 0
  service.deployments = [target, ...others]
  service.steady = false
  if (under === undefined) return
  under.status = 'ROLLBACK_IN_PROGRESS'
  under.statusReason = statusReason
  under.rollback = { reason: statusReason, startedAt: now, revisionArn: target.revision.arn }
  under.updatedAt = now
}

/** StopServiceDeployment with stopType ROLLBACK. */
export function stopServiceDeployment(engine: Engine, service: Service, reported: ServiceDeployment): void {
  if (hasEnded(reported)) {
    throw new AwsError('ConflictException', 'The service deployment is in a terminal state and cannot be stopped.')
  }
  if (reported.status !== 'PENDING' && reported.status !== 'IN_PROGRESS') return
  refreshBreaker(service, reported)
  reported.status = 'ROLLBACK_REQUESTED'
  reported.updatedAt = engine.timeline.now()
  later(engine, service, engine.timings.schedulerSeconds, () => {
    if (reported.status !== 'ROLLBACK_REQUESTED') return
    const [deployment] = service.deployments
    deployment.rolloutState = 'FAILED'
    deployment.rolloutStateReason = `ECS deployment ${deployment.id} was rolled back on request.`
    deployment.updatedAt = engine.timeline.now()
    rollBack(engine, service, rollbackTarget(service), undefined, 'Service deployment rolled back on request.')
    engine.runPass(service)
  })
}

/** Forgets the deployments that have been completely replaced; INACTIVE ones leave the list at once. */
export function dropReplaced(service: Service): void {
  const [primary, ...others] = service.deployments
  const left = others.filter(deployment => {
    if (deployment.desiredCount > 0) return true
    return [...service.tasks].some(task => task.deployment === deployment && task.lastStatus !== 'STOPPED')
  })
  for (const deployment of left) {
    const empty = deployment.rolloutState === 'FAILED' && aliveTasks(service, deployment).length === 0
    if (empty) deployment.status = 'DRAINING'
  }
  service.deployments = [primary, ...left]
}
