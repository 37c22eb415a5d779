import type { Engine } from './engine.ts'
import { createInstance, isDaemon } from './instances.ts'
import type { Cluster } from './model.ts'
import { scaleService } from './services.ts'
import { stopTask } from './stop.ts'

/** Sets how many container instances a cluster has; tasks on one that goes away end with it, daemons follow. */
export function setInstances(engine: Engine, cluster: Cluster, count: number): void {
  const gone = cluster.instances.splice(count)
  while (cluster.instances.length < count) cluster.instances.push(createInstance(engine, cluster.name))
  for (const task of cluster.tasks.values()) {
    if (task.instance === undefined || !gone.includes(task.instance)) continue
    const id = task.instance.slice(-17)
    stopTask(engine, task, 'TerminationNotice', `Host EC2 (instance i-${id}) terminated.`)
  }
  for (const service of cluster.services.values()) {
    if (isDaemon(service) && service.status === 'ACTIVE') scaleService(engine, service, count)
  }
}
