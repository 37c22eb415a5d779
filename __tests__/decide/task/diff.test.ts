import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { diffTaskDefinition } from '../../../src/decide/task/diff.ts'
import type { JsonObject } from '../../../src/decide/json.ts'
import { sameTaskDefinition } from '../../../src/decide/task/normalise.ts'
import { taskDefinition } from './arbitrary.ts'

function web(container: JsonObject, task: JsonObject = {}): JsonObject {
  return { family: 'f', ...task, containerDefinitions: [{ name: 'web', ...container }] }
}

describe('diffTaskDefinition', () => {
  test('what may be shown', () => {
    const from = web(
      { image: 'r:1', portMappings: [{ containerPort: 80 }], logConfiguration: { logDriver: 'awslogs' } },
      { cpu: '256', taskRoleArn: 'a' }
    )
    const to = web(
      {
        image: 'r:2',
        portMappings: [{ containerPort: 81, protocol: 'udp' }],
        logConfiguration: { logDriver: 'splunk' }
      },
      { cpu: '1 vCPU', memory: '512' }
    )
    expect(diffTaskDefinition(from, to)).toEqual([
      { kind: 'changed', path: 'cpu', from: '256', to: '1024' },
      { kind: 'removed', path: 'taskRoleArn', from: 'a' },
      { kind: 'changed', path: 'web.image', from: 'r:1', to: 'r:2' },
      { kind: 'removed', path: 'web.portMappings.80/tcp.containerPort', from: '80' },
      { kind: 'added', path: 'web.portMappings.81/udp.containerPort', to: '81' },
      { kind: 'added', path: 'web.portMappings.81/udp.protocol', to: 'udp' },
      { kind: 'changed', path: 'web.logConfiguration.logDriver', from: 'awslogs', to: 'splunk' },
      { kind: 'added', path: 'memory', to: '512' }
    ])
  })

  test('what may not', () => {
    const from = web({
      environment: [
        { name: 'LOG_LEVEL', value: 's1' },
        { name: 'image', value: 's2' },
        { name: 'GONE', value: 's3' }
      ],
      secrets: [{ name: 'S', valueFrom: 's4' }],
      command: ['s5'],
      dockerLabels: { cpu: 's6' },
      logConfiguration: { options: { 'splunk-token': 's7', logDriver: 's8' } }
    })
    const to = web({
      environment: [
        { name: 'image', value: 't2' },
        { name: 'LOG_LEVEL', value: 't1' },
        { name: 'NEW', value: '' }
      ],
      secrets: [{ name: 'S', valueFrom: 't4' }],
      command: ['t5'],
      dockerLabels: { cpu: 't6' },
      logConfiguration: { options: { 'splunk-token': 't7', logDriver: 't8' } },
      newThing: { image: 't9' }
    })
    expect(diffTaskDefinition(from, to)).toEqual([
      { kind: 'removed', path: 'web.environment.GONE' },
      { kind: 'changed', path: 'web.environment.LOG_LEVEL' },
      { kind: 'changed', path: 'web.environment.image' },
      { kind: 'added', path: 'web.environment.NEW' },
      { kind: 'changed', path: 'web.secrets.S' },
      { kind: 'changed', path: 'web.command' },
      { kind: 'changed', path: 'web.dockerLabels.cpu' },
      { kind: 'changed', path: 'web.logConfiguration.options.splunk-token' },
      { kind: 'changed', path: 'web.logConfiguration.options.logDriver' },
      { kind: 'added', path: 'web.newThing.image' }
    ])
  })

  test('containers that come and go', () => {
    const side = { name: 'side', image: 's:1', environment: [{ name: 'A', value: 'secret' }] }
    const both = { containerDefinitions: [{ name: 'web' }, side] }
    expect(diffTaskDefinition({ containerDefinitions: [{ name: 'web' }] }, both)).toEqual([
      { kind: 'added', path: 'side', to: 's:1' }
    ])
    expect(diffTaskDefinition(both, { containerDefinitions: [{ name: 'web' }] })).toEqual([
      { kind: 'removed', path: 'side', from: 's:1' }
    ])
  })

  test('order where it matters', () => {
    const files = [{ value: 'a' }, { value: 'b' }]
    expect(
      diffTaskDefinition(web({ environmentFiles: files }), web({ environmentFiles: [...files].reverse() }))
    ).toEqual([{ kind: 'changed', path: 'web.environmentFiles' }])
    const mounts = [{ containerPath: '/a' }, { containerPath: '/b' }]
    expect(diffTaskDefinition(web({ mountPoints: mounts }), web({ mountPoints: [...mounts].reverse() }))).toEqual([
      { kind: 'changed', path: 'web.mountPoints' }
    ])
  })

  test('names cannot break the line', () => {
    const changes = diffTaskDefinition(web({}), web({ environment: [{ name: 'A\n::error::x', value: '' }] }))
    expect(changes.map(({ path }) => path).join()).not.toContain('\n')
  })

  test('containers that cannot be told apart still differ', () => {
    const twice = { containerDefinitions: [{ name: 'web', command: ['secret'] }, { name: 'web' }] }
    expect(diffTaskDefinition(twice, web({}))).not.toEqual([])
    expect(JSON.stringify(diffTaskDefinition(twice, web({})))).not.toContain('secret')
  })
})

test('there are changes exactly when two documents are not the same', () => {
  fc.assert(
    fc.property(taskDefinition, taskDefinition, (a, b) => {
      expect(diffTaskDefinition(a, a)).toEqual([])
      expect(diffTaskDefinition(a, b).length === 0).toBe(sameTaskDefinition(a, b))
    })
  )
})
