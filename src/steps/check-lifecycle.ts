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
import type { EcrPort, EcrRepository, ImageId } from '../io/aws/ecr.ts'
import type { RepositoryPort } from '../io/aws/repository.ts'
import type { World } from '../world.ts'
import type { LocatedRepository } from './locate-repository.ts'
import { placeOf } from './place-of.ts'
import { warnOfTags } from './warn-of-tags.ts'

/** An image that is needed. */
export interface Needed {
  readonly use: NeededImage['use']
  readonly name: ImageId
  /** It is what is deployed, and so what the marker will be on. */
  readonly isDeployed: boolean
}

/** What is asked about a repository. */
export interface LifecycleQuestion {
  readonly needed: readonly Needed[]
  readonly marker: string | undefined
  /** Whether the tags of what is deployed are counted: at any price, only where they are read anyway, or not again. */
  readonly tagCount: 'read' | 'if-known' | 'told'
}

/** A repository of a hundred thousand images is not read to its end for a warning. */
const MOST_PAGES = 20

/**
 * Warns of images that the repository's lifecycle policy will soon take although they are needed, and of one that can
 * soon take no more tags. It reads what is necessary for that and no more; what cannot be read is a note.
 */
export async function checkLifecycle(
  world: World,
  { ecr, repository }: LocatedRepository,
  { needed, marker, tagCount }: LifecycleQuestion,
  emit: Emit
): Promise<void> {
  const { region, account } = placeOf(world, repository)
  const port = await world.repositories(region, account)
  const ages = new Map<Needed, Promise<StoredImageAge | undefined>>()
  const ageOf: AgeOf = image => {
    const age = ages.get(image) ?? port.imageAge(repository.name, image.name)
    ages.set(image, age)
    return age
  }
  const deployed = needed.find(({ isDeployed }) => isDeployed)
  // Beside the policy, whose absence is nearly always the answer.
  if (deployed !== undefined && tagCount === 'read') ageOf(deployed).catch(() => undefined)
  const comparison = { ecr, port, repository, needed, marker, ageOf, nowMs: world.clock.now() }
  const failed = await orNote(world, emit, 'what the lifecycle policy will do', () => comparePolicy(comparison, emit))
  const known = deployed && ages.get(deployed)
  if (known === undefined || tagCount === 'told') return
  await orNote(world, emit, 'how many tags the image has', async () => {
    const age = await known.catch((error: unknown) => {
      // It has been told.
      if (error === failed) return undefined
      throw error
    })
    warnOfTags('deployed here', age?.tags.length ?? 0, emit)
  })
}

/** Does what only adds a warning; what cannot be read is a note, and the failure is returned. */
async function orNote(world: World, emit: Emit, what: string, work: () => Promise<void>): Promise<Failure | undefined> {
  try {
    await work()
    return undefined
  } catch (error) {
    if (world.signal.aborted || !(error instanceof Failure)) throw error
    emit({ kind: 'note', text: `${what} is not known: ${withRemedy(error)}` })
    return error
  }
}

type AgeOf = (image: Needed) => Promise<StoredImageAge | undefined>

interface Comparison {
  readonly ecr: EcrPort
  readonly port: RepositoryPort
  readonly repository: EcrRepository
  readonly needed: readonly Needed[]
  readonly marker: string | undefined
  readonly ageOf: AgeOf
  readonly nowMs: number
}

async function comparePolicy(comparison: Comparison, emit: Emit): Promise<void> {
  const { ecr, repository } = comparison
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
  if (rules.length > 0) await compare(comparison, rules, emit)
}

async function compare(
  { port, repository, needed, marker, ageOf, nowMs }: Comparison,
  rules: readonly LifecycleRule[],
  emit: Emit
): Promise<void> {
  const { name } = repository
  const now = await Promise.all(needed.map(ageOf))
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
