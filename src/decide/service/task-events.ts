import { readEvent, readTargetReason } from './diagnosis/service-event.ts'
import { clip } from '../text.ts'
import { targetGroupName } from './diagnosis/running-rules.ts'
import { tail } from './diagnosis/stop-rule.ts'
import type { ServiceEvent } from './snapshot.ts'

/*
 * What the service's events (newest first) tell of its tasks that no count tells. It words what people read while they
 * wait, and decides nothing.
 */

/** It is said again every half minute. */
const LONGEST_COMPLAINT = 300

/** The tasks that a load balancer calls unhealthy, for one reason. */
export interface UnhealthyTargets {
  readonly targetGroup: string
  readonly reason: string
  readonly tasks: number
}

/** The tasks that were called unhealthy and not stopped since, by target group, each with the newest reason. */
export function unhealthyTargets(events: readonly ServiceEvent[]): readonly UnhealthyTargets[] {
  const done = new Set<string>()
  const groups = new Map<string, UnhealthyTargets>()
  for (const { message } of events) {
    const told = readTargetReason(message)
    if (told?.taskId === undefined) {
      if (/ has stopped \d+ running tasks/.test(message)) for (const id of taskIds(message)) done.add(id)
      continue
    }
    if (done.has(told.taskId)) continue
    done.add(told.taskId)
    const targetGroup = targetGroupName(told.targetGroup)
    const group = groups.get(targetGroup)
    groups.set(targetGroup, { targetGroup, reason: group?.reason ?? tail(told.reason), tasks: (group?.tasks ?? 0) + 1 })
  }
  return [...groups.values()]
}

/** How many tasks began last to let their connections end; undefined when no event tells. */
export function drainingTasks(events: readonly ServiceEvent[]): number | undefined {
  for (const { message } of events) {
    const count = /has begun draining connections on (\d+) tasks/.exec(message)?.[1]
    if (count !== undefined) return Number(count)
  }
  return undefined
}

/** Why ECS gets on no further, in the words of its newest event; undefined once it started or stopped tasks again. */
export function newestComplaint(events: readonly ServiceEvent[]): string | undefined {
  for (const { message } of events) {
    if (/ has (?:started|stopped) \d+ /.test(message)) return undefined
    if (readEvent(message) !== undefined) return clip(message, LONGEST_COMPLAINT)
  }
  return undefined
}

function taskIds(message: string): readonly string[] {
  return [...message.matchAll(/\(task ([0-9a-f-]+)\)/g)].flatMap(([, id]) => id ?? [])
}
