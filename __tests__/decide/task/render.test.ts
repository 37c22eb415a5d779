import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { isList } from '../../../src/decide/json.ts'
import type { JsonObject } from '../../../src/decide/json.ts'
import { toRegisterInput } from '../../../src/decide/task/register.ts'
import { renderTaskDefinition } from '../../../src/decide/task/render.ts'
import type { TaskDefinitionChanges } from '../../../src/decide/task/render.ts'
import { changeTags } from '../../../src/decide/task/tags.ts'
import { taskDefinition } from './arbitrary.ts'

const WEB = {
  name: 'web',
  image: 'r/web:1',
  environment: [
    { name: 'A', value: '1' },
    { name: 'B', value: '', note: 'kept' },
    { name: 'C', value: '3' }
  ],
  secrets: [{ name: 'S', valueFrom: 'arn:s' }],
  dockerLabels: { first: '', second: '2' },
  logConfiguration: { logDriver: 'awslogs', options: { tag: '' } },
  command: ['run', '--opt', '', '--last']
}
const BASE = { family: 'f', cpu: '256', containerDefinitions: [WEB, { name: 'proxy', image: 'nginx:1' }], volumes: [] }

function set(name: string, value: string) {
  return { kind: 'set', name, value } as const
}

function remove(name: string) {
  return { kind: 'remove', name } as const
}

/** The container `web` of BASE after changes. */
function renderWeb(changes: Omit<TaskDefinitionChanges, 'containers'>, base: JsonObject = BASE) {
  const { containerDefinitions } = renderTaskDefinition(base, { ...changes, containers: [{ name: 'web' }] })
  return isList(containerDefinitions) ? containerDefinitions[0] : undefined
}

describe('containers', () => {
  test('an image for each container of its own', () => {
    const containers = [
      { name: 'proxy', image: 'nginx:2' },
      { name: 'web', image: 'r/web:2' }
    ]
    expect(renderTaskDefinition(BASE, { containers })).toEqual({
      ...BASE,
      containerDefinitions: [
        { ...WEB, image: 'r/web:2' },
        { name: 'proxy', image: 'nginx:2' }
      ]
    })
  })

  test('variables are set in place, added at the end, removed', () => {
    const environment = [set('D', ''), set('B', 'a=b'), remove('A'), remove('nobody')]
    expect(renderWeb({ environment })).toEqual({
      ...WEB,
      environment: [
        { name: 'B', value: 'a=b', note: 'kept' },
        { name: 'C', value: '3' },
        { name: 'D', value: '' }
      ]
    })
  })

  test('a name that was there twice is there once', () => {
    const base = {
      containerDefinitions: [{ name: 'web', environment: [WEB.environment[0] ?? {}, { name: 'A', value: '2' }] }]
    }
    expect(renderWeb({ environment: [set('A', '3')] }, base)).toEqual({
      name: 'web',
      environment: [{ name: 'A', value: '3' }]
    })
  })

  test('a variable becomes a secret and a secret a variable', () => {
    expect(renderWeb({ secrets: [set('A', 'arn:a')], environment: [set('S', 'plain')] })).toEqual({
      ...WEB,
      environment: [...WEB.environment.slice(1), { name: 'S', value: 'plain' }],
      secrets: [{ name: 'A', valueFrom: 'arn:a' }]
    })
  })

  test('secrets without variables', () => {
    const base = { containerDefinitions: [{ name: 'web' }] }
    expect(renderWeb({ secrets: [set('A', 'arn:a')] }, base)).toEqual({
      name: 'web',
      secrets: [{ name: 'A', valueFrom: 'arn:a' }]
    })
  })

  test('removing from nothing adds nothing', () => {
    const base = { containerDefinitions: [{ name: 'web' }] }
    const nothing = [remove('A')]
    expect(renderWeb({ environment: nothing, secrets: nothing, dockerLabels: nothing }, base)).toEqual({ name: 'web' })
  })

  test('labels, log configuration, environment files, command', () => {
    expect(
      renderWeb({
        dockerLabels: [set('first', 'x=y'), remove('second'), set('__proto__', 'label')],
        logDriver: 'awsfirelens',
        logOptions: [set('Name', 'loki'), remove('tag')],
        environmentFiles: ['arn:aws:s3:::b/a.env'],
        command: []
      })
    ).toEqual({
      ...WEB,
      dockerLabels: Object.fromEntries([
        ['first', 'x=y'],
        ['__proto__', 'label']
      ]),
      logConfiguration: { logDriver: 'awsfirelens', options: { Name: 'loki' } },
      environmentFiles: [{ value: 'arn:aws:s3:::b/a.env', type: 's3' }],
      command: []
    })
  })

  test('a log configuration from nothing', () => {
    const base = { containerDefinitions: [{ name: 'web' }] }
    expect(renderWeb({ logDriver: 'awslogs', logOptions: [set('awslogs-group', 'g')] }, base)).toEqual({
      name: 'web',
      logConfiguration: { logDriver: 'awslogs', options: { 'awslogs-group': 'g' } }
    })
    expect(() => renderWeb({ logOptions: [set('a', 'b')] }, base)).toThrow("container 'web' has no log driver")
  })

  test('the version in a variable', () => {
    const versionVariable = { name: 'APP_VERSION', value: '1.4.2' }
    const rendered = renderWeb({ versionVariable, environment: [set('A', 'x')] })
    expect(rendered).toMatchObject({
      environment: [{ name: 'A', value: 'x' }, {}, {}, set('APP_VERSION', '1.4.2')].map(toPair)
    })
  })
})

function toPair(entry: { readonly name?: string; readonly value?: string }) {
  return entry.name === undefined ? {} : { name: entry.name, value: entry.value }
}

describe('the task', () => {
  test('sizes and roles', () => {
    const changes = { cpu: '.5 vCPU', memory: '1 GB', taskRoleArn: 'team/app-role', executionRoleArn: 'exec-role' }
    expect(() => renderTaskDefinition(BASE, { ...changes, containers: [] })).toThrow("task-role-arn is 'team/app-role'")
    const arn = 'arn:aws-eusc:iam::123456789012:role/service-role/app'
    expect(renderTaskDefinition(BASE, { ...changes, taskRoleArn: arn, containers: [] })).toEqual({
      ...BASE,
      cpu: '.5 vCPU',
      memory: '1 GB',
      taskRoleArn: arn,
      executionRoleArn: 'exec-role'
    })
  })

  test('contradictions, all at once', () => {
    const changes = {
      containers: [],
      environment: [set('A', ''), set('V', '')],
      secrets: [set('A', 'arn')],
      versionVariable: { name: 'V', value: '1' },
      cpu: '1GB',
      memory: 'much'
    }
    expect(() => renderTaskDefinition(BASE, changes)).toThrow(
      [
        'inputs environment-variables and secrets both set A; a name is one or the other',
        "input version-variable names 'V', which environment-variables or secrets set too",
        "input cpu is '1GB'; write CPU units (256) or vCPUs (.25 vCPU)",
        "input memory is 'much'; write MiB (512) or GB (0.5 GB)"
      ].join('; ')
    )
  })

  test('a container that is not there', () => {
    expect(() => renderTaskDefinition(BASE, { containers: [{ name: 'wbe' }] })).toThrow(
      'no container wbe; this task definition has web, proxy'
    )
  })
})

describe('toRegisterInput', () => {
  test('takes out what Describe adds, and nulls', () => {
    const described = {
      ...BASE,
      taskDefinitionArn: 'arn',
      revision: 1,
      status: 'ACTIVE',
      requiresAttributes: [],
      compatibilities: [],
      registeredAt: 1,
      registeredBy: 'me',
      deregisteredAt: 1,
      deleteRequestedAt: 1,
      pidMode: null,
      newThing: { status: 'kept', inner: null, list: [] }
    }
    expect(toRegisterInput(described, [])).toEqual({ ...BASE, newThing: { status: 'kept', list: [] } })
  })

  test('null in a list is refused', () => {
    const document = { containerDefinitions: [{ name: 'web', command: ['a', null], links: [[null]] }] }
    expect(() => toRegisterInput(document, [])).toThrow(
      'null inside a list: containerDefinitions[0].command[1], containerDefinitions[0].links[0][0]'
    )
  })

  test('tags without those of AWS, none at all when none is left', () => {
    const tags = [
      { key: 'aws:cloudformation:stack-name', value: 's' },
      { key: 'team', value: '' }
    ]
    expect(toRegisterInput(BASE, tags)).toEqual({ ...BASE, tags: [{ key: 'team', value: '' }] })
    expect(toRegisterInput(BASE, tags.slice(0, 1))).toEqual(BASE)
  })

  test('tags that the document itself has are not lost', () => {
    const document = {
      ...BASE,
      tags: [
        { key: 'a', value: 'old' },
        { key: 'b', value: '2' }
      ]
    }
    expect(toRegisterInput(document, [{ key: 'a', value: 'new' }]).tags).toEqual([
      { key: 'b', value: '2' },
      { key: 'a', value: 'new' }
    ])
  })

  test('changeTags keeps positions', () => {
    const tags = [{ key: 'a', value: '1' }, { key: 'b' }, { key: 'c', value: '3' }]
    expect(changeTags(tags, [set('b', ''), remove('a'), set('d', '4')])).toEqual([
      { key: 'b', value: '' },
      { key: 'c', value: '3' },
      { key: 'd', value: '4' }
    ])
  })
})

describe('properties', () => {
  test('no changes, no difference; nothing is lost on the way out', () => {
    fc.assert(
      fc.property(taskDefinition, document => {
        const containers = (document.containerDefinitions as readonly { name: string }[]).map(({ name }) => ({ name }))
        expect(renderTaskDefinition(document, { containers })).toEqual(document)
        expect(toRegisterInput(document, [])).toEqual(document)
      })
    )
  })

  test('the base is never altered, and only what was asked for changes', () => {
    fc.assert(
      fc.property(taskDefinition, fc.string(), fc.string(), (document, image, value) => {
        const before = structuredClone(document)
        const [first] = document.containerDefinitions as readonly { name: string }[]
        const containers = [{ name: first?.name ?? '', image }]
        const rendered = renderTaskDefinition(document, {
          containers,
          environment: [set('x.NEW', value)],
          dockerLabels: [set('x.l', value)]
        })
        expect(document).toEqual(before)
        const { containerDefinitions, ...rest } = rendered
        const { containerDefinitions: old, ...oldRest } = before
        expect(rest).toEqual(oldRest)
        const [changed, ...others] = containerDefinitions as readonly JsonObject[]
        const [was, ...othersWere] = old as readonly JsonObject[]
        expect(others).toEqual(othersWere)
        const { environment, dockerLabels, ...kept } = changed ?? {}
        const { environment: oldEnvironment, dockerLabels: oldLabels, ...keptWas } = was ?? {}
        expect(kept).toEqual({ ...keptWas, image })
        expect(environment).toEqual([...(oldEnvironment as readonly JsonObject[]), { name: 'x.NEW', value }])
        expect(dockerLabels).toEqual({ ...(oldLabels as JsonObject | undefined), 'x.l': value })
      })
    )
  })
})
