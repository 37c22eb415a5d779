import type { FailureCode } from '../../../failure.ts'
import { clip } from '../../text.ts'
import { evidenceOf } from './evidence.ts'
import { taskId, type ServiceEvent, type TaskSnapshot } from '../snapshot.ts'
import { explainTask, type ContainerLog, type TaskCause, type TaskFacts } from './task-cause.ts'
import { readEvent, readTargetReason, startedTasks } from './service-event.ts'
import type { Cause, Heals, Subject } from './stop-rule.ts'
import { isVague } from './stop-reason.ts'

/** What is known about a deployment that does not end well; tasks and events of others have been left out. */
export interface Symptoms {
  /** Its stopped tasks, whatever they stopped for. */
  readonly stopped: readonly TaskSnapshot[]
  /** The service's events since it began. */
  readonly events: readonly ServiceEvent[]
  /** Names of the essential containers; when none is named, every container counts as one. */
  readonly essential: readonly string[]
  /** Log group of each container, for AWS does not name the one that is missing. */
  readonly logGroups?: ReadonlyMap<string, string>
  /** What the task definition reads secrets from (valueFrom), for AWS does not always name the one it means. */
  readonly secrets?: readonly string[]
  /** The last log lines of containers, as far as they have been read. */
  readonly logs?: readonly ContainerLog[]
}

/** A container whose log may say more. */
export interface Suspect {
  readonly taskId: string
  readonly container: string
}

/** Why a deployment does not end well. */
export interface Diagnosis {
  readonly code: FailureCode
  /** One line of at most 500 characters: how many tasks the reason explains, and the reason; then the next one. */
  readonly sentence: string
  readonly remedy: string
  readonly heals: Heals
  /** What AWS said, line by line; raw text of others. */
  readonly evidence: readonly string[]
  /** The containers that failed for this reason, of at most two tasks. */
  readonly suspects: readonly Suspect[]
}

interface Group<T> {
  readonly cause: Cause
  readonly members: readonly T[]
}

/** Tasks of the same cause log the same; two show whether that is so. */
const MOST_SUSPECT_TASKS = 2

/** Fits an annotation and a line of chat. */
const LONGEST_SENTENCE = 500

/** Reads why the tasks of one deployment stopped; undefined when none stopped and no event complains. */
export function diagnose(symptoms: Symptoms): Diagnosis | undefined {
  const tasks = groupByCause(causesOfTasks(symptoms))
  const told = causesOfEvents(symptoms)
  const events = groupByCause(tasks.length === 0 && told.mine.length === 0 ? told.hearsay : told.mine)
  const [task] = tasks
  const [event] = events
  const evidence = evidenceOf(tasks, events, symptoms.essential)
  if (task !== undefined && (!isVague(task.cause) || event === undefined || isVague(event.cause))) {
    const sentence = clip(sentenceOf(tasks), LONGEST_SENTENCE)
    return { ...withoutWords(task.cause), sentence, evidence, suspects: suspectsOf(task.members) }
  }
  if (event === undefined) return undefined
  return {
    ...withoutWords(event.cause),
    sentence: clip(event.cause.words, LONGEST_SENTENCE),
    evidence,
    suspects: suspectsOf(task?.members ?? [])
  }
}

/** `4 of 6 tasks: this; 2 of 6: that`; a second reason only where it may be to blame as well. */
function sentenceOf(groups: readonly Group<TaskCause>[]): string {
  const all = groups.reduce((sum, { members }) => sum + members.length, 0)
  const toBlame = groups.filter(({ cause }, index) => index === 0 || rank(cause) === 0)
  return toBlame
    .slice(0, 2)
    .map(({ members, cause }, index) => {
      const tasks = index > 0 ? '' : all === 1 ? ' task' : ' tasks'
      return `${members.length} of ${all}${tasks}: ${cause.words}`
    })
    .join('; ')
}

function withoutWords({ code, remedy, heals }: Cause): Pick<Diagnosis, 'code' | 'remedy' | 'heals'> {
  return { code, remedy, heals }
}

/** Why each of the stopped tasks stopped; ordinary stops are left out. */
export function causesOfTasks(symptoms: Symptoms): readonly TaskCause[] {
  const facts: TaskFacts = {
    essential: symptoms.essential,
    logGroups: symptoms.logGroups ?? new Map(),
    secrets: symptoms.secrets ?? [],
    logs: symptoms.logs ?? [],
    targetReasons: symptoms.events.flatMap(({ message }) => readTargetReason(message) ?? [])
  }
  return byArn(symptoms.stopped).flatMap(task => explainTask(task, facts) ?? [])
}

interface EventMember {
  readonly cause: Cause
  readonly message: string
}

/**
 * What the events complain of. One about a task that is not among the stopped ones is hearsay: the task may still run,
 * or may not be seen any more; and it counts for nothing unless it was started since the deployment began.
 */
function causesOfEvents({ stopped, events, essential, logGroups, secrets = [] }: Symptoms): {
  readonly mine: readonly EventMember[]
  readonly hearsay: readonly EventMember[]
} {
  const known = new Set(stopped.map(({ arn }) => taskId(arn)))
  const started = new Set(events.flatMap(({ message }) => startedTasks(message)))
  const subject: Subject = {
    container: essential.length === 1 ? essential[0] : undefined,
    logGroups: [...new Set(logGroups?.values())],
    secrets
  }
  const mine: EventMember[] = []
  const hearsay: EventMember[] = []
  for (const { message } of events) {
    const read = readEvent(message, subject)
    if (read === undefined) continue
    const member = { cause: read.cause, message }
    if (read.taskId === undefined || known.has(read.taskId)) mine.push(member)
    else if (started.has(read.taskId)) hearsay.push(member)
  }
  return { mine, hearsay }
}

/** Groups of the same words: what may have caused the failure first, then what explains most. */
function groupByCause<T extends { readonly cause: Cause }>(items: readonly T[]): readonly Group<T>[] {
  const groups = new Map<string, { readonly cause: Cause; readonly members: T[] }>()
  for (const item of items) {
    const group = groups.get(item.cause.words)
    if (group === undefined) groups.set(item.cause.words, { cause: item.cause, members: [item] })
    else group.members.push(item)
  }
  return [...groups.values()].sort(
    (a, b) => rank(a.cause) - rank(b.cause) || b.members.length - a.members.length || order(a, b)
  )
}

/** A cause that heals by itself did not fail a deployment in which another one was at work. */
function rank(cause: Cause): number {
  if (cause.heals === 'yes') return 2
  return isVague(cause) ? 1 : 0
}

function order(a: { readonly cause: Cause }, b: { readonly cause: Cause }): number {
  return a.cause.words < b.cause.words ? -1 : 1
}

function byArn(tasks: readonly TaskSnapshot[]): readonly TaskSnapshot[] {
  return [...tasks].sort((a, b) => (a.arn < b.arn ? -1 : a.arn > b.arn ? 1 : 0))
}

function suspectsOf(members: readonly TaskCause[]): readonly Suspect[] {
  return members
    .filter(({ containers }) => containers.length > 0)
    .slice(0, MOST_SUSPECT_TASKS)
    .flatMap(({ task, containers }) => containers.map(container => ({ taskId: taskId(task.arn), container })))
}
