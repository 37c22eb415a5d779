import { expect, test } from '@jest/globals'
import { EVERY, PATIENCE_MS, play } from './play.ts'

test(
  'a job that is cancelled at any call or in any pause starts nothing more, says so, and leaves a whole world',
  async () => {
    const { trials, violations, outcomes } = await play('cancellations', 3)
    expect(violations).toEqual([])
    expect([...outcomes]).toContain('cancelled')
    expect(trials).toBeGreaterThan(900 / EVERY)
  },
  PATIENCE_MS
)
