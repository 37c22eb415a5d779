import type { JsonObject } from '../../protocol/operation.ts'
import type { Behaviour } from '../images.ts'
import type { Scheduled } from '../timeline.ts'
import type { HookConfiguration, LifecycleStage, Step } from './stages.ts'

export type Tag = { readonly key: string; readonly value: string }

export interface Cluster {
  readonly name: string
  readonly arn: string
  readonly services: Map<string, Service>
  /** By task id; stopped ones until they are forgotten. */
  readonly tasks: Map<string, Task>
  /** How many tasks there is room for; Infinity unless the world says otherwise. */
  capacity: number
  /** ARNs of its container instances, where daemons run. */
  readonly instances: string[]
}

/** What the engine reads of a container definition; the document itself stays as it was registered. */
export interface ContainerDefinition {
  readonly name: string
  readonly image: string
  readonly essential: boolean
  readonly healthCheck:
    { readonly interval: number; readonly retries: number; readonly startPeriod: number } | undefined
  readonly pinsVersion: boolean
  readonly log: { readonly group: string; readonly prefix: string } | undefined
}

export interface TaskDefinition {
  readonly arn: string
  readonly family: string
  readonly revision: number
  /** As DescribeTaskDefinition shows it, without what only the registration knows. */
  readonly document: JsonObject
  readonly containers: readonly ContainerDefinition[]
  readonly registeredAt: number
  deregisteredAt: number | undefined
  status: 'ACTIVE' | 'INACTIVE'
}

export interface ContainerImage {
  readonly containerName: string
  readonly image: string
  /** What the tag meant when the first task of the deployment started; undefined until then. */
  imageDigest: string | undefined
}

export interface ServiceRevision {
  /** The nineteen digits that also name the deployment. */
  readonly id: string
  readonly arn: string
  readonly createdAt: number
  readonly taskDefinition: TaskDefinition
  /** Network, load balancers, platform: members of the API that a revision freezes. */
  readonly settings: JsonObject
  readonly containerImages: readonly ContainerImage[]
  readonly visibleAt: number
}

export type RolloutState = 'IN_PROGRESS' | 'COMPLETED' | 'FAILED'

export interface Deployment {
  /** `ecs-svc/` and the number of its revision. */
  readonly id: string
  readonly revision: ServiceRevision
  readonly createdAt: number
  updatedAt: number
  status: 'PRIMARY' | 'ACTIVE' | 'DRAINING'
  /** False until the scheduler first looked at it: the API shows 0/0/0 until then. */
  planned: boolean
  desiredCount: number
  rolloutState: RolloutState
  rolloutStateReason: string
  /** What the circuit breaker counts, and `failedTasks` shows. */
  failures: number
  /** Starts that failed because no digest could be found for a tag. */
  unresolved: number
  /** Unhealthy tasks that were stopped and whose replacement has not been started yet. */
  replacing: number
  /** Tasks started so far, seeds apart. */
  launches: number
  /** Rounds of starts in a row of which no task reached RUNNING, and when the next may begin. */
  failedRounds: number
  /** Whether tasks were started since the last failed round. */
  roundOpen: boolean
  nextStartAt: number
  verdict: Scheduled | undefined
  /** When its bake time is over; undefined until it began. */
  bakeEndsAt: number | undefined
}

export type ServiceDeploymentStatus =
  | 'PENDING'
  | 'IN_PROGRESS'
  | 'SUCCESSFUL'
  | 'STOP_REQUESTED'
  | 'STOPPED'
  | 'ROLLBACK_REQUESTED'
  | 'ROLLBACK_IN_PROGRESS'
  | 'ROLLBACK_SUCCESSFUL'
  | 'ROLLBACK_FAILED'

export interface ServiceDeployment {
  readonly id: string
  readonly arn: string
  readonly createdAt: number
  readonly sources: readonly ServiceRevision[]
  readonly deployment: Deployment
  readonly configuration: JsonObject
  readonly visibleAt: number
  startedAt: number | undefined
  finishedAt: number | undefined
  stoppedAt: number | undefined
  updatedAt: number
  status: ServiceDeploymentStatus
  statusReason: string | undefined
  rollback: { readonly reason: string; readonly startedAt: number; readonly revisionArn: string } | undefined
  breaker: {
    status: MonitorStatus
    failures: number
    threshold: number
  }
  alarms: AlarmWatch
  /** Where it is between its stages; undefined for a rolling one. */
  shift: Shift | undefined
  /** When it became certain how it would end: the success, the verdict, the request, or the deployment that came after. */
  decidedAt: number | undefined
  /** The deployment that somebody began while this one was under way. */
  supersededBy: Deployment | undefined
  /** Task counts of the target and the sources as they were when it ended. */
  finalCounts: ReadonlyMap<ServiceRevision, TaskCounts> | undefined
}

/** A deployment that shifts traffic, on its way through its stages. */
export interface Shift {
  readonly steps: readonly Step[]
  readonly configured: readonly HookConfiguration[]
  /** The current step; -1 before the first one. */
  position: number
  readyAt: number
  stage: LifecycleStage | undefined
  /** Percent of the test and the production traffic that goes to the target. */
  test: number
  production: number
  /** Of the current step. */
  hooks: readonly Hook[]
}

export interface Hook {
  readonly id: string
  readonly stage: string
  readonly targetType: HookConfiguration['targetType']
  readonly targetArn: string | undefined
  readonly expiresAt: number
  readonly timeoutAction: HookConfiguration['timeoutAction']
  status: 'AWAITING_ACTION' | 'IN_PROGRESS' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT'
}

export type MonitorStatus = 'TRIGGERED' | 'MONITORING' | 'MONITORING_COMPLETE' | 'DISABLED'

/** CloudWatch alarms that a service deployment watches. */
export interface AlarmWatch {
  readonly status: MonitorStatus
  readonly names: readonly string[]
  readonly triggered: readonly string[]
}

export interface TaskCounts {
  readonly requested: number
  readonly running: number
  readonly pending: number
}

export interface ServiceEvent {
  readonly id: string
  readonly createdAt: number
  readonly message: string
}

export interface Service {
  readonly name: string
  readonly arn: string
  readonly cluster: Cluster
  readonly createdAt: number
  readonly controller: 'ECS' | 'CODE_DEPLOY' | 'EXTERNAL'
  status: 'ACTIVE' | 'DRAINING' | 'INACTIVE'
  desiredCount: number
  /** As the API shows it, defaults filled in. */
  configuration: JsonObject
  healthCheckGracePeriodSeconds: number
  /** How long the load balancer lets connections of a deregistered target end. */
  readonly drainSeconds: number
  /** Members of the API that only have to be given back. */
  attributes: JsonObject
  /** PRIMARY first. */
  deployments: [Deployment, ...Deployment[]]
  /** The one a rollback would go to, while it is in COMPLETED. */
  lastCompleted: Deployment | undefined
  readonly revisions: ServiceRevision[]
  /** Newest first. */
  readonly serviceDeployments: ServiceDeployment[]
  /** Every task that still can be described. */
  readonly tasks: Set<Task>
  /** Newest first, at most a hundred. */
  readonly events: ServiceEvent[]
  /** When a message that may repeat itself was last said. */
  readonly said: Map<string, number>
  steady: boolean
  pass: Scheduled | undefined
  /** How many passes the scheduler has made over it. */
  passes: number
  /** Tasks whose registration or deregistration is announced together. */
  readonly registering: Task[]
  readonly deregistering: Task[]
}

export interface Container {
  readonly definition: ContainerDefinition
  readonly arn: string
  readonly runtimeId: string
  imageDigest: string | undefined
  behaviour: Behaviour
  lastStatus: 'PENDING' | 'RUNNING' | 'STOPPED'
  exitCode: number | undefined
  reason: string | undefined
  /** What it says when it is stopped, where the image says so; else it exits with 0. */
  parting: Parting
  healthStatus: 'UNKNOWN' | 'HEALTHY' | 'UNHEALTHY'
}

/** What a container leaves behind. */
export interface Parting {
  readonly exitCode?: number
  readonly reason?: string
}

export type TaskStatus =
  'PROVISIONING' | 'PENDING' | 'ACTIVATING' | 'RUNNING' | 'DEACTIVATING' | 'STOPPING' | 'DEPROVISIONING' | 'STOPPED'

export interface Task {
  readonly id: string
  readonly arn: string
  readonly cluster: Cluster
  readonly service: Service | undefined
  readonly deployment: Deployment | undefined
  readonly taskDefinition: TaskDefinition
  readonly group: string
  readonly startedBy: string | undefined
  readonly settings: JsonObject
  readonly overrides: JsonObject
  /** The container instance it runs on; undefined on Fargate. */
  readonly instance: string | undefined
  readonly containers: readonly Container[]
  readonly createdAt: number
  /** Which task of its deployment it is, from 1. */
  readonly ordinal: number
  readonly address: string
  lastStatus: TaskStatus
  desiredStatus: 'RUNNING' | 'STOPPED'
  version: number
  health: 'undetermined' | 'healthy' | 'unhealthy'
  /** How it ended by itself. */
  failure: 'none' | 'start' | 'exit'
  wasHealthy: boolean
  target: 'none' | 'registered' | 'deregistered'
  pullStartedAt: number | undefined
  pullStoppedAt: number | undefined
  startedAt: number | undefined
  stoppingAt: number | undefined
  executionStoppedAt: number | undefined
  stoppedAt: number | undefined
  stopCode: string | undefined
  stoppedReason: string | undefined
  /** What is planned for it; called off when it is stopped. */
  readonly plans: Scheduled[]
}
