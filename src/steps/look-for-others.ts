import { primaryDeployment, serviceDeploymentOf, type ServiceSnapshot } from '../decide/service/snapshot.ts'
import { STALENESS_MS } from '../decide/service/staleness.ts'
import {
  isCompleted,
  isFailed,
  isRolledBack,
  isRollingBack,
  isStopping,
  isSuccessful,
  isUnderWay
} from '../decide/service/status.ts'
import type { WatchedDeployment } from '../decide/service/verdict.ts'
import { Failure } from '../failure.ts'
import type { EcsReads } from '../io/aws/ecs.ts'
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
  /** It completed, ECS rolls it back, or something else is PRIMARY: watching it tells which. */
  | { readonly kind: 'passed' }
  /** That cannot be told; `why` is a clause. */
  | { readonly kind: 'unknown'; readonly why: string }

/** One look; `apparent` when nobody else's deployment is to be seen yet, which may be because reads lag behind. */
type Look =
  | Standing
  | { readonly kind: 'apparent'; readonly service: ServiceSnapshot }
  | { readonly kind: 'unanswered'; readonly why: string }

/** For how long DescribeServices may fail to answer before what it would show counts as not to be seen, in milliseconds. */
export const OUTAGE_MS = 60_000

/**
 * Makes sure that nobody deployed after mine before another deployment replaces it: at once where the service
 * deployments API lists mine as the newest and in progress, for somebody else's would have stopped it; else by looking for
 * as long as DescribeServices may answer with what was the case before.
 */
export async function lookForOthers(world: World, ecs: EcsReads, place: Place, pollMs: number): Promise<Standing> {
  const startedAt = world.clock.now()
  for (;;) {
    const seen = await lookOnce(ecs, place)
    if (seen.kind === 'newest' || seen.kind === 'passed') return seen
    const patienceMs = seen.kind === 'unanswered' ? OUTAGE_MS : STALENESS_MS
    const leftMs = startedAt + patienceMs - world.clock.now()
    if (leftMs <= 0) return asStanding(seen)
    await world.clock.sleep(Math.min(pollMs, leftMs), world.signal)
  }
}

/** What one look tells, for who has no time for more of them: reads that lag behind are believed. */
export async function lookForOthersOnce(ecs: EcsReads, place: Place): Promise<Standing> {
  return asStanding(await lookOnce(ecs, place))
}

function asStanding(seen: Look): Standing {
  if (seen.kind === 'apparent') return { ...seen, kind: 'newest' }
  return seen.kind === 'unanswered' ? { ...seen, kind: 'unknown' } : seen
}

async function lookOnce(ecs: EcsReads, { mine, watch: { cluster, service: name } }: Place): Promise<Look> {
  const [service, listed] = await Promise.all([
    ecs.describeService(cluster, name).catch(asUnanswered),
    ecs.listServiceDeployments(cluster, name).catch(asUnanswered)
  ])
  if (service instanceof Failure) return { kind: 'unanswered', why: service.message }
  const primary = typeof service === 'string' ? undefined : primaryDeployment(service)
  if (typeof service === 'string' || primary?.id !== mine.id || isCompleted(primary.rolloutState)) {
    return { kind: 'passed' }
  }
  const own = listed instanceof Failure ? undefined : serviceDeploymentOf(mine.id, listed)
  if (listed instanceof Failure || own === undefined) return { kind: 'apparent', service }
  const { status } = own
  if (isSuccessful(status) || isRollingBack(status) || isRolledBack(status)) return { kind: 'passed' }
  const isNewest = listed[0] === own
  if (isNewest && isUnderWay(status) && !isStopping(status)) return { kind: 'newest', service }
  // One that failed is stopped too; one that reads as going on was stopped by whoever replaced it.
  if (isNewest && (!isStopping(status) || isFailed(primary.rolloutState))) return { kind: 'apparent', service }
  return { kind: 'unknown', why: `the service deployments say that ${mine.id} was replaced` }
}

/** What could not be read, unless nothing can be read any more. */
function asUnanswered(error: unknown): Failure {
  if (!(error instanceof Failure) || error.code === 'credentials' || error.code === 'cancelled') throw error
  return error
}
