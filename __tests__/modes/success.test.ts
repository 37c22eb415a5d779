import { describe, expect, test } from '@jest/globals'
import { shop } from '../action/shop.ts'
import { deployVirtually } from '../action/virtual-run.ts'

describe('a deployment to a parked service', () => {
  test.each([0, 3, 8, 15])('is unproven, also when DescribeServices lags %s s behind', async staleReadSeconds => {
    const { result } = await deployVirtually({
      world: shop({ service: { desiredCount: 0 }, lag: { staleReadSeconds } }),
      inputs: { 'poll-seconds': '3' }
    })
    expect(result).toMatchObject({ outcome: 'unproven', reasonCode: 'nothing-ran', failed: false })
    expect(result.reason).toMatch(/completed, but no task of it runs \(desired count 0\), so nothing is proven$/)
  })

  test('that is to run two tasks from now on is proven by them, whatever stale reads say', async () => {
    const { result } = await deployVirtually({
      world: shop({ service: { desiredCount: 0 }, lag: { staleReadSeconds: 8 } }),
      inputs: { 'poll-seconds': '3', 'desired-count': '2' }
    })
    expect(result).toMatchObject({ outcome: 'succeeded' })
    expect(result.reason).toMatch(/2 of 2 tasks proven by digest$/)
  })
})
