import type { Ecs } from '../../cloud/ecs/ecs.ts'
import type { ServiceProtocol } from '../operation.ts'
import { clusterOperations } from './clusters.ts'
import { serviceDeploymentOperations } from './service-deployments.ts'
import { serviceOperations } from './services.ts'
import { tagOperations } from './tags.ts'
import { taskDefinitionOperations } from './task-definitions.ts'
import { taskOperations } from './tasks.ts'

/** The ECS API over a simulated ECS. */
export function ecsProtocol(ecs: Ecs): ServiceProtocol {
  return {
    service: 'ecs',
    targetPrefix: 'AmazonEC2ContainerServiceV20141113',
    operations: {
      ...clusterOperations(ecs),
      ...taskDefinitionOperations(ecs),
      ...serviceOperations(ecs),
      ...serviceDeploymentOperations(ecs),
      ...taskOperations(ecs),
      ...tagOperations(ecs)
    }
  }
}
