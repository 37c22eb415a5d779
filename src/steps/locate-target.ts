import { describeTarget, type MirrorLine } from '../decide/image/mirror.ts'
import { Failure } from '../failure.ts'
import type { World } from '../world.ts'
import { imagineRepository, isMissing } from './create-repository.ts'
import { locateRepository, type LocatedRepository } from './locate-repository.ts'

/** The repository that an image is copied to. */
export interface MirrorTarget {
  /** As it will be, where it is missing. */
  readonly located: LocatedRepository
  readonly isMissing: boolean
}

/**
 * Finds the target of a copy. Fails with `repository-not-found` when it is not in ECR, and when it is missing and is not
 * to be created.
 */
export async function locateTarget(
  world: World,
  line: MirrorLine,
  { createsRepository }: { readonly createsRepository: boolean }
): Promise<MirrorTarget> {
  const { target } = line
  const missing = (error: unknown): 'missing' => {
    if (createsRepository && isMissing(error, target)) return 'missing'
    throw error
  }
  const located = await locateRepository(world, target).catch(missing)
  if (located === 'missing') return { located: await imagineRepository(world, target, undefined), isMissing: true }
  if (located !== undefined) return { located, isMissing: false }
  throw new Failure('repository-not-found', `${describeTarget(line)} is not in a repository of ECR`, {
    remedy: 'name a repository of ECR as the target: its name, or its URI'
  })
}
