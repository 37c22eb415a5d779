/** Time as a running simulator has it. The only file of the simulator that reads the machine's clock. */
export interface Clock {
  /** Simulated time, epoch milliseconds. */
  now(): number
  /** The time that passes for whoever calls, in milliseconds from any origin: what throttle buckets refill by. */
  callerNow(): number
  /** Moves simulated time forward by `ms`. */
  advance(ms: number): void
  /** Lets `ms` of the caller's time pass. */
  wait(ms: number): Promise<void>
}

export interface ClockOptions {
  /** `manual`: time moves only by `advance`. Default: `scaled`. */
  readonly clock?: 'manual' | 'scaled'
  /** How many simulated seconds pass in a second, for a scaled clock. Default: 1. */
  readonly speed?: number
  /** When simulated time starts, epoch milliseconds. Default: now, or a fixed moment for a manual clock. */
  readonly startMs?: number
}

/** The clock that the options ask for. */
export function createClock({ clock = 'scaled', speed = 1, startMs }: ClockOptions): Clock {
  return clock === 'manual' ? createManualClock(startMs) : createScaledClock(speed, startMs)
}

/** Where a manual clock starts unless it is told: a fixed moment, so that a run repeats to the millisecond. */
const MANUAL_START_MS = Date.UTC(2026, 0, 5, 9, 0, 0)

/** Time that moves only by `advance`; a wait passes at once and moves it. */
function createManualClock(startMs: number = MANUAL_START_MS): Clock {
  let now = startMs
  return {
    now: () => now,
    callerNow: () => now,
    advance(ms) {
      now += ms
    },
    wait(ms) {
      now += ms
      return Promise.resolve()
    }
  }
}

/** Time that runs `speed` times as fast as the machine's, from `startMs` or from now. */
function createScaledClock(speed: number, startMs: number = Date.now()): Clock {
  const origin = performance.now()
  const elapsed = (): number => performance.now() - origin
  let advanced = 0
  return {
    now: () => startMs + elapsed() * speed + advanced,
    callerNow: elapsed,
    advance(ms) {
      advanced += ms
    },
    // The server that answers keeps the process alive; a call that is held up for a day must not, once that has closed.
    wait: ms => new Promise(resolve => setTimeout(resolve, ms).unref())
  }
}
