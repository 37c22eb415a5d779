import { describe, expect, test } from '@jest/globals'
import type { FaultRule } from '../../../simulator/control/faults.ts'
import { Failure } from '../../../src/failure.ts'
import type { EcsReads } from '../../../src/io/aws/ecs.ts'
import { watchDeployment } from '../../../src/steps/watch-deployment.ts'
import { serviceState, shop, WEB } from '../../action/shop.ts'
import { deployedByHand } from '../../support/deployed-by-hand.ts'
import { deployment, MINE, service, serviceDeployment } from '../../decide/service/snapshots.ts'
import { rollOut, type Rollout } from './rollout.ts'
import { watchScripted } from './scripted.ts'

const BROKEN = shop({
  images: [{ tags: ['bad'], behaviour: 'neverHealthy' }],
  service: { circuitBreaker: { enable: true, rollback: true } }
})

/** When the newest deployment was certain to fail, in epoch milliseconds. */
function decidedAt({ simulator }: Pick<Rollout, 'simulator'>): number {
  const [newest] = serviceState(simulator.state()).serviceDeployments as unknown as readonly {
    readonly decidedAt: string
  }[]
  return Date.parse(newest?.decidedAt ?? '')
}

const refusals: readonly (readonly [string, Partial<FaultRule>])[] = [
  ['throttled', { error: 'ThrottlingException', status: 400 }],
  ['broken', { error: 'ServerException', status: 500 }]
]

const outages = refusals.flatMap(([how, rule]) => [
  ['ecs:*ServiceDeployments', how, rule] as const,
  ['ecs:DescribeServices', how, rule] as const
])

describe.each(outages)('while %s is %s', (operation, _, rule) => {
  const faults: readonly FaultRule[] = [{ operation, after: 12, times: 300, ...rule }]

  test('the other API tells a failure within ten seconds, and the watch goes on to where it led', async () => {
    let redAt = Infinity
    const rollout = await rollOut(BROKEN, {
      image: 'web:bad',
      faults,
      when: {
        kind: 'turned-red',
        then: simulator => {
          redAt = Date.parse(simulator.now())
        }
      }
    })
    expect(redAt - decidedAt(rollout)).toBeLessThanOrEqual(10_000)
    expect(rollout.end).toMatchObject({ verdict: { kind: 'rolled-back' }, blindness: undefined })
  })

  test('it is not called more often than it would be otherwise', async () => {
    const { end, endedAt, simulator } = await rollOut(shop(), { faults })
    expect(end.verdict.kind).toBe('completed')
    const calls = simulator.calls().filter(({ error }) => error === rule.error)
    const first = Date.parse(calls[0]?.at ?? '')
    expect(calls.length).toBeGreaterThan(0)
    expect(calls.length).toBeLessThanOrEqual((endedAt - first) / 2500 + 3)
  })
})

test.each(['describeService', 'describeServiceDeployment'] as const)(
  'a %s that hangs holds up what the other API shows by one look',
  async hanging => {
    await deployedByHand(BROKEN, 'web:bad', async ({ world, simulator, ecs: port, mine }) => {
      let calls = 0
      const hang = async (): Promise<never> => {
        await world.clock.sleep(5_000)
        throw new Failure('network', 'the time for it ran out')
      }
      const polling = port.polling()
      const reads: EcsReads = {
        ...polling,
        describeService: (...place) =>
          hanging === 'describeService' && calls++ > 8 ? hang() : polling.describeService(...place),
        describeServiceDeployment: arn =>
          hanging === 'describeServiceDeployment' ? hang() : polling.describeServiceDeployment(arn)
      }
      const ecs = { ...port, polling: () => reads }
      let redAt = Infinity
      const plan = { ...WEB, pollMs: 3000, budgetMs: 3_600_000, failsFast: true }
      await watchDeployment(world, ecs, mine, plan, ({ kind }) => {
        if (kind === 'turned-red') redAt = world.clock.now()
      })
      expect(redAt - decidedAt({ simulator })).toBeLessThanOrEqual(10_000)
    })
  }
)

test('a watch that nobody answers ends within a poll or two of its budget', async () => {
  const faults: readonly FaultRule[] = [{ operation: 'ecs:*', error: 'ServerException', after: 12, times: 'always' }]
  const stuck = shop({ images: [{ tags: ['bad'], behaviour: 'neverHealthy' }] })
  let startedAt = Infinity
  const { end, endedAt } = await rollOut(stuck, {
    image: 'web:bad',
    faults,
    plan: { budgetMs: 60_000 },
    when: {
      kind: 'progress',
      then: simulator => {
        startedAt = Math.min(startedAt, Date.parse(simulator.now()))
      }
    }
  })
  expect(end).toMatchObject({ verdict: { kind: 'timed-out' }, blindness: expect.stringContaining('ServerException') })
  expect(endedAt - startedAt).toBeLessThanOrEqual(66_000)
})

test('a landing that only DescribeServices shows counts when the time is over before the other API is back', async () => {
  const back = deployment('ecs-svc/1', { createdAt: 10, updatedAt: 200, rolloutState: 'COMPLETED' })
  const end = await watchScripted(seconds => {
    if (seconds < 100) return { service: service([deployment(MINE.id)]), listed: serviceDeployment('IN_PROGRESS') }
    if (seconds < 990) return { service: service([back]), listed: serviceDeployment('ROLLBACK_IN_PROGRESS') }
    return { service: service([back]) }
  })
  expect(end).toMatchObject({ verdict: { kind: 'rolled-back', to: { id: 'ecs-svc/1' } } })
})
