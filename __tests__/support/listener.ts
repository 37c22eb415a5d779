import type { Event } from '../../src/event.ts'
import { logLines } from '../../src/report/log.ts'

/** Notes what is told as the lines of the log. */
export function listener() {
  const lines: string[] = []
  const emit = (event: Event): void => {
    lines.push(...logLines(event).map(({ text }) => text))
  }
  return { lines, emit }
}
