import { AwsError } from '../../protocol/operation.ts'
import { later, type Engine } from './engine.ts'
import { say } from './events.ts'
import type { Deployment, Service, ServiceDeployment } from './model.ts'
import { currentServiceDeployment, endServiceDeployment, hasEnded, refreshMonitors } from './revisions.ts'
import { SERVICE_DEPLOYMENT_STOP_SECONDS } from './timings.ts'

const NO_CANDIDATE = 'No rollback candidate was found to run the rollback.'

/** Why a deployment fails, in the words of each place that tells of it. */
export interface FailureCause {
  /** `rolloutStateReason` of the failed deployment. */
  readonly rolloutReason: string
  /** The service event, after `(deployment ecs-svc/N) `; without one nothing is said. */
  readonly event?: string
  /** Whether the service goes back to the deployment that completed last. */
  readonly rollback: boolean
  /** `statusReason` of the service deployment that is rolled back. */
  readonly statusReason: string
  /** `rolloutStateReason` of the deployment gone back to, before its id; without one it is `in progress`. */
  readonly returnReason?: string
}

/** Fails the PRIMARY deployment: the service goes back, or stays where it is and starts nothing more. */
export function failDeployment(engine: Engine, service: Service, cause: FailureCause): void {
  const [deployment] = service.deployments
  const under = currentServiceDeployment(service)
  deployment.rolloutState = 'FAILED'
  deployment.rolloutStateReason = cause.rolloutReason
  deployment.updatedAt = engine.timeline.now()
  if (cause.event !== undefined) say(engine, service, `(deployment ${deployment.id}) ${cause.event}`)
  if (under !== undefined) under.decidedAt ??= engine.timeline.now()
  // A rollback that fails has nowhere to go to, whatever was configured.
  if (cause.rollback || under?.status === 'ROLLBACK_IN_PROGRESS')
    rollBack(engine, service, rollbackTarget(service), cause)
  else if (under !== undefined) requestStop(engine, service, under)
  engine.runPass(service)
}

/** Ends a service deployment STOPPED a moment later. */
export function requestStop(engine: Engine, service: Service, under: ServiceDeployment): void {
  refreshMonitors(service, under)
  under.status = 'STOP_REQUESTED'
  under.updatedAt = engine.timeline.now()
  later(engine, service, SERVICE_DEPLOYMENT_STOP_SECONDS, () => {
    if (!hasEnded(under)) endServiceDeployment(engine, service, under, 'STOPPED')
  })
}

/** StopServiceDeployment with stopType ROLLBACK. */
export function stopServiceDeployment(engine: Engine, service: Service, reported: ServiceDeployment): void {
  if (hasEnded(reported)) {
    throw new AwsError('ConflictException', 'The service deployment is in a terminal state and cannot be stopped.')
  }
  if (reported.status !== 'PENDING' && reported.status !== 'IN_PROGRESS') return
  refreshMonitors(service, reported)
  reported.status = 'ROLLBACK_REQUESTED'
  reported.updatedAt = engine.timeline.now()
  reported.decidedAt ??= engine.timeline.now()
  later(engine, service, engine.timings.schedulerSeconds, () => {
    if (reported.status !== 'ROLLBACK_REQUESTED') return
    failDeployment(engine, service, {
      rolloutReason: `ECS deployment ${reported.deployment.id} was rolled back on request.`,
      rollback: true,
      statusReason: 'Service deployment rolled back on request.'
    })
  })
}

/** The deployment that a rollback goes to: the one that completed last, while it is in COMPLETED. */
function rollbackTarget(service: Service): Deployment | undefined {
  const target = service.lastCompleted
  const eligible = target?.rolloutState === 'COMPLETED' && target !== service.deployments[0]
  return eligible ? target : undefined
}

/** Promotes the old deployment under its old id; without one the service is stalled and the rollback has failed. */
function rollBack(engine: Engine, service: Service, target: Deployment | undefined, cause: FailureCause): void {
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
  Object.assign(target, {
    status: 'PRIMARY',
    rolloutState: 'IN_PROGRESS',
    rolloutStateReason:
      cause.returnReason === undefined
        ? `ECS deployment ${target.id} in progress.`
        : `${cause.returnReason} ${target.id}.`,
    updatedAt: now,
    desiredCount: service.desiredCount,
    failures: 0,
    unresolved: 0,
    failedRounds: 0,
    nextStartAt: 0,
    bakeEndsAt: undefined
  } satisfies Partial<Deployment>)
  service.deployments = [target, ...others]
  service.steady = false
  if (under === undefined) return
  under.status = 'ROLLBACK_IN_PROGRESS'
  under.statusReason = cause.statusReason
  under.rollback = { reason: cause.statusReason, startedAt: now, revisionArn: target.revision.arn }
  under.updatedAt = now
  revertShift(under)
}

/** Gives all traffic back to where it came from. */
function revertShift(reported: ServiceDeployment): void {
  if (reported.shift === undefined) return
  reported.shift.test = 0
  reported.shift.production = 0
  reported.shift.stage = 'CLEAN_UP'
}
