import { createHash, randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { ApplicationAutoScalingClient, DescribeScalableTargetsCommand } from '@aws-sdk/client-application-auto-scaling'
import { DescribeImagesCommand, ECRClient, GetAuthorizationTokenCommand, PutImageCommand } from '@aws-sdk/client-ecr'
import {
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ECSClient,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  UpdateServiceCommand,
  type RegisterTaskDefinitionCommandInput
} from '@aws-sdk/client-ecs'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { World } from '../../simulator/cloud/world.ts'
import { startSimulator, type RunningSimulator } from '../../simulator/server.ts'

const WORLD: World = {
  region: 'eu-central-1',
  repositories: [{ name: 'web', imageTagMutability: 'IMMUTABLE', images: [{ tags: ['a'] }, { tags: ['b'] }] }],
  clusters: [{ name: 'prod', services: [{ name: 'web', image: 'web:a', desiredCount: 2 }] }],
  scalableTargets: [{ cluster: 'prod', service: 'web', min: 1, max: 4 }]
}

const SERVICE = { cluster: 'prod', service: 'web' }

let running: RunningSimulator

beforeEach(async () => {
  running = await startSimulator({ clock: 'manual', world: WORLD })
})

afterEach(() => running.close())

function options(region = 'eu-central-1') {
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' }
  return { endpoint: running.url, region, credentials }
}

async function basicAuthorization(): Promise<string> {
  const { authorizationData = [] } = await new ECRClient(options()).send(new GetAuthorizationTokenCommand({}))
  return `Basic ${authorizationData[0]?.authorizationToken ?? ''}`
}

describe('the AWS SDK', () => {
  test('deploys an image and finds its digest in the running tasks', async () => {
    const ecs = new ECSClient(options())
    const images = await new ECRClient(options()).send(
      new DescribeImagesCommand({ repositoryName: 'web', imageIds: [{ imageTag: 'b' }] })
    )
    const digest = images.imageDetails?.[0]?.imageDigest
    const { taskDefinition } = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: 'web' }))
    const { taskDefinitionArn, revision, status, registeredAt, requiresAttributes, compatibilities, ...document } =
      taskDefinition ?? {}
    expect([taskDefinitionArn, revision, status]).toEqual([expect.stringMatching(/web:1$/), 1, 'ACTIVE'])
    expect([registeredAt, requiresAttributes, compatibilities]).toBeDefined()
    const containerDefinitions = document.containerDefinitions?.map(each => ({ ...each, image: `${repository()}:b` }))
    const input = { ...document, containerDefinitions } as RegisterTaskDefinitionCommandInput
    const registered = await ecs.send(new RegisterTaskDefinitionCommand(input))
    const arn = registered.taskDefinition?.taskDefinitionArn ?? ''
    const updated = await ecs.send(new UpdateServiceCommand({ ...SERVICE, taskDefinition: arn }))
    expect(updated.service?.deployments?.[0]).toMatchObject({ status: 'PRIMARY', runningCount: 0, desiredCount: 0 })

    running.simulator.advance(900)
    const { services } = await ecs.send(new DescribeServicesCommand({ cluster: 'prod', services: ['web'] }))
    expect(services?.[0]?.deployments).toMatchObject([{ rolloutState: 'COMPLETED', taskDefinition: arn }])
    const { taskArns } = await ecs.send(new ListTasksCommand({ cluster: 'prod', serviceName: 'web' }))
    const { tasks = [] } = await ecs.send(new DescribeTasksCommand({ cluster: 'prod', tasks: taskArns }))
    expect(tasks.map(task => task.containers?.[0]?.imageDigest)).toEqual([digest, digest])
  })

  test('sees errors by their names, and the request id', async () => {
    const ecs = new ECSClient(options())
    await expect(ecs.send(new ListTasksCommand({ cluster: 'none' }))).rejects.toMatchObject({
      name: 'ClusterNotFoundException',
      message: 'Cluster not found.',
      $metadata: { httpStatusCode: 400, requestId: expect.stringMatching(/^[\da-f-]{36}$/) }
    })
  })

  test('finds nothing in another region', async () => {
    const ecs = new ECSClient(options('us-east-1'))
    await expect(ecs.send(new ListTasksCommand({ cluster: 'prod' }))).rejects.toMatchObject({
      name: 'ClusterNotFoundException'
    })
  })

  test('reads scalable targets', async () => {
    const scaling = new ApplicationAutoScalingClient(options())
    const { ScalableTargets } = await scaling.send(new DescribeScalableTargetsCommand({ ServiceNamespace: 'ecs' }))
    expect(ScalableTargets).toMatchObject([{ ResourceId: 'service/prod/web', MinCapacity: 1, MaxCapacity: 4 }])
    expect(ScalableTargets?.[0]?.CreationTime).toBeInstanceOf(Date)
  })

  test('retries what a fault cuts off, under the same invocation', async () => {
    running.simulator.setFaults([{ operation: 'ecs:UpdateService', drop: 'after' }])
    await new ECSClient(options()).send(new UpdateServiceCommand({ ...SERVICE, desiredCount: 3 }))
    const calls = running.simulator.calls()
    expect(calls.map(call => [call.operation, call.status])).toEqual([
      ['UpdateService', 0],
      ['UpdateService', 200]
    ])
    expect(calls[0]?.invocation).toBe(calls[1]?.invocation)
  })

  test('is refused a tag that exists', async () => {
    const response = await fetch(`${running.url}/v2/web/manifests/a`, {
      headers: { authorization: await basicAuthorization() }
    })
    const imageManifest = `${await response.text()} `
    const put = new PutImageCommand({ repositoryName: 'web', imageTag: 'b', imageManifest })
    await expect(new ECRClient(options()).send(put)).rejects.toMatchObject({ name: 'ImageTagAlreadyExistsException' })
  })
})

function repository(): string {
  return `127.0.0.1:${String(running.port)}/web`
}

describe('the registry', () => {
  test('takes and gives a large blob as a stream', async () => {
    const authorization = await basicAuthorization()
    const bytes = randomBytes(24 * 1024 * 1024)
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
    const started = await fetch(`${running.url}/v2/web/blobs/uploads/`, { method: 'POST', headers: { authorization } })
    expect(started.status).toBe(202)
    const location = new URL(started.headers.get('location') ?? '', running.url)
    location.searchParams.set('digest', digest)
    const stored = await fetch(location, { method: 'PUT', headers: { authorization }, body: bytes })
    expect(stored.status).toBe(201)
    const read = await fetch(`${running.url}/v2/web/blobs/${digest}`, { headers: { authorization } })
    expect(read.headers.get('content-length')).toBe(String(bytes.length))
    expect(Buffer.from(await read.arrayBuffer()).equals(bytes)).toBe(true)
  })

  test('answers HEAD with the length of what it leaves out', async () => {
    const response = await fetch(`${running.url}/v2/web/manifests/a`, {
      method: 'HEAD',
      headers: { authorization: await basicAuthorization() }
    })
    expect(response.status).toBe(200)
    expect(Number(response.headers.get('content-length'))).toBeGreaterThan(100)
    expect(await response.text()).toBe('')
  })

  test('asks for credentials', async () => {
    const response = await fetch(`${running.url}/v2/`)
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toMatch(/^Basic /)
  })
})

describe('the server', () => {
  test('cuts the connection where a fault says so', async () => {
    running.simulator.setFaults([{ operation: 'registry:GET ping', drop: 'before' }])
    await expect(fetch(`${running.url}/v2/`)).rejects.toThrow()
    expect((await fetch(`${running.url}/v2/`)).status).toBe(401)
  })

  test('outlives clients that go away in the middle of an upload', async () => {
    const authorization = await basicAuthorization()
    const started = await fetch(`${running.url}/v2/web/blobs/uploads/`, { method: 'POST', headers: { authorization } })
    const { pathname } = new URL(started.headers.get('location') ?? '', running.url)
    for (let client = 0; client < 5; client++) {
      const socket = connect(running.port, '127.0.0.1')
      socket.write(
        `PATCH ${pathname} HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\ncontent-length: 9000000\r\n\r\n`
      )
      socket.write(Buffer.alloc(200_000))
      await new Promise(resolve => setTimeout(resolve, client * 5))
      socket.destroy()
      await new Promise(resolve => socket.once('close', resolve))
    }
    expect((await fetch(`${running.url}/v2/`)).status).toBe(401)
  })

  test('says which port is taken', async () => {
    await expect(startSimulator({ port: running.port })).rejects.toThrow(`127.0.0.1:${String(running.port)}`)
  })

  test('does not stay when its world is refused', async () => {
    const world: World = { clusters: [{ name: 'c', services: [{ name: 's' }] }] }
    await expect(startSimulator({ world })).rejects.toThrow('it needs an image')
  })
})

test('simulated time runs as fast as the speed says', async () => {
  const fast = await startSimulator({ speed: 3600, startMs: 0 })
  await new Promise(resolve => setTimeout(resolve, 30))
  const seconds = Date.parse(fast.simulator.now()) / 1000
  await fast.close()
  expect(seconds).toBeGreaterThan(100)
  expect(seconds).toBeLessThan(36_000)
})
