import { parseEcrHost } from '../decide/image/ecr-host.ts'
import type { ImageReference, RepositoryName } from '../decide/image/reference.ts'
import type { World } from '../world.ts'

/**
 * The repository of an image that is in ECR; undefined for one of another registry, by its host's name alone. A registry
 * with the name of the endpoint that ECR's calls go to is that of this job, for a simulator has no name of AWS.
 */
export function repositoryInEcr(
  { endpointHost }: Pick<World, 'endpointHost'>,
  { registry, repository }: Pick<ImageReference, 'registry' | 'repository'>
): RepositoryName | undefined {
  if (parseEcrHost(registry) !== undefined) return { registry, repository }
  const isOwn = endpointHost !== undefined && machineOf(registry) === machineOf(endpointHost)
  return isOwn ? { registry: undefined, repository } : undefined
}

function machineOf(host: string): string {
  return host.replace(/^localhost(?=:|$)/, '127.0.0.1')
}
