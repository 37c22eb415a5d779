import { describe, expect, test } from '@jest/globals'
import { outOfPatience, stillFailing, type Failing } from '../../../src/decide/service/patience.ts'
import type { Observation } from '../../../src/decide/service/verdict.ts'
import { deployment, MINE, service, serviceDeployment } from './snapshots.ts'

const DEADLINE = 1_000_000
const PRIMARY: Observation = { service: service([deployment('ecs-svc/2')]), serviceDeployment: undefined }
const REPLACED: Observation = {
  service: service([deployment('ecs-svc/1'), deployment('ecs-svc/2', { status: 'ACTIVE' })]),
  serviceDeployment: undefined
}
const ROLLING_BACK: Observation = { ...PRIMARY, serviceDeployment: serviceDeployment('ROLLBACK_IN_PROGRESS') }
const FAILING: Failing = { sinceMs: DEADLINE - 300_000, reason: 'tasks failed.', isApparent: false }

function end(last: Observation | undefined, failing: Failing | undefined, now: number): string | undefined {
  return outOfPatience(MINE, last, failing, now, DEADLINE)?.kind
}

describe('a watch', () => {
  test.each<[string, Observation | undefined]>([
    ['that saw nothing', undefined],
    ['of a deployment in progress', PRIMARY]
  ])('%s goes on until its deadline', (_, last) => {
    expect(end(last, undefined, DEADLINE - 1)).toBeUndefined()
    expect(end(last, undefined, DEADLINE)).toBe('timed-out')
  })

  test.each<[string, Observation]>([
    ['by its status', ROLLING_BACK],
    ['by what is PRIMARY', REPLACED]
  ])('of a rollback, known %s, goes on until its deadline', (_, last) => {
    expect(end(last, FAILING, DEADLINE - 1)).toBeUndefined()
    expect(end(last, FAILING, DEADLINE)).toBe('rollback-failed')
  })

  test('of a failed deployment that nobody rolls back ends after two minutes', () => {
    expect(end(PRIMARY, FAILING, FAILING.sinceMs + 120_000)).toBeUndefined()
    expect(end(PRIMARY, FAILING, FAILING.sinceMs + 120_001)).toBe('failed')
  })

  test('of a failed deployment ends at its deadline when that is earlier', () => {
    expect(end(PRIMARY, { ...FAILING, sinceMs: DEADLINE - 10 }, DEADLINE)).toBe('failed')
  })
})

describe('the reason of a failure', () => {
  test('is the newest that ECS gave', () => {
    const first = stillFailing(undefined, undefined, false, 5)
    expect(first).toMatchObject({ sinceMs: 5, reason: undefined })
    const second = stillFailing(first, 'one', false, 6)
    expect(second).toMatchObject({ sinceMs: 5, reason: 'one' })
    expect(stillFailing(second, undefined, false, 7)).toEqual(second)
    expect(stillFailing(second, 'two', false, 7)).toMatchObject({ sinceMs: 5, reason: 'two' })
  })

  test('is apparent until ECS says more', () => {
    const first = stillFailing(undefined, undefined, true, 5)
    expect(first).toMatchObject({ isApparent: true })
    const second = stillFailing(first, undefined, false, 6)
    expect(second).toMatchObject({ isApparent: false })
    expect(stillFailing(second, undefined, true, 7)).toEqual(second)
  })

  test('stands before that the rollback took too long', () => {
    const why = 'the rollback by ECS did not end within the time given'
    expect(outOfPatience(MINE, ROLLING_BACK, FAILING, DEADLINE, DEADLINE)).toEqual({
      kind: 'rollback-failed',
      reason: `tasks failed; ${why}`
    })
    const silent = { ...FAILING, reason: undefined }
    expect(outOfPatience(MINE, ROLLING_BACK, silent, DEADLINE, DEADLINE)).toMatchObject({ reason: why })
  })
})
