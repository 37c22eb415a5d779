import { describe, expect, test } from '@jest/globals'
import { PollTrouble } from '../../../src/steps/watch/poll-trouble.ts'

/** The seconds at which an API that refuses every call is told to, with a look at it every second. */
function toldAt(lastSecond: number): readonly number[] {
  const told: number[] = []
  let now = 0
  const trouble = new PollTrouble('web', () => told.push(now / 1000))
  for (; now <= lastSecond * 1000; now += 1000) {
    if (!trouble.isResting(now)) trouble.refused('it failed', now)
    else trouble.remind(now)
  }
  return told
}

describe('an API that refuses every call', () => {
  test('is told every half minute, however long it is given a rest', () => {
    expect(toldAt(125)).toEqual([0, 30, 60, 90, 120])
  })

  test('has nothing to remind of once it was answered', () => {
    const kinds: string[] = []
    const trouble = new PollTrouble('web', ({ kind }) => kinds.push(kind))
    trouble.refused('it failed', 0)
    trouble.answered()
    trouble.remind(60_000)
    expect(kinds).toEqual(['poll-failed'])
  })
})
