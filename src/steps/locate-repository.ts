import { parseEcrHost } from '../decide/image/ecr-host.ts'
import { sameRepository, type RepositoryName } from '../decide/image/reference.ts'
import { closest, listed, quoted } from '../decide/wording.ts'
import { Failure } from '../failure.ts'
import type { EcrPort, EcrRepository } from '../io/aws/ecr.ts'
import type { World } from '../world.ts'

/** A repository that exists, with the port of the registry it lies in. */
export interface LocatedRepository {
  readonly ecr: EcrPort
  readonly repository: EcrRepository
}

/** The registry of the region and account that a URI names, else this job's own. */
export function registryOf(world: World, name: RepositoryName): Promise<EcrPort> {
  const host = hostOf(name)
  return world.ecr(host?.region ?? world.region, host?.account)
}

/**
 * Finds an ECR repository by name or URI, in its `registryOf`; undefined when the URI's host is another registry than
 * ECR. Fails with `repository-not-found`, naming what is there.
 */
export async function locateRepository(
  world: World,
  name: RepositoryName,
  registry?: EcrPort
): Promise<LocatedRepository | undefined> {
  const host = hostOf(name)
  const region = host?.region ?? world.region
  const ecr = registry ?? (await registryOf(world, name))
  const repository = await describe(ecr, name)
  const isForeign = name.registry !== undefined && host === undefined
  if (isForeign && (repository === undefined || !isAt(repository, { ...name, registry: name.registry }))) {
    return undefined
  }
  if (repository !== undefined) return { ecr, repository }
  const names = await ecr.repositoryNames().catch(() => undefined)
  throw new Failure(
    'repository-not-found',
    `there is no ECR repository ${quoted(name.repository)} in ${region}${host === undefined ? '' : ` of account ${host.account}`}`,
    { remedy: suggestion(name.repository, names) }
  )
}

function hostOf({ registry }: RepositoryName): ReturnType<typeof parseEcrHost> {
  return registry === undefined ? undefined : parseEcrHost(registry)
}

/** `names` are the repositories of the registry; undefined without the right to list them. */
function suggestion(wrong: string, names: readonly string[] | undefined): string {
  if (names === undefined) return 'create it, or check the name and the region'
  const near = closest(wrong, names)
  if (near !== undefined) return `did you mean ${quoted(near)}?`
  return `create it, or check the name and the region; this registry has: ${listed(names.slice(0, 20))}`
}

async function describe(ecr: EcrPort, name: RepositoryName): Promise<EcrRepository | undefined> {
  try {
    return await ecr.describeRepository(name.repository)
  } catch (error) {
    // The right to describe repositories is often not granted; a full URI is enough to go on.
    if (!(error instanceof Failure) || error.code !== 'access-denied' || name.registry === undefined) throw error
    if (parseEcrHost(name.registry) === undefined) return undefined
    const uri = `${name.registry}/${name.repository}`
    return { name: name.repository, uri, immutability: undefined, unread: error }
  }
}

function isAt(repository: EcrRepository, name: { readonly registry: string; readonly repository: string }): boolean {
  const slash = repository.uri.indexOf('/')
  return sameRepository({ registry: repository.uri.slice(0, slash), repository: repository.uri.slice(slash + 1) }, name)
}
