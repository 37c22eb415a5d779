import type { Emit } from '../event.ts'
import type { Clock } from '../io/clock.ts'

/** A step that waits says every half minute what for: a log that stands still for longer looks like a job that hangs. */
const REMINDER_MS = 30_000
/** What is there at the first look or the second needs no line; the step before may have been silent for a while. */
const FIRST_MS = 10_000

/** Says what a step of the service waits for, as often as it is due; it begins to count now. */
export function reminderOf(clock: Clock, service: string, emit: Emit): (reason: string) => void {
  const startedAt = clock.now()
  let dueAt = startedAt + FIRST_MS
  return reason => {
    const now = clock.now()
    if (now < dueAt) return
    dueAt = now + REMINDER_MS
    emit({ kind: 'still-waiting', service, seconds: Math.round((now - startedAt) / 1000), reason })
  }
}
