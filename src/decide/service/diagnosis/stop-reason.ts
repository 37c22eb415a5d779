import { IMAGE_RULES, PULL_RULES } from './image-rules.ts'
import { PLACEMENT_RULES } from './placement-rules.ts'
import { RESOURCE_RULES } from './resource-rules.ts'
import { plain, tail, type Cause, type StopRule, type Subject } from './stop-rule.ts'
import { RUNNING_RULES } from './running-rules.ts'

/**
 * The first rule that fits decides, so what can be mistaken for something else comes first: a missing secret and an
 * unreachable registry share their first words.
 */
const RULES: readonly StopRule[] = [
  ...IMAGE_RULES,
  ...RESOURCE_RULES,
  ...PLACEMENT_RULES,
  ...PULL_RULES,
  ...RUNNING_RULES
]

/** A reason that calls itself a failed pull is one, even for an image named after a secret or a log. */
const RULES_OF_PULLS: readonly StopRule[] = [...IMAGE_RULES, ...PULL_RULES]

/** The class of a reason that ECS wrote, by its wording of any year; undefined when none fits. */
export function readStopReason(reason: string, subject: Subject = {}): Cause | undefined {
  const text = plain(reason)
  const rules = text.startsWith('CannotPull') ? RULES_OF_PULLS : RULES
  return rules.find(({ all }) => all.every(pattern => pattern.test(text)))?.read(text, subject)
}

/** The cause of a task of which nothing but an unknown reason is known. */
export function unknownCause(reason: string, isStart: boolean): Cause {
  const said = plain(reason).replace(/\.$/, '')
  const what = isStart ? 'a task could not be started' : 'a task stopped'
  return {
    code: isStart ? 'task-failed-to-start' : 'deployment-failed',
    words: said === '' ? `${what}, and ECS gave no reason` : `${what}: ${tail(said)}`,
    remedy: 'look at the stopped task in the ECS console, and at the logs of its containers',
    heals: 'maybe'
  }
}

/** True for a cause that says no more than that something went wrong. */
export function isVague({ code }: Cause): boolean {
  return code === 'task-failed-to-start' || code === 'deployment-failed'
}

/** A stop that belongs to the ordinary life of a service: scaled in, replaced, or moved to other hardware by AWS. */
export function isOrdinaryStop(reason: string): boolean {
  return /^Scaling activity initiated by|performing maintenance on the underlying infrastructure/i.test(plain(reason))
}

/** A reason that says nothing: what happened is in the exit codes of the containers. */
export function isContainerExit(reason: string): boolean {
  return /Essential container in task exited/i.test(reason)
}

/** True when a container's own reason says that the kernel killed it for its memory. */
export function saysOutOfMemory(reason: string): boolean {
  return /OutOfMemory|killed due to memory usage/i.test(reason)
}

/**
 * True when a log ends with the word that a binary was built for another CPU, the only trace of that on Fargate: an
 * application that goes on after it, or says more of it, was not the binary.
 */
export function endsWithWrongArchitecture(lines: readonly string[]): boolean {
  const last = lines.findLast(line => line.trim() !== '')
  return last !== undefined && /exec format error\W*$/i.test(last)
}
