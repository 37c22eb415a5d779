import type { TaskDefinitionDocument } from './document.ts'
import { isList, isObject, mapMembers, memberOf, sameJson, textAt } from '../json.ts'
import type { Json, JsonObject } from '../json.ts'
import { READ_ONLY_MEMBERS, TASK_DEFINITION } from './model.ts'
import type { ObjectShape, Shape } from './model.ts'
import { cpuUnits, memoryMib } from './size.ts'

/** Lists whose order means nothing to ECS, by the member that holds them, with the members that tell items apart. */
const UNORDERED: Readonly<Record<string, readonly string[]>> = {
  containerDefinitions: ['name'],
  environment: ['name'],
  secrets: ['name'],
  secretOptions: ['name'],
  portMappings: ['containerPort', 'containerPortRange', 'protocol'],
  dependsOn: ['containerName'],
  ulimits: ['name'],
  volumes: ['name'],
  requiresCompatibilities: []
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html: seconds, seconds, attempts. */
const HEALTH_CHECK_DEFAULTS: JsonObject = { interval: 30, timeout: 5, retries: 3 }

/** Empty, these reset what the image says, which is not the same as saying nothing. */
const EMPTY_MEANS_SOMETHING: readonly string[] = ['command', 'entryPoint']

/**
 * Whether two documents describe the same revision, what DescribeTaskDefinition fills in or rewrites aside. When in
 * doubt they differ: a revision too many harms less than a change that is not deployed.
 */
export function sameTaskDefinition(a: TaskDefinitionDocument, b: TaskDefinitionDocument): boolean {
  return sameJson(normaliseTaskDefinition(a), normaliseTaskDefinition(b))
}

/**
 * A document in the one form that all spellings of it share: no nulls, nothing that only Describe says, defaults
 * left out, sizes as plain numbers, lists without order sorted. For comparing, never for sending.
 */
export function normaliseTaskDefinition(document: TaskDefinitionDocument): JsonObject {
  const body = mapMembers(document, (value, member) =>
    READ_ONLY_MEMBERS.includes(member) || member === 'tags' ? undefined : value
  )
  const reduced = asObject(reduce(body, TASK_DEFINITION, ''))
  const networkMode = textAt(reduced, 'networkMode') ?? 'bridge'
  return mapMembers(reduced, (value, member) => {
    if (member === 'cpu') return plainSize(value, cpuUnits)
    if (member === 'memory') return plainSize(value, memoryMib)
    if (member === 'containerDefinitions' && isList(value)) {
      return value.map(container => (isObject(container) ? withoutDefaults(container, networkMode) : container))
    }
    if (member === 'volumes' && isList(value)) {
      return value.map(volume => (isObject(volume) ? mapMembers(volume, withoutEmptyHost) : volume))
    }
    return value
  })
}

/** Leaves out nulls and what an absent member says as well; sorts where order means nothing. */
function reduce(value: Json, shape: Shape | undefined, member: string): Json | undefined {
  if (value === null) return undefined
  if (isList(value)) {
    const items = typeof shape === 'object' && 'items' in shape ? shape.items : undefined
    if (value.length === 0 && shape !== undefined && !EMPTY_MEANS_SOMETHING.includes(member)) return undefined
    const reduced = value.map(item => reduce(item, items, '') ?? null)
    const keys = shape === undefined || !Object.hasOwn(UNORDERED, member) ? undefined : UNORDERED[member]
    return keys === undefined ? reduced : sorted(reduced, keys)
  }
  if (!isObject(value)) return value
  if (shape === 'texts by name') return Object.keys(value).length === 0 ? undefined : mapMembers(value, withoutNull)
  const members: ObjectShape['members'] = typeof shape === 'object' && 'members' in shape ? shape.members : {}
  return mapMembers(value, (inner, name) =>
    reduce(inner, Object.hasOwn(members, name) ? members[name] : undefined, name)
  )
}

function withoutDefaults(container: JsonObject, networkMode: string): JsonObject {
  return mapMembers(container, (value, member) => {
    if (member === 'essential' && value === true) return undefined
    if (member === 'cpu' && value === 0) return undefined
    if (member === 'healthCheck' && isObject(value)) {
      return mapMembers(value, (inner, name) => (inner === memberOf(HEALTH_CHECK_DEFAULTS, name) ? undefined : inner))
    }
    if (member === 'portMappings' && isList(value)) {
      return value.map(mapping => (isObject(mapping) ? withoutPortDefaults(mapping, networkMode) : mapping))
    }
    return value
  })
}

/** With awsvpc and host the host port is the container's; in bridge mode 0 and nothing both ask for a free one. */
function withoutPortDefaults(mapping: JsonObject, networkMode: string): JsonObject {
  const implied = networkMode === 'awsvpc' || networkMode === 'host' ? memberOf(mapping, 'containerPort') : 0
  return mapMembers(mapping, (value, member) => {
    if (member === 'protocol' && value === 'tcp') return undefined
    return member === 'hostPort' && (value === implied || value === 0) ? undefined : value
  })
}

function withoutEmptyHost(value: Json, member: string): Json | undefined {
  return member === 'host' && isObject(value) && Object.keys(value).length === 0 ? undefined : value
}

function plainSize(value: Json, read: (text: string) => number | undefined): Json {
  const plain = typeof value === 'string' ? read(value) : undefined
  return plain === undefined ? value : String(plain)
}

function withoutNull(value: Json): Json | undefined {
  return value === null ? undefined : value
}

function asObject(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {}
}

/** Stable, so that items which look alike stay as they were. */
function sorted(items: readonly Json[], keys: readonly string[]): readonly Json[] {
  return items
    .map((item): [string, Json] => [sortKey(item, keys), item])
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, item]) => item)
}

function sortKey(item: Json, keys: readonly string[]): string {
  if (!isObject(item)) return JSON.stringify(item)
  return JSON.stringify(keys.map(key => memberOf(item, key) ?? null))
}
