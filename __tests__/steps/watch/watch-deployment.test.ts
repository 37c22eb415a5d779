import { describe, expect, test } from '@jest/globals'
import type { WorldService } from '../../../simulator/cloud/world.ts'
import type { FaultRule } from '../../../simulator/control/faults.ts'
import { serviceState, shop } from '../../action/shop.ts'
import { ecs, rollOut, type Rollout, type RolloutChanges } from './rollout.ts'

const SLOW_TO_DRAIN = { circuitBreaker: { enable: true, rollback: true }, deregistrationDelaySeconds: 600 }

function never(service: Partial<WorldService> = {}, changes: RolloutChanges = {}): Promise<Rollout> {
  const world = shop({
    images: [{ tags: ['bad'], behaviour: 'neverHealthy' }],
    service: { ...SLOW_TO_DRAIN, ...service }
  })
  return rollOut(world, { image: 'web:bad', ...changes })
}

interface Times {
  readonly createdAt: string
  readonly decidedAt: string
  readonly endedAt: string
}

/** Milliseconds of the newest service deployment from its start to its verdict and to its end. */
function times({ simulator }: Rollout): { readonly decided: number; readonly ended: number; readonly endedAt: number } {
  const [newest] = serviceState(simulator.state()).serviceDeployments as unknown as readonly Times[]
  if (newest === undefined) throw new Error('nothing was deployed')
  const since = Date.parse(newest.createdAt)
  const endedAt = Date.parse(newest.endedAt)
  return { decided: Date.parse(newest.decidedAt) - since, ended: endedAt - since, endedAt }
}

describe('a rollback by ECS', () => {
  test('has a budget of its own', async () => {
    const { decided, ended } = times(await never())
    const budgetMs = ended - 30_000
    expect(decided).toBeLessThan(budgetMs)
    const { end } = await never({}, { plan: { budgetMs } })
    expect(end.verdict.kind).toBe('rolled-back')
  })

  test('is waited for even with a budget that is shorter than a drain', async () => {
    const { decided, ended } = times(await never())
    const budgetMs = decided + 60_000
    expect(ended - decided).toBeGreaterThan(budgetMs)
    const { end } = await never({}, { plan: { budgetMs } })
    expect(end.verdict.kind).toBe('rolled-back')
  })

  test.each<[string, readonly FaultRule[]]>([
    ['', []],
    [
      ' without the service deployments API',
      [{ operation: 'ecs:ListServiceDeployments', error: 'AccessDeniedException', times: 'always' }]
    ]
  ])('has the reason of the failure, also when it is over%s', async (_, faults) => {
    const { end } = await never({}, { faults })
    expect(end.verdict).toMatchObject({ kind: 'rolled-back', reason: expect.stringMatching(/circuit breaker/) })
  })

  test('that does not come leaves the deployment failed', async () => {
    const { end } = await never({ circuitBreaker: { enable: true, rollback: false } })
    expect(end.verdict.kind).toBe('failed')
  })
})

describe('polls that fail', () => {
  const DOWN: FaultRule = { operation: 'ecs:DescribeServices', error: 'ServerException', times: 300 }

  test('are no verdict, and do not flood the log', async () => {
    const { end, events, lines } = await rollOut(shop(), { faults: [DOWN], plan: { budgetMs: 3 * 3_600_000 } })
    expect(end.verdict.kind).toBe('completed')
    const told = events.filter(({ kind }) => kind === 'poll-failed')
    expect(told.length).toBeGreaterThan(1)
    expect(told.length).toBeLessThanOrEqual(30)
    expect(lines).toContainEqual(expect.stringMatching(/^polls are answered again, after 100 failures$/))
  })

  test('one by one are told one by one', async () => {
    const once: FaultRule = { operation: 'ecs:DescribeServices', error: 'ClientException', message: 'odd', times: 1 }
    const { end, lines } = await rollOut(shop(), { faults: [once, { ...once, after: 6 }] })
    expect(end.verdict.kind).toBe('completed')
    expect(lines.filter(line => line.includes('a poll failed and is repeated'))).toHaveLength(2)
  })

  test('of the service deployments API alone do not hold up the verdict', async () => {
    const faults: FaultRule[] = [{ operation: 'ecs:*ServiceDeployments', error: 'ClientException', times: 'always' }]
    const { end, lines } = await rollOut(shop(), { faults })
    expect(end.verdict.kind).toBe('completed')
    expect(lines.filter(line => line.includes('failed')).length).toBeLessThanOrEqual(10)
  })

  test.each([
    ['AccessDeniedException', 'access-denied', /ecs:DescribeServices/],
    ['ExpiredTokenException', 'credentials', /fresh credentials/]
  ])('with %s end the watch at once, and say what is missing', async (error, code, remedy) => {
    const faults: FaultRule[] = [{ operation: 'ecs:DescribeServices', error, after: 3, times: 'always' }]
    await expect(rollOut(shop(), { faults })).rejects.toMatchObject({
      code,
      message: expect.stringContaining('ecs:DescribeServices failed'),
      remedy: expect.stringMatching(remedy)
    })
  })

  test('that take long are waited for', async () => {
    const faults: FaultRule[] = [{ operation: 'ecs:Describe*', delayMs: 20_000, times: 'always' }]
    expect((await rollOut(shop(), { faults })).end.verdict.kind).toBe('completed')
  })
})

describe('the end of a watch', () => {
  test('follows the end of the deployment by two seconds on average and four at most', async () => {
    const lags: number[] = []
    for (let phase = 0; phase < 12; phase++) {
      const world = shop({ timings: { schedulerSeconds: 3 + phase / 3, pullSeconds: 10 + phase / 4 } })
      const rollout = await rollOut(world)
      expect(rollout.end.verdict.kind).toBe('completed')
      lags.push(rollout.endedAt - times(rollout).endedAt)
    }
    expect(Math.max(...lags)).toBeLessThanOrEqual(4000)
    expect(lags.reduce((sum, lag) => sum + lag, 0) / lags.length).toBeLessThanOrEqual(2000)
  })

  test('is the proof of a later one: nothing is told twice', async () => {
    const first = await never({}, { plan: { budgetMs: 60_000 } })
    expect(first.end.verdict.kind).toBe('timed-out')
    const again = await never({}, { plan: { after: first.end.last } })
    const told = first.events.flatMap(event => (event.kind === 'service-event' ? event.message : []))
    for (const event of again.events) if (event.kind === 'service-event') expect(told).not.toContain(event.message)
  })
})

describe('a shift of traffic', () => {
  const canary = {
    strategy: 'CANARY',
    deploymentConfiguration: {
      bakeTimeInMinutes: 5,
      canaryConfiguration: { canaryPercent: 10, canaryBakeTimeInMinutes: 2 },
      lifecycleHooks: [{ targetType: 'PAUSE', lifecycleStages: ['POST_SCALE_UP'] }]
    }
  } as const

  test('is told in plain words with its weights, the approval with the command, and the bake time with its end', async () => {
    const { end, lines } = await rollOut(shop({ service: canary }), {
      when: {
        kind: 'awaiting-approval',
        async then(simulator, event) {
          const command = event.kind === 'awaiting-approval' ? event.approval.command : ''
          const [, serviceDeploymentArn, hookId] = /--service-deployment-arn (\S+) --hook-id (\S+) /.exec(command) ?? []
          await ecs(simulator, 'ContinueServiceDeployment', { serviceDeploymentArn, hookId, action: 'CONTINUE' })
        }
      }
    })
    expect(end.verdict.kind).toBe('completed')
    const log = lines.join('\n')
    for (const told of [
      /^web {2}2\/2 running, 2 old left, new tasks are up, no traffic yet, waiting for approval$/m,
      /^web {2}a hook waits for approval in stage POST_SCALE_UP \(else ROLLBACK at .* UTC\); to continue, run: aws ecs /m,
      /^web {2}.*, shifting test traffic: green 100 %$/m,
      /^web {2}.*, shifting production traffic: green 10 %$/m,
      /^web {2}still waiting after .* for the next stage \(shifting production traffic: green 10 %\)$/m,
      /^web {2}.*, shifting production traffic: green 100 %$/m,
      /^web {2}still waiting after .* for the bake time, until about \d\d:\d\d:\d\d UTC$/m,
      /^web {2}2\/2 running, 2 old draining, removing the old tasks: green 100 %$/m
    ]) {
      expect(log).toMatch(told)
    }
    const [, end1, end2] = /for the bake time, until about (\S+) UTC[^]*until about (\S+) UTC/.exec(log) ?? []
    expect(end1).toBe(end2)
  })

  test('that nobody approves is waited for, with the command again every half minute', async () => {
    const { end, lines } = await rollOut(shop({ service: canary }), { plan: { pollMs: 15_000, budgetMs: 3_600_000 } })
    expect(end.verdict.kind).toBe('timed-out')
    const reminders = lines.filter(line => /^web {2}still waiting after .* for approval: aws ecs continue/.test(line))
    expect(reminders.length).toBeGreaterThanOrEqual(100)
    expect(reminders.length).toBeLessThanOrEqual(120)
  })
})

describe('a bad end that is over when it is first seen', () => {
  /** Nobody looks for as long as it takes. */
  const asleep = { plan: { pollMs: 3_600_000, budgetMs: 3 * 3_600_000 } }
  const reds = ({ lines }: Rollout) => lines.filter(line => line.includes('this deployment cannot succeed any more'))

  test.each([
    ['rolled-back', { circuitBreaker: { enable: true, rollback: true } }],
    ['failed', { circuitBreaker: { enable: true, rollback: false } }]
  ])('is told at that moment: %s', async (kind, service) => {
    const rollout = await never(service, asleep)
    expect(rollout.end.verdict.kind).toBe(kind)
    expect(reds(rollout)).toEqual([expect.stringMatching(/^web {2}this deployment cannot .*: .*circuit breaker/)])
  })

  test('is told once', async () => {
    expect(reds(await never())).toHaveLength(1)
  })

  test('is not told to whoever asked for a rollback', async () => {
    expect(reds(await never({}, { plan: { ...asleep.plan, failsFast: false } }))).toEqual([])
  })
})

test('a shift of traffic that was rolled back has neither stage nor weights', async () => {
  const rollout = await never({ strategy: 'BLUE_GREEN' })
  expect(rollout.end.verdict.kind).toBe('rolled-back')
  expect(rollout.lines.filter(line => line.includes('going back to the old tasks')).length).toBeGreaterThan(0)
  const told = rollout.lines.filter(line => /running/.test(line))
  expect(told.at(-1)).toMatch(/^web {2}0\/2 running, 2 old left, 3 tasks failed: the circuit breaker trips at 3$/)
})
