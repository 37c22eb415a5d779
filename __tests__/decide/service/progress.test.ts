import { describe, expect, test } from '@jest/globals'
import { countFailures, describeProgress, readProgress } from '../../../src/decide/service/progress.ts'
import type {
  DeploymentSnapshot,
  ServiceDeploymentSnapshot,
  ServiceEvent
} from '../../../src/decide/service/snapshot.ts'
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
      isEmptying: false,
      draining: undefined,
      breakerThreshold: undefined,
      stage: undefined,
      unhealthy: [],
      approvals: []
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

  test.each([
    ['DISABLED', '3 failed'],
    ['MONITORING_COMPLETE', '3 failed'],
    ['SOMETHING_NEW', '3 failed'],
    ['TRIGGERED', '3 tasks failed: the circuit breaker trips at 3']
  ])('of failures beside a breaker that is %s says "%s"', (status, words) => {
    const api = serviceDeployment('IN_PROGRESS', { circuitBreaker: { status, failureCount: 3, threshold: 3 } })
    const own = deployment(ID, { failedTasks: 3 })
    expect(describeProgress(readProgress(ID, service([own]), api))).toBe(`2/2 running, ${words}`)
  })

  test.each([
    ['old tasks stopping', []],
    ['2 old draining', ['(service web, taskSet ecs-svc/1) has begun draining connections on 2 tasks.']],
    [
      '1 old draining',
      [
        '(service web) has begun draining connections on 1 tasks.',
        '(service web) has begun draining connections on 5 tasks.'
      ]
    ]
  ])('tells of %s that left RUNNING and are not gone', (words, messages) => {
    const old = deployment('ecs-svc/1', { status: 'ACTIVE', runningCount: 0 })
    const seen = service([deployment(ID), old], { events: messages.map(eventAt) })
    expect(describeProgress(readProgress(ID, seen, undefined))).toBe(`2/2 running, ${words}`)
  })

  test('names targets that are unhealthy, until their tasks are stopped', () => {
    const messages = [
      unhealthy('0c', 'Request timed out'),
      '(service web) has stopped 1 running tasks: (task 0a).',
      unhealthy('0b', 'Health checks failed with these codes: [503]'),
      unhealthy('0b', 'Health checks failed'),
      unhealthy('0a', 'Health checks failed')
    ]
    const seen = service([deployment(ID)], { events: messages.map(eventAt) })
    expect(describeProgress(readProgress(ID, seen, undefined))).toBe(
      '2/2 running, 2 unhealthy in target group web (Request timed out)'
    )
  })

  test('leaves out what was said before the deployment began', () => {
    const events = [{ ...eventAt(unhealthy('0a', 'Health checks failed')), createdAt: 99 }]
    expect(describeProgress(readProgress(ID, service([deployment(ID)], { events }), undefined))).toBe('2/2 running')
  })
})

describe('the stage of a shift of traffic', () => {
  function stageLine(changes: Partial<ServiceDeploymentSnapshot>, status = 'IN_PROGRESS'): string {
    return describeProgress(readProgress(ID, service([deployment(ID)]), serviceDeployment(status, changes)))
  }

  test.each([
    ['SCALE_UP', 'starting the new tasks'],
    ['TEST_TRAFFIC_SHIFT', 'shifting test traffic: green 100 %'],
    ['PRODUCTION_TRAFFIC_SHIFT', 'shifting production traffic: green 10 %'],
    ['BAKE_TIME', 'baking: green 10 %'],
    ['CLEAN_UP', 'removing the old tasks: green 10 %'],
    ['SOMETHING_NEW', 'stage SOMETHING_NEW: green 10 %']
  ])('%s is said in plain words, with the weights', (lifecycleStage, words) => {
    expect(stageLine({ lifecycleStage, traffic: { test: 100, production: 10 } })).toBe(`2/2 running, ${words}`)
  })

  test('is told without weights where ECS shows none', () => {
    expect(stageLine({ lifecycleStage: 'PRODUCTION_TRAFFIC_SHIFT' })).toBe('2/2 running, shifting production traffic')
  })

  test('is the way back while ECS rolls back', () => {
    const changes = { lifecycleStage: 'CLEAN_UP', traffic: { test: 0, production: 0 } }
    expect(stageLine(changes, 'ROLLBACK_IN_PROGRESS')).toBe('2/2 running, going back to the old tasks: green 0 %')
  })

  test.each(['SUCCESSFUL', 'STOPPED', 'ROLLBACK_SUCCESSFUL', 'ROLLBACK_FAILED'])(
    'is none once the deployment is over (%s), whatever stage and weights are still listed',
    status => {
      const changes = { lifecycleStage: 'TEST_TRAFFIC_SHIFT', traffic: { test: 100, production: 0 } }
      expect(stageLine(changes, status)).toBe('2/2 running')
    }
  )

  test('shows that somebody has to act', () => {
    const hook = {
      id: 'h1',
      targetArn: undefined,
      status: 'AWAITING_ACTION',
      expiresAt: undefined,
      timeoutAction: undefined
    }
    expect(stageLine({ lifecycleStage: 'POST_SCALE_UP', hooks: [hook] })).toMatch(/, waiting for approval$/)
  })
})

describe('failures that count', () => {
  const primary = { status: 'PRIMARY', runningCount: 0, failedTasks: 2 }
  const breaker = (failureCount: number) => ({ circuitBreaker: { status: 'MONITORING', failureCount, threshold: 3 } })

  test.each<[string, Partial<DeploymentSnapshot>, number, number, number | undefined]>([
    ['are those of the deployment', primary, 0, 0, 2],
    ['are those of the circuit breaker', { ...primary, failedTasks: 0 }, 1, 0, 1],
    ['are those that were looked at', { ...primary, failedTasks: 0 }, 0, 4, 4],
    ['are none once all tasks run', { ...primary, runningCount: 2 }, 2, 2, 0],
    ['are none as long as no more failed than run', { ...primary, runningCount: 1, failedTasks: 1 }, 1, 1, 0],
    ['are those of most of its tasks', { ...primary, runningCount: 1 }, 0, 0, 2],
    ['are not known of a deployment that was replaced', { ...primary, status: 'ACTIVE' }, 0, 2, undefined]
  ])('%s', (_, own, counted, stopped, expected) => {
    const seen = {
      service: service([deployment(ID, own)]),
      serviceDeployment: serviceDeployment('IN_PROGRESS', breaker(counted))
    }
    expect(countFailures(ID, seen, stopped)).toBe(expected)
  })
})

function eventAt(message: string, index: number = 0): ServiceEvent {
  return { id: `${String(index)} ${message}`, createdAt: 200 - index, message }
}

function unhealthy(task: string, reason: string): string {
  const group = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/0123456789abcdef'
  return `(service web) (task ${task}) (port 8080) is unhealthy in (target-group ${group}) due to (reason ${reason}).`
}
