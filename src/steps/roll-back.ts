import { shortArn } from '../decide/arn.ts'
import { primaryDeployment, type DeploymentSnapshot, type ServiceSnapshot } from '../decide/service/snapshot.ts'
import { STALENESS_MS } from '../decide/service/staleness.ts'
import { isActive, isCompleted, isFailed, isInProgress } from '../decide/service/status.ts'
import { isOlder, type WatchedDeployment } from '../decide/service/verdict.ts'
import type { Emit } from '../event.ts'
import { endsTheRun, Failure, withRemedy } from '../failure.ts'
import type { EcsPort, EcsReads } from '../io/aws/ecs.ts'
import type { World } from '../world.ts'
import { lookForOthers, lookOnce, OUTAGE_MS } from './look-for-others.ts'
import { findAndStop, type Unwanted } from './stop-deployment.ts'
import { updateService } from './update-service.ts'
import { watchDeployment, type WatchEnd, type WatchPlan } from './watch-deployment.ts'
import { deployingAgain, NO_OTHER, noteDeployed } from './way-back.ts'

/** The deployment to undo, and how its way back is watched. */
export interface RollbackPlan extends Unwanted {
  readonly watch: Omit<WatchPlan, 'failsFast'>
}

/** What became of a rollback. */
export type RollbackEnd =
  /** The service is set to what it ran before, and that rollout is through. */
  | { readonly kind: 'landed'; readonly on: DeploymentSnapshot }
  /** The deployment had completed before the rollback could take hold. */
  | { readonly kind: 'completed'; readonly end: WatchEnd }
  | { readonly kind: 'superseded'; readonly by: DeploymentSnapshot }
  /** `isUnderWay`: it may still end well, after the time for it. */
  | { readonly kind: 'stuck'; readonly why: string; readonly isUnderWay?: boolean }
  /** It was begun, and nobody could see until its time was over how it ended. */
  | { readonly kind: 'unseen'; readonly why: string }
  /** It was begun, and may not be watched. */
  | { readonly kind: 'unwatchable'; readonly why: string }

/**
 * Takes a service back to what it ran before a deployment and watches it arrive: by StopServiceDeployment while the
 * deployment is in progress, which returns to the last one that completed; else, and where ECS finds none, by deploying
 * the previous revision. What somebody else deployed since then is left alone.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stop-service-deployment.html
 */
export async function rollBack(world: World, ecs: EcsPort, plan: RollbackPlan, emit: Emit): Promise<RollbackEnd> {
  const { mine, watch } = plan
  const now = await lookAtMine(ecs, plan)
  if (now === 'gone') return { kind: 'stuck', why: `the service ${watch.service} is not there any more` }
  // Under another PRIMARY either ECS rolls back by itself or somebody else deployed: watching tells which.
  if (now === 'passed') return watchMine(world, ecs, plan, emit)
  if (now === 'going-on' && (await findAndStop(ecs, plan, emit))) {
    return watchMine(world, ecs, plan, emit, end => (isLeft(mine, end) ? goBack(world, ecs, plan, emit) : readEnd(end)))
  }
  return goBack(world, ecs, plan, emit)
}

/**
 * What is to be seen of my deployment: `failed` and left by ECS, `passed`, when it is not what is rolled out any more, or
 * `going-on`, which stands for every doubt: StopServiceDeployment touches nothing but mine, and is refused for one that
 * has ended.
 */
async function lookAtMine(ecs: EcsPort, plan: RollbackPlan): Promise<'gone' | 'passed' | 'failed' | 'going-on'> {
  const { mine, watch } = plan
  try {
    const service = await ecs.polling().describeService(watch.cluster, watch.service)
    // A replica that lags behind may not find the service yet, or show it as it was before mine.
    if (typeof service === 'string') return 'going-on'
    if (!isActive(service.status)) return 'gone'
    const primary = primaryDeployment(service)
    if (primary !== undefined && primary.id !== mine.id) {
      const isListed = service.deployments.some(({ id }) => id === mine.id)
      return isOlder(primary, mine) && !isListed ? 'going-on' : 'passed'
    }
    // What completed in the meantime is what was wanted.
    if (isCompleted(primary?.rolloutState)) return 'passed'
    return isFailed(primary?.rolloutState) ? 'failed' : 'going-on'
  } catch (error) {
    if (!(error instanceof Failure) || endsTheRun(error)) throw error
    return 'going-on'
  }
}

/** Whether ECS left the service on a deployment that failed; it may have found none to go back to. */
export function isLeft(mine: WatchedDeployment, { verdict, last, blindness }: WatchEnd): boolean {
  if (verdict.kind !== 'failed' && verdict.kind !== 'rollback-failed') return false
  return blindness === undefined && last !== undefined && primaryDeployment(last.service)?.id === mine.id
}

/** Deploys the previous revision, if there is one, when it is sure that nobody else's deployment is replaced by that. */
async function goBack(world: World, ecs: EcsPort, plan: RollbackPlan, emit: Emit): Promise<RollbackEnd> {
  const { mine, watch, previousArn } = plan
  const standing = await lookForOthers(world, ecs.polling(), plan, watch.pollMs)
  switch (standing.kind) {
    case 'newest':
      // Where there is nothing to go back to either, it has completed meanwhile or it has not.
      if (previousArn === mine.taskDefinitionArn) return { kind: 'stuck', why: NO_OTHER }
      return deployPrevious(world, ecs, plan, standing.service, emit)
    case 'passed': {
      // By the time of the next look ECS may have taken theirs back, and theirs be gone.
      const { wasReplaced } = standing
      return watchMine(world, ecs, { ...plan, watch: { ...watch, wasReplaced } }, emit)
    }
    case 'unknown':
      return { kind: 'stuck', why: `${shortArn(previousArn)} was not deployed again: ${standing.why}` }
  }
}

/** Watches my deployment on to where its service lands. */
function watchMine(
  world: World,
  ecs: EcsPort,
  { mine, watch }: RollbackPlan,
  emit: Emit,
  goOn?: (end: WatchEnd) => RollbackEnd | Promise<RollbackEnd>
): Promise<RollbackEnd> {
  return watchBack(world, () => watchDeployment(world, ecs, mine, { ...watch, failsFast: false }, emit), goOn)
}

/** Watches a rollback that was begun: that it cannot be watched is no failure of it. */
async function watchBack(
  world: World,
  watch: () => Promise<WatchEnd>,
  goOn: (end: WatchEnd) => RollbackEnd | Promise<RollbackEnd> = readEnd
): Promise<RollbackEnd> {
  let end: WatchEnd
  try {
    end = await watch()
  } catch (error) {
    if (!(error instanceof Failure) || world.signal.aborted) throw error
    return { kind: 'unwatchable', why: withRemedy(error) }
  }
  return goOn(end)
}

async function deployPrevious(
  world: World,
  ecs: EcsPort,
  plan: RollbackPlan,
  service: ServiceSnapshot,
  emit: Emit
): Promise<RollbackEnd> {
  const { previousArn, watch } = plan
  const request = { cluster: watch.cluster, service: watch.service, taskDefinition: previousArn }
  const sending = deployingAgain(plan, () => updateService(world, ecs, service, request, emit))
  const started = await sending.catch((error: unknown) => passedMeanwhile(ecs, plan, error))
  if ('wasReplaced' in started) return watchMine(world, ecs, { ...plan, watch: { ...watch, ...started } }, emit)
  // What was gone when it began may be what ECS takes it back to.
  const back = { ...started, olderIds: [...started.olderIds, ...plan.mine.olderIds] }
  if (!noteDeployed(plan, back)) {
    // It is my deployment that ends.
    return watchMine(world, ecs, plan, emit)
  }
  emit({ kind: 'note', text: `${shortArn(previousArn)} is deployed again as ${back.id}` })
  const watchIt = (): Promise<WatchEnd> => watchDeployment(world, ecs, back, { ...watch, failsFast: true }, emit)
  return watchBack(world, watchIt, end => {
    const { verdict } = end
    if (verdict.kind === 'completed') return awaitLanding(world, ecs.polling(), watch, back, end.last?.service)
    // ECS goes back to the newest that completed: mine may have, in the moment before.
    if (verdict.kind === 'rolled-back' && verdict.to.id === plan.mine.id) {
      const why = verdict.reason === undefined ? '' : `: ${verdict.reason}`
      return { kind: 'stuck', why: `${shortArn(previousArn)} failed as ${back.id}, and ECS went back from it${why}` }
    }
    return readEnd(end)
  })
}

/** What became of my deployment while the one that was to replace it was not started; throws what kept it from that. */
async function passedMeanwhile(
  ecs: EcsPort,
  plan: RollbackPlan,
  error: unknown
): Promise<{ readonly wasReplaced: boolean }> {
  if (!(error instanceof Failure) || endsTheRun(error)) throw error
  const { kind } = await lookOnce(ecs.polling(), plan)
  const wasReplaced = error.code === 'superseded' || kind === 'replaced'
  if (wasReplaced || kind === 'going-back' || kind === 'completed') return { wasReplaced }
  throw error
}

/** Where a way back that completed is to be seen: DescribeServices may tell later than the service deployments do. */
async function awaitLanding(
  { clock, signal }: World,
  ecs: EcsReads,
  { cluster, service: name, pollMs }: RollbackPlan['watch'],
  back: WatchedDeployment,
  last: ServiceSnapshot | undefined
): Promise<RollbackEnd> {
  const seen = last && primaryDeployment(last)
  if (seen?.id === back.id && isCompleted(seen.rolloutState)) return { kind: 'landed', on: seen }
  const startedAt = clock.now()
  for (;;) {
    const service = await ecs.describeService(cluster, name).catch((error: unknown) => {
      if (!(error instanceof Failure) || signal.aborted) throw error
      return error
    })
    const isRead = !(service instanceof Failure) && typeof service !== 'string'
    const primary = isRead ? primaryDeployment(service) : undefined
    const leftMs = startedAt + (isRead ? STALENESS_MS : OUTAGE_MS) - clock.now()
    const isOver = leftMs <= 0
    if (primary?.id === back.id && (isOver || !isInProgress(primary.rolloutState)))
      return { kind: 'landed', on: primary }
    if (primary !== undefined && primary.id !== back.id && !isOlder(primary, back)) {
      return { kind: 'superseded', by: primary }
    }
    if (isOver) return { kind: 'unseen', why: `${back.id} completed, and DescribeServices does not show it` }
    await clock.sleep(Math.min(pollMs, leftMs), signal)
  }
}

function readEnd(end: WatchEnd): RollbackEnd {
  const { verdict } = end
  switch (verdict.kind) {
    case 'rolled-back':
      return { kind: 'landed', on: verdict.to }
    case 'completed':
      return { kind: 'completed', end }
    case 'superseded':
      return { kind: 'superseded', by: verdict.by }
    case 'service-gone':
      return { kind: 'stuck', why: `the service became ${verdict.status}` }
    case 'timed-out':
      if (end.blindness !== undefined) return { kind: 'unseen', why: end.blindness }
      return { kind: 'stuck', why: 'the rollback did not end within the time given', isUnderWay: true }
    case 'doomed':
      return { kind: 'stuck', why: verdict.diagnosis.sentence }
    case 'failed':
    case 'rollback-failed':
      if (end.blindness !== undefined) return { kind: 'unseen', why: end.blindness }
      if ('unfinished' in verdict) return { kind: 'stuck', why: verdict.unfinished, isUnderWay: true }
      return { kind: 'stuck', why: verdict.reason ?? 'ECS gave no reason' }
  }
}
