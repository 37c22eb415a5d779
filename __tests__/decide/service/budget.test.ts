import { describe, expect, test } from '@jest/globals'
import { watchBudgetMs } from '../../../src/decide/service/budget.ts'
import type { JsonObject } from '../../../src/decide/json.ts'

const MINUTE = 60_000

function pause(stages: readonly string[], timeoutInMinutes?: number): JsonObject {
  return {
    targetType: 'PAUSE',
    lifecycleStages: [...stages],
    ...(timeoutInMinutes !== undefined && { timeoutConfiguration: { timeoutInMinutes } })
  }
}

describe('the budget of a watch', () => {
  test.each<[string, JsonObject, number]>([
    ['nothing configured', {}, 0],
    ['a bake time', { bakeTimeInMinutes: 7 }, 7],
    ['alarms, for which ECS chooses a bake time', { alarms: { enable: true } }, 5],
    ['alarms that are off', { alarms: { enable: false } }, 0],
    ['alarms and no bake time', { alarms: { enable: true }, bakeTimeInMinutes: 0 }, 0],
    ['a shift in one step', { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 10 }, 10],
    ['a linear shift of ten steps', { strategy: 'LINEAR' }, 9 * 6],
    [
      'a linear shift whose last step is smaller',
      { strategy: 'LINEAR', linearConfiguration: { stepPercent: 30, stepBakeTimeInMinutes: 2 } },
      3 * 2
    ],
    [
      'a linear shift in one step',
      { strategy: 'LINEAR', linearConfiguration: { stepPercent: 100, stepBakeTimeInMinutes: 2 } },
      0
    ],
    ['a canary', { strategy: 'CANARY', bakeTimeInMinutes: 3 }, 10 + 3],
    ['a canary of 20 minutes', { strategy: 'CANARY', canaryConfiguration: { canaryBakeTimeInMinutes: 20 } }, 20],
    ['an approval', { strategy: 'BLUE_GREEN', lifecycleHooks: [pause(['POST_SCALE_UP'], 15)] }, 15],
    ['an approval in two stages', { lifecycleHooks: [pause(['PRE_SCALE_UP', 'POST_SCALE_UP'], 15)] }, 30],
    ['an approval without a limit of its own', { lifecycleHooks: [pause(['POST_SCALE_UP'])] }, 24 * 60],
    [
      'an approval before every shift',
      { strategy: 'CANARY', lifecycleHooks: [pause(['PRE_PRODUCTION_TRAFFIC_SHIFT'], 15)] },
      10 + 30
    ],
    ['a function', { lifecycleHooks: [{ targetType: 'AWS_LAMBDA', lifecycleStages: ['POST_SCALE_UP'] }] }, 0]
  ])('with %s', (_, configuration, minutes) => {
    expect(watchBudgetMs(30 * MINUTE, configuration)).toBe((30 + minutes) * MINUTE)
  })
})
