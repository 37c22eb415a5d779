import type { Json } from '../protocol/operation.ts'

/** One line of the call log. */
export interface LoggedCall {
  readonly seq: number
  /** Simulated time, ISO 8601. */
  readonly at: string
  readonly service: string
  readonly operation: string
  /** HTTP status; 0 when the connection was cut. */
  readonly status: number
  readonly error?: string
  readonly region?: string
  readonly invocation?: string
  readonly request: Json
}

/** Calls kept: more than any test makes, and an upper bound for a simulator that runs for days. */
const KEPT_CALLS = 20_000

/** What clients have called, in the order the calls came in. */
export class CallLog {
  readonly #calls: LoggedCall[] = []
  #seq = 0

  /** The number of a call that just came in. */
  open(): number {
    this.#seq += 1
    return this.#seq
  }

  /** Writes down how a call ended. */
  close(call: LoggedCall): void {
    this.#calls.push(call)
    if (this.#calls.length > KEPT_CALLS) this.#calls.shift()
  }

  /** Every call that has ended, oldest first by the moment it came in. */
  list(): readonly LoggedCall[] {
    return this.#calls.toSorted((a, b) => a.seq - b.seq)
  }
}
