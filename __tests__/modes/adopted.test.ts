import { describe, expect, test } from '@jest/globals'
import type { FaultRule } from '../../simulator/control/faults.ts'
import type { ServiceSnapshot } from '../../src/decide/service/snapshot.ts'
import type { EcsPort, EcsReads } from '../../src/io/aws/ecs.ts'
import type { World } from '../../src/world.ts'
import { shop, WEB } from '../action/shop.ts'
import { deployVirtually } from '../action/virtual-run.ts'

/** The revision of this commit runs; somebody deploys one that crashes, and ECS goes back to this run's while it begins. */
const GOING_BACK = {
  world: {
    ...shop({
      service: {
        image: 'web:main-2222222',
        desiredCount: 4,
        minimumHealthyPercent: 50,
        maximumPercent: 100,
        circuitBreaker: { enable: true, rollback: true }
      }
    }),
    repositories: [
      {
        name: 'web',
        imageTagMutability: 'IMMUTABLE',
        images: [
          { tags: ['main-2222222'] },
          { tags: ['theirs'], behaviour: { crash: { exitCode: 1, afterSeconds: 0 } } }
        ]
      }
    ]
  },
  meanwhile: [{ atSeconds: 1, change: { deploy: { ...WEB, image: 'web:theirs' } } }]
} as const

const DENIED: readonly FaultRule[] = [
  'ListServiceDeployments',
  'DescribeServiceDeployments',
  'StopServiceDeployment'
].map(name => ({ operation: `ecs:${name}`, error: 'AccessDeniedException', times: 'always' }))

/** A world whose DescribeServices answers otherwise, given how often it was asked before. */
function readingServices(answer: (service: ServiceSnapshot, before: number) => ServiceSnapshot) {
  let calls = 0
  const through = (reads: EcsReads): Pick<EcsReads, 'describeService'> => ({
    async describeService(...place) {
      const service = await reads.describeService(...place)
      return typeof service === 'string' ? service : answer(service, calls++)
    }
  })
  return (world: World): World => ({
    ...world,
    async ecs(): Promise<EcsPort> {
      const port = await world.ecs()
      return { ...port, ...through(port), polling: () => ({ ...port.polling(), ...through(port.polling()) }) }
    }
  })
}

describe('a way back of ECS that a run finds under way', () => {
  test('is watched to its end', async () => {
    const { result, log } = await deployVirtually({ ...GOING_BACK, beginsAtSeconds: 100 })
    expect(log).toContain('a deployment of this revision is under way already')
    expect(log).not.toMatch(/^ *started ecs-svc/m)
    expect(result).toMatchObject({ outcome: 'succeeded' })
  })

  test('that fails is no success, though it was one once', async () => {
    const gone = { atSeconds: 104, change: { deleteImage: { repository: 'web', tag: 'main-2222222' } } }
    const scene = { ...GOING_BACK, meanwhile: [...GOING_BACK.meanwhile, gone], beginsAtSeconds: 100 }
    const { result } = await deployVirtually(scene)
    expect(result).toMatchObject({ outcome: 'failed', reasonCode: 'image-not-found' })
  })

  test.each([
    ['', []],
    [', where DescribeServices alone may be asked', DENIED]
  ] as const)('is not taken for replaced by a read from before%s', async (_, faults) => {
    let stale: ServiceSnapshot | undefined
    const through = readingServices((service, before) => {
      if (before !== 1) return service
      const [own, ...others] = service.deployments
      const bad = others[0]
      if (own === undefined || bad === undefined) throw new Error('nothing is rolled back')
      const deployments = [
        { ...bad, status: 'PRIMARY', rolloutState: 'IN_PROGRESS', updatedAt: undefined },
        { ...own, status: 'ACTIVE', rolloutState: 'COMPLETED', updatedAt: undefined }
      ]
      stale = { ...service, deployments, events: [] }
      return stale
    })
    const { result, log } = await deployVirtually({ ...GOING_BACK, beginsAtSeconds: 100, faults, through })
    expect(stale).toBeDefined()
    expect(log).not.toContain('cannot succeed any more')
    expect(result).toMatchObject({ outcome: 'succeeded' })
  })

  test('does not have the failures of the other deployment for its own', async () => {
    const scene = { ...GOING_BACK, inputs: { 'wait-for-minutes': '1' }, beginsAtSeconds: 100 }
    const through = readingServices(service => ({
      ...service,
      deployments: service.deployments.map(one =>
        one.status === 'PRIMARY' ? { ...one, rolloutState: 'IN_PROGRESS', runningCount: 3 } : one
      )
    }))
    const { result } = await deployVirtually({ ...scene, faults: DENIED, through })
    expect(result).toMatchObject({ outcome: 'timed-out', reasonCode: 'timed-out' })
    expect(result.reason).not.toMatch(/exited|failed/)
  })
})

describe('behind a Classic Load Balancer, where ECS tells no rollout state', () => {
  const through = readingServices(service => ({
    ...service,
    deployments: service.deployments.map(one => ({ ...one, rolloutState: undefined, rolloutStateReason: undefined }))
  }))

  test('a rollout of this revision that is under way is watched, not proven by its first tasks', async () => {
    const world = shop({ service: { desiredCount: 4, minimumHealthyPercent: 100, maximumPercent: 125 } })
    const meanwhile = [{ atSeconds: 1, change: { deploy: { ...WEB, image: 'web:main-2222222' } } }]
    const { result } = await deployVirtually({ world, meanwhile, beginsAtSeconds: 60, through })
    expect(result).toMatchObject({ outcome: 'succeeded' })
    expect(result.reason).toContain('4 of 4 tasks proven by digest')
  })

  test('a rollback that is through is seen to be', async () => {
    const world = {
      ...GOING_BACK.world,
      repositories: [
        {
          name: 'web',
          images: [
            { tags: ['old'] },
            { tags: ['main-2222222'], behaviour: { crash: { exitCode: 1, afterSeconds: 0 } } }
          ]
        }
      ],
      clusters: shop({ service: { image: 'web:old', circuitBreaker: { enable: true, rollback: true } } }).clusters ?? []
    }
    const { result } = await deployVirtually({ world, faults: DENIED, through })
    expect(result).toMatchObject({ outcome: 'rolled-back' })
  })
})
