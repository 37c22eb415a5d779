import type { ContainerLog } from './task-cause.ts'

/** A log that was read, and the group it is in. */
export interface ReadLog extends ContainerLog {
  readonly group: string
}

/** The last lines of the containers that failed; where one says the same as another, that is said instead. */
export function logEvidence(logs: readonly ReadLog[]): readonly string[] {
  const evidence: string[] = []
  for (const [index, { container, taskId, group, lines }] of logs.entries()) {
    const who = `container ${container} of task ${taskId}`
    const same = logs.slice(0, index).some(other => other.container === container && sameLines(other.lines, lines))
    if (same) evidence.push(`${who} ${lines.length === 0 ? 'logged nothing either' : 'logged the same'}`)
    else if (lines.length === 0) evidence.push(`${who} logged nothing`)
    else evidence.push(`${who} logged last, in ${group}:`, ...lines.map(line => `| ${line}`))
  }
  return evidence
}

function sameLines(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((line, index) => line === others[index])
}
