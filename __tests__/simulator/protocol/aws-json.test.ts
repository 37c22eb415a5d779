import { afterEach, describe, expect, test } from '@jest/globals'
import type { World } from '../../../simulator/cloud/world.ts'
import { createSimulator, type Simulator } from '../../../simulator/simulator.ts'
import { call, json, send, signedFor } from '../in-process.ts'

const WORLD: World = {
  repositories: [{ name: 'web', images: [{ tags: ['main-1111111'] }] }],
  clusters: [{ name: 'prod', services: [{ name: 'web', image: 'web:main-1111111' }] }],
  newMembers: ['ecs:RegisterTaskDefinition.containerDefinitions.*.futureField']
}

const DEFINITION = {
  family: 'api',
  containerDefinitions: [{ name: 'api', image: 'example.com/api:1.0.0', memory: 128 }]
}

let simulator: Simulator

function start(world: World = WORLD): Simulator {
  simulator = createSimulator({ clock: 'manual', world })
  return simulator
}

afterEach(() => {
  simulator.close()
})

describe('a call', () => {
  test('is answered with a request id and the JSON 1.1 content type', async () => {
    const { response, body } = await call(start(), 'ecs:DescribeServices', { cluster: 'prod', services: ['web'] })
    expect(response.status).toBe(200)
    expect(response.headers['content-type']).toBe('application/x-amz-json-1.1')
    expect(response.headers['x-amzn-requestid']).toMatch(/^[\da-f-]{36}$/)
    expect(body).toMatchObject({ services: [{ serviceName: 'web', status: 'ACTIVE' }], failures: [] })
  })

  test('carries its error in the body and in a header', async () => {
    const { response, body } = await call(start(), 'ecs:DescribeServices', { cluster: 'none', services: ['web'] })
    expect(response.status).toBe(400)
    expect(response.headers['x-amzn-errortype']).toBe('ClusterNotFoundException')
    expect(body).toEqual({ __type: 'ClusterNotFoundException', message: 'Cluster not found.' })
  })

  test('signed for another region finds an empty account', async () => {
    start()
    const authorization = signedFor('eu-west-1', 'ecs')
    const services = await call(
      simulator,
      'ecs:DescribeServices',
      { cluster: 'prod', services: ['web'] },
      { authorization }
    )
    expect(services.body['__type']).toBe('ClusterNotFoundException')
    const clusters = await call(simulator, 'ecs:ListClusters', {}, { authorization })
    expect(clusters.body).toEqual({ clusterArns: [] })
    const repositories = await call(
      simulator,
      'ecr:DescribeRepositories',
      { repositoryNames: ['web'] },
      { authorization: signedFor('eu-west-1', 'ecr') }
    )
    expect(repositories.body['__type']).toBe('RepositoryNotFoundException')
  })

  test('is written into the log with what it asked and how it ended', async () => {
    start()
    await call(
      simulator,
      'ecs:DescribeServices',
      { cluster: 'none', services: ['web'] },
      { 'amz-sdk-invocation-id': 'i-1' }
    )
    expect(simulator.calls()).toEqual([
      {
        seq: 1,
        at: '2026-01-05T09:00:00.000Z',
        service: 'ecs',
        operation: 'DescribeServices',
        region: 'us-east-1',
        invocation: 'i-1',
        status: 400,
        error: 'ClusterNotFoundException',
        request: { cluster: 'none', services: ['web'] }
      }
    ])
  })
})

describe('a request that is no call', () => {
  test.each([
    ['has no signature', { authorization: '' }, 'MissingAuthenticationTokenException'],
    ['has half a signature', { authorization: 'AWS4-HMAC-SHA256 Credential=x' }, 'IncompleteSignatureException'],
    ['is signed for another service', { authorization: signedFor('us-east-1', 'ecr') }, 'InvalidSignatureException'],
    ['names an unknown service', { 'x-amz-target': 'DynamoDB_20120810.GetItem' }, 'UnknownOperationException'],
    ['names no operation', { 'x-amz-target': '' }, 'UnknownOperationException']
  ])('%s', async (_, headers, code) => {
    const { status, body } = await call(start(), 'ecs:ListClusters', {}, headers)
    expect(status).toBe(400)
    expect(body['__type']).toBe(code)
  })

  test('names an operation that is not served', async () => {
    const { body } = await call(start(), 'ecs:CreateTaskSet', {})
    expect(body).toEqual({
      __type: 'UnknownOperationException',
      message: 'the simulator does not serve ecs:CreateTaskSet'
    })
  })

  test('names a property of every object', async () => {
    const { body } = await call(start(), 'ecs:constructor', {})
    expect(body['__type']).toBe('UnknownOperationException')
  })

  test.each(['{', '[]', '"text"', 'null'])('has the body %s', async body => {
    const answer = await call(start(), 'ecs:ListClusters', body)
    expect(answer.body['__type']).toBe('SerializationException')
  })

  test('goes to a path where nothing is', async () => {
    const response = await send(start(), '/health', { method: 'GET' })
    expect(response.status).toBe(404)
    expect(json(response)).toEqual({
      error:
        'nothing answers GET /health; there are POST / (AWS JSON 1.1), /v2/ (registry), /api/v3/ (GitHub) and /_sim/ (control)'
    })
  })
})

describe('a member that the model does not know', () => {
  test('is refused', async () => {
    const { body } = await call(start(), 'ecs:UpdateService', { cluster: 'prod', service: 'web', desiredcount: 2 })
    expect(body).toEqual({
      __type: 'SerializationException',
      message: 'Unknown member desiredcount: UpdateServiceRequest has no such member'
    })
  })

  test('passes where the world says that the service is newer, and comes back', async () => {
    start()
    const [container] = DEFINITION.containerDefinitions
    const input = { ...DEFINITION, containerDefinitions: [{ ...container, futureField: { a: [1, null] } }] }
    const registered = await call(simulator, 'ecs:RegisterTaskDefinition', input)
    expect(registered.status).toBe(200)
    const described = await call(simulator, 'ecs:DescribeTaskDefinition', { taskDefinition: 'api' })
    expect(described.body).toMatchObject({
      taskDefinition: { containerDefinitions: [{ name: 'api', futureField: { a: [1, null] } }] }
    })
    const elsewhere = await call(simulator, 'ecs:RegisterTaskDefinition', { ...DEFINITION, futureField: 1 })
    expect(elsewhere.body['__type']).toBe('SerializationException')
  })
})

test('a null member is no member', async () => {
  const { status } = await call(start(), 'ecs:RegisterTaskDefinition', { ...DEFINITION, cpu: null })
  expect(status).toBe(200)
})
