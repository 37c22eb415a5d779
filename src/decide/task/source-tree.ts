import { quoted } from '../wording.ts'

/** A place in a file, both counted from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** A value in a file, with the place it stood and, for scalars, the characters it was written with. */
export type SourceNode = SourceObject | SourceList | SourceScalar

/** An object in a file, its members in the order of the file. */
export interface SourceObject {
  readonly kind: 'object'
  readonly at: Position
  readonly members: readonly SourceMember[]
}

/** One member of an object, with the place of its name. */
export interface SourceMember {
  readonly name: string
  readonly at: Position
  readonly value: SourceNode
}

/** A list in a file. */
export interface SourceList {
  readonly kind: 'list'
  readonly at: Position
  readonly items: readonly SourceNode[]
}

/** A scalar in a file: `written` is what stood there, `1.10` where `value` is 1.1. */
export interface SourceScalar {
  readonly kind: 'scalar'
  readonly at: Position
  readonly value: string | number | boolean | null
  readonly written: string
}

/** Why a file could not be read; the sentence continues "the file …" and never quotes the file's content. */
export class SourceError extends Error {
  readonly at: Position | undefined

  constructor(sentence: string, details: { readonly at?: Position; readonly cause?: unknown } = {}) {
    super(sentence, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'SourceError'
    this.at = details.at
  }
}

/** A task definition nests ten levels; the margin is for fields the API does not have yet. */
const DEEPEST_LEVEL = 64

/** A full task definition has about 2,000 values; a bomb made of YAML aliases has millions. */
const MOST_VALUES = 20_000

/** Bounds what a file may unfold to while its tree is built. */
export class Budget {
  #values = 0

  /** Accounts for one value at a nesting level, counted from 0. */
  spend(level: number, at: Position): void {
    this.#values += 1
    if (level > DEEPEST_LEVEL) throw new SourceError('is nested too deeply', { at })
    if (this.#values > MOST_VALUES) throw new SourceError(`unfolds to more than ${MOST_VALUES} values`, { at })
  }
}

/** The first name that a list of members has twice; JSON and YAML forbid it, and one of the two would be lost. */
export function rejectDuplicates(members: readonly SourceMember[]): void {
  const seen = new Map<string, Position>()
  for (const { name, at } of members) {
    const first = seen.get(name)
    if (first !== undefined) {
      throw new SourceError(`has the member ${quoted(name)} twice in one object (first on line ${first.line})`, {
        at
      })
    }
    seen.set(name, at)
  }
}

/** Turns offsets into lines and columns. */
export function positionsOf(text: string): (offset: number) => Position {
  const starts = [0]
  for (const { index } of text.matchAll(/\r\n|\r|\n/g)) starts.push(index + (text.startsWith('\r\n', index) ? 2 : 1))
  return offset => {
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 }
  }
}
