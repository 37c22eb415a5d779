import { RegisterTaskDefinitionRequest$, TaskDefinition$ } from '@aws-sdk/client-ecs'
import { expect, test } from '@jest/globals'
import { READ_ONLY_MEMBERS, TASK_DEFINITION } from '../../../src/decide/task/model.ts'
import type { Shape } from '../../../src/decide/task/model.ts'

/** Kinds of shapes in the schemas of the SDK's generated clients. */
const LIST = 1
const STRUCTURE = 3
const ENUMERATION = 4
const SCALARS = new Map<unknown, Shape>([
  [0, 'text'],
  [1, 'number'],
  [2, 'flag'],
  [64, { items: 'text' }],
  [65, { items: 'number' }],
  [128, 'texts by name']
])

/** Writes a schema of the SDK as a shape of ours. */
function shapeOf(reference: unknown): Shape {
  if (typeof reference === 'function') return shapeOf((reference as () => unknown)())
  const scalar = SCALARS.get(reference)
  if (scalar !== undefined) return scalar
  if (!Array.isArray(reference)) throw new Error(`unknown schema ${String(reference)}`)
  const schema = reference as readonly unknown[]
  if (schema[0] === LIST) return { items: shapeOf(schema[4]) }
  if (schema[0] === ENUMERATION) return 'text'
  // A schema in brackets with traits behind it.
  if (schema[0] !== STRUCTURE) return shapeOf(schema[0])
  const names = schema[4] as readonly string[]
  const members = schema[5] as readonly unknown[]
  return { members: Object.fromEntries(names.map((name, index) => [name, shapeOf(members[index])])) }
}

/** The distinction that only we make. */
function plain(shape: Shape): unknown {
  return JSON.parse(JSON.stringify(shape).replaceAll('text or empty', 'text'))
}

test('the table has the members that the SDK knows', () => {
  expect(plain(TASK_DEFINITION)).toEqual(plain(shapeOf(RegisterTaskDefinitionRequest$)))
})

test('read-only is what Describe returns and Register does not take', () => {
  const described = (TaskDefinition$ as unknown as readonly unknown[])[4] as readonly string[]
  const readOnly = described.filter(name => !Object.hasOwn(TASK_DEFINITION.members, name))
  expect([...READ_ONLY_MEMBERS].sort()).toEqual([...readOnly].sort())
})
