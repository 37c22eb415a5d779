import { describe, expect, test } from '@jest/globals'
import { describeProgress, readProgress } from '../../../src/decide/service/progress.ts'
import { deployment, service, serviceDeployment } from './snapshots.ts'

const ID = 'ecs-svc/2'
const OLD = deployment('ecs-svc/1', { status: 'ACTIVE', pendingCount: 1 })

describe('progress', () => {
  test('counts the own tasks, and those of all others', () => {
    const own = deployment(ID, { runningCount: 1, pendingCount: 1, failedTasks: 1 })
    const draining = deployment('ecs-svc/0', { status: 'DRAINING', runningCount: 4 })
    expect(readProgress(ID, service([own, OLD, draining]), undefined)).toEqual({
      desired: 2,
      running: 1,
      starting: 1,
      failed: 1,
      old: 7,
      breakerThreshold: undefined,
      lifecycleStage: undefined
    })
  })

  test('is never 0 of 0 while the service wants tasks', () => {
    const own = deployment(ID, { desiredCount: 0, runningCount: 0 })
    expect(describeProgress(readProgress(ID, service([own]), undefined))).toBe('0/2 running')
  })

  test('of a deployment that is not listed any more has no tasks', () => {
    expect(readProgress(ID, service([OLD]), undefined)).toMatchObject({ running: 0, old: 3 })
  })

  test.each([
    [1, 3, 'failed tasks 1 of 3'],
    [3, 3, 'the circuit breaker trips at 3'],
    [4, 0, '4 failed']
  ])('tells %i failures of a threshold of %i', (failureCount, threshold, words) => {
    const circuitBreaker = { status: 'MONITORING', failureCount, threshold }
    const api = serviceDeployment('IN_PROGRESS', { circuitBreaker })
    expect(describeProgress(readProgress(ID, service([deployment(ID)]), api))).toContain(words)
  })

  test('names the stage when there is one', () => {
    const api = serviceDeployment('IN_PROGRESS', { lifecycleStage: 'BAKE_TIME' })
    expect(describeProgress(readProgress(ID, service([deployment(ID)]), api))).toBe('2/2 running, stage BAKE_TIME')
  })
})
