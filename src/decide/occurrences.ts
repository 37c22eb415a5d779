import { asSpelled, escapesAt, mayBeEscape, type Spelling } from './spelling.ts'

/** A text that is looked for, and what is shown in its place. */
export interface Sought {
  readonly value: string
  readonly shown: string
}

/** Puts what is shown in the place of what is sought. */
export type Replace = (text: string) => string

/** Longer ones are looked for piece by piece: a report may have been cut, and no text takes long that nearly has one. */
const PIECE = 64
/** What has so many characters of a value, and half of it, at the end of a text may be the value, cut by who wrote it. */
const LEAST_OF_CUT = 8

/** What is still sought behind `depth` characters that were found. */
interface Branch {
  readonly sought: readonly Sought[]
  readonly depth: number
  /** Of what ends here. */
  readonly shown: string | undefined
  /** By the next code unit; undefined as long as no text came so far. */
  next: Map<number, Branch> | undefined
}

/**
 * Replaces values in texts, each character of a value in any of its usual spellings, in time that hardly depends on how
 * many values there are. Of values that overlap none is left in part.
 */
export function replacerOf(values: readonly Sought[]): Replace {
  const root = branchOf(
    values.flatMap(({ value, shown }) => cut(asSpelled(value)).map(piece => ({ value: piece, shown }))),
    0
  )
  return text => {
    let replaced = ''
    let end = 0
    let last: string | undefined
    const escapes: Escapes = new Map()
    for (let start = 0; start < text.length; start++) {
      const found = longestAt(text, start, root, escapes, start === end ? last : undefined)
      escapes.delete(start)
      if (found === undefined || found.end <= end) continue
      // One goes on into the next, which may be another piece of it.
      const goesOn = start < end || (start === end && found.shown === last)
      if (!goesOn) replaced += text.slice(end, start)
      if (!goesOn || found.shown !== last) replaced += found.shown
      last = found.shown
      end = found.end
    }
    return end === 0 ? text : replaced + text.slice(end)
  }
}

/** What was read of a text ahead, by its index. */
type Escapes = Map<number, readonly Spelling[]>

interface Found {
  readonly end: number
  readonly shown: string
}

/** The longest of what is sought that begins at an index, right behind a piece of what is shown as `before`. */
function longestAt(
  text: string,
  start: number,
  root: Branch,
  escapes: Escapes,
  before: string | undefined
): Found | undefined {
  let longest: Found | undefined
  let paths: Paths | undefined
  for (let path: Path | undefined = { branch: root, at: start }; path !== undefined; path = paths?.next()) {
    let { at } = path
    let branch: Branch | undefined = path.branch
    while (branch !== undefined) {
      const shown = branch.shown ?? (isCutAt(text, at) ? cutValue(branch, before) : undefined)
      if (shown !== undefined && at > (longest?.end ?? 0)) longest = { end: at, shown }
      const unit = text.charCodeAt(at)
      const further = nextBranch(branch, unit)
      if (!mayBeEscape(unit)) {
        branch = further
        at += 1
        continue
      }
      const spelled = escapes.get(at) ?? escapesAt(text, at)
      escapes.set(at, spelled)
      if (further !== undefined) (paths ??= new Paths()).add(further, at + 1)
      for (const { characters, end } of spelled) {
        const isEscaping = characters === ''
        // A backslash before all that is sought is none of it, and one row of them escapes what follows.
        if (isEscaping && (branch === root || (path.isEscaped === true && at === path.at))) continue
        const other = follow(branch, characters)
        if (other !== undefined) (paths ??= new Paths()).add(other, end, isEscaping)
      }
      break
    }
  }
  return longest
}

/** Whether a text ends at an index, or goes on after somebody cut what stood there. */
function isCutAt(text: string, at: number): boolean {
  return at === text.length || text[at] === '…' || text.startsWith('...', at)
}

/** What is shown for a value that is cut behind these characters; undefined when they may be anything. */
function cutValue({ sought, depth }: Branch, before: string | undefined): string | undefined {
  return sought.find(
    ({ value, shown }) =>
      (depth >= LEAST_OF_CUT && depth * 2 >= value.length) || (depth > 0 && shown === before && value.length === PIECE)
  )?.shown
}

interface Path {
  readonly branch: Branch
  readonly at: number
  /** A row of backslashes that stands for nothing ends here. */
  readonly isEscaped?: boolean
}

/** The ways on from characters that can be read in more than one way; each is gone once, however many lead to it. */
class Paths {
  readonly #pending: Path[] = []
  readonly #seen = new Map<Branch, Set<number>>()

  add(branch: Branch, at: number, isEscaped = false): void {
    const seen = this.#seen.get(branch) ?? new Set()
    this.#seen.set(branch, seen)
    if (seen.has(at)) return
    seen.add(at)
    this.#pending.push({ branch, at, isEscaped })
  }

  next(): Path | undefined {
    return this.#pending.pop()
  }
}

function follow(branch: Branch, characters: string): Branch | undefined {
  let further: Branch | undefined = branch
  for (let index = 0; index < characters.length && further !== undefined; index++) {
    further = nextBranch(further, characters.charCodeAt(index))
  }
  return further
}

/** Grown where a text leads to: most values are never met. */
function nextBranch(branch: Branch, unit: number): Branch | undefined {
  branch.next ??= grow(branch)
  return branch.next.get(unit)
}

function grow({ sought, depth }: Branch): Map<number, Branch> {
  const groups = new Map<number, Sought[]>()
  for (const one of sought) {
    if (one.value.length === depth) continue
    const unit = one.value.charCodeAt(depth)
    const group = groups.get(unit)
    if (group === undefined) groups.set(unit, [one])
    else group.push(one)
  }
  return new Map([...groups].map(([unit, group]) => [unit, branchOf(group, depth + 1)]))
}

function branchOf(sought: readonly Sought[], depth: number): Branch {
  return { sought, depth, shown: sought.find(({ value }) => value.length === depth)?.shown, next: undefined }
}

/** The last piece is as long as the others, so that it is not found where the value is not. */
function cut(value: string): readonly string[] {
  if (value.length <= PIECE) return [value]
  const count = Math.ceil(value.length / PIECE)
  return Array.from({ length: count }, (_, index) => {
    const start = Math.min(index * PIECE, value.length - PIECE)
    return value.slice(start, start + PIECE)
  })
}
