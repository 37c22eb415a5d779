import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { boundsOf } from '../../../simulator/cloud/ecs/bounds.ts'
import { isAlive, isHealthy } from '../../../simulator/cloud/ecs/engine.ts'
import { Cloud } from './cloud.ts'

const service = fc.record({
  desiredCount: fc.integer({ min: 0, max: 20 }),
  minimumHealthyPercent: fc.integer({ min: 0, max: 100 }),
  maximumPercent: fc.integer({ min: 100, max: 200 }),
  loadBalanced: fc.boolean()
})

const act = fc.oneof(
  fc.record({ kind: fc.constant('deploy' as const), tag: fc.constantFrom('v2', 'v3', 'bad', 'gone') }),
  fc.record({ kind: fc.constant('scale' as const), count: fc.integer({ min: 0, max: 20 }) }),
  fc.record({ kind: fc.constant('kill' as const), index: fc.nat(20) })
)

type Act =
  | { readonly kind: 'deploy'; readonly tag: string }
  | { readonly kind: 'scale'; readonly count: number }
  | { readonly kind: 'kill'; readonly index: number }

function play(
  options: ConstructorParameters<typeof Cloud>[0],
  acts: readonly { readonly act: Act; readonly wait: number }[]
): Cloud {
  const cloud = new Cloud({ ...options, circuitBreaker: { enable: true, rollback: true } })
  cloud.images.behaviours.set('bad', { crash: { exitCode: 1, afterSeconds: 3 } }).set('gone', 'missing')
  for (const { act: next, wait } of acts) {
    if (next.kind === 'deploy') cloud.deploy(next.tag)
    else if (next.kind === 'scale') cloud.ecs.scale('main', 'web', next.count)
    else {
      const tasks = cloud.tasks()
      const task = tasks[next.index % Math.max(1, tasks.length)]
      if (task !== undefined) cloud.ecs.stopTask(task.taskArn, 'chaos')
    }
    cloud.advance(wait)
  }
  return cloud
}

function count(cloud: Cloud): { readonly up: number; readonly alive: number } {
  const tasks = [...cloud.service.tasks]
  return { up: tasks.filter(isHealthy).length, alive: tasks.filter(isAlive).length }
}

const acts = fc.array(fc.record({ act, wait: fc.integer({ min: 0, max: 200 }) }), { maxLength: 8 })

const healthy = fc.boolean()

describe('whatever the numbers', () => {
  test('a rollout of healthy images keeps both limits at every second, and ends unless it is deadlocked', () => {
    fc.assert(
      fc.property(service, options => {
        const cloud = new Cloud(options)
        const { minimum, maximum } = boundsOf(options, options.desiredCount)
        cloud.deploy('v2')
        for (let second = 0; second < 4000 && cloud.service.deployments[0].rolloutState !== 'COMPLETED'; second += 1) {
          cloud.advance(1)
          // Compared by hand: a hundred thousand calls of expect take seconds.
          const { up, alive } = count(cloud)
          if (up < minimum || alive > maximum) expect({ second, up, alive }).toBe('within the limits')
        }
        const deadlocked =
          options.desiredCount > 0 && maximum <= options.desiredCount && minimum >= options.desiredCount
        cloud.advance(20)
        expect(cloud.service.deployments[0].rolloutState).toBe(deadlocked ? 'IN_PROGRESS' : 'COMPLETED')
      }),
      { numRuns: 40 }
    )
  })

  test('the same acts make the same history', () => {
    fc.assert(
      fc.property(service, acts, (options, played) => {
        const first = play(options, played)
        const second = play(options, played)
        expect(second.ecs.state()).toEqual(first.ecs.state())
        expect(second.service.events).toEqual(first.service.events)
      }),
      { numRuns: 20 }
    )
  })

  test('left alone with a healthy image, a service always comes to rest on what it was last asked for', () => {
    fc.assert(
      fc.property(service, acts, (options, played) => {
        const cloud = play({ ...options, minimumHealthyPercent: 50, maximumPercent: 200 }, played)
        const arn = cloud.deploy('v4')
        cloud.advance(3600)
        expect(cloud.describe()).toMatchObject({
          taskDefinition: arn,
          runningCount: cloud.service.desiredCount,
          deployments: [{ rolloutState: 'COMPLETED' }]
        })
        expect(cloud.describe().deployments).toHaveLength(1)
        expect(cloud.service.steady).toBe(true)
      }),
      { numRuns: 40 }
    )
  })

  test('a shift of traffic never has fewer healthy tasks than desired, nor more than twice as many up', () => {
    fc.assert(
      fc.property(
        service,
        fc.constantFrom('BLUE_GREEN', 'LINEAR', 'CANARY'),
        healthy,
        (options, strategy, isHealthyImage) => {
          const cloud = new Cloud({ ...options, strategy, circuitBreaker: { enable: true, rollback: true } })
          cloud.images.behaviours.set('v2', isHealthyImage ? 'healthy' : { crash: { exitCode: 1, afterSeconds: 3 } })
          cloud.deploy('v2')
          const [{ rolloutState }] = cloud.service.deployments
          expect(rolloutState).toBe('IN_PROGRESS')
          const [reported] = cloud.service.serviceDeployments
          for (let second = 0; second < 6000 && reported?.finishedAt === undefined; second += 1) {
            cloud.advance(1)
            const { up, alive } = count(cloud)
            const isWithin = up >= options.desiredCount && alive <= 2 * options.desiredCount
            if (!isWithin) expect({ second, up, alive }).toBe('within the limits')
          }
          const succeeds = isHealthyImage || options.desiredCount === 0
          expect(reported?.status).toBe(succeeds ? 'SUCCESSFUL' : 'ROLLBACK_SUCCESSFUL')
          expect(cloud.tasks()).toHaveLength(options.desiredCount)
        }
      ),
      { numRuns: 20 }
    )
  })

  test('whatever is superseded, scaled and killed, a shift of traffic comes to rest on the last deployment', () => {
    fc.assert(
      fc.property(service, fc.constantFrom('BLUE_GREEN', 'LINEAR', 'CANARY'), acts, (options, strategy, played) => {
        const cloud = play({ ...options, strategy }, played)
        const arn = cloud.deploy('v4')
        cloud.advance(3 * 3600)
        expect(cloud.describe()).toMatchObject({
          taskDefinition: arn,
          runningCount: cloud.service.desiredCount,
          deployments: [{ rolloutState: 'COMPLETED' }]
        })
        expect(cloud.describe().deployments).toHaveLength(1)
      }),
      { numRuns: 40 }
    )
  })
})
