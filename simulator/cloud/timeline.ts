/** What a timeline runs at a moment of simulated time. */
export type Happening = () => void

/** A happening that can still be called off. */
export interface Scheduled {
  readonly at: number
  cancel(): void
}

interface Entry extends Scheduled {
  readonly order: number
  readonly run: Happening
  cancelled: boolean
}

/**
 * Simulated time as an ordered queue of happenings, in epoch milliseconds. Nothing here reads a wall clock: whoever
 * owns the timeline moves it with `advanceTo`, so that hours of a rollout take milliseconds and repeat exactly.
 */
export class Timeline {
  #now: number
  #order = 0
  readonly #queue: Entry[] = []

  constructor(startMs: number) {
    this.#now = startMs
  }

  /** Simulated time, epoch milliseconds. */
  now(): number {
    return this.#now
  }

  /** Runs `run` after `delayMs` of simulated time; happenings of the same moment keep the order they were asked for. */
  after(delayMs: number, run: Happening): Scheduled {
    const entry: Entry = {
      at: this.#now + Math.max(0, delayMs),
      order: this.#order++,
      run,
      cancelled: false,
      cancel() {
        entry.cancelled = true
      }
    }
    this.#push(entry)
    return entry
  }

  /** The moment of the next happening, or undefined when nothing is planned. */
  nextAt(): number | undefined {
    this.#dropCancelled()
    return this.#queue[0]?.at
  }

  /** Moves time forward to `timeMs` and runs everything due on the way, each at its own moment. Never goes back. */
  advanceTo(timeMs: number): void {
    for (;;) {
      this.#dropCancelled()
      const next = this.#queue[0]
      if (next === undefined || next.at > timeMs) break
      this.#pop()
      this.#now = Math.max(this.#now, next.at)
      next.run()
    }
    this.#now = Math.max(this.#now, timeMs)
  }

  #dropCancelled(): void {
    while (this.#queue[0]?.cancelled === true) this.#pop()
  }

  #before(a: Entry, b: Entry): boolean {
    return a.at < b.at || (a.at === b.at && a.order < b.order)
  }

  #push(entry: Entry): void {
    const queue = this.#queue
    let index = queue.push(entry) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      const above = queue[parent]
      if (above === undefined || this.#before(above, entry)) break
      queue[index] = above
      index = parent
    }
    queue[index] = entry
  }

  #pop(): void {
    const queue = this.#queue
    const last = queue.pop()
    if (last === undefined || queue.length === 0) return
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      const left = queue[child]
      if (left === undefined) break
      const right = queue[child + 1]
      let smallest = left
      if (right !== undefined && this.#before(right, left)) {
        smallest = right
        child += 1
      }
      if (this.#before(last, smallest)) break
      queue[index] = smallest
      index = child
    }
    queue[index] = last
  }
}
