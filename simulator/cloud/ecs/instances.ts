import { AwsError } from '../../protocol/operation.ts'
import { ecsArn } from './arn.ts'
import { isAlive, type Engine } from './engine.ts'
import type { Cluster, Service } from './model.ts'

/** Whether a service has one task on every container instance. */
export function isDaemon(service: Service): boolean {
  return service.attributes.schedulingStrategy === 'DAEMON'
}

/** The ARN of a new container instance. */
export function createInstance(engine: Engine, clusterName: string): string {
  return ecsArn(engine, 'container-instance', clusterName, engine.random.hex(32))
}

/** The instance for the next task of a daemon: one that has none; undefined for services that choose no instance. */
export function nextInstance(cluster: Cluster, service: Service): string | undefined {
  if (!isDaemon(service)) return undefined
  const taken = new Set([...service.tasks].filter(isAlive).map(task => task.instance))
  return cluster.instances.find(instance => !taken.has(instance)) ?? cluster.instances[0]
}

/** Refuses a desired count for a service that has as many tasks as there are instances. */
export function refuseDaemonCount(): never {
  throw new AwsError(
    'InvalidParameterException',
    'The daemon scheduling strategy does not support a desired count for services. Remove the desired count value and ' +
      'try again.'
  )
}
