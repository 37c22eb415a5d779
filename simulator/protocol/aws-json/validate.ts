import { AwsError, type Json, type JsonObject } from '../operation.ts'
import type { ServiceShapes } from './shapes.ts'
import { typesOf, type StructureType, type Type } from './types.ts'
import { constraintError, type Violation } from './wording.ts'

/** Where a value is, from the outside in; it is put into words only when something is wrong there. */
interface Position {
  readonly outer: Position | undefined
  /** A member of a structure, a key of a map, or the index in a list. */
  readonly step: string | number
  readonly isMember: boolean
}

/** The request or the answer itself. */
const ROOT = undefined

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
  const validator = new Validator(pattern => newMembers.has(`${service}:${operation}.${pattern}`))
  const checked = validator.structure(typesOf(shapes).structure(type), input, ROOT)
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
  const last = (pattern: string): string => pattern.slice(pattern.lastIndexOf('.') + 1)
  const isNew = (pattern: string): boolean => [...newMembers].some(known => last(known) === last(pattern))
  const validator = new Validator(isNew)
  validator.structure(typesOf(shapes).structure(shapes.operations[operation]?.output ?? ''), output, ROOT)
  const [violation] = validator.violations
  if (violation !== undefined) throw new Error(`${violation.path} does not fit the API model`)
}

class Validator {
  readonly violations: Violation[] = []
  readonly #isNew: (pattern: string) => boolean

  constructor(isNew: (pattern: string) => boolean) {
    this.#isNew = isNew
  }

  structure(type: StructureType, value: Json, at: Position | undefined): JsonObject {
    if (!isObject(value)) throw mismatch(value, 'structure', at)
    const checked: Record<string, Json> = {}
    for (const member in value) {
      const given = value[member]
      if (given === undefined || given === null) continue
      const position: Position = { outer: at, step: member, isMember: true }
      const known = type.members.get(member)
      if (known !== undefined) checked[member] = this.#value(known, given, position)
      else if (this.#isNew(patternOf(position))) checked[member] = given
      else {
        const sentence = `Unknown member ${pathOf(position)}: ${type.name} has no such member`
        throw new AwsError('SerializationException', sentence)
      }
    }
    for (const member of type.required) {
      if (member in checked) continue
      const path = pathOf({ outer: at, step: member, isMember: true })
      this.violations.push({ kind: 'missing', path, owner: at === ROOT ? '' : type.name })
    }
    return checked
  }

  #value(type: Type, value: Json, at: Position): Json {
    switch (type.kind) {
      case 'simple':
        checkSimple(type.name, value, at)
        return value
      case 'enum':
        return this.#enum(type.values, value, at)
      case 'list':
        return this.#list(type.of, value, at)
      case 'map':
        return this.#map(type.of, value, at)
      case 'structure':
        return this.structure(type, value, at)
    }
  }

  #list(type: Type, value: Json, at: Position): Json {
    if (!isArray(value)) throw mismatch(value, 'list', at)
    return value.map((item, index) => this.#value(type, item, { outer: at, step: index, isMember: false }))
  }

  #map(type: Type, value: Json, at: Position): Json {
    if (!isObject(value)) throw mismatch(value, 'structure', at)
    const checked: Record<string, Json> = {}
    for (const [key, item] of Object.entries(value)) {
      if (item === undefined || item === null) continue
      checked[key] = this.#value(type, item, { outer: at, step: key, isMember: false })
    }
    return checked
  }

  #enum(values: readonly string[], value: Json, at: Position): Json {
    if (typeof value !== 'string') throw mismatch(value, 'string', at)
    if (!values.includes(value)) this.violations.push({ kind: 'enum', path: pathOf(at), value, values })
    return value
  }
}

/** Members, list positions and map keys, as messages name them: `containerDefinitions[0].name`. */
function pathOf(at: Position | undefined): string {
  if (at === undefined) return ''
  const outer = pathOf(at.outer)
  if (typeof at.step === 'number') return `${outer}[${String(at.step)}]`
  return outer === '' ? at.step : `${outer}.${at.step}`
}

/** The same with `*` for every list position and map key, as `World.newMembers` names it. */
function patternOf(at: Position): string {
  const step = at.isMember ? String(at.step) : '*'
  return at.outer === undefined ? step : `${patternOf(at.outer)}.${step}`
}

function checkSimple(type: string, value: Json, at: Position): void {
  const wanted = type === 'timestamp' ? 'number' : type === 'blob' ? 'string' : type
  if (type !== 'document' && typeof value !== wanted) throw mismatch(value, wanted, at)
  if (type === 'blob' && typeof value === 'string' && !/^[\d+/A-Za-z]*={0,2}$/.test(value)) {
    throw new AwsError('SerializationException', `${pathOf(at)} is not valid base64`)
  }
}

const JAVA_NAMES: Readonly<Record<string, string>> = { string: 'a String', number: 'an Integer', boolean: 'a Boolean' }

/** As the services word it; the path besides is the simulator's own, for whoever has to find the member. */
function mismatch(value: Json, wanted: string, at: Position | undefined): AwsError {
  const path = pathOf(at)
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
