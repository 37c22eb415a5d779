import { AwsError } from '../../protocol/operation.ts'
import { lastSegment } from './arn.ts'
import { isForgotten, type Engine } from './engine.ts'
import type { Cluster, Service, Task, TaskDefinition } from './model.ts'

const TASK_ID_LENGTHS = [32, 36]

/** A cluster by name or ARN, `default` when none is named; ClusterNotFoundException. */
export function findCluster(engine: Engine, reference = 'default'): Cluster {
  const cluster = engine.clusters.get(lastSegment(reference))
  const known = cluster !== undefined && (!reference.startsWith('arn:') || cluster.arn === reference)
  if (!known) throw new AwsError('ClusterNotFoundException', 'Cluster not found.')
  return cluster
}

/** A service of a cluster by name or ARN, deleted ones too. */
export function lookUpService(cluster: Cluster, reference: string): Service | undefined {
  const service = cluster.services.get(lastSegment(reference))
  return reference.startsWith('arn:') && service?.arn !== reference ? undefined : service
}

/** A service that is not deleted; ServiceNotFoundException, ServiceNotActiveException. */
export function findActiveService(cluster: Cluster, reference: string): Service {
  const service = lookUpService(cluster, reference)
  if (service === undefined) throw new AwsError('ServiceNotFoundException', 'Service not found.')
  if (service.status !== 'ACTIVE') throw new AwsError('ServiceNotActiveException', 'Service was not ACTIVE.')
  return service
}

/** A task definition that may be run; refused with the code the calling operation has for an inactive one. */
export function findRunnable(engine: Engine, reference: string, inactiveCode: string): TaskDefinition {
  const definition = engine.definitions.find(reference)
  if (definition === undefined) throw new AwsError('ClientException', 'TaskDefinition not found.')
  if (definition.status === 'INACTIVE') throw new AwsError(inactiveCode, 'TaskDefinition is inactive')
  return definition
}

/** A task of a cluster by id or ARN; undefined when it is unknown or forgotten. */
export function lookUpTask(engine: Engine, cluster: Cluster, reference: string): Task | undefined {
  const id = lastSegment(reference)
  if (!TASK_ID_LENGTHS.includes(id.length)) {
    throw new AwsError('InvalidParameterException', 'taskId length should be one of [32,36]')
  }
  const task = cluster.tasks.get(id)
  if (task === undefined || isForgotten(engine, task)) return undefined
  return reference.startsWith('arn:') && task.arn !== reference ? undefined : task
}
