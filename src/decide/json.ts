/** A value as JSON has it. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject

/** An object as JSON has it. */
export interface JsonObject {
  readonly [key: string]: Json
}

/** Whether a value is a JSON object: neither null nor a list. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether a value is a JSON list; unlike `Array.isArray` it keeps the items' type. */
export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

/** The objects of a list; other items, and anything that is no list, are left out. */
export function objectsOf(value: Json | undefined): readonly JsonObject[] {
  return isList(value) ? value.filter(isObject) : []
}

/** The text at a member, or undefined when there is none; never what the prototype has under that name. */
export function textAt(object: JsonObject, member: string): string | undefined {
  const value = memberOf(object, member)
  return typeof value === 'string' ? value : undefined
}

/** An object's own member; a document may well hold `constructor` or `__proto__` as data. */
export function memberOf(object: JsonObject, member: string): Json | undefined {
  return Object.hasOwn(object, member) ? object[member] : undefined
}

/** A copy with one member set, at its old position when it was there before. */
export function withMember(object: JsonObject, member: string, value: Json): JsonObject {
  return { ...object, [member]: value }
}

/** A copy of an object with every member passed through `change`; undefined removes the member. */
export function mapMembers(object: JsonObject, change: (value: Json, member: string) => Json | undefined): JsonObject {
  const members: [string, Json][] = []
  for (const [member, value] of Object.entries(object)) {
    const changed = change(value, member)
    if (changed !== undefined) members.push([member, changed])
  }
  return Object.fromEntries(members)
}

/** Whether two JSON values are equal; the order of members carries no meaning, the order of items does. */
export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true
  if (isList(a) && isList(b)) return a.length === b.length && a.every((item, index) => sameJson(item, b[index]))
  if (!isObject(a) || !isObject(b)) return false
  const members = Object.keys(a)
  return (
    members.length === Object.keys(b).length &&
    members.every(member => Object.hasOwn(b, member) && sameJson(a[member], b[member]))
  )
}

/** The value as an object, or undefined when it is anything else. */
export function asObject(value: Json | undefined): JsonObject | undefined {
  return isObject(value) ? value : undefined
}

/** The value as a list; anything else is an empty one. */
export function asList(value: Json | undefined): readonly Json[] {
  return isList(value) ? value : []
}

/** The value as a string, or undefined when it is anything else. */
export function asString(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** The value as a finite number, or undefined when it is anything else. */
export function asNumber(value: Json | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}
