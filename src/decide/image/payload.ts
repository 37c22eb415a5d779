/** A webhook payload as GitHub wrote it: anything may be missing. */
export type EventPayload = Readonly<Record<string, unknown>>

/** The string at a path of the payload; undefined when it is missing, empty or something else. */
export function textAt(payload: EventPayload, ...path: readonly string[]): string | undefined {
  const value = valueAt(payload, path)
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** The number at a path of the payload. */
export function numberAt(payload: EventPayload, ...path: readonly string[]): number | undefined {
  const value = valueAt(payload, path)
  return typeof value === 'number' ? value : undefined
}

/** Is the value at a path of the payload `true`? */
export function isTrueAt(payload: EventPayload, ...path: readonly string[]): boolean {
  return valueAt(payload, path) === true
}

function valueAt(payload: EventPayload, path: readonly string[]): unknown {
  let value: unknown = payload
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as EventPayload)[key]
  }
  return value
}
