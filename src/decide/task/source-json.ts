import { parseTree, printParseErrorCode } from 'jsonc-parser'
import type { Node, ParseError } from 'jsonc-parser'
import { Budget, positionsOf, rejectDuplicates, SourceError } from './source-tree.ts'
import type { Position, SourceMember, SourceNode } from './source-tree.ts'

interface JsonSource {
  readonly text: string
  readonly position: (offset: number) => Position
  readonly budget: Budget
}

/** Reads JSON with comments and trailing commas; throws SourceError. */
export function readJsonSource(text: string): SourceNode {
  const position = positionsOf(text)
  const errors: ParseError[] = []
  const root = parseTree(text, errors, { allowTrailingComma: true })
  const [first] = errors
  if (first !== undefined) {
    throw new SourceError(`is no valid JSON: ${describe(first)}`, { at: position(first.offset) })
  }
  if (root === undefined) throw new SourceError('holds no JSON value')
  return build(root, 0, { text, position, budget: new Budget() })
}

function build(node: Node, level: number, source: JsonSource): SourceNode {
  const at = source.position(node.offset)
  source.budget.spend(level, at)
  const children = node.children ?? []
  switch (node.type) {
    case 'object': {
      const members = children.map(property => buildMember(property, level, source))
      rejectDuplicates(members)
      return { kind: 'object', at, members }
    }
    case 'array':
      return { kind: 'list', at, items: children.map(item => build(item, level + 1, source)) }
    case 'string': {
      const value = String(node.value)
      return { kind: 'scalar', at, value, written: value }
    }
    case 'number':
    case 'boolean':
    case 'null':
    case 'property': {
      const written = source.text.slice(node.offset, node.offset + node.length)
      return { kind: 'scalar', at, value: node.value as number | boolean | null, written }
    }
  }
}

function buildMember(property: Node, level: number, source: JsonSource): SourceMember {
  const [name, value] = property.children ?? []
  const at = source.position(property.offset)
  if (name === undefined || value === undefined) throw new SourceError('has a member without a value', { at })
  return { name: String(name.value), at, value: build(value, level + 1, source) }
}

/** `CommaExpected` → `comma expected`. */
function describe(error: ParseError): string {
  return printParseErrorCode(error.error)
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
}
