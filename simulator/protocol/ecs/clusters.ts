import { ecsArn, lastSegment } from '../../cloud/ecs/arn.ts'
import type { Ecs } from '../../cloud/ecs/ecs.ts'
import { countTasks } from '../../cloud/ecs/engine.ts'
import { textsOf } from '../../cloud/ecs/json.ts'
import type { Cluster } from '../../cloud/ecs/model.ts'
import type { JsonObject, Operation } from '../operation.ts'
import { pageOf } from './paging.ts'

const PAGE_SIZE = 100

/** Operations on clusters. */
export function clusterOperations(ecs: Ecs): Readonly<Record<string, Operation>> {
  const { engine } = ecs
  return {
    DescribeClusters(input) {
      const names = textsOf(input.clusters)
      const clusters: JsonObject[] = []
      const failures: JsonObject[] = []
      for (const name of names.length === 0 ? ['default'] : names) {
        const cluster = engine.clusters.get(lastSegment(name))
        if (cluster === undefined) failures.push({ arn: clusterArn(ecs, name), reason: 'MISSING' })
        else clusters.push(renderCluster(ecs, cluster, textsOf(input.include).includes('TAGS')))
      }
      return { clusters, failures }
    },
    ListClusters(input) {
      const arns = [...engine.clusters.values()].map(({ arn }) => arn)
      const page = pageOf(arns, input, PAGE_SIZE)
      return { clusterArns: page.items, nextToken: page.nextToken }
    }
  }
}

function clusterArn(ecs: Ecs, name: string): string {
  return name.startsWith('arn:') ? name : ecsArn(ecs.engine, 'cluster', name)
}

function renderCluster(ecs: Ecs, cluster: Cluster, withTags: boolean): JsonObject {
  const { running, pending } = countTasks(cluster.tasks.values())
  return {
    clusterArn: cluster.arn,
    clusterName: cluster.name,
    status: 'ACTIVE',
    registeredContainerInstancesCount: 0,
    runningTasksCount: running,
    pendingTasksCount: pending,
    activeServicesCount: [...cluster.services.values()].filter(service => service.status === 'ACTIVE').length,
    statistics: [],
    tags: withTags ? (ecs.engine.tags.get(cluster.arn) ?? []) : [],
    settings: [{ name: 'containerInsights', value: 'disabled' }],
    capacityProviders: ['FARGATE', 'FARGATE_SPOT'],
    defaultCapacityProviderStrategy: []
  }
}
