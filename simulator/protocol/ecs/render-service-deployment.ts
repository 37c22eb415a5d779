import { countsOf } from '../../cloud/ecs/engine.ts'
import { listOf } from '../../cloud/ecs/json.ts'
import type { Service, ServiceDeployment, ServiceRevision, Shift } from '../../cloud/ecs/model.ts'
import { refreshMonitors } from '../../cloud/ecs/revisions.ts'
import type { JsonObject } from '../operation.ts'
import { seconds } from './paging.ts'
import { frozen, platform } from './render-service.ts'

/** A service deployment as ListServiceDeployments shows it. */
export function renderBrief(service: Service, reported: ServiceDeployment): JsonObject {
  return {
    serviceDeploymentArn: reported.arn,
    serviceArn: service.arn,
    clusterArn: service.cluster.arn,
    createdAt: seconds(reported.createdAt),
    startedAt: seconds(reported.startedAt),
    finishedAt: seconds(reported.finishedAt),
    targetServiceRevisionArn: reported.deployment.revision.arn,
    status: reported.status,
    statusReason: reported.statusReason
  }
}

/** A service deployment as DescribeServiceDeployments shows it. */
export function renderServiceDeployment(service: Service, reported: ServiceDeployment): JsonObject {
  refreshMonitors(service, reported)
  const { alarms, breaker, rollback, shift } = reported
  return {
    serviceDeploymentArn: reported.arn,
    serviceArn: service.arn,
    clusterArn: service.cluster.arn,
    createdAt: seconds(reported.createdAt),
    startedAt: seconds(reported.startedAt),
    finishedAt: seconds(reported.finishedAt),
    stoppedAt: seconds(reported.stoppedAt),
    updatedAt: seconds(reported.updatedAt),
    sourceServiceRevisions: reported.sources.map(revision => renderSummary(service, reported, revision)),
    targetServiceRevision: renderSummary(service, reported, reported.deployment.revision),
    status: reported.status,
    statusReason: reported.statusReason,
    deploymentConfiguration: reported.configuration,
    ...(shift === undefined ? {} : renderShift(shift)),
    ...(rollback === undefined
      ? {}
      : {
          rollback: {
            reason: rollback.reason,
            startedAt: seconds(rollback.startedAt),
            serviceRevisionArn: rollback.revisionArn
          }
        }),
    deploymentCircuitBreaker: { status: breaker.status, failureCount: breaker.failures, threshold: breaker.threshold },
    alarms: {
      status: alarms.status,
      ...(alarms.names.length === 0 ? {} : { alarmNames: alarms.names, triggeredAlarmNames: alarms.triggered })
    }
  }
}

/** A service revision as DescribeServiceRevisions shows it. */
export function renderRevision(service: Service, revision: ServiceRevision): JsonObject {
  const { settings } = revision
  return {
    serviceRevisionArn: revision.arn,
    serviceArn: service.arn,
    clusterArn: service.cluster.arn,
    taskDefinition: revision.taskDefinition.arn,
    ...platform(settings, service.attributes, '1.4.0'),
    ...frozen(settings),
    loadBalancers: listOf(settings.loadBalancers),
    serviceRegistries: listOf(settings.serviceRegistries),
    containerImages: revision.containerImages.map(({ containerName, image, imageDigest }) => ({
      containerName,
      image,
      ...(imageDigest === undefined ? {} : { imageDigest })
    })),
    guardDutyEnabled: false,
    createdAt: seconds(revision.createdAt)
  }
}

function renderSummary(service: Service, reported: ServiceDeployment, revision: ServiceRevision): JsonObject {
  const balanced = listOf(revision.settings.loadBalancers).length > 0
  const deployment = service.deployments.find(candidate => candidate.revision === revision)
  const live = deployment === undefined ? undefined : countsOf(service, deployment)
  const counts = reported.finalCounts === undefined ? live : reported.finalCounts.get(revision)
  return {
    arn: revision.arn,
    requestedTaskCount: counts?.requested ?? 0,
    runningTaskCount: counts?.running ?? 0,
    pendingTaskCount: counts?.pending ?? 0,
    ...(balanced ? renderWeights(reported, revision) : {})
  }
}

function renderShift({ stage, hooks }: Shift): JsonObject {
  return {
    lifecycleStage: stage,
    lifecycleHookDetails: hooks.map(({ id, targetType, targetArn, status, expiresAt, timeoutAction }) => ({
      hookId: id,
      targetType,
      targetArn,
      status,
      expiresAt: seconds(expiresAt),
      timeoutAction
    }))
  }
}

/** Traffic goes to the target and to the one proven revision that it replaces. */
function renderWeights({ shift, deployment, sources }: ServiceDeployment, revision: ServiceRevision): JsonObject {
  if (shift === undefined) return {}
  const isTarget = revision === deployment.revision
  const gets = (weight: number): number => (isTarget ? weight : revision === sources.at(-1) ? 100 - weight : 0)
  return { requestedTestTrafficWeight: gets(shift.test), requestedProductionTrafficWeight: gets(shift.production) }
}
