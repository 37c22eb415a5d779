import type { Emit } from '../../event.ts'

const REMINDER_MS = 30_000
/**
 * An API that refused or did not answer is left alone for so long, and twice as long each time it does so again: others
 * may use up its rate, and one that hangs holds up what the other one has to say.
 */
const FIRST_REST_MS = 500
const LONGEST_REST_MS = 8_000

/** Says that polls fail: at once, then every half minute while they go on failing, and that it is over. */
export class PollTrouble {
  /** Why the newest poll failed; undefined when it was answered. */
  reason: string | undefined
  /** When the first of the polls failed that have failed since one was answered, in epoch milliseconds. */
  since: number | undefined
  #times = 0
  #saidAt = 0
  #restsUntil = 0
  readonly #service: string
  readonly #emit: Emit

  constructor(service: string, emit: Emit) {
    this.#service = service
    this.#emit = emit
  }

  /** Takes note of a poll that failed at `now`, in epoch milliseconds. */
  failed(reason: string, now: number): void {
    this.reason = reason
    this.since ??= now
    this.#times += 1
    if (this.#times === 1) this.#say(reason, now)
    else this.remind(now)
  }

  /** Says again what fails when it has not been said for half a minute by `now`, in epoch milliseconds. */
  remind(now: number): void {
    if (this.reason !== undefined && now - this.#saidAt >= REMINDER_MS) this.#say(this.reason, now)
  }

  #say(reason: string, now: number): void {
    this.#saidAt = now
    this.#emit({ kind: 'poll-failed', service: this.#service, reason, times: this.#times })
  }

  /** Takes note of a call that failed at `now`, in epoch milliseconds, after which the API is given a rest. */
  refused(reason: string, now: number): void {
    this.failed(reason, now)
    this.#restsUntil = now + Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** (this.#times - 1))
  }

  /** Whether the API is better not called at `now`, in epoch milliseconds. */
  isResting(now: number): boolean {
    return now < this.#restsUntil
  }

  /** Takes note of a poll that was answered. */
  answered(): void {
    if (this.#times > 1)
      this.#emit({ kind: 'note', text: `polls are answered again, after ${String(this.#times)} failures` })
    this.reason = undefined
    this.since = undefined
    this.#times = 0
  }
}
