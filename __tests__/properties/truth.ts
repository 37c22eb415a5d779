import type { JsonObject } from '../../simulator/protocol/operation.ts'

/** What the simulator knows of the service, whatever its API shows. */
export interface Truth {
  readonly desiredCount: number
  readonly tasks: readonly TaskTruth[]
  /** PRIMARY first. */
  readonly deployments: readonly {
    readonly id: string
    readonly taskDefinition: string
    readonly rolloutState: string
  }[]
  /** Newest first. */
  readonly serviceDeployments: readonly DeploymentTruth[]
}

export interface TaskTruth {
  readonly startedBy: string
  readonly taskDefinition: string
  readonly lastStatus: string
  readonly desiredStatus: 'RUNNING' | 'STOPPED'
  /** When it began to stop, in ISO 8601. */
  readonly stoppingAt?: string
  readonly health: 'undetermined' | 'healthy' | 'unhealthy'
  readonly containers: readonly { readonly image: string; readonly digest?: string }[]
}

/** How a service deployment went; times in ISO 8601. */
export interface DeploymentTruth {
  readonly deploymentId: string
  readonly taskDefinition: string
  readonly status: string
  readonly ending: 'COMPLETED' | 'FAILED' | 'ROLLED_BACK' | 'ROLLBACK_FAILED' | 'SUPERSEDED' | 'IN_PROGRESS'
  readonly createdAt: string
  readonly decidedAt?: string
  readonly endedAt?: string
  readonly supersededBy?: string
}

/** The truth about the one service of a scenario. */
export function readTruth(state: JsonObject): Truth {
  const { clusters } = state as unknown as { readonly clusters: readonly { readonly services: readonly Truth[] }[] }
  const service = clusters[0]?.services[0]
  if (service === undefined) throw new Error('the service is gone')
  return service
}

/** The tasks that run now. */
export function runningTasks({ tasks }: Truth): readonly TaskTruth[] {
  return tasks.filter(({ lastStatus }) => lastStatus === 'RUNNING')
}
