import type { Json } from '../json.ts'
import type { ObjectShape, Shape } from './model.ts'
import type { Position, SourceNode, SourceObject, SourceScalar } from './source-tree.ts'
import { closest, quoted } from '../wording.ts'

/** Something about one place of a file that its author should know. */
export interface Remark {
  readonly at: Position
  readonly sentence: string
}

/** What came to light while a file was read: notes let it pass, problems do not. */
export interface Findings {
  readonly notes: Remark[]
  readonly problems: Remark[]
}

/**
 * Turns what stood in a file into the JSON value the API takes there: scalars become text, as they were written,
 * where the API wants text. Members outside the model are kept. Remarks name places, never values.
 */
export function conform(node: SourceNode, shape: Shape | undefined, path: string, findings: Findings): Json {
  switch (node.kind) {
    case 'object':
      return conformObject(node, shape, path, findings)
    case 'list': {
      if (shape !== undefined && !isListShape(shape)) expected(shape, 'a list', node.at, path, findings)
      const items = shape !== undefined && isListShape(shape) ? shape.items : undefined
      return node.items.map((item, index) => {
        const itemPath = `${path}[${labelOf(item) ?? index}]`
        if (item.kind === 'scalar' && item.value === null) {
          findings.problems.push({ at: item.at, sentence: `${itemPath} is null; a list cannot hold null` })
        }
        return conform(item, items, itemPath, findings)
      })
    }
    case 'scalar':
      return conformScalar(node, shape, path, findings)
  }
}

function conformObject(node: SourceObject, shape: Shape | undefined, path: string, findings: Findings): Json {
  const members = shape !== undefined && isObjectShape(shape) ? shape.members : undefined
  if (shape !== undefined && shape !== 'texts by name' && members === undefined) {
    expected(shape, 'an object', node.at, path, findings)
  }
  const entries = node.members.map(({ name, at, value }): [string, Json] => {
    const memberPath = path === '' ? quoted(name).slice(1, -1) : `${path}.${quoted(name).slice(1, -1)}`
    if (shape === 'texts by name') return [name, conform(value, 'text', memberPath, findings)]
    if (members === undefined) return [name, conform(value, undefined, memberPath, findings)]
    if (Object.hasOwn(members, name)) return [name, conform(value, members[name], memberPath, findings)]
    const meant = closest(name, Object.keys(members))
    const advice = meant === undefined ? '' : `, did you mean ${meant}?`
    findings.notes.push({ at, sentence: `${memberPath} is not a member known to this action${advice}; sent as it is` })
    return [name, conform(value, undefined, memberPath, findings)]
  })
  // Not by assignment: a member called __proto__ is data here.
  return Object.fromEntries(entries)
}

function conformScalar(node: SourceScalar, shape: Shape | undefined, path: string, findings: Findings): Json {
  const { value, written, at } = node
  if (value === null) return conformNull(shape, at, path, findings)
  if (shape === 'text' || shape === 'text or empty') {
    if (typeof value === 'string') return value
    const kind = typeof value === 'number' ? 'a number' : 'true or false'
    findings.notes.push({ at, sentence: `${path} is ${kind} where ECS takes text; sent exactly as it is written` })
    return written
  }
  if (typeof shape === 'object' || shape === 'texts by name') expected(shape, wordFor(value), at, path, findings)
  if (shape === 'number' && typeof value !== 'number') {
    findings.notes.push({ at, sentence: `${path} is ${wordFor(value)} where ECS takes a number; sent as it is` })
  }
  if (shape === 'flag' && typeof value !== 'boolean') {
    findings.notes.push({ at, sentence: `${path} is ${wordFor(value)} where ECS takes true or false; sent as it is` })
  }
  if (typeof value === 'number' && !survives(value, written)) {
    findings.problems.push({
      at,
      sentence: `${path} is a number that cannot be sent without changing it; if text is meant, put it in quotes`
    })
  }
  return value
}

function conformNull(shape: Shape | undefined, at: Position, path: string, findings: Findings): Json {
  if (shape !== 'text or empty') return null
  findings.notes.push({ at, sentence: `${path} has no value; sent as empty text` })
  return ''
}

/** Whether a number read as a double still has all its digits. */
function survives(value: number, written: string): boolean {
  if (!Number.isFinite(value)) return false
  if (/^0[xo]/i.test(written)) return Number.isSafeInteger(value)
  return significantDigits(String(value)) === significantDigits(written)
}

function significantDigits(number: string): string {
  const [mantissa = ''] = number.split(/e/i)
  const [whole = '', fraction = ''] = mantissa.replace(/^[-+]/, '').split('.')
  return (whole + fraction).replace(/^0+/, '').replace(/0+$/, '')
}

function expected(shape: Shape, found: string, at: Position, path: string, findings: Findings): void {
  findings.problems.push({ at, sentence: `${path === '' ? 'it' : path} is ${found}; ECS takes ${nameOf(shape)} there` })
}

function nameOf(shape: Shape): string {
  if (shape === 'flag') return 'true or false'
  if (shape === 'number') return 'a number'
  if (shape === 'text' || shape === 'text or empty') return 'text'
  if (shape === 'texts by name') return 'an object of texts'
  if (isListShape(shape)) return `a list, each item ${nameOf(shape.items)}`
  return `an object with ${Object.keys(shape.members).slice(0, 2).join(', ')}`
}

function wordFor(value: string | number | boolean): string {
  if (typeof value === 'boolean') return 'true or false'
  return typeof value === 'number' ? 'a number' : 'text'
}

/** People find `environment[LOG_LEVEL]` sooner than `environment[17]`. */
function labelOf(node: SourceNode): string | undefined {
  if (node.kind !== 'object') return undefined
  const name = node.members.find(member => member.name === 'name')?.value
  if (name?.kind !== 'scalar' || name.written === '') return undefined
  return quoted(name.written).slice(1, -1)
}

function isObjectShape(shape: Shape): shape is ObjectShape {
  return typeof shape === 'object' && 'members' in shape
}

function isListShape(shape: Shape): shape is Exclude<Shape, string | ObjectShape> {
  return typeof shape === 'object' && 'items' in shape
}
