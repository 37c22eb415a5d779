import type { ScanResult, ScanType } from './ecr/scan.ts'
import type { Behaviour } from './images.ts'

/** What `POST /_sim/world` takes (contract §6): everything that exists when the simulation starts. */
export interface World {
  readonly account?: string
  readonly region?: string
  readonly repositories?: readonly WorldRepository[]
  /** The registry's scanner. Default: `BASIC`. */
  readonly scanType?: ScanType
  readonly clusters?: readonly WorldCluster[]
  readonly scalableTargets?: readonly WorldScalableTarget[]
  readonly timings?: Partial<Timings>
  readonly lag?: Partial<Lag>
  readonly limits?: Partial<Limits>
  /** How Lambda functions that lifecycle hooks invoke answer, by ARN; one that is not there succeeds. */
  readonly functions?: Readonly<Record<string, 'SUCCEEDED' | 'FAILED' | 'IN_PROGRESS'>>
  /** CloudWatch alarms; one that is not there does not exist, and never goes off. */
  readonly alarms?: readonly WorldAlarm[]
  /** Host that repository URIs name instead of the simulator's own `127.0.0.1:PORT`. */
  readonly registryHost?: string
  /** Which digest running containers report for an image of several platforms. Default: `platform`, the manifest pulled. */
  readonly imageDigest?: 'platform' | 'index'
  /**
   * Members newer than the API model that a service takes all the same, with `*` for list positions and map keys:
   * `ecs:RegisterTaskDefinition.containerDefinitions.*.someNewField`.
   */
  readonly newMembers?: readonly string[]
  readonly github?: WorldGitHub
}

export interface WorldRepository {
  readonly name: string
  readonly imageTagMutability?: 'MUTABLE' | 'IMMUTABLE' | 'IMMUTABLE_WITH_EXCLUSION' | 'MUTABLE_WITH_EXCLUSION'
  /** Wildcard filters, as strings or as the API has them. */
  readonly exclusionFilters?: readonly (string | { readonly filterType: 'WILDCARD'; readonly filter: string })[]
  readonly images?: readonly WorldImage[]
  /** Images are scanned as they are pushed, those of the world when the simulation starts. */
  readonly scanOnPush?: boolean
  /** The lifecycle policy, as the API's text has it. It is told and not carried out. */
  readonly lifecyclePolicy?: { readonly [key: string]: unknown }
}

export interface WorldImage {
  readonly tags: readonly string[]
  /** `linux/amd64`, …; more than one makes an index. Default: one manifest for linux/amd64. */
  readonly platforms?: readonly string[]
  readonly behaviour?: Behaviour
  /** Labels of the image's config. */
  readonly labels?: Readonly<Record<string, string>>
  /** What a scan of it finds. Default: nothing. */
  readonly findings?: readonly WorldFinding[]
  /** How a scan of it ends. Default: COMPLETE. */
  readonly scanResult?: ScanResult
  /** How long before the start of the simulation it was pushed. Default: 0. */
  readonly pushedDaysAgo?: number
}

export interface WorldFinding {
  /** `CVE-2026-0001`, … */
  readonly name: string
  readonly severity: 'INFORMATIONAL' | 'LOW' | 'MEDIUM' | 'HIGH' | 'CRITICAL' | 'UNDEFINED'
  readonly package?: string
}

export interface WorldCluster {
  readonly name: string
  /** How many tasks there is room for; what is more is not placed. */
  readonly capacity?: number
  /** How many container instances it has: as many tasks has a DAEMON service. Default: none. */
  readonly instances?: number
  readonly services?: readonly WorldService[]
}

export interface WorldService {
  readonly name: string
  readonly desiredCount?: number
  /** `name:tag`, `name@digest` of a repository of this world, or a full reference. */
  readonly image?: string
  /** A task definition document to register for the service; without one a one-container Fargate definition is made. */
  readonly taskDefinition?: { readonly [key: string]: unknown }
  readonly loadBalanced?: boolean
  readonly healthCheckGracePeriodSeconds?: number
  /** How long the load balancer drains a target; default `timings.drainSeconds`. */
  readonly deregistrationDelaySeconds?: number
  readonly minimumHealthyPercent?: number
  readonly maximumPercent?: number
  readonly circuitBreaker?: WorldCircuitBreaker
  readonly schedulingStrategy?: 'REPLICA' | 'DAEMON'
  readonly deploymentController?: 'ECS' | 'CODE_DEPLOY' | 'EXTERNAL'
  /** Further members of the deployment configuration, as the API has them: `alarms`, `bakeTimeInMinutes`, … */
  readonly deploymentConfiguration?: { readonly [key: string]: unknown }
  readonly strategy?: 'ROLLING' | 'BLUE_GREEN' | 'LINEAR' | 'CANARY'
}

export interface WorldCircuitBreaker {
  readonly enable: boolean
  readonly rollback: boolean
  readonly resetOnHealthyTask?: boolean
  readonly thresholdConfiguration?: {
    readonly type: 'COUNT' | 'BOUNDED_PERCENT' | 'UNBOUNDED_PERCENT'
    readonly value: number
  }
}

export interface WorldAlarm {
  readonly name: string
  readonly state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA'
}

export interface WorldScalableTarget {
  readonly cluster: string
  readonly service: string
  readonly min: number
  readonly max: number
  readonly suspended?: {
    readonly dynamicScalingIn?: boolean
    readonly dynamicScalingOut?: boolean
    readonly scheduledScaling?: boolean
  }
}

/** How long things take, in simulated seconds; defaults as observed on AWS (`spec.md`). */
export interface Timings {
  /** One pass of the service scheduler. */
  readonly schedulerSeconds: number
  readonly provisioningSeconds: number
  readonly pendingSeconds: number
  readonly pullSeconds: number
  /** RUNNING for so long counts as healthy where neither load balancer nor health check says so. */
  readonly healthyAfterSeconds: number
  readonly targetHealthySeconds: number
  readonly drainSeconds: number
  readonly stopSeconds: number
  readonly deprovisioningSeconds: number
  /** From the first pull attempt to the failed task. */
  readonly pullFailureSeconds: number
  /** A scan of an image. */
  readonly scanSeconds: number
}

/** Eventual consistency, in simulated seconds. */
export interface Lag {
  /** Until a new service deployment is listed. */
  readonly serviceDeploymentSeconds: number
  /** Until a new service revision can be described. */
  readonly serviceRevisionSeconds: number
  /** DescribeServices answers as of so long ago. */
  readonly staleReadSeconds: number
  /** DescribeScalableTargets answers as of so long ago. */
  readonly scalableTargetSeconds: number
}

export interface Limits {
  /** false: no request is throttled. */
  readonly throttling: boolean
}

/** What GitHub's REST API knows when the simulation starts. */
export interface WorldGitHub {
  readonly repositories?: readonly WorldGitHubRepository[]
}

export interface WorldGitHubRepository {
  /** `owner/name`. */
  readonly name: string
  readonly commits?: readonly WorldCommit[]
  /** Branch or tag name → the SHA of its commit. */
  readonly branches?: Readonly<Record<string, string>>
  /** Numbers of issues and pull requests that can be commented on. */
  readonly issues?: readonly number[]
}

export interface WorldCommit {
  readonly sha: string
  readonly parents?: readonly string[]
  readonly message?: string
}
