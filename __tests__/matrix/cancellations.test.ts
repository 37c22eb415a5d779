import { expect, test } from '@jest/globals'
import { EVERY, PATIENCE_MS, play } from './play.ts'

test(
  'a job that is cancelled at any call or in any pause starts nothing more, says so, and leaves a whole world',
  async () => {
    const { trials, violations, outcomes } = await play('cancellations')
    expect(violations).toEqual([])
    expect([...outcomes]).toContain('cancelled')
    expect(trials).toBeGreaterThan(2_800 / EVERY)
  },
  PATIENCE_MS
)
