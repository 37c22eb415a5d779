import { describe, expect, test } from '@jest/globals'
import type { World } from '../../simulator/cloud/world.ts'
import type { FaultRule } from '../../simulator/control/faults.ts'
import { startSimulator, type RunningSimulator } from '../../simulator/server.ts'
import { commit, deployTo, ecs, requests, writes } from './harness.ts'
import { digestOf, revisionCount, runningDigests, serviceState, shop, WEB } from './shop.ts'

const LEAVE = { 'circuit-breaker': 'ignore', 'on-failure': 'leave' }
const CRASHING = { tags: ['main-3333333'], behaviour: { crash: { exitCode: 1, afterSeconds: 2 } } } as const
const BROKEN = { sha: commit(3) }

/** Runs one deployment after the other against the same cloud. */
async function inOneCloud<T>(world: World, work: (server: RunningSimulator) => Promise<T>, speed = 300): Promise<T> {
  const server = await startSimulator({ world, speed })
  try {
    return await work(server)
  } finally {
    await server.close()
  }
}

describe('the same job again', () => {
  test.concurrent('says what waits for a deployment when there is none', async () => {
    await inOneCloud(shop(), async server => {
      const inputs = { ...WEB, 'propagate-tags': 'SERVICE', 'enable-ecs-managed-tags': 'true' }
      const [first, second] = [await deployTo(server, inputs), await deployTo(server, inputs)]
      const said = 'not sent to ECS before the next deployment: propagate-tags, enable-ecs-managed-tags'
      expect(first.text).not.toContain(said)
      expect(second.outputs['outcome']).toBe('unchanged')
      expect(second.text).toContain(said)
    })
  })

  test.concurrent('after a rollback deploys the same revision once more', async () => {
    await inOneCloud(shop({ images: [CRASHING] }), async server => {
      const first = await deployTo(server, WEB, BROKEN)
      const second = await deployTo(server, WEB, BROKEN)
      expect([first.outputs['outcome'], second.outputs['outcome']]).toEqual(['rolled-back', 'rolled-back'])
      expect(second.outputs['task-definition-arn']).toBe(first.outputs['task-definition-arn'])
      expect(writes(second)).toEqual(['UpdateService'])
      expect(second.outputs['deployment-id']).not.toBe(first.outputs['deployment-id'])
    })
  })

  test.concurrent('with the next commit mends what a failure left behind', async () => {
    const world = shop({ images: [CRASHING], service: { circuitBreaker: { enable: true, rollback: false } } })
    await inOneCloud(world, async server => {
      const broken = await deployTo(server, { ...WEB, ...LEAVE }, BROKEN)
      expect(broken.outputs['outcome']).toBe('failed')
      const mended = await deployTo(server, WEB)
      expect(mended.outputs['outcome']).toBe('succeeded')
      expect(runningDigests(mended.cloud)).toEqual({ web: digestOf(mended.cloud, 'web', 'main-2222222') })
    })
  })

  test.concurrent('after a failure that was left as it is starts a new deployment', async () => {
    const world = shop({ images: [CRASHING], service: { circuitBreaker: { enable: true, rollback: false } } })
    await inOneCloud(world, async server => {
      const inputs = { ...WEB, ...LEAVE }
      const first = await deployTo(server, inputs, BROKEN)
      const second = await deployTo(server, inputs, BROKEN)
      expect(second.outputs['outcome']).toBe('failed')
      expect(second.outputs['deployment-id']).not.toBe(first.outputs['deployment-id'])
      expect(requests(second, 'UpdateService')).toMatchObject([{ forceNewDeployment: true }])
    })
  })

  test.concurrent('while its deployment is under way watches that one', async () => {
    await inOneCloud(
      shop(),
      async server => {
        const first = await deployTo(server, { ...WEB, 'wait-for-service-stability': 'false' })
        const second = await deployTo(server, WEB)
        expect(second.outputs).toMatchObject({ outcome: 'succeeded', 'deployment-id': first.outputs['deployment-id'] })
        expect(writes(second)).toEqual([])
      },
      40
    )
  })

  test.concurrent.each([
    ['waits for that, and deploys anew', 'wait', 'succeeded'],
    ['does not deploy into that when it may not wait', 'fail', 'rejected']
  ])('while its deployment is being rolled back %s', async (_, onConflict, outcome) => {
    const listing: FaultRule = { operation: 'ecs:ListServiceDeployments', delayMs: 250 }
    await inOneCloud(
      shop(),
      async server => {
        const first = await deployTo(server, { ...WEB, 'wait-for-service-stability': 'false' })
        const [started] = serviceState(first.cloud).serviceDeployments
        const stop = { serviceDeploymentArn: started?.arn, stopType: 'ROLLBACK' }
        const second = await deployTo(
          server,
          { ...WEB, 'on-conflict': onConflict },
          {
            faults: [listing],
            when: { says: '== What changes', then: () => ecs(server.simulator, 'StopServiceDeployment', stop) }
          }
        )
        expect(second.outputs['outcome']).toBe(outcome)
        expect(second.outputs['deployment-id']).not.toBe(first.outputs['deployment-id'])
        expect(requests(second, 'UpdateService')).toHaveLength(outcome === 'succeeded' ? 1 : 0)
      },
      40
    )
  })

  test.concurrent('at the same time ends well, or says that the other was faster', async () => {
    await inOneCloud(shop(), async server => {
      const runs = await Promise.all([deployTo(server, WEB), deployTo(server, WEB)])
      const outcomes = ['succeeded', 'superseded', 'unchanged', 'rejected']
      for (const run of runs) {
        expect(outcomes).toContain(run.outputs['outcome'])
        if (run.outputs['outcome'] === 'rejected') expect(run.outputs['reason-code']).toBe('deployment-in-progress')
      }
      expect(runs.some(run => run.exitCode === 0)).toBe(true)
      const cloud = server.simulator.state()
      expect(runningDigests(cloud)).toEqual({ web: digestOf(cloud, 'web', 'main-2222222') })
    })
  })

  test.concurrent('when the revision was deregistered meanwhile registers it anew', async () => {
    const world = shop({ service: { image: 'web:main-2222222' } })
    await inOneCloud(world, async server => {
      await ecs(server.simulator, 'DeregisterTaskDefinition', { taskDefinition: 'web:1' })
      const run = await deployTo(server, WEB)
      expect(run.outputs['outcome']).toBe('succeeded')
      expect(revisionCount(run.cloud)).toBe(2)
    })
  })
})

test.concurrent('a service that is scaled during the deployment is proven as it is then', async () => {
  await inOneCloud(shop(), async server => {
    const run = await deployTo(server, WEB, {
      when: {
        says: '== Watching',
        then: ({ simulator }) => simulator.change({ scale: { cluster: 'prod', service: 'web', desiredCount: 5 } })
      }
    })
    expect(run.outputs['outcome']).toBe('succeeded')
    expect(run.outputs['reason']).toContain('5')
    expect(serviceState(run.cloud).desiredCount).toBe(5)
  })
})

test.concurrent('a service and a cluster can be named by ARN, and in one', async () => {
  const arn = 'arn:aws:ecs:eu-west-1:123456789012:'
  const names = [
    { service: 'prod/web' },
    { service: `${arn}service/prod/web` },
    { cluster: `${arn}cluster/prod`, service: 'web' }
  ]
  const runs = await Promise.all(names.map(inputs => inOneCloud(shop(), server => deployTo(server, inputs))))
  expect(runs.map(run => run.outputs['outcome'])).toEqual(['succeeded', 'succeeded', 'succeeded'])
})

describe('the same job again, while the service could not be deployed to', () => {
  const STUCK = {
    minimumHealthyPercent: 100,
    maximumPercent: 100,
    deploymentCircuitBreaker: { enable: false, rollback: false }
  }
  const getStuck = ({ simulator }: RunningSimulator) =>
    ecs(simulator, 'UpdateService', { ...WEB, deploymentConfiguration: STUCK })

  test.concurrent.each([
    ['', {}],
    [' and nothing is to be built', { context: '.' }]
  ])('starts nothing, so that it is a warning%s', async (_, build) => {
    await inOneCloud(shop(), async server => {
      expect((await deployTo(server, WEB)).outputs['outcome']).toBe('succeeded')
      await getStuck(server)
      const again = await deployTo(server, { ...WEB, ...build, 'circuit-breaker': 'require' })
      expect(again).toMatchObject({ exitCode: 0, outputs: { outcome: 'unchanged' } })
      const warnings = again.annotations.flatMap(({ level, message }) => (level === 'warning' ? [message] : []))
      expect(warnings).toEqual([
        expect.stringContaining('ECS can neither start a new task nor stop an old one'),
        expect.stringContaining('has no deployment circuit breaker')
      ])
      expect(writes(again)).toEqual([])
    })
  })

  test.concurrent('is refused when a deployment is needed after all', async () => {
    const inputs = { ...WEB, pin: 'tag', 'mutable-tags': 'allow', 'tag-immutability': 'ignore' }
    await inOneCloud(shop({ mutability: 'MUTABLE' }), async server => {
      expect((await deployTo(server, inputs)).outputs['outcome']).toBe('succeeded')
      await getStuck(server)
      server.simulator.change({ moveTag: { repository: 'web', tag: 'main-2222222', to: 'main-1111111' } })
      const again = await deployTo(server, inputs)
      expect(again.outputs).toMatchObject({ outcome: 'rejected', 'reason-code': 'deployment-deadlock' })
      expect(writes(again)).toEqual([])
    })
  })

  test.concurrent('is refused when a tag lets nobody tell what runs', async () => {
    const world = shop({ mutability: 'MUTABLE' })
    const inputs = { ...WEB, pin: 'tag', 'tag-immutability': 'ignore' }
    await inOneCloud(world, async server => {
      expect((await deployTo(server, { ...inputs, 'mutable-tags': 'warn' })).outputs['outcome']).toBe('succeeded')
      const again = await deployTo(server, inputs)
      expect(again.outputs).toMatchObject({ outcome: 'rejected', 'reason-code': 'mutable-tag' })
    })
  })
})
