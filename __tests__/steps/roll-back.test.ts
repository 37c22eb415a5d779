import { describe, expect, test } from '@jest/globals'
import type { FaultRule } from '../../simulator/control/faults.ts'
import type { Simulator } from '../../simulator/simulator.ts'
import { rollBack, type RollbackEnd } from '../../src/steps/roll-back.ts'
import { shop, WEB } from '../action/shop.ts'
import { deployedByHand } from '../support/deployed-by-hand.ts'

interface RolledBack {
  readonly end: RollbackEnd
  readonly writes: readonly string[]
}

/** Rolls a deployment back that began so many seconds ago. */
async function rollBackAfter(seconds: number, faults: readonly FaultRule[] = []): Promise<RolledBack> {
  return deployedByHand(shop(), 'web:main-2222222', async ({ world, simulator, ecs, before, mine }) => {
    simulator.advance(seconds)
    simulator.setFaults(faults)
    const plan = {
      mine,
      serviceDeploymentArn: undefined,
      known: {},
      previousArn: before.taskDefinitionArn,
      watch: { ...WEB, pollMs: 10_000, budgetMs: 900_000 }
    }
    return { end: await rollBack(world, ecs, plan, () => undefined), writes: writesOf(simulator) }
  })
}

function writesOf(simulator: Simulator): readonly string[] {
  return simulator.calls().flatMap(({ operation }) => (/^(Describe|List)/.test(operation) ? [] : [operation]))
}

describe('a rollback', () => {
  test('of a deployment in progress is asked of ECS, and watched', async () => {
    const { end, writes } = await rollBackAfter(10)
    expect(end.kind).toBe('landed')
    expect(writes).toEqual(['StopServiceDeployment'])
  })

  test('leaves a deployment that has completed meanwhile', async () => {
    const { end, writes } = await rollBackAfter(1800)
    expect(end.kind).toBe('completed')
    expect(writes).toEqual([])
  })

  test.each([
    ['refused', { error: 'AccessDeniedException' }, 'unwatchable'],
    ['throttled', { error: 'ThrottlingException' }, 'unseen']
  ])('that was begun has not failed because looking is %s', async (_, refusal, kind) => {
    const { end, writes } = await rollBackAfter(10, [
      { operation: 'ecs:DescribeServices', after: 1, times: 'always', ...refusal }
    ])
    expect(end.kind).toBe(kind)
    expect(writes).toEqual(['StopServiceDeployment'])
  })
})
