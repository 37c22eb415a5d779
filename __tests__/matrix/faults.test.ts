import { expect, test } from '@jest/globals'
import { EVERY, PATIENCE_MS, play } from './play.ts'

test(
  'whatever goes wrong at any call, the job ends, tells the truth, and leaves a whole world',
  async () => {
    const { trials, violations, outcomes } = await play('faults')
    expect(violations).toEqual([])
    // Every way to end is met, or this proves less than it seems to.
    if (EVERY === 1) {
      expect([...outcomes]).toEqual(
        expect.arrayContaining(['failed', 'planned', 'registered', 'rejected', 'rolled-back', 'succeeded', 'timed-out'])
      )
    }
    expect(trials).toBeGreaterThan(7_000 / EVERY)
  },
  PATIENCE_MS
)
