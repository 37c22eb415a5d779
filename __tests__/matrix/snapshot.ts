import type { SimulatorState } from '../../simulator/simulator.ts'
import { digestOf, revisionCount } from '../action/shop.ts'
import { readTruth, runningTasks, type Truth } from '../properties/truth.ts'
import { TEMPORARY_TAG, type Place } from './place.ts'

/** Everything that is true of a place at one moment. */
export interface Snapshot {
  readonly state: SimulatorState
  readonly service: Truth
  readonly files: Readonly<Record<string, string>>
}

/** Looks at a place. */
export function look({ simulator, files }: Place): Snapshot {
  const state = simulator.state()
  return { state, service: readTruth(state.ecs), files: Object.fromEntries(files) }
}

/** The digest of `repository:tag`; of the image elsewhere, or of the one that was built, when that is what is named. */
export function digestNamed(place: Place, snapshot: Snapshot, name: string): string {
  const { state } = snapshot
  if (name === 'built') {
    const tagged = [...allTags(snapshot)].filter(([tag]) => !isTemporary(tag)).map(([, digest]) => digest)
    return place.built.find(digest => tagged.includes(digest)) ?? ''
  }
  if (name === 'elsewhere') {
    const [repository] = place.elsewhere?.state().ecr.repositories ?? []
    return repository?.images.find(({ tags }) => tags.length > 0)?.digest ?? ''
  }
  const [repository = '', tag = ''] = name.includes(':') ? name.split(':') : ['web', name]
  return digestOf(state, repository, tag)
}

/** The digests that run now, each task's. */
export function digestsRunning({ service }: Snapshot): readonly string[] {
  return runningTasks(service).flatMap(({ containers }) => containers.map(({ digest = 'unknown' }) => digest))
}

/** Whether `repository:tag` is what an engine pushed under, and superfluous. */
export function isTemporary(tag: string): boolean {
  return tag.includes(`:${TEMPORARY_TAG}`)
}

/** Every tag there is, as `repository:tag`, and its digest. */
export function allTags({ state }: Snapshot): ReadonlyMap<string, string> {
  return new Map(
    state.ecr.repositories.flatMap(({ name, images }) =>
      images.flatMap(({ tags, digest }) => tags.map((tag): [string, string] => [`${name}:${tag}`, digest]))
    )
  )
}

/** The deployments of the service that began between two moments. */
export function startedBetween(before: Snapshot, after: Snapshot): Truth['serviceDeployments'] {
  const old = new Set(before.service.serviceDeployments.map(({ deploymentId }) => deploymentId))
  return after.service.serviceDeployments.filter(({ deploymentId }) => !old.has(deploymentId))
}

/** How many revisions were registered between two moments. */
export function registeredBetween(before: Snapshot, after: Snapshot): number {
  return revisionCount(after.state) - revisionCount(before.state)
}
