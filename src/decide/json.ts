import type { Json, JsonObject } from './task/json.ts'

export type { Json, JsonObject }

/** The value as an object, or undefined when it is anything else. */
export function asObject(value: Json | undefined): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !isArray(value) ? value : undefined
}

/** The value as a list; anything else is an empty one. */
export function asList(value: Json | undefined): readonly Json[] {
  return value !== undefined && isArray(value) ? value : []
}

/** The objects of a list; anything else in it is passed over. */
export function asObjects(value: Json | undefined): readonly JsonObject[] {
  const objects: JsonObject[] = []
  for (const item of asList(value)) {
    const object = asObject(item)
    if (object !== undefined) objects.push(object)
  }
  return objects
}

/** The value as a string, or undefined when it is anything else. */
export function asString(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** The value as a finite number, or undefined when it is anything else. */
export function asNumber(value: Json | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}
