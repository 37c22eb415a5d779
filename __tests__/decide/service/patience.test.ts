import { describe, expect, test } from '@jest/globals'
import { outOfPatience, rollbackSeen, stillFailing, type Failing } from '../../../src/decide/service/patience.ts'
import type { Observation } from '../../../src/decide/service/verdict.ts'
import { deployment, MINE, service, serviceDeployment } from './snapshots.ts'

const DEADLINE = 1_000_000
const PRIMARY: Observation = { service: service([deployment('ecs-svc/2')]), serviceDeployment: undefined }
const REPLACED: Observation = {
  service: service([deployment('ecs-svc/1'), deployment('ecs-svc/2', { status: 'ACTIVE' })]),
  serviceDeployment: undefined
}
const ROLLING_BACK: Observation = { ...PRIMARY, serviceDeployment: serviceDeployment('ROLLBACK_IN_PROGRESS') }
const FAILING: Failing = {
  sinceMs: DEADLINE - 300_000,
  reason: 'tasks failed.',
  isApparent: false,
  rollback: 'none'
}

function end(failing: Failing | undefined, now: number, isBlind = false): string | undefined {
  return outOfPatience(failing, isBlind, now, DEADLINE)?.kind
}

describe('a watch', () => {
  test('of a deployment in progress goes on until its deadline', () => {
    expect(end(undefined, DEADLINE - 1)).toBeUndefined()
    expect(end(undefined, DEADLINE)).toBe('timed-out')
  })

  test.each(['begun', 'over'] as const)('of a rollback that is %s goes on until its deadline', rollback => {
    expect(end({ ...FAILING, rollback }, DEADLINE - 1)).toBeUndefined()
    expect(end({ ...FAILING, rollback }, DEADLINE)).toBe('rollback-failed')
  })

  test('of a failed deployment that nobody rolls back ends after two minutes', () => {
    expect(end(FAILING, FAILING.sinceMs + 120_000)).toBeUndefined()
    expect(end(FAILING, FAILING.sinceMs + 120_001)).toBe('failed')
  })

  test('that could not see whether it is rolled back does not end before its deadline', () => {
    expect(end(FAILING, DEADLINE - 1, true)).toBeUndefined()
    expect(end(FAILING, DEADLINE, true)).toBe('failed')
  })

  test('of a failed deployment ends at its deadline when that is earlier', () => {
    expect(end({ ...FAILING, sinceMs: DEADLINE - 10 }, DEADLINE)).toBe('failed')
  })
})

describe('a rollback', () => {
  test.each<[string, string, Observation]>([
    ['has not begun', 'none', PRIMARY],
    ['has not begun while nothing is PRIMARY', 'none', { ...PRIMARY, service: service([]) }],
    ['has begun by its status', 'begun', ROLLING_BACK],
    ['has begun by what is PRIMARY', 'begun', REPLACED],
    ['is over by its status', 'over', { ...PRIMARY, serviceDeployment: serviceDeployment('ROLLBACK_SUCCESSFUL') }]
  ])('%s', (_, progress, seen) => {
    expect(rollbackSeen(MINE, seen)).toBe(progress)
  })

  test('that was seen once is not forgotten', () => {
    const begun = stillFailing(FAILING, { ...FAILING, rollback: 'begun' })
    expect(begun).toMatchObject({ rollback: 'begun' })
    expect(stillFailing(begun, FAILING)).toMatchObject({ rollback: 'begun' })
    const over = stillFailing(begun, { ...FAILING, rollback: 'over' })
    expect(stillFailing(over, begun)).toMatchObject({ rollback: 'over' })
    expect(stillFailing(over, FAILING)).toMatchObject({ rollback: 'over' })
  })
})

describe('the reason of a failure', () => {
  const look = (changes: Partial<Failing>): Failing => ({ ...FAILING, reason: undefined, ...changes })

  test('is the newest that ECS gave', () => {
    const first = stillFailing(undefined, look({ sinceMs: 5 }))
    expect(first).toMatchObject({ sinceMs: 5, reason: undefined })
    const second = stillFailing(first, look({ sinceMs: 6, reason: 'one' }))
    expect(second).toMatchObject({ sinceMs: 5, reason: 'one' })
    expect(stillFailing(second, look({ sinceMs: 7 }))).toEqual(second)
    expect(stillFailing(second, look({ sinceMs: 7, reason: 'two' }))).toMatchObject({ sinceMs: 5, reason: 'two' })
  })

  test('is apparent until ECS says more', () => {
    const first = stillFailing(undefined, look({ isApparent: true }))
    expect(first).toMatchObject({ isApparent: true })
    const second = stillFailing(first, look({}))
    expect(second).toMatchObject({ isApparent: false })
    expect(stillFailing(second, look({ isApparent: true }))).toEqual(second)
  })

  test.each([
    ['begun', 'the rollback by ECS did not end within the time given'],
    ['over', 'the service was not seen back within the time given']
  ] as const)('stands beside what is told of a rollback that is %s', (rollback, unfinished) => {
    const failing: Failing = { ...FAILING, rollback }
    expect(outOfPatience(failing, false, DEADLINE, DEADLINE)).toEqual({
      kind: 'rollback-failed',
      reason: FAILING.reason,
      unfinished
    })
  })
})
