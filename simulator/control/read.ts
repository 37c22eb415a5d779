/** An input to the simulator that cannot be taken; the message names the place and the value. */
export class InvalidInput extends Error {
  constructor(sentence: string) {
    super(sentence)
    this.name = 'InvalidInput'
  }
}

/** Turns a parsed JSON value into a T or throws InvalidInput; `path` is where the value stands. */
export type Read<T> = (value: unknown, path: string) => T

/** A non-empty string, of the form of `pattern` if one is given. */
export function text(pattern?: RegExp): Read<string> {
  return (value, path) => {
    if (typeof value !== 'string' || value === '') throw expected('a non-empty string', value, path)
    if (pattern !== undefined && !pattern.test(value)) throw expected(`a string like ${String(pattern)}`, value, path)
    return value
  }
}

/** A string that may be empty. */
export function anyText(value: unknown, path: string): string {
  if (typeof value !== 'string') throw expected('a string', value, path)
  return value
}

/** A finite number of at least `min`. */
export function number(min: number): Read<number> {
  return (value, path) => {
    if (typeof value !== 'number' || !Number.isFinite(value) || value < min) {
      throw expected(`a number of at least ${String(min)}`, value, path)
    }
    return value
  }
}

/** A whole number of at least `min`. */
export function whole(min: number): Read<number> {
  return (value, path) => {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < min) {
      throw expected(`a whole number of at least ${String(min)}`, value, path)
    }
    return value
  }
}

/** `true` or `false`. */
export function flag(value: unknown, path: string): boolean {
  if (typeof value !== 'boolean') throw expected('true or false', value, path)
  return value
}

/** One of the given constants. */
export function oneOf<const T extends string | number | boolean>(...values: readonly T[]): Read<T> {
  return (value, path) => {
    const found = values.find(candidate => candidate === value)
    if (found === undefined)
      throw expected(values.map(candidate => JSON.stringify(candidate)).join(' or '), value, path)
    return found
  }
}

/** A list of what `item` reads. */
export function list<T>(item: Read<T>): Read<readonly T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) throw expected('a list', value, path)
    return value.map((each: unknown, index) => item(each, `${path}[${String(index)}]`))
  }
}

/** A JSON object whose keys are free. */
export function map<T>(item: Read<T>): Read<Readonly<Record<string, T>>> {
  return (value, path) =>
    Object.fromEntries(Object.entries(asObject(value, path)).map(([key, each]) => [key, item(each, `${path}.${key}`)]))
}

/** Any JSON value, as it is. */
export function anything(value: unknown): unknown {
  return value
}

/** How each member of T is read. */
export type Members<T> = { readonly [K in keyof T]-?: Read<Exclude<T[K], undefined>> }

/** A JSON object with the members of T and no others; those of `required` must be there. */
export function object<T extends object>(members: Members<T>, required: readonly (keyof T & string)[] = []): Read<T> {
  const readers = new Map<string, Read<unknown>>(Object.entries(members))
  return (value, path) => {
    const result: Record<string, unknown> = {}
    for (const [key, each] of Object.entries(asObject(value, path))) {
      const read = readers.get(key)
      if (read === undefined) {
        throw new InvalidInput(`${path}.${key} is not known; known are ${[...readers.keys()].join(', ')}`)
      }
      result[key] = read(each, `${path}.${key}`)
    }
    const missing = required.find(key => !(key in result))
    if (missing !== undefined) throw new InvalidInput(`${path}.${missing} is missing`)
    // Every member went through its own reader and the required ones are there.
    return result as T
  }
}

/** Complains that something else was expected at `path`. */
export function expected(what: string, value: unknown, path: string): InvalidInput {
  const shown = value === undefined ? 'nothing' : JSON.stringify(value)
  return new InvalidInput(`${path}: expected ${what}, got ${shown.length > 80 ? `${shown.slice(0, 79)}…` : shown}`)
}

function asObject(value: unknown, path: string): object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw expected('an object', value, path)
  return value
}
