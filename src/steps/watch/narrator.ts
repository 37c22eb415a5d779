import { describeProgress, eventsSince, readProgress } from '../../decide/service/progress.ts'
import type { Approval } from '../../decide/service/approval.ts'
import type { ServiceEvent } from '../../decide/service/snapshot.ts'
import type { Observation, WatchedDeployment } from '../../decide/service/verdict.ts'
import { describeWait, isBaking } from '../../decide/service/waiting.ts'
import type { Emit } from '../../event.ts'

/** A log that stands still for longer looks like a job that hangs, also while somebody takes hours to approve. */
const REMINDER_MS = 30_000

/** Says what changed since the last poll, and every half minute what is still waited for. */
export class Narrator {
  #lastLine = ''
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
    this.#tellEvents(eventsSince(service, this.#mine))
    this.#bakingSince = isBaking(this.#mine.id, seen) ? (this.#bakingSince ?? now) : undefined
    const progress = readProgress(this.#mine.id, service, serviceDeployment)
    const line = describeProgress(progress)
    if (line !== this.#lastLine) {
      this.#lastLine = line
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

  #tellEvents(events: readonly ServiceEvent[]): void {
    for (const { id, message } of [...events].reverse()) {
      if (this.#toldEvents.has(id)) continue
      this.#toldEvents.add(id)
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
