import type { JsonObject } from '../../protocol/operation.ts'
import type { ServiceDeployment } from './model.ts'

/** How a service deployment ended for the one who started it. */
export type Ending = 'COMPLETED' | 'FAILED' | 'ROLLED_BACK' | 'ROLLBACK_FAILED' | 'SUPERSEDED' | 'IN_PROGRESS'

/** How a service deployment ended, read from what happened and not from what the API shows. */
export function endingOf(reported: ServiceDeployment): Ending {
  switch (reported.status) {
    case 'SUCCESSFUL':
      return 'COMPLETED'
    case 'ROLLBACK_SUCCESSFUL':
      return 'ROLLED_BACK'
    case 'ROLLBACK_FAILED':
      return 'ROLLBACK_FAILED'
    case 'STOPPED':
      return reported.supersededBy === undefined ? 'FAILED' : 'SUPERSEDED'
    case 'PENDING':
    case 'IN_PROGRESS':
    case 'STOP_REQUESTED':
    case 'ROLLBACK_REQUESTED':
    case 'ROLLBACK_IN_PROGRESS':
      return 'IN_PROGRESS'
  }
}

/** The ground truth about a service deployment, with times in ISO 8601. */
export function describeTruth(reported: ServiceDeployment): JsonObject {
  return {
    arn: reported.arn,
    status: reported.status,
    statusReason: reported.statusReason,
    deploymentId: reported.deployment.id,
    taskDefinition: reported.deployment.revision.taskDefinition.arn,
    ending: endingOf(reported),
    createdAt: iso(reported.createdAt),
    decidedAt: iso(reported.decidedAt),
    endedAt: iso(reported.finishedAt),
    supersededBy: reported.supersededBy?.id
  }
}

/** A moment in ISO 8601. */
export function iso(milliseconds: number | undefined): string | undefined {
  return milliseconds === undefined ? undefined : new Date(milliseconds).toISOString()
}
