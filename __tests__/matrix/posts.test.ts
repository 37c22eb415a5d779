import { expect, test } from '@jest/globals'
import { EVERY, PATIENCE_MS, play } from './play.ts'

test(
  'a post step that is killed or fails at any call has put auto scaling back, or has said how to do it by hand',
  async () => {
    const { trials, violations, outcomes } = await play('posts', 3)
    expect(violations).toEqual([])
    if (EVERY === 1) expect([...outcomes]).toEqual(expect.arrayContaining(['killed', 'put back', 'red']))
    expect(trials).toBeGreaterThan(500 / EVERY)
  },
  PATIENCE_MS
)
