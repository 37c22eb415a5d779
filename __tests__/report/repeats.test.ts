import { expect, test } from '@jest/globals'
import { Repeats } from '../../src/report/repeats.ts'

test('the same text is news again after half a minute, another one at once', () => {
  const repeats = new Repeats()
  const said = [0, 1, 29_999, 30_000, 59_999, 60_000].map(now => repeats.isNews('throttled', now))
  expect(said).toEqual([true, false, false, true, false, true])
  expect(repeats.isNews('refused', 60_001)).toBe(true)
})
