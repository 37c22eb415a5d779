import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  ALL_SUSPENDED,
  describeSuspension,
  formatSuspensionRecord,
  parseSuspensionRecord,
  stateToRestore,
  type SuspendedState
} from '../../../src/decide/scaling/suspension.ts'

const state: fc.Arbitrary<SuspendedState> = fc.record({
  dynamicScalingIn: fc.boolean(),
  dynamicScalingOut: fc.boolean(),
  scheduledScaling: fc.boolean()
})

describe('the state to restore', () => {
  test('is what was there when nobody changed anything', () => {
    fc.assert(
      fc.property(state, before => {
        expect(stateToRestore(ALL_SUSPENDED, before)).toEqual(before)
      })
    )
  })

  test('never suspends anything that is not suspended now, and takes two turns no further than one', () => {
    fc.assert(
      fc.property(state, state, (now, before) => {
        const restored = stateToRestore(now, before)
        for (const flag of ['dynamicScalingIn', 'dynamicScalingOut', 'scheduledScaling'] as const) {
          expect(restored[flag] && !now[flag]).toBe(false)
        }
        expect(stateToRestore(restored, before)).toEqual(restored)
      })
    )
  })

  test('of two jobs at once leaves auto scaling as it was before both, whoever ends first', () => {
    fc.assert(
      fc.property(state, fc.boolean(), (before, isFirstOut) => {
        // The second job finds everything suspended, and has nothing to put back.
        const first = stateToRestore(ALL_SUSPENDED, before)
        expect(isFirstOut ? first : stateToRestore(first, before)).toEqual(before)
      })
    )
  })
})

test.each([
  [false, false, false, 'nothing is suspended'],
  [true, false, false, 'scale-in is suspended'],
  [true, false, true, 'scale-in and scheduled scaling are suspended'],
  [true, true, true, 'scale-in, scale-out and scheduled scaling are suspended']
])('what is suspended is told in words: %s, %s, %s', (dynamicScalingIn, dynamicScalingOut, scheduledScaling, words) => {
  expect(describeSuspension({ dynamicScalingIn, dynamicScalingOut, scheduledScaling })).toBe(words)
})

test('a record survives the state of the job, and nothing else is taken for one', () => {
  fc.assert(
    fc.property(state, fc.boolean(), fc.string(), (before, isAnswered, text) => {
      const record = { region: 'eu-west-1', resourceId: 'service/prod/web', before, isAnswered }
      expect(parseSuspensionRecord(formatSuspensionRecord(record))).toEqual(record)
      expect(parseSuspensionRecord(text)).toBeUndefined()
    })
  )
})
