import type { Emit } from '../../event.ts'

const REMINDER_MS = 30_000

/** Says that polls fail: at once, then every half minute while they go on failing, and that it is over. */
export class PollTrouble {
  /** Why the newest poll failed; undefined when it was answered. */
  reason: string | undefined
  #times = 0
  #saidAt = 0
  readonly #service: string
  readonly #emit: Emit

  constructor(service: string, emit: Emit) {
    this.#service = service
    this.#emit = emit
  }

  /** Takes note of a poll that failed at `now`, in epoch milliseconds. */
  failed(reason: string, now: number): void {
    this.reason = reason
    this.#times += 1
    if (this.#times > 1 && now - this.#saidAt < REMINDER_MS) return
    this.#saidAt = now
    this.#emit({ kind: 'poll-failed', service: this.#service, reason, times: this.#times })
  }

  /** Takes note of a poll that was answered. */
  answered(): void {
    if (this.#times > 1)
      this.#emit({ kind: 'note', text: `polls are answered again, after ${String(this.#times)} failures` })
    this.reason = undefined
    this.#times = 0
  }
}
