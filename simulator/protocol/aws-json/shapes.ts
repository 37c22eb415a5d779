import { readFileSync } from 'node:fs'

/**
 * What the API model says about one service, as compact as it can be read: a type is `string`, `number`, `boolean`,
 * `timestamp`, `blob`, `document`, the name of a structure or of an enum, `[T]` for a list and `{T}` for a map of
 * strings to T. `scripts/shapes.ts` makes the tables from the schemas of the installed SDK clients.
 */
export interface ServiceShapes {
  readonly operations: Readonly<Record<string, OperationShapes>>
  /** Members of each structure; the name of a required one ends in `!`. */
  readonly structures: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** Values of each enum, divided by `|`. */
  readonly enums: Readonly<Record<string, string>>
}

export interface OperationShapes {
  readonly input: string
  readonly output: string
}

const tables = new Map<string, ServiceShapes>()

/** The shapes of a service; throws for one that has no table. */
export function shapesOfService(service: string): ServiceShapes {
  let shapes = tables.get(service)
  if (shapes === undefined) {
    shapes = JSON.parse(readFileSync(new URL(`shapes/${service}.json`, import.meta.url), 'utf8')) as ServiceShapes
    tables.set(service, shapes)
  }
  return shapes
}
