import fc from 'fast-check'
import type { Json, JsonObject } from '../../../src/decide/json.ts'
import { anyCharacter } from '../../support/any-character.ts'

/** Any JSON without null, numbers within what a double holds exactly; hostile member names included. */
export const anyJson: fc.Arbitrary<Json> = fc.letrec<{ json: Json }>(tie => ({
  json: fc.oneof(
    { maxDepth: 3 },
    fc.string({ unit: anyCharacter }).map(wellFormed),
    fc.integer(),
    fc.boolean(),
    fc.array(tie('json'), { maxLength: 3 }),
    fc.dictionary(anyName(), tie('json'), { maxKeys: 3 })
  )
})).json

function anyName(): fc.Arbitrary<string> {
  return fc.oneof(
    // YAML's writer leaves a key `<<` without quotes, and so makes it a merge key.
    fc.string().filter(text => text !== '<<'),
    fc.constantFrom('__proto__', 'constructor', 'toString', '', 'null')
  )
}

/** Lone surrogates cannot be written to a file. */
function wellFormed(text: string): string {
  return text.replace(/\p{Cs}/gu, '?')
}

/** Members that no task definition has, as tomorrow's API may bring them. */
export const futureMembers: fc.Arbitrary<JsonObject> = fc.dictionary(
  fc.string({ minLength: 1 }).map(name => `x-${name}`),
  anyJson,
  { maxKeys: 3 }
)

const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_-]{0,12}$/)
const text = fc.string()

function optional<T extends Json>(member: string, value: fc.Arbitrary<T>): fc.Arbitrary<JsonObject> {
  return fc
    .option(value, { nil: undefined })
    .map((given): JsonObject => (given === undefined ? {} : { [member]: given }))
}

function merged(...parts: readonly fc.Arbitrary<JsonObject>[]): fc.Arbitrary<JsonObject> {
  return fc.tuple(...parts).map(objects => Object.assign({}, ...objects) as JsonObject)
}

const port = fc.record({ containerPort: fc.integer({ min: 1, max: 65535 }), protocol: fc.constantFrom('tcp', 'udp') })

/** A container without its name: variables and secrets with names of their own, empty values, unknown members. */
const container: fc.Arbitrary<JsonObject> = merged(
  futureMembers,
  optional('image', text),
  optional('essential', fc.boolean()),
  optional('cpu', fc.integer({ min: 0, max: 4096 })),
  optional('command', fc.array(text, { maxLength: 4 })),
  optional('entryPoint', fc.array(text, { maxLength: 2 })),
  optional('portMappings', fc.uniqueArray(port, { maxLength: 3, selector: ({ containerPort }) => containerPort })),
  optional('dockerLabels', fc.dictionary(name, text, { maxKeys: 3 })),
  fc.uniqueArray(fc.tuple(name, text), { maxLength: 6, selector: ([variable]) => variable }).map(pairs => ({
    environment: pairs.filter((_, index) => index % 2 === 0).map(([key, value]) => ({ name: key, value })),
    secrets: pairs
      .filter((_, index) => index % 2 === 1)
      .map(([key, value]) => ({ name: key, valueFrom: `arn:${value}` }))
  }))
)

/** A task definition that a file may hold. */
export const taskDefinition: fc.Arbitrary<JsonObject> = merged(
  futureMembers,
  name.map(family => ({ family })),
  optional('cpu', fc.constantFrom('256', '1 vCPU', '.5 vCPU')),
  optional('memory', fc.constantFrom('512', '1 GB', '0.5GB')),
  optional('networkMode', fc.constantFrom('awsvpc', 'bridge', 'host')),
  fc
    .uniqueArray(fc.tuple(name, container), { minLength: 1, maxLength: 3, selector: ([own]) => own })
    .map(containers => ({ containerDefinitions: containers.map(([own, rest]) => ({ ...rest, name: own })) }))
)
