/** What is said again and again is said so often. */
const INTERVAL_MS = 30_000

/** Remembers what was said, so that a call which AWS throttles for minutes does not fill the log. */
export class Repeats {
  readonly #saidAt = new Map<string, number>()

  /** Whether `text` was not said within the last half minute; `now` is in epoch milliseconds. */
  isNews(text: string, now: number): boolean {
    const before = this.#saidAt.get(text)
    if (before !== undefined && now - before < INTERVAL_MS) return false
    this.#saidAt.set(text, now)
    return true
  }
}
