import { parseEcrHost } from '../decide/image/ecr-host.ts'
import { sameRepository, type RepositoryName } from '../decide/image/reference.ts'
import { closest, listed, quoted } from '../decide/task/wording.ts'
import { Failure } from '../failure.ts'
import type { EcrPort, EcrRepository } from '../io/aws/ecr.ts'
import type { World } from '../world.ts'

/** A repository that exists, with the port of the registry it lies in. */
export interface LocatedRepository {
  readonly ecr: EcrPort
  readonly repository: EcrRepository
}

/**
 * Finds an ECR repository by name or URI, in the region and account that the URI names; undefined when the URI's host
 * is another registry than ECR. Fails with `repository-not-found`, naming what is there.
 */
export async function locateRepository(world: World, name: RepositoryName): Promise<LocatedRepository | undefined> {
  const host = name.registry === undefined ? undefined : parseEcrHost(name.registry)
  const region = host?.region ?? world.region
  const ecr = await world.ecr(region, host?.account)
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
    const isDenied = error instanceof Failure && error.code === 'access-denied'
    if (!isDenied || name.registry === undefined) throw error
    if (parseEcrHost(name.registry) === undefined) return undefined
    const uri = `${name.registry}/${name.repository}`
    return { name: name.repository, uri, registryId: '', immutability: undefined }
  }
}

function isAt(repository: EcrRepository, name: { readonly registry: string; readonly repository: string }): boolean {
  const slash = repository.uri.indexOf('/')
  return sameRepository({ registry: repository.uri.slice(0, slash), repository: repository.uri.slice(slash + 1) }, name)
}
