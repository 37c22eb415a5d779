import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { isList, isObject, mapMembers } from '../../../src/decide/json.ts'
import type { Json, JsonObject } from '../../../src/decide/json.ts'
import { sameTaskDefinition } from '../../../src/decide/task/normalise.ts'
import { cpuUnits, memoryMib } from '../../../src/decide/task/size.ts'
import { taskDefinition } from './arbitrary.ts'

function withContainer(container: JsonObject, task: JsonObject = {}): JsonObject {
  return { family: 'f', ...task, containerDefinitions: [{ name: 'web', ...container }] }
}

const awsvpc = { networkMode: 'awsvpc' }

describe('the same', () => {
  test.each<[string, JsonObject, JsonObject]>([
    ['sizes', { cpu: '1 vCPU', memory: '.5 GB' }, { cpu: '1024', memory: '512' }],
    ['read-only members', { family: 'f' }, { family: 'f', revision: 3, status: 'ACTIVE', registeredAt: 1.5 }],
    ['nulls', { family: 'f', pidMode: null }, { family: 'f' }],
    [
      'empty lists',
      withContainer({}),
      withContainer({ environment: [], mountPoints: [], volumesFrom: [], systemControls: [], portMappings: [] })
    ],
    ['empty lists of the task', { family: 'f' }, { family: 'f', volumes: [], placementConstraints: [] }],
    ['defaults', withContainer({}), withContainer({ cpu: 0, essential: true })],
    [
      'protocol',
      withContainer({ portMappings: [{ containerPort: 80 }] }),
      withContainer({ portMappings: [{ containerPort: 80, protocol: 'tcp' }] })
    ],
    [
      'host port of awsvpc',
      withContainer({ portMappings: [{ containerPort: 80 }] }, awsvpc),
      withContainer({ portMappings: [{ containerPort: 80, hostPort: 80 }] }, awsvpc)
    ],
    [
      'free host port of bridge',
      withContainer({ portMappings: [{ containerPort: 80 }] }),
      withContainer({ portMappings: [{ containerPort: 80, hostPort: 0 }] })
    ],
    [
      'health check',
      withContainer({ healthCheck: { command: ['a'] } }),
      withContainer({ healthCheck: { command: ['a'], interval: 30, timeout: 5, retries: 3 } })
    ],
    [
      'order of variables',
      withContainer({
        environment: [
          { name: 'A', value: '1' },
          { name: 'B', value: '' }
        ]
      }),
      withContainer({
        environment: [
          { value: '', name: 'B' },
          { name: 'A', value: '1' }
        ]
      })
    ],
    [
      'order of secrets',
      withContainer({
        secrets: [
          { name: 'A', valueFrom: '1' },
          { name: 'B', valueFrom: '2' }
        ]
      }),
      withContainer({
        secrets: [
          { name: 'B', valueFrom: '2' },
          { name: 'A', valueFrom: '1' }
        ]
      })
    ],
    [
      'order of containers',
      { containerDefinitions: [{ name: 'a' }, { name: 'b' }] },
      { containerDefinitions: [{ name: 'b' }, { name: 'a' }] }
    ],
    ['host of a volume', { volumes: [{ name: 'v' }] }, { volumes: [{ name: 'v', host: {} }] }]
  ])('%s', (_, a, b) => {
    expect(sameTaskDefinition(a, b)).toBe(true)
  })
})

describe('not the same', () => {
  test.each<[string, JsonObject, JsonObject]>([
    ['order of a command', withContainer({ command: ['a', 'b'] }), withContainer({ command: ['b', 'a'] })],
    ['an empty argument', withContainer({ command: ['a', ''] }), withContainer({ command: ['a'] })],
    ['an empty command', withContainer({ command: [] }), withContainer({})],
    ['an empty entry point', withContainer({ entryPoint: [] }), withContainer({})],
    ['an empty variable', withContainer({ environment: [{ name: 'A', value: '' }] }), withContainer({})],
    ['an empty label', withContainer({ dockerLabels: { a: '' } }), withContainer({})],
    [
      'order of environment files',
      withContainer({ environmentFiles: [{ value: 'a' }, { value: 'b' }] }),
      withContainer({ environmentFiles: [{ value: 'b' }, { value: 'a' }] })
    ],
    ['order in an unknown list', withContainer({ newList: ['a', 'b'] }), withContainer({ newList: ['b', 'a'] })],
    ['an empty unknown list', withContainer({ newList: [] }), withContainer({})],
    ['not essential', withContainer({ essential: false }), withContainer({})],
    [
      'a host port of bridge',
      withContainer({ portMappings: [{ containerPort: 80, hostPort: 80 }] }),
      withContainer({ portMappings: [{ containerPort: 80 }] })
    ],
    ['docker volume', { volumes: [{ name: 'v', dockerVolumeConfiguration: {} }] }, { volumes: [{ name: 'v' }] }],
    ['family', { family: 'f' }, { family: 'g' }],
    ['image', withContainer({ image: 'a' }), withContainer({ image: 'b' })]
  ])('%s', (_, a, b) => {
    expect(sameTaskDefinition(a, b)).toBe(false)
    expect(sameTaskDefinition(b, a)).toBe(false)
  })
})

test.each([
  ['256', 256, 256],
  ['.25 vCPU', 256, undefined],
  ['1vcpu', 1024, undefined],
  ['0.5GB', undefined, 512],
  ['1 GB', undefined, 1024],
  ['0', undefined, undefined],
  ['1.5', undefined, undefined],
  ['', undefined, undefined],
  ['256 ', 256, 256]
])('size %j', (text, cpu, memory) => {
  expect(cpuUnits(text)).toBe(cpu)
  expect(memoryMib(text)).toBe(memory)
})

/** What DescribeTaskDefinition makes of a registered document. */
function described(document: JsonObject): JsonObject {
  const isAwsvpc = document.networkMode === 'awsvpc'
  const rewritten = mapMembers(document, (value, member) => {
    if (member === 'cpu' && typeof value === 'string') return String(cpuUnits(value))
    if (member === 'memory' && typeof value === 'string') return String(memoryMib(value))
    if (member === 'containerDefinitions' && isList(value))
      return value.map(container => describedContainer(container, isAwsvpc))
    return value
  })
  return {
    ...rewritten,
    volumes: [],
    placementConstraints: [],
    taskDefinitionArn: 'arn',
    revision: 7,
    status: 'ACTIVE'
  }
}

function describedContainer(container: Json, isAwsvpc: boolean): Json {
  if (!isObject(container)) return container
  const filled = {
    cpu: 0,
    essential: true,
    environment: [],
    mountPoints: [],
    volumesFrom: [],
    systemControls: [],
    portMappings: []
  }
  const { portMappings, environment, ...rest } = { ...filled, ...container } as JsonObject
  return {
    ...rest,
    environment: isList(environment) ? [...environment].reverse() : [],
    portMappings: (isList(portMappings) ? portMappings : []).map(mapping =>
      isObject(mapping)
        ? { protocol: 'tcp', ...(isAwsvpc ? { hostPort: mapping.containerPort ?? 0 } : {}), ...mapping }
        : mapping
    )
  }
}

describe('properties', () => {
  test('a document is the same as itself and as what Describe makes of it', () => {
    fc.assert(
      fc.property(taskDefinition, document => {
        expect(sameTaskDefinition(document, document)).toBe(true)
        expect(sameTaskDefinition(document, structuredClone(document))).toBe(true)
        expect(sameTaskDefinition(document, described(document))).toBe(true)
        expect(sameTaskDefinition(described(document), document)).toBe(true)
      })
    )
  })

  test('a variable more is never overlooked', () => {
    fc.assert(
      fc.property(taskDefinition, document => {
        const changed = mapMembers(document, (value, member) =>
          member === 'containerDefinitions' && isList(value)
            ? value.map(item =>
                isObject(item)
                  ? { ...item, environment: [...(item.environment as Json[]), { name: 'x.N', value: '' }] }
                  : item
              )
            : value
        )
        expect(sameTaskDefinition(document, changed)).toBe(false)
      })
    )
  })
})
