import { expect, test } from '@jest/globals'
import { EVERY, PATIENCE_MS, play } from './play.ts'

test(
  'a job that is killed before or after any of its calls leaves a whole world, and runs again',
  async () => {
    const { trials, violations, outcomes } = await play('kills')
    expect(violations).toEqual([])
    expect([...outcomes]).toEqual(['killed'])
    expect(trials).toBeGreaterThan(2_500 / EVERY)
  },
  PATIENCE_MS
)
