import type { Json, JsonObject } from '../../protocol/operation.ts'

/** The value when it is a string. */
export function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** The value when it is a number. */
export function numberOf(value: Json | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined
}

/** The value when it is a boolean. */
export function flagOf(value: Json | undefined): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined
}

/** The value when it is a list, else an empty one. */
export function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : []
}

/** The value when it is an object, else an empty one. */
export function objectOf(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}
}

/** The strings of a list. */
export function textsOf(value: Json | undefined): readonly string[] {
  return listOf(value).filter(item => typeof item === 'string')
}

/** The objects of a list. */
export function objectsOf(value: Json | undefined): readonly JsonObject[] {
  return listOf(value).map(objectOf)
}
