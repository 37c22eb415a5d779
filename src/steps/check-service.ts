import type { JsonObject } from '../decide/json.ts'
import { textAt } from '../decide/json.ts'
import type { Finding } from '../decide/service/preflight/finding.ts'
import { noWayBack } from '../decide/service/preflight/images.ts'
import { preflight } from '../decide/service/preflight/preflight.ts'
import { blindAlarms, watchedAlarms } from '../decide/service/preflight/rollout.ts'
import { hasCandidate, inactiveRevision, noCandidate } from '../decide/service/preflight/way-back.ts'
import type { ServiceSnapshot } from '../decide/service/snapshot.ts'
import { containersOf } from '../decide/task/document.ts'
import { Failure } from '../failure.ts'
import type { ServiceInputs } from '../inputs/service.ts'
import type { EcsPort, RegisteredTaskDefinition } from '../io/aws/ecs.ts'
import type { World } from '../world.ts'
import { isInEcr, lookUpImages } from './look-up-images.ts'

/** A service that is to be deployed to, and what it runs. */
export interface CheckedService {
  readonly target: ServiceInputs
  readonly service: ServiceSnapshot
  readonly current: RegisteredTaskDefinition
}

/** What is known of a deployment before its image is, given the content of the revision as far as it is known. */
export type ServiceChecks = (document: JsonObject) => Promise<readonly Finding[]>

/**
 * Checks a service before anything changes. What AWS has to be asked for is under way when this returns, so that it
 * costs no time beside the search for the image; what it does not tell is a hint, and never keeps a deployment back.
 */
export function checkService(world: World, ecs: EcsPort, checked: CheckedService): ServiceChecks {
  const { target, service } = checked
  const { desiredCount, circuitBreaker } = target.changes
  const surroundings = examineSurroundings(world, ecs, checked)
  // Whoever asks for the findings gets to hear of it; until then it is nobody's.
  surroundings.catch(() => undefined)
  return async document => [...preflight({ service, document, desiredCount, circuitBreaker }), ...(await surroundings)]
}

async function examineSurroundings(
  world: World,
  ecs: EcsPort,
  { target, service, current }: CheckedService
): Promise<readonly Finding[]> {
  const examined = await Promise.all([
    bestEffort(world, 'the alarms of the service', () => examineAlarms(world, service)),
    bestEffort(world, 'the last deployments of the service', () => examineCandidates(ecs, target.cluster, service)),
    bestEffort(world, 'the images that the service runs now', () => examineWayBack(world, service, current))
  ])
  return [...examined.flat(), ...inactiveRevision(service, current.status)]
}

async function examineAlarms(world: World, service: ServiceSnapshot): Promise<readonly Finding[]> {
  const names = watchedAlarms(service)
  if (names.length === 0) return []
  const alarms = await world.alarms()
  return blindAlarms(service, await alarms.states(names))
}

async function examineCandidates(ecs: EcsPort, cluster: string, service: ServiceSnapshot): Promise<readonly Finding[]> {
  if (hasCandidate(service)) return []
  return noCandidate(service, await ecs.listServiceDeployments(cluster, service.name))
}

async function examineWayBack(
  world: World,
  service: ServiceSnapshot,
  { document }: RegisteredTaskDefinition
): Promise<readonly Finding[]> {
  const images = containersOf(document)
    .map(container => ({ container: textAt(container, 'name') ?? '', image: textAt(container, 'image') ?? '' }))
    .filter(({ image }) => isInEcr(image))
  return noWayBack(service, await lookUpImages(world, images))
}

/** A read that fails is a hint naming what is missing; a cancellation and a bug go on. */
async function bestEffort(
  { signal }: World,
  what: string,
  examine: () => Promise<readonly Finding[]>
): Promise<readonly Finding[]> {
  try {
    return await examine()
  } catch (error) {
    if (!(error instanceof Failure) || signal.aborted) throw error
    const { code, message, remedy = 'run this job again if it matters' } = error
    return [{ code, severity: 'hint', sentence: `${what} could not be checked: ${message}`, remedy }]
  }
}
