import type { JsonObject } from '../decide/json.ts'
import type { Finding } from '../decide/service/preflight/finding.ts'
import { noWayBack, type ContainerImage } from '../decide/service/preflight/images.ts'
import { preflight } from '../decide/service/preflight/preflight.ts'
import { blindAlarms, watchedAlarms } from '../decide/service/preflight/rollout.ts'
import { hasCandidate, inactiveRevision, noCandidate } from '../decide/service/preflight/way-back.ts'
import type { ServiceSnapshot } from '../decide/service/snapshot.ts'
import { Failure } from '../failure.ts'
import type { ServiceInputs } from '../inputs/service.ts'
import type { EcsPort, RegisteredTaskDefinition } from '../io/aws/ecs.ts'
import type { World } from '../world.ts'
import { imagesOf, isInEcr, lookUpImages } from './look-up-images.ts'

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
  return async document => {
    const { findings, running } = await surroundings
    const next = new Set(imagesOf(document).map(({ image }) => image))
    // What the next revision uses as well is checked with its images.
    const onlyBefore = running.filter(({ image }) => !next.has(image))
    return [
      ...preflight({ service, document, desiredCount, circuitBreaker }),
      ...findings,
      ...noWayBack(service, onlyBefore)
    ]
  }
}

/** What AWS says of the service besides its state. */
interface Surroundings {
  readonly findings: readonly Finding[]
  /** The images in ECR of the revision that the service runs. */
  readonly running: readonly ContainerImage[]
}

async function examineSurroundings(
  world: World,
  ecs: EcsPort,
  { target, service, current }: CheckedService
): Promise<Surroundings> {
  const unread: Finding[] = []
  const [alarms, candidates, running] = await Promise.all([
    orHint(world, unread, 'the alarms of the service', () => examineAlarms(world, service)),
    orHint(world, unread, 'the last deployments of the service', () => examineCandidates(ecs, target.cluster, service)),
    orHint(world, unread, 'the images that the service runs now', () =>
      lookUpImages(
        world,
        imagesOf(current.document).filter(({ image }) => isInEcr(image))
      )
    )
  ])
  return { findings: [...alarms, ...candidates, ...inactiveRevision(service, current.status), ...unread], running }
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

/** A read that fails leaves a hint that names what is missing, and nothing read; a cancellation and a bug go on. */
async function orHint<T>(
  { signal }: World,
  hints: Finding[],
  what: string,
  read: () => Promise<readonly T[]>
): Promise<readonly T[]> {
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof Failure) || signal.aborted) throw error
    const { code, message, remedy = 'run this job again if it matters' } = error
    hints.push({ code, severity: 'hint', sentence: `${what} could not be checked: ${message}`, remedy })
    return []
  }
}
