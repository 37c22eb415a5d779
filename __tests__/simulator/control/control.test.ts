import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { createSimulator, type Simulator } from '../../../simulator/simulator.ts'
import { call, json, send } from '../in-process.ts'

const WORLD = {
  repositories: [{ name: 'web', images: [{ tags: ['a', 'kept'] }, { tags: ['b'] }] }],
  clusters: [{ name: 'prod', services: [{ name: 'web', image: 'web:a', desiredCount: 2 }] }]
}

let simulator: Simulator

beforeEach(async () => {
  simulator = createSimulator({ clock: 'manual' })
  await post('world', WORLD)
})

afterEach(() => {
  simulator.close()
})

async function post(path: string, body: unknown): Promise<{ readonly status: number; readonly body: unknown }> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const response = await send(simulator, `/_sim/${path}`, { body: text })
  return { status: response.status, body: json(response) }
}

async function get(path: string): Promise<unknown> {
  return json(await send(simulator, `/_sim/${path}`, { method: 'GET' }))
}

interface Service {
  readonly desiredCount: number
  readonly running: readonly { readonly image: string; readonly digest: string; readonly tasks: number }[]
  readonly tasks: readonly { readonly id: string; readonly lastStatus: string }[]
}

async function service(): Promise<Service> {
  const { ecs } = (await get('state')) as { ecs: { clusters: { services: Service[] }[] } }
  const found = ecs.clusters[0]?.services[0]
  if (found === undefined) throw new Error('the world has no service')
  return found
}

async function digestOf(tag: string): Promise<string | undefined> {
  const { ecr } = (await get('state')) as { ecr: { repositories: { images: { digest: string; tags: string[] }[] }[] } }
  return ecr.repositories[0]?.images.find(image => image.tags.includes(tag))?.digest
}

describe('world', () => {
  test('replaces everything: the cloud, the time, the faults and the calls', async () => {
    await call(simulator, 'ecs:ListClusters', {})
    await post('advance', { seconds: 60 })
    await post('faults', [{ operation: '*:*', error: 'X', times: 'always' }])
    expect(await post('world', { account: '111122223333' })).toEqual({
      status: 200,
      body: { now: '2026-01-05T09:00:00.000Z' }
    })
    expect(await get('state')).toMatchObject({ account: '111122223333', ecs: { clusters: [] }, faults: [] })
    expect(await get('calls')).toEqual([])
  })

  test('that cannot be taken leaves the old one', async () => {
    expect(await post('world', { clusters: [{ name: 'c', services: [{}] }] })).toEqual({
      status: 400,
      body: { error: 'world.clusters[0].services[0].name is missing' }
    })
    expect(await service()).toMatchObject({ desiredCount: 2 })
  })

  test('that contradicts itself is refused', async () => {
    const canary = { strategy: 'LINEAR', deploymentConfiguration: { canaryConfiguration: { canaryPercent: 5 } } }
    const { status, body } = await post('world', { clusters: [{ name: 'c', services: [{ name: 's', ...canary }] }] })
    expect(status).toBe(400)
    expect(JSON.stringify(body)).toContain('canaryConfiguration needs CANARY')
  })
})

describe('change', () => {
  test('scale', async () => {
    await post('change', { scale: { cluster: 'prod', service: 'web', desiredCount: 5 } })
    await post('advance', { seconds: 300 })
    expect((await service()).running).toMatchObject([{ tasks: 5 }])
  })

  test('deploy', async () => {
    const { body } = await post('change', { deploy: { cluster: 'prod', service: 'web', image: 'web:b' } })
    expect(body).toEqual({ deploymentId: expect.stringMatching(/^ecs-svc\/\d{19}$/) })
    await post('advance', { seconds: 900 })
    expect((await service()).running).toMatchObject([
      { image: '127.0.0.1:5000/web:b', digest: await digestOf('b'), tasks: 2 }
    ])
  })

  test('stopTask by its service or its id', async () => {
    const [first, second] = (await service()).tasks
    const where = { cluster: 'prod', service: 'web', reason: 'chaos' }
    expect((await post('change', { stopTask: where })).body).toEqual({ task: first?.id })
    expect((await post('change', { stopTask: { task: second?.id } })).body).toEqual({ task: second?.id })
    const { body } = await call(simulator, 'ecs:DescribeTasks', { cluster: 'prod', tasks: [first?.id, second?.id] })
    expect(body['tasks']).toMatchObject([
      { desiredStatus: 'STOPPED', stopCode: 'UserInitiated', stoppedReason: 'chaos' },
      { desiredStatus: 'STOPPED', stoppedReason: 'Task stopped by user' }
    ])
  })

  test('rollBack and answerHook, as somebody at the console would', async () => {
    const web = { cluster: 'prod', service: 'web' }
    const refused = async (change: object): Promise<unknown> => (await post('change', change)).body
    expect(await refused({ rollBack: web })).toEqual({ error: 'service web has no deployment in progress' })
    await post('change', { deploy: { ...web, image: 'web:b' } })
    expect(JSON.stringify(await refused({ answerHook: { ...web, action: 'CONTINUE' } }))).toContain('no paused')
    await post('change', { rollBack: web })
    await post('advance', { seconds: 600 })
    expect((await service()).running).toMatchObject([{ image: '127.0.0.1:5000/web:a', tasks: 2 }])
  })

  test('answerHook goes on, or back', async () => {
    const paused = {
      bakeTimeInMinutes: 0,
      lifecycleHooks: [{ targetType: 'PAUSE', lifecycleStages: ['PRE_SCALE_UP'] }]
    }
    for (const [action, image] of [
      ['CONTINUE', 'b'],
      ['ROLLBACK', 'a']
    ]) {
      await post('world', {
        repositories: [{ name: 'web', images: [{ tags: ['a'] }, { tags: ['b'] }] }],
        clusters: [
          {
            name: 'prod',
            services: [
              {
                name: 'web',
                image: 'web:a',
                loadBalanced: true,
                strategy: 'BLUE_GREEN',
                deploymentConfiguration: paused
              }
            ]
          }
        ]
      })
      await post('change', { deploy: { cluster: 'prod', service: 'web', image: 'web:b' } })
      await post('advance', { seconds: 3600 })
      await post('change', { answerHook: { cluster: 'prod', service: 'web', action } })
      await post('advance', { seconds: 3600 })
      expect((await service()).running).toMatchObject([{ image: `127.0.0.1:5000/web:${image}`, tasks: 1 }])
    }
  })

  test('deleteImage and moveTag', async () => {
    const a = await digestOf('a')
    await post('change', { deleteImage: { repository: 'web', tag: 'a' } })
    expect(await digestOf('a')).toBeUndefined()
    expect(await digestOf('kept')).toBe(a)
    await post('change', { moveTag: { repository: 'web', tag: 'kept', to: 'b' } })
    expect(await digestOf('kept')).toBe(await digestOf('b'))
  })

  test.each<[unknown, string]>([
    [{}, 'change: expected exactly one change, got none'],
    [
      { scale: { cluster: 'c', service: 's', desiredCount: 1 }, moveTag: { repository: 'r', tag: 't', to: 'u' } },
      'got scale, moveTag'
    ],
    [
      { explode: {} },
      'change.explode is not known; known are scale, deploy, stopTask, deleteImage, archiveImage, moveTag, rollBack'
    ],
    [{ scale: { cluster: 'prod', service: 'web' } }, 'change.scale.desiredCount is missing'],
    [{ scale: { cluster: 'prod', service: 'api', desiredCount: 1 } }, 'Service not found.'],
    [{ scale: { cluster: 'test', service: 'web', desiredCount: 1 } }, 'Cluster not found.'],
    [{ deploy: { cluster: 'prod', service: 'web' } }, 'change.deploy: expected either image or taskDefinition'],
    [{ stopTask: { task: '0'.repeat(32) } }, 'no cluster has a task 000'],
    [{ stopTask: { task: 5 } }, 'change.stopTask.task: expected a non-empty string, got 5'],
    [{ stopTask: { service: 'web' } }, 'change.stopTask.cluster is missing'],
    [{ deleteImage: { repository: 'web' } }, 'change.deleteImage: expected either tag or digest'],
    [{ archiveImage: { repository: 'web' } }, 'change.archiveImage: expected either tag or digest'],
    [{ deleteImage: { repository: 'api', tag: 'a' } }, "The repository with name 'api' does not exist"],
    [{ moveTag: { repository: 'web', tag: 'a', to: 'z' } }, 'web z']
  ])('%j is refused', async (change, message) => {
    const { status, body } = await post('change', change)
    expect(status).toBe(400)
    expect((body as { error: string }).error).toContain(message)
  })
})

describe('advance', () => {
  test('moves time', async () => {
    expect(await post('advance', { seconds: 0.5 })).toEqual({ status: 200, body: { now: '2026-01-05T09:00:00.500Z' } })
  })

  test.each<[unknown, string]>([
    [{}, 'advance.seconds is missing'],
    [{ seconds: -1 }, 'advance.seconds: expected a number of at least 0, got -1'],
    ['{', 'the body is not valid JSON']
  ])('%j is refused', async (body, message) => {
    const answer = await post('advance', body)
    expect(answer.status).toBe(400)
    expect((answer.body as { error: string }).error).toContain(message)
  })
})

test('calls lists what clients asked, of every protocol', async () => {
  await call(simulator, 'ecs:ListClusters', {})
  await send(simulator, '/v2/web/manifests/a?ns=x', { method: 'HEAD' })
  await send(simulator, '/api/v3/repos/octo/app/issues/1/comments', { method: 'GET' })
  expect(await get('calls')).toMatchObject([
    { seq: 1, service: 'ecs', operation: 'ListClusters', status: 200, request: {} },
    {
      seq: 2,
      service: 'registry',
      operation: 'HEAD manifests',
      status: 401,
      request: { path: '/v2/web/manifests/a', query: { ns: 'x' } }
    },
    { seq: 3, service: 'github', operation: 'GET comments', status: 401 }
  ])
})

test('what is not there is a 404 that lists what is', async () => {
  const answer = await post('state', {})
  expect(answer).toEqual({
    status: 404,
    body: {
      error:
        'there is no POST state below /_sim/; there are POST world, POST faults, POST change, POST advance, GET calls, GET state'
    }
  })
})
