import type { JsonObject } from '../../protocol/operation.ts'
import { watchAlarms } from './alarms.ts'
import { aliveTasks, later, requestPass, type Engine } from './engine.ts'
import { say } from './events.ts'
import type { Deployment, Service, ServiceDeployment, TaskDefinition } from './model.ts'
import {
  createDeployment,
  createServiceDeployment,
  currentServiceDeployment,
  endServiceDeployment
} from './revisions.ts'
import { requestStop } from './rollback.ts'
import { planShift } from './shift.ts'
import { SERVICE_DEPLOYMENT_PENDING_SECONDS } from './timings.ts'

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
  if (under !== undefined) supersede(engine, service, under, deployment)
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
  reported.alarms = watchAlarms(engine, service.configuration)
  reported.shift = planShift(service)
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

function supersede(engine: Engine, service: Service, under: ServiceDeployment, by: Deployment): void {
  // One that has failed and is about to say so failed, whatever comes after it.
  if (under.status === 'STOP_REQUESTED') return
  under.supersededBy = by
  under.decidedAt ??= engine.timeline.now()
  if (under.status === 'ROLLBACK_IN_PROGRESS') {
    endServiceDeployment(engine, service, under, 'ROLLBACK_FAILED')
    return
  }
  requestStop(engine, service, under)
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
