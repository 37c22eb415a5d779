import {
  deploymentIdOf,
  serviceDeploymentOf,
  type ServiceDeploymentSnapshot,
  type ServiceSnapshot
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
 * older one. `listed` are the service deployments, newest first; undefined when nothing shows it.
 */
export function successorOf(
  mine: WatchedDeployment,
  service: ServiceSnapshot,
  listed: readonly ServiceDeploymentSnapshot[]
): Successor | undefined {
  const [first] = service.deployments
    .filter(deployment => deployment.id !== mine.id && !isOlder(deployment, mine))
    .toSorted((one, other) => (one.createdAt ?? Infinity) - (other.createdAt ?? Infinity))
  if (first !== undefined) return first
  const own = serviceDeploymentOf(mine.id, listed)
  const next = own && listed[listed.indexOf(own) - 1]
  return next && { id: deploymentIdOf(next), taskDefinitionArn: undefined, createdAt: undefined }
}
