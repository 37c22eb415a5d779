import { normaliseTaskDefinition } from './normalise.ts'
import type { TaskDefinitionDocument } from './document.ts'
import { isList, isObject, memberOf, sameJson, textAt } from '../json.ts'
import type { Json, JsonObject } from '../json.ts'
import { withoutLogin } from '../login.ts'
import { quoted } from '../wording.ts'

/** One difference between two revisions; `from` and `to` only where the value is nobody's secret. */
export interface TaskDefinitionChange {
  readonly kind: 'added' | 'removed' | 'changed'
  /** Where: `cpu`, `web.image`, `web.environment.LOG_LEVEL`. */
  readonly path: string
  readonly from?: string
  readonly to?: string
}

/** How a place in a document is called, and what there may be shown: everything, or some members of it. */
interface Place {
  readonly path: string
  readonly shown: 'all' | readonly string[]
}

/** Members whose values may be shown, with all they hold; whatever is not listed stays hidden. */
const SHOWN_IN_TASK: readonly string[] = [
  'family',
  'cpu',
  'memory',
  'networkMode',
  'taskRoleArn',
  'executionRoleArn',
  'requiresCompatibilities',
  'runtimePlatform',
  'ephemeralStorage',
  'enableFaultInjection',
  'pidMode',
  'ipcMode'
]

const SHOWN_IN_CONTAINER: readonly string[] = [
  'image',
  'cpu',
  'memory',
  'memoryReservation',
  'essential',
  'portMappings',
  'startTimeout',
  'stopTimeout',
  'readonlyRootFilesystem',
  'versionConsistency',
  'dependsOn',
  'ulimits'
]

const SHOWN_IN_LOG_CONFIGURATION: readonly string[] = ['logDriver']

/** The differences between two documents, what ECS fills in aside; containers by name. */
export function diffTaskDefinition(
  from: TaskDefinitionDocument,
  to: TaskDefinitionDocument
): readonly TaskDefinitionChange[] {
  const [before, after] = [normaliseTaskDefinition(from), normaliseTaskDefinition(to)]
  const changes: TaskDefinitionChange[] = []
  for (const member of namesOf(before, after)) {
    const [a, b] = [memberOf(before, member), memberOf(after, member)]
    if (member === 'containerDefinitions') changes.push(...diffContainers(a, b))
    else changes.push(...diffValues(a, b, { path: label(member), shown: SHOWN_IN_TASK.includes(member) ? 'all' : [] }))
  }
  return changes
}

function diffContainers(from: Json | undefined, to: Json | undefined): TaskDefinitionChange[] {
  const [before, after] = [keyed(from ?? []), keyed(to ?? [])]
  if (before === undefined || after === undefined)
    return diffValues(from, to, { path: 'containerDefinitions', shown: [] })
  return namesOf(before, after).flatMap(name => {
    const [a, b] = [memberOf(before, name), memberOf(after, name)]
    // Of a container that is new or gone, the image says enough.
    if (!isObject(a) || !isObject(b)) return difference(imageOf(a), imageOf(b), { path: label(name), shown: 'all' })
    return namesOf(a, b).flatMap(member =>
      diffValues(memberOf(a, member), memberOf(b, member), {
        path: `${label(name)}.${label(member)}`,
        shown: shownInContainer(member)
      })
    )
  })
}

function shownInContainer(member: string): Place['shown'] {
  if (member === 'logConfiguration') return SHOWN_IN_LOG_CONFIGURATION
  return SHOWN_IN_CONTAINER.includes(member) ? 'all' : []
}

function diffValues(from: Json | undefined, to: Json | undefined, place: Place): TaskDefinitionChange[] {
  if (sameJson(from, to)) return []
  const [a, b] = [membersOf(from, to), membersOf(to, from)]
  if (a === undefined || b === undefined) return difference(from, to, place)
  const changes = namesOf(a, b).flatMap(name =>
    diffValues(memberOf(a, name), memberOf(b, name), {
      path: `${place.path}.${label(name)}`,
      shown: place.shown === 'all' || place.shown.includes(name) ? 'all' : []
    })
  )
  // Empty against absent, or the same items in another order where order matters.
  return changes.length > 0 ? changes : difference(from, to, place)
}

/** A value as named members if it can be compared so with the other one, which may be absent. */
function membersOf(value: Json | undefined, other: Json | undefined): JsonObject | undefined {
  const either = value ?? other
  if (isObject(either)) return value === undefined ? {} : isObject(value) ? value : undefined
  if (!isList(either)) return undefined
  if (value !== undefined && !isList(value)) return undefined
  if (other !== undefined && (!isList(other) || keyed(other) === undefined)) return undefined
  return keyed(value ?? [])
}

/** The items of a list by what tells them apart; undefined when some cannot be told apart. */
function keyed(list: Json): JsonObject | undefined {
  if (!isList(list)) return undefined
  const items = new Map<string, Json>()
  for (const item of list) {
    const key = isObject(item) ? keyOf(item) : undefined
    if (key === undefined || items.has(key)) return undefined
    items.set(key, isObject(item) ? leafOf(item) : item)
  }
  return Object.fromEntries(items)
}

function keyOf(item: JsonObject): string | undefined {
  const port = memberOf(item, 'containerPort')
  if (typeof port === 'number') return `${port}/${textAt(item, 'protocol') ?? 'tcp'}`
  return textAt(item, 'name') ?? textAt(item, 'containerName') ?? textAt(item, 'containerPath')
}

/** `{name, value}` is one fact, so that its path ends in the name. */
function leafOf(item: JsonObject): Json {
  const names = Object.keys(item)
  const other = names.find(name => name !== 'name')
  return names.length === 2 && (other === 'value' || other === 'valueFrom') ? (memberOf(item, other) ?? null) : item
}

function difference(from: Json | undefined, to: Json | undefined, { path, shown }: Place): TaskDefinitionChange[] {
  if (from === undefined && to === undefined) return []
  const kind = from === undefined ? 'added' : to === undefined ? 'removed' : 'changed'
  if (shown !== 'all') return [{ kind, path }]
  return [
    {
      kind,
      path,
      ...(from === undefined ? {} : { from: textOf(from) }),
      ...(to === undefined ? {} : { to: textOf(to) })
    }
  ]
}

function imageOf(container: Json | undefined): Json | undefined {
  return isObject(container) ? (textAt(container, 'image') ?? '') : undefined
}

function textOf(value: Json): string {
  return typeof value === 'string' ? withoutLogin(value) : JSON.stringify(value)
}

function label(name: string): string {
  return quoted(name).slice(1, -1)
}

function namesOf(a: JsonObject, b: JsonObject): readonly string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])]
}

/** A change in words; values only where they are nobody's secret. */
export function describeChange({ kind, path, from, to }: TaskDefinitionChange): string {
  if (from !== undefined && to !== undefined) return `${path}: ${from} → ${to}`
  const value = to ?? from
  return `${path} ${kind}${value === undefined ? '' : `: ${value}`}`
}
