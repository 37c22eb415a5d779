import {
  deploymentIdOf,
  serviceDeploymentOf,
  type DeploymentSnapshot,
  type ServiceDeploymentSnapshot
} from './snapshot.ts'
import { isOlder, type WatchedDeployment } from './verdict.ts'

/** The deployment that came right after another one. */
export interface Successor {
  readonly id: string
  /** Undefined when it is not there any more. */
  readonly taskDefinitionArn: string | undefined
  /** Epoch seconds by the server's clock. */
  readonly createdAt: number | undefined
}

/**
 * Which deployment replaced mine. It need not be PRIMARY: others may have followed, or ECS may have rolled it back to an
 * older one; and of the service's `deployments` it may be gone, when nothing of it runs. `listed` are the service
 * deployments, newest first, which may lag behind; undefined when nothing shows it.
 */
export function successorOf(
  mine: WatchedDeployment,
  deployments: readonly DeploymentSnapshot[],
  listed: readonly ServiceDeploymentSnapshot[]
): Successor | undefined {
  const own = serviceDeploymentOf(mine.id, listed)
  const later = own === undefined ? [] : listed.slice(0, listed.indexOf(own))
  const next = later.findLast(deployment => !mine.olderIds.includes(deploymentIdOf(deployment)))
  if (next === undefined) {
    return deployments
      .filter(deployment => deployment.id !== mine.id && !isOlder(deployment, mine))
      .toSorted((one, other) => (one.createdAt ?? Infinity) - (other.createdAt ?? Infinity))[0]
  }
  const id = deploymentIdOf(next)
  const there = deployments.find(deployment => deployment.id === id)
  return there ?? { id, taskDefinitionArn: undefined, createdAt: next.createdAt }
}
