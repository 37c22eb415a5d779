import { describe, expect, test } from '@jest/globals'
import { Throttle } from '../../../simulator/protocol/aws-json/throttle.ts'
import { createSimulator } from '../../../simulator/simulator.ts'
import { call } from '../in-process.ts'

/** How many calls pass until one is refused. */
function passing(throttle: Throttle, operation: string, region = 'us-east-1', service = 'ecs'): number {
  for (let count = 0; count < 10_000; count += 1) {
    try {
      throttle.take(region, service, operation)
    } catch {
      return count
    }
  }
  return Infinity
}

describe('a bucket', () => {
  test.each([
    ['ecs', 'RegisterTaskDefinition', 20],
    ['ecs', 'UpdateService', 50],
    ['ecs', 'DescribeServices', 100],
    ['ecs', 'DescribeServiceDeployments', 50],
    ['ecr', 'PutImage', 10],
    ['logs', 'GetLogEvents', 25]
  ])('of %s:%s lets a burst of %i pass', (service, operation, burst) => {
    expect(passing(new Throttle(() => 0), operation, 'us-east-1', service)).toBe(burst)
  })

  test('refills at its rate and never above its burst', () => {
    let now = 0
    const throttle = new Throttle(() => now)
    passing(throttle, 'UpdateService')
    now += 1000
    expect(passing(throttle, 'UpdateService')).toBe(5)
    now += 100
    expect(passing(throttle, 'UpdateService')).toBe(0)
    now += 3_600_000
    expect(passing(throttle, 'UpdateService')).toBe(50)
  })

  test('is shared by the operations of a row and by no other region', () => {
    const throttle = new Throttle(() => 0)
    expect(passing(throttle, 'UpdateService')).toBe(50)
    expect(passing(throttle, 'CreateService')).toBe(0)
    expect(passing(throttle, 'UpdateService', 'eu-west-1')).toBe(50)
  })

  test('does not exist where AWS publishes no rate', () => {
    const throttle = new Throttle(() => 0)
    expect(passing(throttle, 'DescribeScalableTargets', 'us-east-1', 'application-autoscaling')).toBe(Infinity)
  })
})

describe('the simulator', () => {
  async function codes(throttling: boolean, count: number): Promise<unknown[]> {
    const simulator = createSimulator({ clock: 'manual', world: { limits: { throttling } } })
    const found: unknown[] = []
    for (let index = 0; index < count; index += 1) {
      const { body } = await call(simulator, 'ecs:DeregisterTaskDefinition', { taskDefinition: 'web:1' })
      found.push(body['__type'])
    }
    simulator.advance(1)
    found.push((await call(simulator, 'ecs:DeregisterTaskDefinition', { taskDefinition: 'web:1' })).body['__type'])
    simulator.close()
    return found
  }

  test('refuses the call after the burst, and takes one a second later', async () => {
    const found = await codes(true, 21)
    expect(found.filter(code => code === 'ThrottlingException')).toHaveLength(1)
    expect(found[20]).toBe('ThrottlingException')
  })

  test('throttles nothing when the world says so', async () => {
    expect(await codes(false, 60)).not.toContain('ThrottlingException')
  })
})
