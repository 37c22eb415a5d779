import { clip } from '../../text.ts'
import { taskId, type ContainerSnapshot, type TaskSnapshot } from '../snapshot.ts'

/** What a group of tasks with the same cause leaves behind: one line, for the others say the same. */
interface TaskGroup {
  readonly members: readonly { readonly task: TaskSnapshot }[]
}

interface EventGroup {
  readonly members: readonly { readonly message: string }[]
}

/** A screen still shows so many lines at a glance. */
const MOST_LINES = 12
/** Events say again in other words what the tasks say; a few are enough. */
const MOST_EVENT_LINES = 4

/** AWS gives a reason 1024 characters at most; a task has several containers with one each. */
const LONGEST_LINE = 2000

/** What AWS said about a failure, line by line: a task of each kind, then an event of each kind. */
export function evidenceOf(
  tasks: readonly TaskGroup[],
  events: readonly EventGroup[],
  essential: readonly string[]
): readonly string[] {
  const ofEvents = events.slice(0, MOST_EVENT_LINES).flatMap(({ members }) => eventLine(members))
  const ofTasks = tasks.flatMap(({ members }) => taskLine(members, essential))
  const room = MOST_LINES - ofEvents.length
  if (ofTasks.length <= room) return [...ofTasks, ...ofEvents]
  const more = `and ${String(ofTasks.length - room + 1)} more kinds of stops`
  return [...ofTasks.slice(0, room - 1), more, ...ofEvents]
}

function taskLine(members: TaskGroup['members'], essential: readonly string[]): readonly string[] {
  const [first] = members
  if (first === undefined) return []
  const { task } = first
  const parts = [task.stopCode, task.stoppedReason].filter(part => part !== undefined && part !== '')
  for (const container of task.containers) {
    const told = containerPart(container, task.stoppedReason, essential)
    if (told !== undefined) parts.push(told)
  }
  const others = members.length === 1 ? '' : ` (and ${String(members.length - 1)} like it)`
  const said = parts.length === 0 ? 'no reason given' : parts.join(' · ')
  return [clip(`task ${taskId(task.arn)}${others}: ${said}`, LONGEST_LINE)]
}

function containerPart(
  { name, exitCode, reason, healthStatus }: ContainerSnapshot,
  stoppedReason: string | undefined,
  essential: readonly string[]
): string | undefined {
  const isSide = essential.length > 0 && !essential.includes(name)
  const parts: string[] = []
  if (exitCode !== undefined) parts.push(`exit code ${String(exitCode)}`)
  if (healthStatus === 'UNHEALTHY') parts.push('unhealthy')
  if (reason !== undefined && reason !== stoppedReason) parts.push(reason)
  return parts.length === 0 ? undefined : `${isSide ? 'side ' : ''}container ${name}: ${parts.join(', ')}`
}

function eventLine(members: EventGroup['members']): readonly string[] {
  const [first] = members
  if (first === undefined) return []
  const times = members.length === 1 ? '' : ` (${String(members.length)} times)`
  return [clip(`event${times}: ${first.message}`, LONGEST_LINE)]
}
