import { AwsError, type Json, type JsonObject } from '../operation.ts'
import type { ServiceShapes } from './shapes.ts'
import { constraintError, type Violation } from './wording.ts'

interface Position {
  /** Path of members, list positions and map keys, as messages name it: `containerDefinitions[0].name`. */
  readonly path: string
  /** The same with `*` for every list position and map key, as `World.newMembers` names it. */
  readonly pattern: string
}

/**
 * The input of an operation, checked against the API model: an unknown member or a wrong type is a
 * SerializationException, a missing member or an unknown enum value the service's validation error. Members that are
 * null are left out, as the services read them. `newMembers` holds `service:Operation.path` patterns of members newer
 * than the model, which pass as they are.
 */
export function validateInput(
  service: string,
  operation: string,
  shapes: ServiceShapes,
  input: Json,
  newMembers: ReadonlySet<string>
): JsonObject {
  const type = shapes.operations[operation]?.input
  if (type === undefined) throw new Error(`${service} has no shape for ${operation}`)
  const validator = new Validator(shapes, pattern => newMembers.has(`${service}:${operation}.${pattern}`))
  const checked = validator.structure(type, input, { path: '', pattern: '' })
  const [first, ...others] = validator.violations
  if (first !== undefined) throw constraintError(service, operation, [first, ...others])
  return checked
}

/**
 * Throws when an answer of the simulator does not fit the model: a client would silently drop the member, and whoever
 * tests against the simulator would look for the fault in the wrong place. Members named by `newMembers` may appear.
 */
export function checkOutput(
  operation: string,
  shapes: ServiceShapes,
  output: JsonObject,
  newMembers: ReadonlySet<string>
): void {
  const names = new Set([...newMembers].map(pattern => pattern.slice(pattern.lastIndexOf('.') + 1)))
  const isNew = (pattern: string): boolean => names.has(pattern.slice(pattern.lastIndexOf('.') + 1))
  const validator = new Validator(shapes, isNew)
  validator.structure(shapes.operations[operation]?.output ?? '', output, { path: '', pattern: '' })
  const [violation] = validator.violations
  if (violation !== undefined) throw new Error(`${violation.path} does not fit the API model`)
}

class Validator {
  readonly violations: Violation[] = []
  readonly #shapes: ServiceShapes
  readonly #isNew: (pattern: string) => boolean

  constructor(shapes: ServiceShapes, isNew: (pattern: string) => boolean) {
    this.#shapes = shapes
    this.#isNew = isNew
  }

  structure(name: string, value: Json, at: Position): JsonObject {
    if (!isObject(value)) throw mismatch(value, 'structure', at.path)
    const members = this.#shapes.structures[name] ?? {}
    const checked: Record<string, Json> = {}
    for (const [member, given] of Object.entries(value)) {
      if (given === undefined || given === null) continue
      const position = inside(at, member)
      const type = members[member] ?? members[`${member}!`]
      if (type !== undefined) checked[member] = this.#value(type, given, position)
      else if (this.#isNew(position.pattern)) checked[member] = given
      else throw new AwsError('SerializationException', `Unknown member ${position.path}: ${name} has no such member`)
    }
    for (const member of Object.keys(members)) {
      const required = member.endsWith('!') ? member.slice(0, -1) : undefined
      if (required !== undefined && !(required in checked)) {
        this.violations.push({ kind: 'missing', path: inside(at, required).path, owner: at.path === '' ? '' : name })
      }
    }
    return checked
  }

  #value(type: string, value: Json, at: Position): Json {
    if (type.startsWith('[')) return this.#list(type.slice(1, -1), value, at)
    if (type.startsWith('{')) return this.#map(type.slice(1, -1), value, at)
    if (type in this.#shapes.structures) return this.structure(type, value, at)
    const values = this.#shapes.enums[type]
    if (values !== undefined) return this.#enum(values.split('|'), value, at)
    checkSimple(type, value, at.path)
    return value
  }

  #list(type: string, value: Json, at: Position): Json {
    if (!isArray(value)) throw mismatch(value, 'list', at.path)
    return value.map((item, index) =>
      this.#value(type, item, { path: `${at.path}[${String(index)}]`, pattern: `${at.pattern}.*` })
    )
  }

  #map(type: string, value: Json, at: Position): Json {
    if (!isObject(value)) throw mismatch(value, 'structure', at.path)
    const checked: Record<string, Json> = {}
    for (const [key, item] of Object.entries(value)) {
      if (item === undefined || item === null) continue
      checked[key] = this.#value(type, item, { path: `${at.path}.${key}`, pattern: `${at.pattern}.*` })
    }
    return checked
  }

  #enum(values: readonly string[], value: Json, at: Position): Json {
    if (typeof value !== 'string') throw mismatch(value, 'string', at.path)
    if (!values.includes(value)) this.violations.push({ kind: 'enum', path: at.path, value, values })
    return value
  }
}

function inside(at: Position, member: string): Position {
  const join = (prefix: string): string => (prefix === '' ? member : `${prefix}.${member}`)
  return { path: join(at.path), pattern: join(at.pattern) }
}

function checkSimple(type: string, value: Json, path: string): void {
  const wanted = type === 'timestamp' ? 'number' : type === 'blob' ? 'string' : type
  if (type !== 'document' && typeof value !== wanted) throw mismatch(value, wanted, path)
  if (type === 'blob' && typeof value === 'string' && !/^[\d+/A-Za-z]*={0,2}$/.test(value)) {
    throw new AwsError('SerializationException', `${path} is not valid base64`)
  }
}

const JAVA_NAMES: Readonly<Record<string, string>> = { string: 'a String', number: 'an Integer', boolean: 'a Boolean' }

/** As the services word it; the path besides is the simulator's own, for whoever has to find the member. */
function mismatch(value: Json, wanted: string, path: string): AwsError {
  const where = path === '' ? '' : ` (${path})`
  const found = tokenOf(value)
  if (found.startsWith('Start of') || found === 'null') {
    return new AwsError('SerializationException', `${found} found where not expected.${where}`)
  }
  const target = JAVA_NAMES[wanted]
  if (target !== undefined)
    return new AwsError('SerializationException', `${found} can not be converted to ${target}${where}`)
  return new AwsError('SerializationException', `Expected ${wanted === 'list' ? 'list' : 'map'} or null${where}`)
}

function tokenOf(value: Json): string {
  if (value === null) return 'null'
  if (isArray(value)) return 'Start of list'
  if (typeof value === 'object') return 'Start of structure or map'
  if (typeof value === 'boolean') return value ? 'TRUE_VALUE' : 'FALSE_VALUE'
  return typeof value === 'string' ? 'STRING_VALUE' : 'NUMBER_VALUE'
}

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
