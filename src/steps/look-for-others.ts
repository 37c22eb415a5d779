import {
  primaryDeployment,
  serviceDeploymentOf,
  type ServiceDeploymentSnapshot,
  type ServiceSnapshot
} from '../decide/service/snapshot.ts'
import { isFromBefore, STALENESS_MS } from '../decide/service/staleness.ts'
import {
  isActive,
  isCompleted,
  isFailed,
  isRolledBack,
  isRollingBack,
  isStopped,
  isStopping,
  isSuccessful,
  isUnderWay
} from '../decide/service/status.ts'
import { isOlder, type WatchedDeployment } from '../decide/service/verdict.ts'
import { endsTheRun, Failure } from '../failure.ts'
import type { EcsReads, ServiceAbsence } from '../io/aws/ecs.ts'
import type { World } from '../world.ts'

/** Which deployment of which service may have been replaced. */
export interface Place {
  readonly mine: WatchedDeployment
  readonly watch: { readonly cluster: string; readonly service: string }
}

/** Whether a deployment is still what its service is set to. */
export type Standing =
  /** Nobody deployed after it. */
  | { readonly kind: 'newest'; readonly service: ServiceSnapshot }
  /** It completed, ECS rolls it back, or somebody else's replaced it: watching it tells which, and where that led. */
  | { readonly kind: 'passed'; readonly wasReplaced: boolean }
  /** That cannot be told; `why` is a clause. */
  | { readonly kind: 'unknown'; readonly why: string }

/** What one look at both APIs shows of a deployment. */
export type Look =
  /** The service deployments list it as the newest, and in progress. */
  | { readonly kind: 'newest'; readonly service: ServiceSnapshot }
  /** Nobody else's deployment is to be seen, and only DescribeServices says so. */
  | { readonly kind: 'apparent'; readonly service: ServiceSnapshot }
  | { readonly kind: 'completed' }
  | { readonly kind: 'going-back' }
  | { readonly kind: 'replaced' }
  /** A later look may tell, for so many milliseconds; `why` is a clause. */
  | {
      readonly kind: 'unseen'
      readonly why: string
      readonly patienceMs: number
      /** The service, if mine was stopped and only whoever replaced it is not seen: after that time, nobody did. */
      readonly stopped?: ServiceSnapshot
    }

/** For how long DescribeServices may fail to answer before what it would show counts as not to be seen, in milliseconds. */
export const OUTAGE_MS = 60_000
/**
 * For how long the list of service deployments may lack a new one, in milliseconds: tools that wait for theirs give it ten
 * seconds, e.g. https://github.com/kayac/ecspresso.
 */
const LIST_LAG_MS = 10_000

/**
 * Makes sure that nobody deployed after mine before another deployment replaces it: the service deployments list mine as
 * the newest and in progress, for somebody else's would have stopped it, and still do after the time by which they lag
 * behind; else by looking for as long as DescribeServices may answer with what was the case before.
 */
export async function lookForOthers(world: World, ecs: EcsReads, place: Place, pollMs: number): Promise<Standing> {
  const { clock, signal } = world
  const startedAt = clock.now()
  let unseenSince: number | undefined
  let stoppedSince: number | undefined
  for (;;) {
    const askedAt = clock.now()
    const seen = await lookOnce(ecs, place)
    if (seen.kind === 'completed' || seen.kind === 'going-back' || seen.kind === 'replaced') {
      return { kind: 'passed', wasReplaced: seen.kind === 'replaced' }
    }
    // What is asked for that late shows whatever was there when the looking, or the not seeing, began.
    unseenSince = seen.kind === 'unseen' ? (unseenSince ?? askedAt) : undefined
    stoppedSince = isStoppedIn(seen) ? (stoppedSince ?? askedAt) : undefined
    const lateAt = (stoppedSince ?? unseenSince ?? startedAt) + patienceMs(seen)
    if (askedAt >= lateAt) {
      if (seen.kind !== 'unseen') return { kind: 'newest', service: seen.service }
      return seen.stopped === undefined ? { kind: 'unknown', why: seen.why } : { kind: 'newest', service: seen.stopped }
    }
    await clock.sleep(Math.max(0, Math.min(pollMs, lateAt - clock.now())), signal)
  }
}

/** It was stopped, and only who replaced it is not seen. */
function isStoppedIn(seen: Look): boolean {
  return seen.kind === 'unseen' && seen.stopped !== undefined
}

function patienceMs(seen: Look & { kind: 'newest' | 'apparent' | 'unseen' }): number {
  switch (seen.kind) {
    case 'newest':
      return LIST_LAG_MS
    case 'apparent':
      return STALENESS_MS
    case 'unseen':
      return seen.patienceMs
  }
}

/** What both APIs answered, or failed to. */
export interface Reads {
  readonly service: Promise<ServiceSnapshot | ServiceAbsence | Failure>
  readonly listed: Promise<readonly ServiceDeploymentSnapshot[] | Failure>
}

/** Asks both APIs side by side. */
export function readBoth(ecs: EcsReads, { watch: { cluster, service } }: Place): Reads {
  return {
    service: ecs.describeService(cluster, service).catch(asFailure),
    listed: ecs.listServiceDeployments(cluster, service).catch(asFailure)
  }
}

/** One look at both APIs, or what `reads` bring in; throws when nothing can be read any more. */
export async function lookOnce(ecs: EcsReads, place: Place, reads: Reads = readBoth(ecs, place)): Promise<Look> {
  const [service, listed] = await Promise.all([reads.service, reads.listed])
  for (const answer of [service, listed]) if (answer instanceof Failure && endsTheRun(answer)) throw answer
  return judge(place.mine, service, listed instanceof Failure ? [] : listed)
}

/** What the list says for certain counts also while DescribeServices does not answer, or shows what was the case before. */
function judge(
  mine: WatchedDeployment,
  service: ServiceSnapshot | ServiceAbsence | Failure,
  listed: readonly ServiceDeploymentSnapshot[]
): Look {
  const own = serviceDeploymentOf(mine.id, listed)
  const isReplaced = own !== undefined && listed[0] !== own
  if (isSuccessful(own?.status)) return { kind: 'completed' }
  if (isRollingBack(own?.status) || isRolledBack(own?.status)) return { kind: 'going-back' }
  if (service instanceof Failure) {
    return isReplaced ? { kind: 'replaced' } : { kind: 'unseen', why: service.message, patienceMs: OUTAGE_MS }
  }
  const unseen = (why: string): Look => ({ kind: 'unseen', why, patienceMs: STALENESS_MS })
  if (typeof service === 'string') return unseen('DescribeServices does not find the service')
  const primary = primaryDeployment(service)
  if (primary?.id !== mine.id) {
    const isGoingOn = own !== undefined && !isReplaced && isGoing(own)
    if (isBehind(mine, service, isGoingOn)) return unseen(`DescribeServices does not show ${mine.id}`)
    return { kind: primary !== undefined && isOlder(primary, mine) && !isReplaced ? 'going-back' : 'replaced' }
  }
  if (isCompleted(primary.rolloutState)) return { kind: 'completed' }
  // Read as failed, it would be taken for one that ECS left: a later read shows who replaced it.
  if (isReplaced) return isFailed(primary.rolloutState) ? unseen(`${mine.id} was replaced`) : { kind: 'replaced' }
  if (own === undefined) return { kind: 'apparent', service }
  if (isGoing(own)) return { kind: 'newest', service }
  // One that failed is stopped too; one that reads as going on was stopped by whoever replaced it.
  if (!isStopping(own.status) || isFailed(primary.rolloutState)) return { kind: 'apparent', service }
  const why = `the service deployments say that ${mine.id} was stopped`
  return { kind: 'unseen', why, patienceMs: STALENESS_MS, ...(isStopped(own.status) && { stopped: service }) }
}

/** Whether the service is shown as it was before my deployment, which is not in it: ECS would leave more than that behind. */
function isBehind(mine: WatchedDeployment, service: ServiceSnapshot, isGoingOn: boolean): boolean {
  const primary = primaryDeployment(service)
  if (!isActive(service.status) || primary === undefined || !isOlder(primary, mine)) return false
  if (service.deployments.some(({ id }) => id === mine.id)) return false
  return isGoingOn || isFromBefore(mine, { service, serviceDeployment: undefined })
}

/** The service deployment is under way, and nobody had it stopped. */
function isGoing({ status }: ServiceDeploymentSnapshot): boolean {
  return isUnderWay(status) && !isStopping(status)
}

/** What the list of service deployments alone says of mine. */
export type Listing =
  /** It is the newest, and in progress. */
  | { readonly kind: 'going-on'; readonly arn: string }
  | { readonly kind: 'over' }
  /** It is not there, or not yet, or the list could not be read. */
  | { readonly kind: 'unlisted' }

/** Reads what the list of service deployments says of mine. */
export function listingOf(mine: WatchedDeployment, listed: readonly ServiceDeploymentSnapshot[] | Failure): Listing {
  const own = listed instanceof Failure ? undefined : serviceDeploymentOf(mine.id, listed)
  if (listed instanceof Failure || own === undefined) return { kind: 'unlisted' }
  return listed[0] === own && isGoing(own) ? { kind: 'going-on', arn: own.arn } : { kind: 'over' }
}

function asFailure(error: unknown): Failure {
  if (!(error instanceof Failure)) throw error
  return error
}
