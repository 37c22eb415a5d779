import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import {
  ApplicationAutoScalingClient,
  DescribeScalableTargetsCommand,
  RegisterScalableTargetCommand
} from '@aws-sdk/client-application-auto-scaling'
import { BatchGetImageCommand, ECRClient, ImageTagAlreadyExistsException, PutImageCommand } from '@aws-sdk/client-ecr'
import {
  ClusterNotFoundException,
  DescribeServicesCommand,
  ECSClient,
  UpdateServiceCommand,
  waitUntilServicesStable
} from '@aws-sdk/client-ecs'
import { type RunningSimulator, startSimulator } from '../../simulator/server.ts'
import { AWS_ENVIRONMENT } from './support/command.ts'
import { SHOP } from './support/worlds.ts'

describe('the AWS SDK clients', () => {
  let sim: RunningSimulator
  let options: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } }
  beforeAll(async () => {
    sim = await startSimulator({ world: SHOP, speed: 120 })
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION } = AWS_ENVIRONMENT
    const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY }
    options = { endpoint: sim.url, region: AWS_REGION, credentials }
  })
  afterAll(() => sim.close())

  test('ECS: a forced deployment becomes stable by its own waiter', async () => {
    const client = new ECSClient(options)
    const where = { cluster: 'shop', services: ['web'] }
    const before = await client.send(new DescribeServicesCommand(where))
    const { service } = await client.send(
      new UpdateServiceCommand({ cluster: 'shop', service: 'web', forceNewDeployment: true })
    )
    const id = service?.deployments?.[0]?.id
    expect(id).toMatch(/^ecs-svc\/\d+$/)
    expect(id).not.toBe(before.services?.[0]?.deployments?.[0]?.id)
    expect(await waitUntilServicesStable({ client, minDelay: 1, maxDelay: 2, maxWaitTime: 60 }, where)).toMatchObject({
      state: 'SUCCESS'
    })
    const after = await client.send(new DescribeServicesCommand(where))
    expect(after.services?.[0]?.deployments).toMatchObject([{ id, rolloutState: 'COMPLETED', runningCount: 2 }])
    expect(after.services?.[0]?.events?.[0]?.createdAt).toBeInstanceOf(Date)
  })

  test('ECS: errors are the classes of the model', async () => {
    const client = new ECSClient(options)
    const lost = client.send(new DescribeServicesCommand({ cluster: 'shpo', services: ['web'] }))
    await expect(lost).rejects.toThrow(ClusterNotFoundException)
  })

  test('ECR: a second tag on the same manifest, and none on another', async () => {
    const client = new ECRClient(options)
    const repositoryName = 'shop/web'
    const read = async (imageTag: string) => {
      const { images } = await client.send(new BatchGetImageCommand({ repositoryName, imageIds: [{ imageTag }] }))
      const [image] = images ?? []
      if (image?.imageManifest === undefined) throw new Error(`no image ${imageTag}`)
      return { manifest: image.imageManifest, digest: image.imageId?.imageDigest }
    }
    const first = await read('main-1111111')
    const second = await read('main-2222222')
    const put = (imageManifest: string) =>
      client.send(new PutImageCommand({ repositoryName, imageManifest, imageTag: '1.4.2' }))
    expect((await put(first.manifest)).image?.imageId?.imageDigest).toBe(first.digest)
    expect((await read('1.4.2')).digest).toBe(first.digest)
    // An immutable tag is refused by name, also when nothing would change.
    await expect(put(first.manifest)).rejects.toThrow(ImageTagAlreadyExistsException)
    await expect(put(second.manifest)).rejects.toThrow(ImageTagAlreadyExistsException)
  })

  test('Application Auto Scaling: what is suspended is read back', async () => {
    const client = new ApplicationAutoScalingClient(options)
    const target = { ServiceNamespace: 'ecs', ScalableDimension: 'ecs:service:DesiredCount' } as const
    const suspended = {
      DynamicScalingInSuspended: true,
      DynamicScalingOutSuspended: true,
      ScheduledScalingSuspended: true
    }
    await client.send(
      new RegisterScalableTargetCommand({ ...target, ResourceId: 'service/shop/web', SuspendedState: suspended })
    )
    const read = await client.send(
      new DescribeScalableTargetsCommand({ ServiceNamespace: 'ecs', ResourceIds: ['service/shop/web'] })
    )
    expect(read.ScalableTargets).toMatchObject([{ MinCapacity: 1, MaxCapacity: 4, SuspendedState: suspended }])
  })
})
