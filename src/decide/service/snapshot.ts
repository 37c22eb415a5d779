import { shortArn } from '../arn.ts'
import type { JsonObject } from '../json.ts'

/** A service as DescribeServices and UpdateService answer it, at one moment. */
export interface ServiceSnapshot {
  readonly name: string
  readonly clusterArn: string
  /** `ACTIVE`, `DRAINING`, `INACTIVE`. */
  readonly status: string
  /** `ECS`, `CODE_DEPLOY`, `EXTERNAL`; services without the member are `ECS`. */
  readonly controller: string
  /** `REPLICA`; `DAEMON` has one task on every container instance. */
  readonly schedulingStrategy: string
  /** ARN of the revision that the service is set to run; empty for controllers that keep it in task sets. */
  readonly taskDefinitionArn: string
  readonly desiredCount: number
  readonly runningCount: number
  /** As ECS returned it, so that it can be sent back whole with one part changed. */
  readonly deploymentConfiguration: JsonObject
  readonly healthCheckGracePeriodSeconds: number
  readonly loadBalanced: boolean
  /** PRIMARY first. */
  readonly deployments: readonly DeploymentSnapshot[]
  /** Newest first, at most 100. */
  readonly events: readonly ServiceEvent[]
}

/** One entry of a service's `deployments`. */
export interface DeploymentSnapshot {
  /** `ecs-svc/N`; N also ends the ARN of the service revision. */
  readonly id: string
  /** `PRIMARY`, `ACTIVE`, `DRAINING`, `INACTIVE`. */
  readonly status: string
  readonly taskDefinitionArn: string
  readonly desiredCount: number
  readonly pendingCount: number
  readonly runningCount: number
  readonly failedTasks: number
  /** `IN_PROGRESS`, `COMPLETED`, `FAILED`; undefined behind a Classic Load Balancer. */
  readonly rolloutState: string | undefined
  readonly rolloutStateReason: string | undefined
  /** Epoch seconds by the server's clock. */
  readonly createdAt: number | undefined
  readonly updatedAt: number | undefined
}

/** One line of a service's event stream. */
export interface ServiceEvent {
  readonly id: string
  /** Epoch seconds by the server's clock. */
  readonly createdAt: number
  readonly message: string
}

/** One entry of the service deployments API (deployments since 2024-10-25). */
export interface ServiceDeploymentSnapshot {
  readonly arn: string
  /** `PENDING` … `ROLLBACK_FAILED`, see API_ServiceDeployment. */
  readonly status: string
  readonly statusReason: string | undefined
  readonly targetServiceRevisionArn: string
  /** Epoch seconds by the server's clock. */
  readonly createdAt: number | undefined
  /** Undefined until there is one; the revision is the one that it goes back to. */
  readonly rollback: { readonly reason: string | undefined; readonly toRevisionArn: string | undefined } | undefined
  readonly circuitBreaker:
    { readonly status: string; readonly failureCount: number; readonly threshold: number } | undefined
  /** Where a blue/green deployment and its kin are; a rolling one reports none. */
  readonly lifecycleStage: string | undefined
  /** How much of the traffic goes to the new tasks, in percent; undefined where none is shifted. */
  readonly traffic: { readonly test: number | undefined; readonly production: number | undefined }
  /** The lifecycle hooks of the current stage. */
  readonly hooks: readonly HookSnapshot[]
}

/** A lifecycle hook that runs, or waits for somebody. */
export interface HookSnapshot {
  readonly id: string
  /** ARN of the function that ECS called; undefined for a pause. */
  readonly targetArn: string | undefined
  /** `AWAITING_ACTION`, `IN_PROGRESS`, `SUCCEEDED`, `FAILED`, `TIMED_OUT`. */
  readonly status: string
  /** Epoch seconds by the server's clock. */
  readonly expiresAt: number | undefined
  /** What ECS does then: `CONTINUE` or `ROLLBACK`. */
  readonly timeoutAction: string | undefined
}

/** One task as DescribeTasks answers it. */
export interface TaskSnapshot {
  readonly arn: string
  readonly taskDefinitionArn: string
  /** `ecs-svc/N` for the tasks of a deployment. */
  readonly startedBy: string | undefined
  readonly lastStatus: string
  readonly healthStatus: string | undefined
  readonly stopCode: string | undefined
  readonly stoppedReason: string | undefined
  /** When ECS began to start it, in epoch seconds by the server's clock. */
  readonly createdAt: number | undefined
  /** Epoch seconds by the server's clock; undefined when it never ran. */
  readonly startedAt: number | undefined
  /** When it began to end, in epoch seconds by the server's clock: it is STOPPED some time after that. */
  readonly endedAt: number | undefined
  readonly containers: readonly ContainerSnapshot[]
}

/** One container of a task. */
export interface ContainerSnapshot {
  readonly name: string
  readonly image: string | undefined
  /** Absent until pulled, and when the pull failed. */
  readonly imageDigest: string | undefined
  readonly exitCode: number | undefined
  readonly reason: string | undefined
  readonly healthStatus: string | undefined
}

/** The PRIMARY deployment: the one that the service is moving to. */
export function primaryDeployment(service: ServiceSnapshot): DeploymentSnapshot | undefined {
  return service.deployments.find(deployment => deployment.status === 'PRIMARY')
}

/** The ARN of the service revision that a deployment rolls out: both end in the same number. */
export function serviceRevisionArn({ clusterArn, name }: ServiceSnapshot, deploymentId: string): string {
  const revisions = clusterArn.replace(':cluster/', ':service-revision/')
  return `${revisions}/${name}/${revisionNumber(deploymentId)}`
}

/** Which of a service's service deployments rolls out the same revision as a deployment; undefined: none yet. */
export function serviceDeploymentOf(
  deploymentId: string,
  listed: readonly ServiceDeploymentSnapshot[]
): ServiceDeploymentSnapshot | undefined {
  return listed.find(({ targetServiceRevisionArn }) => rollsOut(deploymentId, targetServiceRevisionArn))
}

/** Whether a deployment, `ecs-svc/N`, is the one that rolls this service revision out. */
export function rollsOut(deploymentId: string, revisionArn: string): boolean {
  return revisionArn.endsWith(`/${revisionNumber(deploymentId)}`)
}

/** The id of the deployment that a service deployment is about, `ecs-svc/N`. */
export function deploymentIdOf({ targetServiceRevisionArn }: ServiceDeploymentSnapshot): string {
  return `ecs-svc/${shortArn(targetServiceRevisionArn)}`
}

/** The N of `ecs-svc/N`. */
function revisionNumber(deploymentId: string): string {
  return deploymentId.slice(deploymentId.indexOf('/') + 1)
}

/** The short id of a task: the last part of its ARN. */
export function taskId(arn: string): string {
  return shortArn(arn)
}
