import { warnOfFate, type NeededImage } from '../decide/image/lifecycle-warning.ts'
import {
  fateOf,
  parseLifecyclePolicy,
  ruleFor,
  type LifecycleRule,
  type StoredImageAge
} from '../decide/image/lifecycle.ts'
import { quoted } from '../decide/wording.ts'
import type { Emit } from '../event.ts'
import { Failure, withRemedy } from '../failure.ts'
import type { EcrRepository, ImageId } from '../io/aws/ecr.ts'
import type { RepositoryPort } from '../io/aws/repository.ts'
import type { World } from '../world.ts'
import type { LocatedRepository } from './locate-repository.ts'
import { placeOf } from './place-of.ts'

/** An image that is needed. */
export interface Needed {
  readonly use: NeededImage['use']
  readonly name: ImageId
  /** It is what is deployed, and so what the marker will be on. */
  readonly isDeployed: boolean
}

/** A repository of a hundred thousand images is not read to its end for a warning. */
const MOST_PAGES = 20
/** ECR takes a thousand tags on an image. */
const MANY_TAGS = 900

/**
 * Warns of images that the repository's lifecycle policy will soon take although they are needed, and of one that can
 * soon take no more tags. It reads what is necessary for that and no more; what cannot be read is a note.
 */
export async function checkLifecycle(
  world: World,
  { ecr, repository }: LocatedRepository,
  needed: readonly Needed[],
  marker: string | undefined,
  emit: Emit
): Promise<void> {
  try {
    const text = await ecr.lifecyclePolicy(repository.name)
    if (text === undefined) return
    const rules = parseLifecyclePolicy(text)
    if (rules === undefined) {
      emit({
        kind: 'note',
        text: `the lifecycle policy of ${quoted(repository.name)} has a rule that is not known here`
      })
      return
    }
    if (rules.length === 0) return
    const { region, account } = placeOf(world, repository)
    const port = await world.repositories(region, account)
    await compare({ port, repository, needed, rules, marker, nowMs: world.clock.now() }, emit)
  } catch (error) {
    if (world.signal.aborted || !(error instanceof Failure)) throw error
    emit({ kind: 'note', text: `what the lifecycle policy will do is not known: ${withRemedy(error)}` })
  }
}

interface Comparison {
  readonly port: RepositoryPort
  readonly repository: EcrRepository
  readonly needed: readonly Needed[]
  readonly rules: readonly LifecycleRule[]
  readonly marker: string | undefined
  readonly nowMs: number
}

async function compare({ port, repository, needed, rules, marker, nowMs }: Comparison, emit: Emit): Promise<void> {
  const { name } = repository
  const now = await Promise.all(needed.map(image => port.imageAge(name, image.name)))
  const deployed = now[needed.findIndex(({ isDeployed }) => isDeployed)]?.digest
  const moved = (age: StoredImageAge): StoredImageAge => withMarker(age, marker, age.digest === deployed)
  const ages = now.map(age => age && moved(age))
  const counts = ages.some(age => age !== undefined && ruleFor(age.tags, rules)?.limit.kind === 'count')
  const all = counts ? (await readAges(port, name)).map(moved) : []
  const seen = new Set<string>()
  for (const [index, { use, isDeployed }] of needed.entries()) {
    const age = ages[index]
    // That an image is gone is told by the checks before the deployment.
    if (age === undefined || seen.has(age.digest)) continue
    seen.add(age.digest)
    const fate = fateOf(age, ruleFor(age.tags, rules), all, nowMs)
    const warning = warnOfFate(name, { use, tags: age.tags }, fate, rules, isDeployed ? marker : undefined)
    if (warning !== undefined) emit({ kind: 'warning', text: `${warning.sentence}; ${warning.remedy}` })
    if (age.tags.length >= MANY_TAGS) {
      const count = String(age.tags.length)
      emit({ kind: 'warning', text: `the image ${use} has ${count} tags, and ECR takes 1,000 on one image` })
    }
  }
}

/** An image as it will be once the marker is on what is deployed. */
function withMarker(age: StoredImageAge, marker: string | undefined, isDeployed: boolean): StoredImageAge {
  if (marker === undefined) return age
  const others = age.tags.filter(tag => tag !== marker)
  return { ...age, tags: isDeployed ? [...others, marker] : others }
}

async function readAges(port: RepositoryPort, name: string): Promise<readonly StoredImageAge[]> {
  const images: StoredImageAge[] = []
  let pages = 0
  for await (const page of port.imageAges(name)) {
    images.push(...page)
    if (++pages >= MOST_PAGES) break
  }
  return images
}
