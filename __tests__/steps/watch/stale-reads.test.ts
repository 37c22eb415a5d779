import { describe, expect, test } from '@jest/globals'
import type { ServiceSnapshot } from '../../../src/decide/service/snapshot.ts'
import { Failure } from '../../../src/failure.ts'
import type { EcsPort, ServiceAbsence } from '../../../src/io/aws/ecs.ts'
import { watchDeployment, type WatchEnd } from '../../../src/steps/watch-deployment.ts'
import { shop, WEB } from '../../action/shop.ts'
import { deployedByHand } from '../../support/deployed-by-hand.ts'

type Answer = ServiceSnapshot | ServiceAbsence
const OUTAGE = new Failure('aws-error', 'ecs:DescribeServices failed: x (ServerException)')
/** What DescribeServices answers at its nth call, given what is true and what was true before the deployment. */
type Replica = (call: number, now: Answer, before: ServiceSnapshot) => Answer | Failure

/** Watches a deployment of `image` by DescribeServices alone, read from replicas; with the seconds that it took. */
async function watchThrough(image: string, replica: Replica): Promise<WatchEnd & { readonly seconds: number }> {
  const simulated = shop({ images: [{ tags: ['never'], behaviour: 'neverHealthy' }] })
  return deployedByHand(simulated, `web:${image}`, async ({ world, ecs: port, before, mine }) => {
    let calls = 0
    const ecs: EcsPort = {
      ...port,
      polling: () => ecs,
      async describeService(cluster, name) {
        const answer = replica(calls++, await port.describeService(cluster, name), before)
        if (answer instanceof Failure) throw answer
        return answer
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

  test.each([
    ['once, before an outage', [4]],
    ['twice within seconds, before an outage', [4, 5]],
    ['once, within an outage', [6]]
  ])('%s is still there', async (_, missing) => {
    const replica: Replica = (call, now) => {
      if (missing.includes(call)) return 'no-service'
      return call > 3 && call < 14 ? OUTAGE : now
    }
    const { verdict, seconds } = await watchThrough('main-2222222', replica)
    expect(verdict.kind).toBe('completed')
    expect(seconds).toBeGreaterThan(45)
  })

  test('before an outage and after it is gone', async () => {
    const replica: Replica = (call, now) => (call < 4 ? now : call === 4 || call > 12 ? 'no-service' : OUTAGE)
    const { verdict } = await watchThrough('main-2222222', replica)
    expect(verdict).toEqual({ kind: 'service-gone', status: 'MISSING' })
  })

  test('for longer is gone', async () => {
    const { verdict, seconds } = await watchThrough('main-2222222', (call, now) => (call > 3 ? 'no-service' : now))
    expect(verdict).toEqual({ kind: 'service-gone', status: 'MISSING' })
    expect(seconds).toBeLessThan(45)
  })
})
