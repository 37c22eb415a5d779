import { parseEcrHost } from '../decide/image/ecr-host.ts'
import type { ImageReference } from '../decide/image/reference.ts'
import type { EcrPort, RegistryLogin } from '../io/aws/ecr.ts'
import type { RegistryPort, RemoteRepository, RepositoryOrder } from '../io/registry/registry.ts'
import type { World } from '../world.ts'
import type { LocatedRepository } from './locate-repository.ts'

type Login = Pick<RegistryLogin, 'username' | 'password'>

/** Opens repositories as whoever may read or write them; logs in to each ECR registry once. */
export interface Registries {
  /** A repository of ECR, ready for a push. */
  openTarget(located: LocatedRepository, signal: AbortSignal): Promise<RemoteRepository>
  /** The repository of a source; one in ECR is logged in to with the credentials of the job. */
  openSource(
    reference: ImageReference,
    beside: LocatedRepository,
    signal: AbortSignal,
    patience?: Pick<RepositoryOrder, 'attempts' | 'silenceMs' | 'longestPauseMs'>
  ): Promise<RemoteRepository>
}

/** Registries of one run; `login` is for sources outside ECR, in place of what Docker's configuration has. */
export function openRegistries(world: World, registries: RegistryPort, login: Login | undefined): Registries {
  const logins = new Map<string, Promise<Login>>()

  /** A token is good for twelve hours, and for every registry that the caller may reach from its region. */
  function loginTo(host: string, ecr: () => Promise<EcrPort>): Promise<Login> {
    const known = logins.get(host)
    if (known !== undefined) return known
    const fresh = fetchLogin(world, ecr)
    logins.set(host, fresh)
    return fresh
  }

  return {
    async openTarget({ repository, ecr }, signal) {
      const [registry, name] = splitUri(repository.uri)
      return registries.open({ registry, repository: name, login: await loginTo(registry, async () => ecr), signal })
    },

    async openSource({ registry, repository }, beside, signal, patience = {}) {
      const host = parseEcrHost(registry)
      const [target] = splitUri(beside.repository.uri)
      const own =
        host === undefined && registry !== target
          ? login
          : await loginTo(registry, async () =>
              host === undefined ? beside.ecr : world.ecr(host.region, host.account)
            )
      return registries.open({ registry, repository, login: own, signal, ...patience })
    }
  }
}

async function fetchLogin(world: World, ecr: () => Promise<EcrPort>): Promise<Login> {
  const { username, password } = await (await ecr()).login()
  world.addMask(password)
  return { username, password }
}

function splitUri(uri: string): readonly [host: string, name: string] {
  const slash = uri.indexOf('/')
  return [uri.slice(0, slash), uri.slice(slash + 1)]
}
