import { afterEach, describe, expect, test } from '@jest/globals'
import { asObject, type Json, type JsonObject } from '../../../src/decide/json.ts'
import { createEcs, type EcsPort } from '../../../src/io/aws/ecs.ts'
import { wallClock } from '../../../src/io/clock.ts'
import { refusal, serve, type Answer } from './server.ts'

const environment = { ...process.env }

afterEach(() => {
  process.env = { ...environment }
})

/** What the port asks of a server that gives these answers one after the other. */
async function asked(
  answers: readonly Answer[],
  ask: (ecs: EcsPort) => Promise<readonly unknown[]>
): Promise<{ readonly found: readonly unknown[]; readonly requests: readonly JsonObject[] }> {
  const server = await serve(...answers)
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: server.url,
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'example'
  })
  try {
    const found = await ask(createEcs({ clock: wallClock, region: 'eu-west-1', signal: new AbortController().signal }))
    return { found, requests: server.received.map(({ body }) => asObject(JSON.parse(body) as Json) ?? {}) }
  } finally {
    server.close()
  }
}

function json(body: object): Answer {
  return { body: JSON.stringify(body) }
}

test('a task that two pages name is one task', async () => {
  const described = (...arns: readonly string[]) =>
    json({ tasks: arns.map(taskArn => ({ taskArn, startedBy: 'ecs-svc/1' })) })
  const { found } = await asked(
    [json({ taskArns: ['a'], nextToken: '2' }), described('a'), json({ taskArns: ['a'] }), described('a')],
    ecs => ecs.runningTasks('prod', 'web')
  )
  expect(found).toHaveLength(1)
})

describe('the service deployments', () => {
  const list = (ecs: EcsPort): Promise<readonly unknown[]> => ecs.listServiceDeployments('prod', 'web')
  const page = (createdAt: number, nextToken?: string): Answer =>
    json({ serviceDeployments: [{ serviceDeploymentArn: String(createdAt), createdAt }], nextToken })

  test('are read page by page, newest first', async () => {
    const { found, requests } = await asked([page(2, 'more'), page(3, 'last'), page(1)], list)
    expect(found).toMatchObject([{ arn: '3' }, { arn: '2' }, { arn: '1' }])
    expect(requests.map(({ nextToken }) => nextToken)).toEqual([undefined, 'more', 'last'])
  })

  test('are in one page as a rule', async () => {
    const hundred = Array.from({ length: 100 }, (_, n) => ({ serviceDeploymentArn: String(n), createdAt: n }))
    expect((await asked([json({ serviceDeployments: hundred, nextToken: 'more' })], list)).requests).toHaveLength(1)
  })

  test('are not read for ever', async () => {
    expect((await asked([page(1, 'more')], list)).requests).toHaveLength(10)
  })
})

describe('the stopped tasks of a deployment', () => {
  const stopped = (ecs: EcsPort): Promise<readonly unknown[]> => ecs.stoppedTasks('prod', 'web', 'ecs-svc/2')
  const LISTED = json({ taskArns: ['task/1', 'task/2'] })
  const DESCRIBED = json({
    tasks: [
      { taskArn: 'task/1', startedBy: 'ecs-svc/1' },
      { taskArn: 'task/2', startedBy: 'ecs-svc/2' }
    ]
  })

  test('are asked for by who started them, for others may have left thousands', async () => {
    const { found, requests } = await asked([LISTED, DESCRIBED], stopped)
    expect(found).toMatchObject([{ arn: 'task/2' }])
    expect(requests[0]).toEqual({ cluster: 'prod', startedBy: 'ecs-svc/2', desiredStatus: 'STOPPED' })
  })

  test('are picked from those of the service where ECS takes no filter beside that', async () => {
    const refused = refusal('InvalidParameterException', 400, 'cannot specify startedBy with other arguments')
    const { found, requests } = await asked([refused, LISTED, DESCRIBED], stopped)
    expect(found).toMatchObject([{ arn: 'task/2' }])
    expect(requests[1]).toEqual({ cluster: 'prod', serviceName: 'web', desiredStatus: 'STOPPED' })
  })

  test('are picked from those of the service where that filter hides them', async () => {
    const { found, requests } = await asked([json({ taskArns: [] }), LISTED, DESCRIBED], stopped)
    expect(found).toMatchObject([{ arn: 'task/2' }])
    expect(requests[1]).toEqual({ cluster: 'prod', serviceName: 'web', desiredStatus: 'STOPPED' })
  })
})
