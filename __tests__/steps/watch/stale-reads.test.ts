import { describe, expect, test } from '@jest/globals'
import type { ServiceSnapshot } from '../../../src/decide/service/snapshot.ts'
import { Failure } from '../../../src/failure.ts'
import type { EcsPort, ServiceAbsence } from '../../../src/io/aws/ecs.ts'
import { watchDeployment, type WatchEnd } from '../../../src/steps/watch-deployment.ts'
import { shop, WEB } from '../../action/shop.ts'
import { deployedByHand } from '../../support/deployed-by-hand.ts'

type Answer = ServiceSnapshot | ServiceAbsence
/** What DescribeServices answers at its nth call, given what is true and what was true before the deployment. */
type Replica = (call: number, now: Answer, before: ServiceSnapshot) => Answer

/** Watches a deployment of `image` by DescribeServices alone, read from replicas; with the seconds that it took. */
async function watchThrough(image: string, replica: Replica): Promise<WatchEnd & { readonly seconds: number }> {
  const simulated = shop({ images: [{ tags: ['never'], behaviour: 'neverHealthy' }] })
  return deployedByHand(simulated, `web:${image}`, async ({ world, ecs: port, before, mine }) => {
    let calls = 0
    const ecs: EcsPort = {
      ...port,
      polling: () => ecs,
      async describeService(cluster, name) {
        return replica(calls++, await port.describeService(cluster, name), before)
      },
      listServiceDeployments: () => Promise.reject(new Failure('access-denied', 'not authorized'))
    }
    const startedAt = world.clock.now()
    const plan = { ...WEB, pollMs: 3000, budgetMs: 3_600_000, failsFast: false }
    const end = await watchDeployment(world, ecs, mine, plan, () => undefined)
    return { ...end, seconds: (world.clock.now() - startedAt) / 1000 }
  })
}

describe('reads from a replica that lags behind', () => {
  test.each([
    ['main-2222222', 'completed'],
    ['never', 'rolled-back']
  ])('do not change the verdict about %s', async (image, kind) => {
    const straight = await watchThrough(image, (_, now) => now)
    const { verdict, seconds } = await watchThrough(image, (call, now, before) => (call % 2 === 1 ? before : now))
    expect(verdict.kind).toBe(kind)
    expect(seconds - straight.seconds).toBeLessThanOrEqual(3)
  })
})

describe('a service that is not found', () => {
  test('for a moment is still there', async () => {
    const { verdict } = await watchThrough('main-2222222', (call, now) => (call > 3 && call < 8 ? 'no-service' : now))
    expect(verdict.kind).toBe('completed')
  })

  test('for longer is gone', async () => {
    const { verdict, seconds } = await watchThrough('main-2222222', (call, now) => (call > 3 ? 'no-service' : now))
    expect(verdict).toEqual({ kind: 'service-gone', status: 'MISSING' })
    expect(seconds).toBeLessThan(45)
  })
})
