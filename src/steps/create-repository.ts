import { immutableSettings } from '../decide/image/protection.ts'
import type { RepositoryName } from '../decide/image/reference.ts'
import { parseEcrHost } from '../decide/image/ecr-host.ts'
import { quoted } from '../decide/wording.ts'
import type { Emit } from '../event.ts'
import { Failure } from '../failure.ts'
import type { EcrPort, EcrRepository } from '../io/aws/ecr.ts'
import type { World } from '../world.ts'
import { locateRepository, registryOf, type LocatedRepository } from './locate-repository.ts'

/** How a missing repository is created. */
export interface Creation {
  /** The one tag that may move in it. */
  readonly marker: string | undefined
  readonly dryRun: boolean
}

/**
 * Creates a repository that is not there: immutable but for the marker, and scanned on push. A dry run says so and goes
 * on with an empty one that does not exist.
 */
export async function createRepository(
  world: World,
  name: RepositoryName,
  { marker, dryRun }: Creation,
  emit: Emit
): Promise<LocatedRepository> {
  const immutability = immutableSettings(marker)
  const kind = `${immutability.mode}, scanned on push`
  if (dryRun) {
    emit({ kind: 'note', text: `would create the repository ${quoted(name.repository)} (${kind})` })
    return imagineRepository(world, name, marker)
  }
  const host = name.registry === undefined ? undefined : parseEcrHost(name.registry)
  const region = host?.region ?? world.region
  const [ecr, repositories] = await Promise.all([
    world.ecr(region, host?.account),
    world.repositories(region, host?.account)
  ])
  const created = await repositories.create(name.repository, immutability)
  // Somebody else was faster: theirs is as good, whatever its settings are.
  if (created === undefined) return requireRepository(world, name)
  emit({ kind: 'note', text: `created the repository ${created.uri} (${kind})` })
  return { ecr, repository: created }
}

/** A repository that is not there, as it will be once it is created: empty. */
export async function imagineRepository(
  world: World,
  name: RepositoryName,
  marker: string | undefined
): Promise<LocatedRepository> {
  const ecr = await registryOf(world, name)
  const repository = { ...(await nameIn(ecr, name)), immutability: immutableSettings(marker) }
  return { ecr: withoutImages(ecr), repository }
}

/** Whether a failure says that a repository is not there which could be created: that is so in ECR only. */
export function isMissing(error: unknown, { registry }: RepositoryName): boolean {
  const isInEcr = registry === undefined || parseEcrHost(registry) !== undefined
  return isInEcr && error instanceof Failure && error.code === 'repository-not-found'
}

/** What a repository will be called. */
async function nameIn(ecr: EcrPort, name: RepositoryName): Promise<Omit<EcrRepository, 'immutability'>> {
  // A token names the registry that it is for, which is the one way to its host without a repository.
  const host = name.registry ?? new URL((await ecr.login()).endpoint).host
  return { name: name.repository, uri: `${host}/${name.repository}` }
}

async function requireRepository(world: World, name: RepositoryName): Promise<LocatedRepository> {
  const located = await locateRepository(world, name)
  if (located !== undefined) return located
  throw new Failure('repository-not-found', `${quoted(name.repository)} went right after it was created`)
}

function withoutImages(ecr: EcrPort): EcrPort {
  return {
    ...ecr,
    findImage: () => Promise.resolve(undefined),
    findImages: (_, names) => Promise.resolve(names.map(() => ({ kind: 'missing' }))),
    async *tagPages() {
      // Nothing was ever pushed.
    }
  }
}
