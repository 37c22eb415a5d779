import { expect, test } from '@jest/globals'
import { PATIENCE_MS, play } from './play.ts'

test(
  'whatever goes wrong at any call, the job ends, tells the truth, and leaves a whole world',
  async () => {
    const { trials, violations, outcomes } = await play('faults')
    expect(violations).toEqual([])
    // Every way to end was met, or this proves less than it seems to.
    expect([...outcomes]).toEqual(
      expect.arrayContaining(['failed', 'planned', 'registered', 'rejected', 'rolled-back', 'succeeded', 'timed-out'])
    )
    expect(trials).toBeGreaterThan(4_000)
  },
  PATIENCE_MS
)
