import { describe, expect, test } from '@jest/globals'
import type {
  DeploymentSnapshot,
  HookSnapshot,
  ServiceDeploymentSnapshot,
  ServiceSnapshot
} from '../../../src/decide/service/snapshot.ts'
import type { Observation } from '../../../src/decide/service/verdict.ts'
import { describeMissing, describeWait, isBaking } from '../../../src/decide/service/waiting.ts'
import { deployment, service, serviceDeployment } from './snapshots.ts'

const ID = 'ecs-svc/2'
const OLD = deployment('ecs-svc/1', { status: 'ACTIVE' })
const BAKE = { bakeTimeInMinutes: 10 }
const TRIPPED = { status: 'TRIGGERED', failureCount: 3, threshold: 3 }
const NINE = Date.UTC(2026, 0, 5, 9)

interface Scene {
  readonly own?: Partial<DeploymentSnapshot>
  readonly others?: readonly DeploymentSnapshot[]
  readonly service?: Partial<ServiceSnapshot>
  readonly api?: Partial<ServiceDeploymentSnapshot>
  readonly messages?: readonly string[]
}

function observe({ own, others = [], service: changes, api, messages = [] }: Scene): Observation {
  const events = messages.map((message, index) => ({ id: message, createdAt: 200 - index, message }))
  return {
    service: service([deployment(ID, own), ...others], { events, ...changes }),
    serviceDeployment: api && serviceDeployment('IN_PROGRESS', api)
  }
}

function inHook(changes: Partial<HookSnapshot>): Observation {
  const hook = {
    id: 'h1',
    targetArn: undefined,
    status: '',
    expiresAt: undefined,
    timeoutAction: undefined,
    ...changes
  }
  return observe({ api: { lifecycleStage: 'POST_SCALE_UP', hooks: [hook] } })
}

describe('a deployment waits for', () => {
  test.each<[string, Scene]>([
    ['2 tasks to start', { own: { runningCount: 0 }, others: [OLD] }],
    ['1 task to start', { own: { runningCount: 1, pendingCount: 1 } }],
    [
      '1 task to start (ecs: (service web) was unable to place a task. Reason: Capacity is unavailable at this time.)',
      {
        own: { runningCount: 1 },
        messages: [
          '(service web) registered 1 targets in (target-group x)',
          '(service web) was unable to place a task. Reason: Capacity is unavailable at this time.'
        ]
      }
    ],
    [
      '1 task to start',
      {
        own: { runningCount: 1 },
        messages: [
          '(service web) has started 1 tasks: (task 0a).',
          '(service web) was unable to place a task. Reason: Capacity is unavailable at this time.'
        ]
      }
    ],
    ['2 tasks to be healthy, so that 2 old can stop', { others: [OLD] }],
    ['2 tasks to be healthy', {}],
    [
      'tasks to become healthy: 1 unhealthy in target group web (Request timed out)',
      {
        others: [OLD],
        messages: [
          '(service web) (task 0a) (port 80) is unhealthy in (target-group arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/web/1) due to (reason Request timed out).'
        ]
      }
    ],
    [
      '2 old tasks to stop (ecs: (service web) was unable to reach steady state because (taskSet ecs-svc/1) was unable to scale in due to (reason 2 tasks under protection))',
      {
        others: [OLD],
        messages: [
          '(service web) was unable to reach steady state because (taskSet ecs-svc/1) was unable to scale in due to (reason 2 tasks under protection)'
        ]
      }
    ],
    [
      'the old tasks to be gone: 2 old draining',
      {
        others: [deployment('ecs-svc/1', { status: 'ACTIVE', runningCount: 0 })],
        messages: ['(service web, taskSet ecs-svc/1) has begun draining connections on 2 tasks.']
      }
    ],
    [
      'the next stage (shifting production traffic: green 10 %)',
      {
        others: [OLD],
        api: { lifecycleStage: 'PRODUCTION_TRAFFIC_SHIFT', traffic: { test: undefined, production: 10 } }
      }
    ],
    [
      'the next stage (about to start the new tasks)',
      { own: { runningCount: 0 }, others: [OLD], api: { lifecycleStage: 'PRE_SCALE_UP' } }
    ],
    ['2 tasks to start', { own: { runningCount: 0 }, others: [OLD], api: { lifecycleStage: 'SCALE_UP' } }],
    ['2 tasks to be healthy', { others: [OLD], api: { lifecycleStage: 'SCALE_UP' } }],
    [
      'the old tasks to be gone: old tasks stopping',
      {
        others: [deployment('ecs-svc/1', { status: 'ACTIVE', runningCount: 0 })],
        api: { lifecycleStage: 'CLEAN_UP' }
      }
    ],
    ['the service to be back on its old tasks', { own: { status: 'ACTIVE' }, others: [OLD] }],
    ['the service to be back on its old tasks', { api: { status: 'ROLLBACK_IN_PROGRESS' } }],
    ['ECS to roll it back, if it does', { own: { runningCount: 0, rolloutState: 'FAILED' }, others: [OLD] }],
    ['ECS to roll it back, if it does', { own: { runningCount: 0 }, others: [OLD], api: { circuitBreaker: TRIPPED } }]
  ])('%s', (words, scene) => {
    expect(describeWait(ID, observe(scene), undefined)).toBe(words)
  })

  test('ECS to roll it back, when it is given up', () => {
    const seen = observe({ own: { runningCount: 0 }, others: [OLD] })
    expect(describeWait(ID, seen, undefined, true)).toBe('ECS to roll it back, if it does')
  })

  test('an approval, with the command', () => {
    const words = describeWait(ID, inHook({ status: 'AWAITING_ACTION' }), undefined)
    expect(words).toMatch(/^approval: aws ecs continue-service-deployment .* --hook-id h1 --action CONTINUE$/)
  })

  test('a hook, by the function that was called', () => {
    const lambda = 'arn:aws:lambda:eu-west-1:123456789012:function:gate'
    const seen = inHook({ status: 'IN_PROGRESS', targetArn: lambda })
    expect(describeWait(ID, seen, undefined)).toBe(`the hook ${lambda} in stage POST_SCALE_UP to answer`)
    expect(describeMissing(ID, seen)).toContain(`; the hook ${lambda} in stage POST_SCALE_UP has not answered`)
    expect(describeMissing(ID, inHook({ status: 'SUCCEEDED', targetArn: lambda }))).not.toContain('hook')
  })

  test('the bake time, until about when it ends', () => {
    const seen = observe({ service: { deploymentConfiguration: BAKE } })
    expect(describeWait(ID, seen, NINE)).toBe('the bake time, until about 09:10:00 UTC')
  })
})

test('a bake time that no calendar holds has no end', () => {
  const seen = observe({ service: { deploymentConfiguration: { bakeTimeInMinutes: 1e300 } } })
  expect(describeWait(ID, seen, NINE)).toBe('the bake time')
})

describe('a deployment bakes', () => {
  test.each<[string, Scene, boolean]>([
    ['when its tasks are up and alone', { service: { deploymentConfiguration: BAKE } }, true],
    ['not without a bake time', {}, false],
    ['not while others are there', { others: [OLD], service: { deploymentConfiguration: BAKE } }, false],
    ['not while tasks are missing', { own: { runningCount: 1 }, service: { deploymentConfiguration: BAKE } }, false],
    [
      'in its own stage beside the old tasks',
      { others: [OLD], service: { deploymentConfiguration: BAKE }, api: { lifecycleStage: 'BAKE_TIME' } },
      true
    ],
    ['in no other stage', { service: { deploymentConfiguration: BAKE }, api: { lifecycleStage: 'CLEAN_UP' } }, false]
  ])('%s', (_, scene, expected) => {
    expect(isBaking(ID, observe(scene))).toBe(expected)
  })
})

describe('what is missing', () => {
  test('is the progress and the newest event', () => {
    const seen = observe({
      own: { desiredCount: 4, runningCount: 3 },
      service: { desiredCount: 4 },
      messages: [
        '(service web) (task 0a) (port 80) is unhealthy in (target-group arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/web/1) due to (reason Request timed out).',
        '(service web) has started 4 tasks: (task 0a).'
      ]
    })
    expect(describeMissing(ID, seen)).toMatch(
      /^3\/4 running, 1 unhealthy in target group web \(Request timed out\); last event: .*is unhealthy in/
    )
  })

  test('holds of a long event its beginning, up to a word, on one line', () => {
    const event = `(service web) says\n::error::${' and so on'.repeat(100)}`
    const told = describeMissing(ID, observe({ messages: [event] }))
    expect(told).toMatch(/; last event: \(service web\) says ::error:: and so on .* so on…$/)
    expect(told.slice(told.indexOf('(service')).length).toBeLessThanOrEqual(200)
  })

  test('is everything when no poll was answered', () => {
    expect(describeMissing(ID, undefined)).toBe('no poll was answered')
  })
})
