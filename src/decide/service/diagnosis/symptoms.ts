import type { ServiceEvent, TaskSnapshot } from '../snapshot.ts'
import type { ContainerFacts } from './container-facts.ts'
import type { Symptoms } from './diagnosis.ts'
import { redact } from './redaction.ts'

/**
 * What is known about a deployment, from its stopped tasks, the service's events since it began, and its task definition;
 * without the values of environment variables.
 */
export function symptomsOf(
  facts: ContainerFacts,
  stopped: readonly TaskSnapshot[],
  events: readonly ServiceEvent[]
): Symptoms {
  const redactions = facts.redactions.filter(({ isWord }) => !isWord)
  const hide = (text: string): string => redact(text, redactions)
  return {
    stopped: stopped.map(task => withReasons(task, hide)),
    events: events.map(event => ({ ...event, message: hide(event.message) })),
    essential: facts.essential,
    logGroups: new Map([...facts.logs].map(([container, { group }]) => [container, group])),
    secrets: facts.secrets
  }
}

function withReasons(task: TaskSnapshot, change: (text: string) => string): TaskSnapshot {
  const changed = (text: string | undefined): string | undefined => (text === undefined ? undefined : change(text))
  return {
    ...task,
    stoppedReason: changed(task.stoppedReason),
    containers: task.containers.map(container => ({ ...container, reason: changed(container.reason) }))
  }
}
