import { describe, expect, test } from '@jest/globals'
import type { Behaviour } from '../../../simulator/cloud/images.ts'
import type { WorldService } from '../../../simulator/cloud/world.ts'
import type { FaultRule } from '../../../simulator/control/faults.ts'
import { shop } from '../../action/shop.ts'
import { rollOut, stopTimes, type RolloutChanges } from './rollout.ts'

const NO_BREAKER = { circuitBreaker: { enable: false, rollback: false } }
const BREAKER = { circuitBreaker: { enable: true, rollback: true } }

function failsToStart(reason: string): Behaviour {
  return { stop: { stopCode: 'TaskFailedToStart', reason } }
}

const NO_SECRET = failsToStart(
  "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret arn:aws:secretsmanager:eu-west-1:123456789012:secret:db from secrets manager: ResourceNotFoundException: Secrets Manager can't find the specified secret."
)
const NO_ROLE = failsToStart(
  "ECS was unable to assume the role 'arn:aws:iam::123456789012:role/exec' that was provided for this task. Please verify that the role being passed has the proper trust relationship and permissions and that your IAM user has permissions to pass this role."
)
const NO_ADDRESS = failsToStart(
  "Unexpected EC2 error while attempting to Create Network Interface with public IP assignment enabled in subnet 'subnet-1': InsufficientFreeAddressesInSubnet"
)

function roll(behaviour: Behaviour, service: Partial<WorldService>, changes: RolloutChanges = {}) {
  const world = shop({ images: [{ tags: ['new'], behaviour }], service })
  return rollOut(world, { image: 'web:new', ...changes })
}

describe('a deployment whose tasks fail for what waiting does not mend', () => {
  test.each([1, 2, 3, 10])(
    'ends within seconds of the third failure, with %i desired and no breaker',
    async desired => {
      const { end, endedAt, simulator, lines } = await roll(NO_SECRET, { ...NO_BREAKER, desiredCount: desired })
      expect(end.verdict).toMatchObject({ kind: 'doomed', diagnosis: { code: 'secret-unavailable', heals: 'no' } })
      const [, , third = Number.NaN] = await stopTimes(simulator)
      expect(endedAt - third).toBeLessThanOrEqual(10_000)
      expect(lines.at(-1)).toMatch(/^web {2}this deployment cannot succeed any more: \d+ of \d+ tasks: .*secret/)
    }
  )

  test('is tried twice where a right is missing, for it may have been given a moment ago', async () => {
    const { end, endedAt, simulator } = await roll(NO_ROLE, { ...NO_BREAKER, desiredCount: 4 })
    expect(end.verdict).toMatchObject({ kind: 'doomed', diagnosis: { code: 'role-not-assumable' } })
    const [first = Number.NaN, , , , secondTry = Number.NaN] = await stopTimes(simulator)
    expect(secondTry - first).toBeGreaterThan(30_000)
    expect(endedAt - secondTry).toBeLessThanOrEqual(10_000)
  })

  test('is told at once, also when the circuit breaker would come to it', async () => {
    const { end } = await roll(NO_SECRET, { ...BREAKER, desiredCount: 20 })
    expect(end.verdict.kind).toBe('doomed')
  })

  test('says after the first failure what it comes to, once', async () => {
    const { lines } = await roll(NO_SECRET, { ...NO_BREAKER, desiredCount: 1 })
    const told = lines.filter(line => line.includes('waiting does not mend that'))
    expect(told).toEqual([expect.stringMatching(/^web {2}1 of 1 task: .*secret/)])
  })

  test('is known by the log of a binary for another CPU', async () => {
    const behaviour = { crash: { exitCode: 255, afterSeconds: 1 }, logs: ['exec /app/serve: exec format error'] }
    const { end, simulator } = await roll(behaviour, { ...NO_BREAKER, desiredCount: 2 })
    expect(end.verdict).toMatchObject({ kind: 'doomed', diagnosis: { code: 'platform-mismatch' } })
    expect(simulator.calls().filter(({ operation }) => operation === 'GetLogEvents').length).toBeLessThanOrEqual(4)
  })

  test('is left to ECS by whoever asked for a rollback already', async () => {
    const { end } = await roll(NO_SECRET, { ...BREAKER, desiredCount: 1 }, { plan: { failsFast: false } })
    expect(end.verdict.kind).toBe('rolled-back')
  })

  test('is left to ECS when its tasks may not be read, and one line says so', async () => {
    const faults: FaultRule[] = [{ operation: 'ecs:ListTasks', error: 'AccessDeniedException', times: 'always' }]
    const { end, lines, simulator } = await roll(NO_SECRET, { ...BREAKER, desiredCount: 1 }, { faults })
    expect(end.verdict.kind).toBe('rolled-back')
    expect(lines.filter(line => line.includes('could not be looked at'))).toEqual([
      expect.stringContaining('ecs:ListTasks')
    ])
    expect(simulator.calls().filter(({ operation }) => operation === 'ListTasks')).toHaveLength(1)
  })

  test('is still told when one look got no answer', async () => {
    const faults: FaultRule[] = [{ operation: 'ecs:DescribeTasks', error: 'ClientException', times: 2 }]
    const { end, lines } = await roll(NO_SECRET, { ...NO_BREAKER, desiredCount: 1 }, { faults })
    expect(end.verdict.kind).toBe('doomed')
    expect(lines.filter(line => line.includes('could not be looked at'))).toHaveLength(1)
  })
})

describe('a deployment with hope is waited for', () => {
  test.each<[string, Behaviour]>([
    ['one task that failed among healthy ones', { failFirst: 1 }],
    ['the first five tasks', { failFirst: 5 }],
    ['five tasks whose log says nothing of it', { failFirst: 5, logs: ['hello'] }]
  ])('after %s', async (_, behaviour) => {
    const { end } = await roll(behaviour, { ...NO_BREAKER, desiredCount: 4 })
    expect(end.verdict.kind).toBe('completed')
  })

  test('with a cause that may pass, and the log says which, once', async () => {
    const { end, lines } = await roll(NO_ADDRESS, { ...NO_BREAKER, desiredCount: 1 })
    expect(end.verdict.kind).toBe('timed-out')
    expect(lines.filter(line => line.includes('that may pass'))).toEqual([
      expect.stringMatching(/^web {2}1 of 1 task: .*subnet.*no free/)
    ])
  })

  test('with too little capacity, and the log says what for', async () => {
    const world = shop({ service: { ...NO_BREAKER, desiredCount: 2 } })
    const capacity = world.clusters?.map(cluster => ({ ...cluster, capacity: 3 })) ?? []
    const { end, lines } = await rollOut(
      { ...world, clusters: capacity },
      {
        meanwhile: [{ atSeconds: 240, change: { capacity: { cluster: 'prod', tasks: 10 } } }]
      }
    )
    expect(end.verdict.kind).toBe('completed')
    expect(
      lines.filter(line => /^web {2}still waiting after .* for 1 task to start \(ecs: .*Capacity/.test(line))
    ).not.toEqual([])
  })

  test('without a look at any task while nothing fails', async () => {
    const { end, simulator } = await rollOut(shop())
    expect(end.verdict.kind).toBe('completed')
    expect(simulator.calls().filter(({ operation }) => operation === 'ListTasks')).toEqual([])
  })
})
