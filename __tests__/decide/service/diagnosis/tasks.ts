import type { ContainerSnapshot, ServiceEvent, TaskSnapshot } from '../../../../src/decide/service/snapshot.ts'

/** A reason that AWS gives, and how it is read: its words, its code, whether waiting helps, and what to do. */
export type CatalogueRow = readonly [
  name: string,
  reason: string,
  words: string,
  code: string,
  heals: 'no' | 'maybe' | 'yes',
  remedy: string
]

/** The image that the tasks of these tests run. */
export const IMAGE = '123456789012.dkr.ecr.eu-west-1.amazonaws.com/web:main-2222222'

/** A container as DescribeTasks shows it before anything happened to it. */
export function container(changes: Partial<ContainerSnapshot> = {}): ContainerSnapshot {
  return {
    name: 'web',
    image: IMAGE,
    imageDigest: undefined,
    exitCode: undefined,
    reason: undefined,
    healthStatus: 'UNKNOWN',
    ...changes
  }
}

/** A stopped task of the deployment; `id` ends its ARN. */
export function stopped(id: string, changes: Partial<TaskSnapshot>): TaskSnapshot {
  return {
    arn: `arn:aws:ecs:eu-west-1:123456789012:task/prod/${id}`,
    taskDefinitionArn: 'arn:aws:ecs:eu-west-1:123456789012:task-definition/web:2',
    startedBy: 'ecs-svc/2',
    lastStatus: 'STOPPED',
    healthStatus: 'UNKNOWN',
    stopCode: 'TaskFailedToStart',
    stoppedReason: undefined,
    createdAt: undefined,
    startedAt: undefined,
    endedAt: undefined,
    containers: [container()],
    ...changes
  }
}

/** A service event with this message. */
export function event(message: string): ServiceEvent {
  return { id: message, createdAt: 1_767_603_600, message }
}
