import { exitCause, outOfMemory, rankOfExit } from './exit-code.ts'
import type { TargetReason } from './service-event.ts'
import { wrongArchitecture } from './image-rules.ts'
import { infrastructure, spotInterruption } from './placement-rules.ts'
import { find, plain, tail, type Cause } from './stop-rule.ts'
import { unhealthyTarget } from './running-rules.ts'
import {
  endsWithWrongArchitecture,
  isContainerExit,
  isOrdinaryStop,
  isVague,
  readStopReason,
  saysOutOfMemory,
  unknownCause
} from './stop-reason.ts'
import { taskId, type ContainerSnapshot, type TaskSnapshot } from '../snapshot.ts'

/** The last lines that a container logged, oldest first. */
export interface ContainerLog {
  readonly taskId: string
  readonly container: string
  readonly lines: readonly string[]
}

/** What helps to understand why a task stopped. */
export interface TaskFacts {
  /** Names of the essential containers; when none is named, every container counts as one. */
  readonly essential: readonly string[]
  readonly logGroups: ReadonlyMap<string, string>
  readonly secrets: readonly string[]
  readonly logs: readonly ContainerLog[]
  readonly targetReasons: readonly TargetReason[]
}

/** A stopped task, why it stopped, and which of its containers may have logged something about it. */
export interface TaskCause {
  readonly task: TaskSnapshot
  readonly cause: Cause
  readonly containers: readonly string[]
}

/** Why a task stopped; undefined for a stop that belongs to the ordinary life of a service. */
export function explainTask(task: TaskSnapshot, facts: TaskFacts): TaskCause | undefined {
  const reason = task.stoppedReason ?? ''
  if (isOrdinaryStop(reason)) return undefined
  // The text of StopTask is whatever somebody wrote: it is quoted and never read.
  if (task.stopCode === 'UserInitiated') return { task, cause: stoppedByUser(reason), containers: [] }
  const essential = essentialOf(task, facts.essential)
  return (
    ranOutOfMemory(task, essential) ??
    failedTarget(task, reason, essential, facts.targetReasons) ??
    byReason(task, reason, essential, facts) ??
    exited(task, reason, essential, facts.logs) ?? {
      task,
      cause: byStopCode(task.stopCode, reason),
      containers: ran(essential)
    }
  )
}

/** Essential containers first; when none is essential or known to be, all of them. */
function essentialOf(task: TaskSnapshot, names: readonly string[]): readonly ContainerSnapshot[] {
  const essential = task.containers.filter(({ name }) => names.includes(name))
  return essential.length === 0 ? task.containers : essential
}

function ranOutOfMemory(task: TaskSnapshot, essential: readonly ContainerSnapshot[]): TaskCause | undefined {
  const killed = essential.find(({ reason = '' }) => saysOutOfMemory(reason))
  if (killed === undefined) return undefined
  return { task, cause: outOfMemory(plain(killed.name), killed.exitCode), containers: [killed.name] }
}

/** The load balancer's reason is in an event alone, under the id of the task, or of none for container instances. */
function failedTarget(
  task: TaskSnapshot,
  reason: string,
  essential: readonly ContainerSnapshot[],
  targetReasons: readonly TargetReason[]
): TaskCause | undefined {
  if (!/failed ELB health checks/i.test(reason)) return undefined
  const targetGroup = find(plain(reason), /\((?:target-group|elb) ([^)]+)\)?/i)
  const id = taskId(task.arn)
  const inGroup = targetReasons.filter(told => told.targetGroup === targetGroup)
  const told = inGroup.find(each => each.taskId === id) ?? inGroup.find(each => each.taskId === undefined)
  return { task, cause: unhealthyTarget(targetGroup, told?.reason), containers: ran(essential) }
}

/** By the task's own reason, else by that of a container, essential ones first. */
function byReason(
  task: TaskSnapshot,
  reason: string,
  essential: readonly ContainerSnapshot[],
  { logGroups, secrets }: TaskFacts
): TaskCause | undefined {
  const complaining = [...essential, ...task.containers].find(container => container.reason !== undefined)
  const unhealthy = essential.find(({ healthStatus }) => healthStatus === 'UNHEALTHY')
  const container = complaining ?? unhealthy ?? (task.containers.length === 1 ? task.containers[0] : undefined)
  const subject = {
    image: container?.image === undefined ? undefined : plain(container.image),
    container: container === undefined ? undefined : plain(container.name),
    hasSiblings: task.containers.length > 1,
    logGroups: [...new Set(logGroups.values())],
    secrets
  }
  const causes = reasonsOf(reason, complaining?.reason).flatMap(text => readStopReason(text, subject) ?? [])
  const cause = causes.find(each => !isVague(each)) ?? causes[0]
  return cause && { task, cause, containers: ran(container === undefined ? essential : [container]) }
}

/** What says why, best first: Fargate cuts the reason of a task off, and then that of its container has the rest. */
function reasonsOf(task: string, container: string | undefined): readonly string[] {
  if (container === undefined) return isContainerExit(task) ? [] : [task]
  if (isContainerExit(task)) return [container]
  return container.startsWith(task.replace(/(?:…|\.{3})$/, '')) ? [container, task] : [task, container]
}

function exited(
  task: TaskSnapshot,
  reason: string,
  essential: readonly ContainerSnapshot[],
  logs: readonly ContainerLog[]
): TaskCause | undefined {
  const isUntold = task.stopCode === undefined && reason === ''
  if (task.stopCode !== 'EssentialContainerExited' && !isContainerExit(reason) && !isUntold) return undefined
  const candidates = essential.flatMap(({ name, exitCode }) => (exitCode === undefined ? [] : [{ name, exitCode }]))
  const [first] = candidates.sort((a, b) => rankOfExit(a.exitCode) - rankOfExit(b.exitCode))
  if (first === undefined) return undefined
  const { name, exitCode } = first
  // The logs of two tasks are read; what they show of a container goes for it in the others too.
  const isForeign = logs.some(({ container, lines }) => container === name && endsWithWrongArchitecture(lines))
  const cause = isForeign && exitCode !== 0 ? wrongArchitecture(plain(name)) : exitCause(plain(name), exitCode)
  return { task, cause, containers: [name] }
}

function byStopCode(stopCode: string | undefined, reason: string): Cause {
  switch (stopCode) {
    case 'SpotInterruption':
    case 'TerminationNotice':
      return spotInterruption()
    case 'InfrastructureHealth':
      return infrastructure(
        `the infrastructure under the task failed${reason === '' ? '' : `: ${tail(plain(reason))}`}`,
        'yes'
      )
    case undefined:
    default:
      return /stopped by user/i.test(reason)
        ? stoppedByUser(reason)
        : unknownCause(reason, stopCode === 'TaskFailedToStart')
  }
}

function stoppedByUser(reason: string): Cause {
  const said = plain(reason)
  const quote = said === '' || /^Task stopped by user$/i.test(said) ? '' : ` ("${tail(said)}")`
  return {
    code: 'stopped-by-user',
    words: `somebody stopped the task${quote}`,
    remedy: 'find out who calls StopTask on the tasks of this service',
    heals: 'yes'
  }
}

function ran(containers: readonly ContainerSnapshot[]): readonly string[] {
  return containers.filter(({ exitCode }) => exitCode !== undefined).map(({ name }) => name)
}
