import type { Diagnosis } from '../decide/service/diagnosis/diagnosis.ts'
import { describeProgress, readProgress } from '../decide/service/progress.ts'
import type { ServiceDeploymentSnapshot, ServiceSnapshot } from '../decide/service/snapshot.ts'
import { isSuccessful } from '../decide/service/status.ts'
import { verdict, type Observation, type Verdict, type WatchedDeployment } from '../decide/service/verdict.ts'
import type { Emit } from '../event.ts'
import { Failure, isAwsError } from '../failure.ts'
import type { EcsPort } from '../io/aws/ecs.ts'
import type { World } from '../world.ts'

/** How a deployment is watched. */
export interface WatchPlan {
  readonly cluster: string
  readonly service: string
  readonly pollMs: number
  readonly budgetMs: number
  /** Whether the watch ends `doomed`; false when a rollback was asked for already. */
  readonly failsFast: boolean
}

/** How a watch ends: a final verdict of ECS, the budget's end, or a deployment in progress that cannot end well. */
export type WatchVerdict =
  | Exclude<Verdict, { kind: 'in-progress' | 'failing' }>
  | { readonly kind: 'timed-out' }
  /** ECS still tries: no task ever got healthy, and every failure has the same cause, which does not heal. */
  | { readonly kind: 'doomed'; readonly diagnosis: Diagnosis }

/** The end of a watch. */
export interface WatchEnd {
  readonly verdict: WatchVerdict
  /** The last thing seen, undefined when no poll ever succeeded. */
  readonly last: Observation | undefined
  readonly serviceDeploymentArn: string | undefined
}

const REMINDER_MS = 30_000
/** A read older than the deployment itself does not stay so for longer. */
const STALENESS_MS = 20_000
/** A failed deployment for which no rollback begins within this time was left as it is by ECS. */
const ROLLBACK_PATIENCE_MS = 120_000

/** Watches one deployment to its end; throws only what makes further polls pointless. */
export async function watchDeployment(
  world: World,
  ecs: EcsPort,
  mine: WatchedDeployment,
  plan: WatchPlan,
  emit: Emit
): Promise<WatchEnd> {
  const startedAt = world.clock.now()
  const deadline = startedAt + plan.budgetMs
  const narrator = new Narrator(world, mine, plan, emit)
  const lens = new ServiceDeploymentLens(ecs, mine, plan)
  const end = (final: WatchEnd['verdict']): WatchEnd => ({ verdict: final, last, serviceDeploymentArn: lens.arn })
  let last: Observation | undefined
  let failing: { readonly sinceMs: number; readonly reason: string | undefined } | undefined
  let sawMine = false
  for (;;) {
    const seen = await poll(ecs, plan, lens, emit)
    if (seen !== undefined) {
      last = seen
      sawMine ||= seen.service.deployments.some(({ id }) => id === mine.id)
      const isFresh = sawMine || world.clock.now() - startedAt > STALENESS_MS
      const now = verdict(mine, seen, { sawMine: isFresh, sawFailing: failing !== undefined })
      if (now.kind === 'failing' && failing === undefined) {
        failing = { sinceMs: world.clock.now(), reason: now.reason }
        emit({ kind: 'turned-red', reason: now.reason ?? 'ECS gave no reason' })
      }
      narrator.tell(seen)
      if (now.kind !== 'in-progress' && now.kind !== 'failing') return end(now)
    }
    const left = deadline - world.clock.now()
    if (failing !== undefined && (left <= 0 || isLeft(mine, last, world.clock.now() - failing.sinceMs))) {
      return end({ kind: 'failed', reason: failing.reason })
    }
    if (left <= 0) return end({ kind: 'timed-out' })
    await world.clock.sleep(Math.min(plan.pollMs, left), world.signal)
  }
}

/** Whether a failed deployment was left as it is: still PRIMARY, and no rollback began for a long time. */
function isLeft(mine: WatchedDeployment, last: Observation | undefined, failingForMs: number): boolean {
  return failingForMs > ROLLBACK_PATIENCE_MS && last?.service.deployments[0]?.id === mine.id
}

async function poll(
  ecs: EcsPort,
  plan: WatchPlan,
  lens: ServiceDeploymentLens,
  emit: Emit
): Promise<Observation | undefined> {
  try {
    const [service, serviceDeployment] = await Promise.all([
      ecs.describeService(plan.cluster, plan.service),
      lens.look(emit)
    ])
    if (typeof service === 'string') {
      emit({ kind: 'poll-failed', reason: `DescribeServices does not find ${plan.service}` })
      return undefined
    }
    return { service, serviceDeployment }
  } catch (error) {
    if (!(error instanceof Failure) || isHopeless(error)) throw error
    emit({ kind: 'poll-failed', reason: error.message })
    return undefined
  }
}

/** An expired token or a missing right does not come back by waiting. */
function isHopeless(failure: Failure): boolean {
  return failure.code === 'credentials' || failure.code === 'access-denied' || failure.code === 'cancelled'
}

/**
 * My entry in the service deployments API: found once by its target revision, then described. Roles made before that
 * API existed may not use it, and it lags behind by seconds; the watch goes on with DescribeServices alone.
 */
class ServiceDeploymentLens {
  arn: string | undefined
  #isClosed = false
  readonly #ecs: EcsPort
  readonly #revision: string
  readonly #plan: WatchPlan

  constructor(ecs: EcsPort, mine: WatchedDeployment, plan: WatchPlan) {
    this.#ecs = ecs
    this.#revision = mine.id.slice(mine.id.indexOf('/') + 1)
    this.#plan = plan
  }

  async look(emit: Emit): Promise<ServiceDeploymentSnapshot | undefined> {
    if (this.#isClosed) return undefined
    try {
      if (this.arn !== undefined) return await this.#ecs.describeServiceDeployment(this.arn)
      const listed = await this.#find()
      this.arn = listed?.arn
      // The list knows no reasons; of a success there are none to know.
      if (listed === undefined || isSuccessful(listed.status)) return listed
      return await this.#ecs.describeServiceDeployment(listed.arn)
    } catch (error) {
      if (!(error instanceof Failure) || error.code === 'credentials' || error.code === 'cancelled') throw error
      const isUnavailable =
        error.code === 'access-denied' || isAwsError(error, 'UnknownOperationException', 'InvalidAction')
      if (isUnavailable) {
        this.#isClosed = true
        emit({ kind: 'note', text: `watching by DescribeServices alone: ${error.message}` })
      } else {
        emit({ kind: 'poll-failed', reason: error.message })
      }
      return undefined
    }
  }

  async #find(): Promise<ServiceDeploymentSnapshot | undefined> {
    const listed = await this.#ecs.listServiceDeployments(this.#plan.cluster, this.#plan.service)
    return listed.find(({ targetServiceRevisionArn }) => targetServiceRevisionArn.endsWith(`/${this.#revision}`))
  }
}

/** Says what changed since the last poll, and every half minute what is still missing. */
class Narrator {
  #lastLine = ''
  #spokeAt: number
  readonly #startedAt: number
  readonly #told = new Set<string>()
  readonly #world: World
  readonly #mine: WatchedDeployment
  readonly #plan: WatchPlan
  readonly #emit: Emit

  constructor(world: World, mine: WatchedDeployment, plan: WatchPlan, emit: Emit) {
    this.#world = world
    this.#mine = mine
    this.#plan = plan
    this.#emit = emit
    this.#startedAt = world.clock.now()
    this.#spokeAt = this.#startedAt
  }

  tell({ service, serviceDeployment }: Observation): void {
    this.#tellEvents(service)
    const progress = readProgress(this.#mine.id, service, serviceDeployment)
    const line = describeProgress(progress)
    const now = this.#world.clock.now()
    if (line !== this.#lastLine) {
      this.#emit({ kind: 'progress', service: this.#plan.service, progress })
    } else if (now - this.#spokeAt >= REMINDER_MS) {
      const seconds = Math.round((now - this.#startedAt) / 1000)
      this.#emit({ kind: 'still-waiting', service: this.#plan.service, progress, seconds })
    } else {
      return
    }
    this.#lastLine = line
    this.#spokeAt = now
  }

  #tellEvents(service: ServiceSnapshot): void {
    const since = this.#mine.createdAt
    if (since === undefined) return
    const fresh = service.events.filter(({ id, createdAt }) => createdAt >= since && !this.#told.has(id))
    for (const { id, message } of fresh.reverse()) {
      this.#told.add(id)
      this.#emit({ kind: 'service-event', message })
    }
  }
}
