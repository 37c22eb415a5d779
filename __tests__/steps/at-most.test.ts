import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { atMost } from '../../src/steps/at-most.ts'

const soon = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

test('everything is done once, and never more at a time than allowed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 5 }), fc.nat({ max: 20 }), async (limit, count) => {
      const items = Array.from({ length: count }, (_, index) => index)
      const done: number[] = []
      let running = 0
      let most = 0
      const work = async (item: number): Promise<void> => {
        running += 1
        most = Math.max(most, running)
        await soon()
        running -= 1
        done.push(item)
      }
      await atMost(limit, items, work, () => undefined)
      expect(done.toSorted((a, b) => a - b)).toEqual(items)
      expect(most).toBe(Math.min(limit, count))
    })
  )
})

test('the first failure stops the rest and is thrown when all have ended', async () => {
  const stopped: unknown[] = []
  const ended: number[] = []
  const work = async (item: number): Promise<void> => {
    await soon()
    if (item === 1) await soon()
    ended.push(item)
    if (item < 2) throw new Error(String(item))
  }
  await expect(atMost(2, [0, 1, 2, 3], work, reason => stopped.push(reason))).rejects.toThrow('0')
  expect(stopped).toEqual([new Error('0')])
  expect(ended).toEqual([0, 1])
})
