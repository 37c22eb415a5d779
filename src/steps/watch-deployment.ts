import type { Diagnosis } from '../decide/service/diagnosis/diagnosis.ts'
import {
  outOfPatience,
  rollbackBudgetMs,
  rollbackSeen,
  stillFailing,
  type Failing,
  type PatienceEnd
} from '../decide/service/patience.ts'
import { countFailures } from '../decide/service/progress.ts'
import { primaryDeployment } from '../decide/service/snapshot.ts'
import { STALENESS_MS } from '../decide/service/staleness.ts'
import { isStopped } from '../decide/service/status.ts'
import {
  looksSettled,
  showsSuccessor,
  verdict,
  type Observation,
  type Verdict,
  type WatchedDeployment,
  type WatchMemory
} from '../decide/service/verdict.ts'
import type { Emit } from '../event.ts'
import type { EcsPort, EcsReads } from '../io/aws/ecs.ts'
import type { World } from '../world.ts'
import { FailureLook } from './watch/failure-look.ts'
import { Narrator } from './watch/narrator.ts'
import { Poller } from './watch/poller.ts'

/** How a deployment is watched. */
export interface WatchPlan {
  readonly cluster: string
  readonly service: string
  readonly pollMs: number
  /** How long the deployment may take; a rollback that begins gets as much again, or more. */
  readonly budgetMs: number
  /** Whether the watch ends `doomed`; false when a rollback was asked for already. */
  readonly failsFast: boolean
  /** The last thing seen by the watch that this one goes on from, so that nothing is told twice. */
  readonly after?: Observation | undefined
  /** Somebody else's deployment was seen to replace it, before this watch. */
  readonly wasReplaced?: boolean
  /** Called before the first pause between two polls: what only informs is read while there is nothing else to do. */
  readonly onPause?: () => void
}

/** For so long the service deployments API may fail before what DescribeServices alone tells is the end. */
const SILENCE_MS = 30_000

/** So long a task has to run before ECS itself takes one without health checks for healthy, in milliseconds. */
const SETTLING_MS = 40_000

type FinalVerdict = Exclude<Verdict, { kind: 'in-progress' | 'failing' }>

/** How a watch ends: a final verdict of ECS, the budget's end, or a deployment in progress that cannot end well. */
export type WatchVerdict =
  | FinalVerdict
  | PatienceEnd
  /** ECS still tries: no task ever got healthy, and every failure has the same cause, which does not heal. */
  | { readonly kind: 'doomed'; readonly diagnosis: Diagnosis }

/** The end of a watch. */
export interface WatchEnd {
  readonly verdict: WatchVerdict
  /** The last thing seen, undefined when no poll ever succeeded. */
  readonly last: Observation | undefined
  readonly serviceDeploymentArn: string | undefined
  /** Since when and why it was certain to fail; undefined when it was not. */
  readonly failing: Failing | undefined
  /** How many of its tasks had failed, when it was last seen to be PRIMARY without all of its tasks. */
  readonly failedTasks: number
  /** Why the last polls failed; undefined when the end was seen. */
  readonly blindness: string | undefined
}

/** Watches one deployment to its end; throws only what makes further polls pointless. */
export async function watchDeployment(
  world: World,
  ecs: EcsPort,
  mine: WatchedDeployment,
  plan: WatchPlan,
  emit: Emit
): Promise<WatchEnd> {
  return new Watch(world, ecs.polling(), mine, plan, emit).toTheEnd()
}

/** One watch, and what its polls have shown so far. */
class Watch {
  #failing: Failing | undefined
  #failedTasks = 0
  /** Where the service has landed by what DescribeServices alone shows, while the other API is waited for to confirm it. */
  #landing: FinalVerdict | undefined
  #sawMine: boolean
  #wasReplaced: boolean
  /** Since when, in epoch milliseconds, the service deployments API calls it stopped; undefined while it does not. */
  #stoppedSince: number | undefined
  /** Since when, in epoch milliseconds, it is full and alone where ECS tells no rollout state; undefined while it is not. */
  #settledSince: number | undefined
  readonly #startedAt: number
  readonly #world: World
  readonly #mine: WatchedDeployment
  readonly #plan: WatchPlan
  readonly #emit: Emit
  readonly #poller: Poller
  readonly #narrator: Narrator
  readonly #failures: FailureLook

  constructor(world: World, reads: EcsReads, mine: WatchedDeployment, plan: WatchPlan, emit: Emit) {
    this.#world = world
    this.#mine = mine
    this.#plan = plan
    this.#emit = emit
    this.#startedAt = world.clock.now()
    this.#sawMine = plan.after !== undefined && lists(plan.after, mine)
    this.#wasReplaced = plan.wasReplaced === true
    if (plan.after !== undefined) this.#wasReplaced ||= showsSuccessor(plan.after.service, mine)
    this.#poller = new Poller(reads, world.clock, mine, plan, !this.#sawMine, emit)
    this.#narrator = new Narrator(mine, plan.service, this.#startedAt, plan.after, emit)
    this.#failures = new FailureLook(world, reads, mine, plan, emit)
  }

  async toTheEnd(): Promise<WatchEnd> {
    const { clock, signal } = this.#world
    for (let polls = 1; ; polls++) {
      const seen = await this.#poller.poll()
      if (this.#poller.isGone) return this.#end({ kind: 'service-gone', status: 'MISSING' })
      const final = seen && (await this.#judge(seen))
      if (final !== undefined) return this.#end(final)
      const now = clock.now()
      const isBlind = seen === undefined || this.#poller.silentMs !== undefined
      const over = outOfPatience(this.#failing, isBlind, now, this.#deadline)
      if (over !== undefined) return this.#end(this.#landing ?? over, this.#poller.blindness)
      if (polls === 1) this.#plan.onPause?.()
      await clock.sleep(Math.min(this.#plan.pollMs, this.#deadline - now), signal)
    }
  }

  /** What a poll decides; undefined while the watch goes on. */
  async #judge(seen: Observation): Promise<WatchVerdict | undefined> {
    const found = verdict(this.#mine, seen, this.#remember(seen))
    const now = this.#world.clock.now()
    this.#narrator.tell(seen, now)
    const { silentMs } = this.#poller
    const isApparent = silentMs !== undefined && primaryDeployment(seen.service)?.id !== this.#mine.id
    this.#landing = found.kind === 'rolled-back' ? withReason(found, this.#failing) : undefined
    if (found.kind === 'failing' || (found.kind === 'rolled-back' && isApparent && silentMs <= SILENCE_MS)) {
      if (this.#failing === undefined) this.#turnRed(found.reason)
      const rollback = rollbackSeen(this.#mine, seen)
      this.#failing = stillFailing(this.#failing, { sinceMs: now, reason: found.reason, isApparent, rollback })
    } else if (found.kind !== 'in-progress') {
      // It can be over before anybody looks.
      if (this.#failing === undefined && 'reason' in found) this.#turnRed(found.reason)
      return withReason(found, this.#failing)
    } else if (this.#plan.failsFast && this.#failing === undefined) {
      const diagnosis = await this.#failures.look(seen, now)
      if (diagnosis !== undefined) {
        this.#turnRed(diagnosis.sentence)
        return { kind: 'doomed', diagnosis }
      }
    }
    this.#failedTasks = countFailures(this.#mine.id, seen, this.#failures.failedTasks) ?? this.#failedTasks
    return undefined
  }

  #remember(seen: Observation): WatchMemory {
    const now = this.#world.clock.now()
    this.#sawMine ||= lists(seen, this.#mine)
    this.#wasReplaced ||= showsSuccessor(seen.service, this.#mine)
    this.#stoppedSince = isStopped(seen.serviceDeployment?.status) ? (this.#stoppedSince ?? now) : undefined
    this.#settledSince = looksSettled(this.#mine, seen.service) ? (this.#settledSince ?? now) : undefined
    const settlingMs = Math.max(SETTLING_MS, seen.service.healthCheckGracePeriodSeconds * 1000)
    return {
      sawMine: this.#sawMine || now - this.#startedAt > STALENESS_MS,
      sawFailing: this.#failing?.isApparent === false,
      wasReplaced: this.#wasReplaced,
      isSettledForGood: this.#settledSince !== undefined && now - this.#settledSince >= settlingMs,
      isStoppedForGood: this.#stoppedSince !== undefined && now - this.#stoppedSince > STALENESS_MS
    }
  }

  /** In epoch milliseconds. */
  get #deadline(): number {
    const { budgetMs } = this.#plan
    return this.#failing === undefined ? this.#startedAt + budgetMs : this.#failing.sinceMs + rollbackBudgetMs(budgetMs)
  }

  #turnRed(reason = 'ECS gives no reason yet'): void {
    // Whoever asked for a rollback knows.
    if (this.#plan.failsFast) this.#emit({ kind: 'turned-red', service: this.#plan.service, reason })
  }

  #end(final: WatchVerdict, blindness?: string): WatchEnd {
    return {
      verdict: final,
      last: this.#poller.last,
      serviceDeploymentArn: this.#poller.serviceDeploymentArn,
      failing: this.#failing,
      failedTasks: this.#failedTasks,
      blindness
    }
  }
}

/** Whether the service lists the deployment. */
function lists({ service }: Observation, { id }: WatchedDeployment): boolean {
  return service.deployments.some(deployment => deployment.id === id)
}

/** What ECS says no more once a deployment has landed, it may have said before. */
function withReason(landed: FinalVerdict, failing: Failing | undefined): FinalVerdict {
  return 'reason' in landed ? { ...landed, reason: landed.reason ?? failing?.reason } : landed
}
