import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type RunningSimulator, startSimulator } from '../../simulator/server.ts'
import { aws, awsText } from './support/command.ts'
import { SHOP } from './support/worlds.ts'

interface Described {
  readonly taskDefinition: { readonly taskDefinitionArn: string; readonly [member: string]: unknown }
}

/** Members that DescribeTaskDefinition adds and RegisterTaskDefinition refuses. */
const READ_ONLY = [
  'taskDefinitionArn',
  'revision',
  'status',
  'compatibilities',
  'requiresAttributes',
  'registeredAt',
  'registeredBy'
]

/** Registers what runs now with the other image, as a script with the AWS CLI does, and returns the revision's ARN. */
async function registerNext(url: string): Promise<string> {
  const { taskDefinition } = (await aws(
    url,
    'ecs',
    'describe-task-definition',
    '--task-definition',
    'web'
  )) as Described
  const document = Object.fromEntries(Object.entries(taskDefinition).filter(([member]) => !READ_ONLY.includes(member)))
  const next = JSON.stringify(document).replace('main-1111111', 'main-2222222')
  const registered = (await aws(url, 'ecs', 'register-task-definition', '--cli-input-json', next)) as Described
  return registered.taskDefinition.taskDefinitionArn
}

describe('the AWS CLI', () => {
  let sim: RunningSimulator
  beforeAll(async () => {
    sim = await startSimulator({ world: SHOP, speed: 120 })
  })
  afterAll(() => sim.close())

  test('describes a service', async () => {
    expect(await aws(sim.url, 'ecs', 'describe-services', '--cluster', 'shop', '--services', 'web')).toMatchObject({
      services: [{ serviceName: 'web', status: 'ACTIVE', desiredCount: 2, deployments: [{ status: 'PRIMARY' }] }],
      failures: []
    })
  })

  test('deploys a revision and waits until the service is stable', async () => {
    const revision = await registerNext(sim.url)
    expect(revision).toMatch(/:task-definition\/web:2$/)

    const where = ['--cluster', 'shop', '--service', 'web']
    await aws(sim.url, 'ecs', 'update-service', ...where, '--task-definition', revision)
    await awsText(sim.url, 'ecs', 'wait', 'services-stable', '--cluster', 'shop', '--services', 'web')

    const { taskArns } = (await aws(sim.url, 'ecs', 'list-tasks', '--cluster', 'shop', '--service-name', 'web')) as {
      readonly taskArns: readonly string[]
    }
    const tasks = await aws(sim.url, 'ecs', 'describe-tasks', '--cluster', 'shop', '--tasks', ...taskArns)
    const task = {
      taskDefinitionArn: revision,
      lastStatus: 'RUNNING',
      containers: [{ image: `127.0.0.1:${String(sim.port)}/shop/web:main-2222222` }]
    }
    expect(tasks).toMatchObject({ tasks: [task, task] })
  })

  test('finds images and logs in', async () => {
    const images = await aws(sim.url, 'ecr', 'describe-images', '--repository-name', 'shop/web')
    expect(images).toMatchObject({
      imageDetails: expect.arrayContaining([expect.objectContaining({ imageTags: ['main-1111111'] })])
    })
    expect((await awsText(sim.url, 'ecr', 'get-login-password')).trim()).not.toBe('')
  })

  test('asks for a scan, waits for it and reads what it found', async () => {
    const image = ['--repository-name', 'shop/web', '--image-id', 'imageTag=main-1111111']
    await aws(sim.url, 'ecr', 'start-image-scan', ...image)
    await awsText(sim.url, 'ecr', 'wait', 'image-scan-complete', ...image)
    expect(await aws(sim.url, 'ecr', 'describe-image-scan-findings', ...image)).toMatchObject({
      imageScanStatus: { status: 'COMPLETE' },
      imageScanFindings: { findings: [], findingSeverityCounts: {} }
    })
  })

  test('suspends scaling and reads it back', async () => {
    const target = ['--service-namespace', 'ecs', '--scalable-dimension', 'ecs:service:DesiredCount']
    const state = 'DynamicScalingInSuspended=true,DynamicScalingOutSuspended=false,ScheduledScalingSuspended=true'
    await awsText(
      sim.url,
      ...['application-autoscaling', 'register-scalable-target', ...target],
      ...['--resource-id', 'service/shop/web', '--suspended-state', state]
    )
    const read = ['--service-namespace', 'ecs', '--resource-ids', 'service/shop/web']
    expect(await aws(sim.url, 'application-autoscaling', 'describe-scalable-targets', ...read)).toMatchObject({
      ScalableTargets: [
        {
          MinCapacity: 1,
          MaxCapacity: 4,
          SuspendedState: {
            DynamicScalingInSuspended: true,
            DynamicScalingOutSuspended: false,
            ScheduledScalingSuspended: true
          }
        }
      ]
    })
  })

  test('understands the errors', async () => {
    const missing = awsText(sim.url, 'ecs', 'update-service', '--cluster', 'shop', '--service', 'wbe')
    await expect(missing).rejects.toThrow('ServiceNotFoundException')
    const unknown = awsText(sim.url, 'ecr', 'describe-images', '--repository-name', 'shop/wbe')
    await expect(unknown).rejects.toThrow('RepositoryNotFoundException')
  })
})
