import { parseEcrHost } from '../decide/image/ecr-host.ts'
import type { EcrRepository } from '../io/aws/ecr.ts'
import type { World } from '../world.ts'

/** Where a registry is. */
export interface RegistryPlace {
  readonly region: string
  /** Undefined: the caller's own. */
  readonly account: string | undefined
}

/** The region and account of the registry that a repository lies in, by its URI. */
export function placeOf(world: World, { uri }: Pick<EcrRepository, 'uri'>): RegistryPlace {
  const host = parseEcrHost(uri.slice(0, Math.max(0, uri.indexOf('/'))))
  return { region: host?.region ?? world.region, account: host?.account }
}
