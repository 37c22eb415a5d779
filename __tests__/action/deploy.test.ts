import { describe, expect, test } from '@jest/globals'
import { startSimulator } from '../../simulator/server.ts'
import { commit, deploy, deployTo, requests, writes } from './harness.ts'
import {
  digestOf,
  FARGATE,
  REGISTRY,
  runningDigests,
  serviceState,
  shop,
  WEB,
  whatThereIs,
  WITH_PROXY
} from './shop.ts'

describe('a deployment', () => {
  test.concurrent('takes a commit to proven-running containers', async () => {
    const run = await deploy(shop(), WEB, { post: true })
    const digest = digestOf(run.cloud, 'web', 'main-2222222')
    expect(run).toMatchObject({ outcome: 'success', exitCode: 0, annotations: [], rawStderr: '' })
    expect(run.outputs).toMatchObject({
      outcome: 'succeeded',
      'reason-code': '',
      'image-digest': digest,
      'image-tags': '["main-2222222"]',
      changed: 'true',
      'task-definition-arn': 'arn:aws:ecs:eu-west-1:123456789012:task-definition/web:2',
      'previous-task-definition-arn': 'arn:aws:ecs:eu-west-1:123456789012:task-definition/web:1',
      'deployment-id': serviceState(run.cloud).deployments[0]?.id,
      'service-deployment-arn': serviceState(run.cloud).serviceDeployments[0]?.arn
    })
    expect(runningDigests(run.cloud)).toEqual({ web: digest })
    expect(writes(run)).toEqual(['RegisterTaskDefinition', 'UpdateService'])
    expect(run.summary).toContain(digest)
    expect(run.post).toMatchObject({ outcome: 'success', exitCode: 0, annotations: [] })
  })

  test.concurrent('asks UpdateService for nothing but the revision', async () => {
    const run = await deploy(shop(), WEB)
    const taskDefinition = run.outputs['task-definition-arn']
    expect(requests(run, 'UpdateService')).toEqual([{ cluster: 'prod', service: 'web', taskDefinition }])
  })

  test.concurrent('passes on what UpdateService was asked for', async () => {
    const run = await deploy(shop(), {
      ...WEB,
      'desired-count': '3',
      'propagate-tags': 'SERVICE',
      'enable-ecs-managed-tags': 'true',
      'force-new-deployment': 'true'
    })
    const asked = { desiredCount: 3, propagateTags: 'SERVICE', enableECSManagedTags: true, forceNewDeployment: true }
    expect(requests(run, 'UpdateService')).toMatchObject([asked])
    expect(run.outputs['reason']).toContain('3 of 3 tasks')
  })

  test.concurrent('changes the image and nothing else of the revision, be it unknown, empty or zero', async () => {
    const container = {
      name: 'web',
      image: 'x',
      command: ['run', '--opt', '', '--last'],
      entryPoint: [],
      dockerLabels: { 'x.enable': '' },
      environment: [{ name: 'EMPTY', value: '' }],
      logConfiguration: { logDriver: 'awslogs', options: { tag: '' } },
      startTimeout: 0,
      holographicMode: { depth: 3, layers: [''] }
    }
    const sidecar = { name: 'proxy', image: `${REGISTRY}/web:main-1111111`, essential: false }
    const taskDefinition = { ...FARGATE, quantumLocking: true, containerDefinitions: [container, sidecar] }
    const newMembers = [
      'ecs:RegisterTaskDefinition.quantumLocking',
      'ecs:RegisterTaskDefinition.containerDefinitions.*.holographicMode'
    ]
    const world = shop({ service: { taskDefinition }, newMembers })
    const run = await deploy(world, { ...WEB, 'container-name': 'web' })
    expect(run.outputs['outcome']).toBe('succeeded')
    const [first, ...others] = run.previousRevision?.containerDefinitions ?? []
    expect(requests(run, 'RegisterTaskDefinition')).toMatchObject([{ quantumLocking: true }])
    expect(run.revision).toEqual({
      ...run.previousRevision,
      taskDefinitionArn: run.outputs['task-definition-arn'],
      revision: 2,
      registeredAt: expect.any(Number),
      containerDefinitions: [{ ...first, image: run.outputs['image'] }, ...others]
    })
    expect(first).toMatchObject({ ...container, image: expect.any(String) })
  })

  test.concurrent('of what runs already changes nothing', async () => {
    const world = shop({ service: { image: 'web:main-2222222' } })
    const run = await deploy(world, WEB)
    expect(run.outputs).toMatchObject({ outcome: 'unchanged', 'reason-code': '', changed: 'false' })
    expect(run.exitCode).toBe(0)
    expect(writes(run)).toEqual([])
    expect(whatThereIs(run.cloud)).toEqual(whatThereIs(run.cloudBefore))
  })

  test.concurrent('run again after a success is unchanged, even from a file that says less than ECS has', async () => {
    const container = {
      name: 'web',
      portMappings: [{ containerPort: 8080 }],
      environment: [
        { name: 'B', value: '1' },
        { name: 'A', value: '2' }
      ]
    }
    const document = { ...FARGATE, cpu: 256, containerDefinitions: [container] }
    const files = { 'task.json': JSON.stringify(document) }
    const server = await startSimulator({ world: shop(), speed: 300 })
    try {
      const inputs = { ...WEB, 'task-definition': 'task.json', repository: 'web' }
      const first = await deployTo(server, inputs, { files })
      expect(first.outputs['outcome']).toBe('succeeded')
      const second = await deployTo(server, inputs, { files })
      expect(second.outputs['outcome']).toBe('unchanged')
      expect(writes(second)).toEqual([])
    } finally {
      await server.close()
    }
  })

  test.concurrent.each([
    ['true', 1, 'failure'],
    ['false', 0, 'success']
  ])('without tasks is unproven, with require-proof %s', async (requireProof, exitCode, outcome) => {
    const run = await deploy(shop({ service: { desiredCount: 0 } }), { ...WEB, 'require-proof': requireProof })
    expect(run).toMatchObject({ exitCode, outcome, outputs: { outcome: 'unproven', 'reason-code': 'nothing-ran' } })
    expect(run.annotations.at(-1)).toMatchObject({
      level: requireProof === 'true' ? 'error' : 'warning',
      message: expect.stringContaining('no task')
    })
  })

  test.concurrent('that is not waited for is unproven', async () => {
    const run = await deploy(shop(), { ...WEB, 'wait-for-service-stability': 'false' })
    expect(run).toMatchObject({ exitCode: 0, outputs: { outcome: 'unproven', changed: 'true' } })
  })

  test.concurrent('of an index is proven by either digest that ECS may report', async () => {
    const images = [{ tags: ['multi'], platforms: ['linux/amd64', 'linux/arm64'] }]
    const inputs = { ...WEB, image: 'multi', 'tag-image': 'never' }
    const [byPlatform, byIndex] = await Promise.all([
      deploy(shop({ images, imageDigest: 'platform' }), inputs),
      deploy(shop({ images, imageDigest: 'index' }), inputs)
    ])
    expect(byPlatform.outputs['outcome']).toBe('succeeded')
    expect(byIndex.outputs['outcome']).toBe('succeeded')
    const index = digestOf(byIndex.cloud, 'web', 'multi')
    expect(byIndex.outputs['image-digest']).toBe(index)
    expect(byPlatform.outputs['image-digest']).toBe(index)
    expect(runningDigests(byIndex.cloud)).toEqual({ web: index })
    expect(runningDigests(byPlatform.cloud)['web']).not.toBe(index)
  })

  test.concurrent('gives several containers their own images', async () => {
    const proxies = {
      name: 'proxy',
      imageTagMutability: 'IMMUTABLE',
      images: [{ tags: ['1.0.0'] }, { tags: ['1.1.0'] }]
    } as const
    const world = shop({ repositories: [proxies], service: { taskDefinition: WITH_PROXY } })
    const run = await deploy(world, { ...WEB, 'container-name': 'web\nproxy=proxy:1.1.0' })
    expect(run.outputs['outcome']).toBe('succeeded')
    expect(runningDigests(run.cloud)).toEqual({
      web: digestOf(run.cloud, 'web', 'main-2222222'),
      proxy: digestOf(run.cloud, 'proxy', '1.1.0')
    })
    expect(writes(run)).toEqual(['RegisterTaskDefinition', 'UpdateService'])
  })
})

describe('a run without a service', () => {
  test.concurrent('registers a revision and stops there', async () => {
    const run = await deploy(shop(), { 'task-definition': 'web' })
    expect(run).toMatchObject({ exitCode: 0, outputs: { outcome: 'registered', changed: 'false' } })
    expect(writes(run)).toEqual(['RegisterTaskDefinition'])
    expect(run.revision?.containerDefinitions[0]?.['image']).toBe(run.outputs['image'])
  })
})

describe('a dry run', () => {
  test.concurrent.each([
    ['of a deployment', WEB],
    ['without a service', { 'task-definition': 'web' }],
    ['with tags', { ...WEB, tags: 'one, two', 'auto-scaling': 'suspend' }]
  ])('%s plans and writes nothing', async (_, inputs) => {
    const run = await deploy(shop(), { ...inputs, 'dry-run': 'true' })
    expect(run).toMatchObject({ exitCode: 0, outputs: { outcome: 'planned', changed: 'false' } })
    expect(writes(run)).toEqual([])
    expect(run.text).toContain('main-1111111 → ')
    expect(whatThereIs(run.cloud)).toEqual(whatThereIs(run.cloudBefore))
  })

  test.concurrent('refuses what a deployment would refuse', async () => {
    const run = await deploy(shop(), { ...WEB, 'dry-run': 'true' }, { sha: commit(9) })
    expect(run).toMatchObject({ exitCode: 1, outputs: { outcome: 'rejected', 'reason-code': 'image-not-found' } })
  })
})
