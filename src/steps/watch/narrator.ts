import { describeProgress, eventsOf, readProgress } from '../../decide/service/progress.ts'
import type { Approval } from '../../decide/service/approval.ts'
import type { ServiceEvent } from '../../decide/service/snapshot.ts'
import { STALENESS_MS } from '../../decide/service/staleness.ts'
import type { Observation, WatchedDeployment } from '../../decide/service/verdict.ts'
import { describeWait, isBaking } from '../../decide/service/waiting.ts'
import type { Emit } from '../../event.ts'

/** A log that stands still for longer looks like a job that hangs, also while somebody takes hours to approve. */
const REMINDER_MS = 30_000
/** What one replica has and another has not heard of comes and goes: a line that was told is no news for so long. */
const STALE_NEWS_MS = 60_000

/** How many tasks have failed, of reads that may lag behind. */
class FailureCount {
  #most = 0
  /** Since when, in epoch milliseconds, fewer are counted; undefined while they are not. */
  #fewerSince: number | undefined

  /** What to make of a count read at `now`, in epoch milliseconds: ECS counts anew when a task got healthy. */
  believe(count: number, now: number): number {
    this.#fewerSince = count < this.#most ? (this.#fewerSince ?? now) : undefined
    if (this.#fewerSince !== undefined && now - this.#fewerSince <= STALENESS_MS) return this.#most
    this.#fewerSince = undefined
    this.#most = count
    return count
  }
}

/** Says what changed since the last poll, and every half minute what is still waited for. */
export class Narrator {
  #lastLine = ''
  /** When each line was told last, in epoch milliseconds. */
  readonly #toldAt = new Map<string, number>()
  readonly #failures = new FailureCount()
  #spokeAt: number
  #bakingSince: number | undefined
  readonly #startedAt: number
  readonly #toldEvents: Set<string>
  readonly #toldHooks = new Set<string>()
  /** The watch that this one goes on from has given it up. */
  readonly #isGivenUp: boolean
  readonly #mine: WatchedDeployment
  readonly #service: string
  readonly #emit: Emit

  /**
   * `startedAt` is when the watch began, in epoch milliseconds; what the watch that it goes on from saw last, `after`, has
   * been told.
   */
  constructor(mine: WatchedDeployment, service: string, startedAt: number, after: Observation | undefined, emit: Emit) {
    this.#mine = mine
    this.#service = service
    this.#startedAt = startedAt
    this.#spokeAt = startedAt
    this.#toldEvents = new Set(after?.service.events.map(({ id }) => id))
    this.#isGivenUp = after?.service.deployments.some(({ id }) => id === mine.id) ?? false
    this.#emit = emit
  }

  /** Tells what a poll saw at `now`, in epoch milliseconds. */
  tell(seen: Observation, now: number): void {
    const { service, serviceDeployment } = seen
    this.#tellEvents(eventsOf(service, this.#mine), now)
    this.#bakingSince = isBaking(this.#mine.id, seen) ? (this.#bakingSince ?? now) : undefined
    const found = readProgress(this.#mine.id, service, serviceDeployment)
    const progress = { ...found, failed: this.#failures.believe(found.failed, now) }
    const line = describeProgress(progress)
    const toldAt = this.#toldAt.get(line)
    if (line !== this.#lastLine && (toldAt === undefined || now - toldAt >= STALE_NEWS_MS)) {
      this.#lastLine = line
      this.#toldAt.set(line, now)
      this.#spokeAt = now
      this.#emit({ kind: 'progress', service: this.#service, progress })
    } else if (now - this.#spokeAt >= REMINDER_MS) {
      this.#spokeAt = now
      this.#remind(seen, now)
    }
    this.#tellApprovals(progress.approvals)
  }

  #remind(seen: Observation, now: number): void {
    const seconds = Math.round((now - this.#startedAt) / 1000)
    const reason = describeWait(this.#mine.id, seen, this.#bakingSince, this.#isGivenUp)
    this.#emit({ kind: 'still-waiting', service: this.#service, seconds, reason })
  }

  #tellEvents(events: readonly ServiceEvent[], now: number): void {
    for (const { id, message } of [...events].reverse()) {
      if (this.#toldEvents.has(id)) continue
      this.#toldEvents.add(id)
      // A large service says the same once for each task.
      const toldAt = this.#toldAt.get(message)
      if (toldAt !== undefined && now - toldAt < STALE_NEWS_MS) continue
      this.#toldAt.set(message, now)
      this.#emit({ kind: 'service-event', service: this.#service, message })
    }
  }

  #tellApprovals(approvals: readonly Approval[]): void {
    for (const approval of approvals) {
      const key = `${approval.hookId} ${approval.stage ?? ''}`
      if (this.#toldHooks.has(key)) continue
      this.#toldHooks.add(key)
      this.#emit({ kind: 'awaiting-approval', service: this.#service, approval })
    }
  }
}
