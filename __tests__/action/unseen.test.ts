import { expect, test } from '@jest/globals'
import type { FaultRule } from '../../simulator/control/faults.ts'
import { deployVirtually, shopWith } from './virtual-run.ts'

/** From somewhere in the watch on, nobody can look at the service. */
const BLIND: readonly FaultRule[] = [
  { operation: 'ecs:DescribeServices', error: 'ThrottlingException', after: 5, times: 'always' }
]

test('a deployment that nobody could see to its end is not said to have failed', async () => {
  const { result } = await deployVirtually({
    world: shopWith('healthy'),
    faults: BLIND,
    inputs: { 'wait-for-minutes': '5' }
  })
  expect(result).toMatchObject({ outcome: 'timed-out', failed: true })
  expect(result.reason).toContain('was not seen to finish within 5 min')
  expect(result.reason).toContain('ecs:DescribeServices failed: Rate exceeded')
  expect(result.reason).toContain('when it was last seen, the service was set to web:2')
})

const UNLISTED: FaultRule = {
  operation: 'ecs:*ServiceDeployments',
  error: 'AccessDeniedException',
  message: 'not authorized',
  times: 'always'
}

test.each<[string, readonly FaultRule[], string]>([
  ['', [], 'ECS reports it as rolled back, and the service could not be read: ecs:DescribeServices failed'],
  [', without the service deployments,', [UNLISTED], 'whether it was rolled back could not be seen']
])('a rollback by ECS that%s nobody could see to its end is not said to have failed', async (_, faults, says) => {
  const crash = { crash: { exitCode: 1, afterSeconds: 2 } }
  const circuitBreaker = { enable: true, rollback: true }
  const { result } = await deployVirtually({
    world: shopWith(crash, { service: { circuitBreaker } }),
    faults: [{ ...BLIND[0], operation: 'ecs:DescribeServices', after: 12 }, ...faults],
    inputs: { 'wait-for-minutes': '5', 'poll-seconds': '5' }
  })
  expect(result.outcome).toBe('timed-out')
  expect(result.reason).toContain(says)
  expect(result.reason).not.toContain('the rollback by ECS did not end')
})

test('a rollback that ECS was asked for and reports is told, also where nobody sees the service any more', async () => {
  const { result } = await deployVirtually({
    world: shopWith('neverHealthy', { service: { circuitBreaker: { enable: false, rollback: false } } }),
    faults: BLIND,
    inputs: { 'circuit-breaker': 'ignore', 'wait-for-minutes': '1' }
  })
  expect(result.outcome).toBe('timed-out')
  expect(result.reason).toMatch(
    /not seen to finish .*; ECS reports it as rolled back, and the service could not be read: .*; when it was last seen/
  )
  expect(result.reason).not.toContain('goes on with that')
  expect(result.remedy).not.toContain('go back with')
})
