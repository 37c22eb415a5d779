import { refuseMarker } from '../decide/image/marker.ts'
import { describeSettings, planProtection } from '../decide/image/protection.ts'
import type { TagImmutability } from '../decide/image/immutability.ts'
import type { Emit } from '../event.ts'
import { Failure, withRemedy } from '../failure.ts'
import type { GuardInputs } from '../inputs/guard.ts'
import type { EcrRepository } from '../io/aws/ecr.ts'
import type { World } from '../world.ts'
import type { RunImage } from './find-image.ts'
import { placeOf } from './place-of.ts'

/** A repository with the settings that this run goes by. */
export interface ProtectedRepository {
  /** As it will be when the tags are put. */
  readonly repository: EcrRepository
  /** What has to be set for that; undefined when it is so already. */
  readonly change: TagImmutability | undefined
}

/**
 * Decides whether the tags of this run are safe in a repository, before anything changes. Fails with
 * `mutable-repository` where they have to be and are not, and with `marker-tag` when the marker could not be moved.
 */
export function protectTags(
  { immutability, marker }: GuardInputs,
  repository: EcrRepository,
  tags: readonly string[],
  { dryRun, emit }: { readonly dryRun: boolean; readonly emit: Emit }
): ProtectedRepository {
  if (immutability === 'warn' && repository.unread !== undefined) {
    emit({ kind: 'note', text: `whether the image's tags can move is not known: ${withRemedy(repository.unread)}` })
  }
  const plan = planProtection(immutability, { ...repository, tags, marker })
  const change = plan.kind === 'change' ? plan.settings : undefined
  if (plan.kind === 'refusal') throw new Failure('mutable-repository', plan.sentence, { remedy: plan.remedy })
  if (plan.kind === 'warning') emit({ kind: 'warning', text: plan.sentence })
  if (plan.kind === 'change') {
    const becomes = dryRun ? 'it would become' : 'it becomes'
    emit({ kind: 'note', text: `${plan.sentence}: ${becomes} ${describeSettings(plan.settings)}` })
  }
  const after = change === undefined ? repository : { ...repository, immutability: change }
  if (marker !== undefined) refuseMarker({ marker, repository: after, tags, images: [] })
  return { repository: after, change }
}

/** Turns immutability on, right before the first tag that needs it. */
export async function applyProtection(world: World, { repository }: RunImage, change: TagImmutability): Promise<void> {
  const { region, account } = placeOf(world, repository)
  const repositories = await world.repositories(region, account)
  await repositories.setImmutability(repository.name, change)
}
