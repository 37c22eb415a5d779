import { describe, expect, test } from '@jest/globals'
import type { World } from '../../../simulator/cloud/world.ts'
import { Cloud } from './cloud.ts'

const FUNCTION = 'arn:aws:lambda:eu-west-1:123456789012:function:check'

interface Seen {
  readonly serviceDeploymentArn: string
  readonly status: string
  readonly statusReason?: string
  readonly lifecycleStage?: string
  readonly lifecycleHookDetails?: readonly { readonly hookId: string; readonly status: string }[]
  readonly targetServiceRevision: Weights
  readonly sourceServiceRevisions: readonly Weights[]
}

interface Weights {
  readonly requestedTestTrafficWeight?: number
  readonly requestedProductionTrafficWeight?: number
}

type Strategy = 'BLUE_GREEN' | 'LINEAR' | 'CANARY'

/** A load-balanced service of two tasks with such deployments, and the deployment of `tag`. */
function shifting(strategy: Strategy, configuration: object = {}, tag = 'v2', world: World = {}): Cloud {
  const cloud = new Cloud(
    {},
    {
      ...world,
      clusters: [
        {
          name: 'main',
          services: [
            {
              name: 'web',
              image: 'app:v1',
              desiredCount: 2,
              loadBalanced: true,
              strategy,
              circuitBreaker: { enable: true, rollback: true },
              deploymentConfiguration: { bakeTimeInMinutes: 5, ...configuration }
            }
          ]
        }
      ]
    }
  )
  cloud.images.behaviours.set('bad', { crash: { exitCode: 1, afterSeconds: 1 } })
  cloud.deploy(tag)
  cloud.advance(3)
  return cloud
}

function seen(cloud: Cloud): Seen {
  return cloud.newestServiceDeployment() as unknown as Seen
}

/** Every change of stage and production weight until the deployment ends. */
function journey(cloud: Cloud): readonly string[] {
  const lines: string[] = []
  cloud.until(() => {
    const { status, lifecycleStage = '-', targetServiceRevision: target } = seen(cloud)
    const weights = [target.requestedTestTrafficWeight, target.requestedProductionTrafficWeight].join('/')
    const line = `${lifecycleStage} ${weights}`
    if (lines.at(-1) !== line) lines.push(line)
    return status !== 'IN_PROGRESS'
  }, 20_000)
  return lines
}

const pause = (stage: string, timeoutConfiguration?: object) => ({
  lifecycleHooks: [
    { targetType: 'PAUSE', lifecycleStages: [stage], ...(timeoutConfiguration && { timeoutConfiguration }) }
  ]
})

describe('a BLUE_GREEN deployment', () => {
  test('goes through its stages, and keeps the old tasks until the last one', () => {
    const cloud = shifting('BLUE_GREEN')
    expect(journey(cloud)).toEqual([
      '- 0/0',
      'PRE_SCALE_UP 0/0',
      'SCALE_UP 0/0',
      'POST_SCALE_UP 0/0',
      'TEST_TRAFFIC_SHIFT 100/0',
      'POST_TEST_TRAFFIC_SHIFT 100/0',
      'PRODUCTION_TRAFFIC_SHIFT 100/100',
      'POST_PRODUCTION_TRAFFIC_SHIFT 100/100',
      'BAKE_TIME 100/100',
      'CLEAN_UP 100/100'
    ])
    expect(seen(cloud)).toMatchObject({ status: 'SUCCESSFUL', lifecycleStage: 'CLEAN_UP' })
    expect(cloud.describe().deployments).toMatchObject([{ rolloutState: 'COMPLETED', runningCount: 2 }])
    const [{ advancedConfiguration }] = (cloud.describe() as unknown as { loadBalancers: [Record<string, unknown>] })
      .loadBalancers
    expect(advancedConfiguration).toMatchObject({ productionListenerRule: expect.stringContaining(':listener-rule/') })
  })

  test('starts nothing before SCALE_UP and stops nothing before CLEAN_UP', () => {
    const cloud = shifting('BLUE_GREEN', pause('PRE_SCALE_UP'))
    cloud.advance(3600)
    expect(cloud.describe().deployments).toMatchObject([{ pendingCount: 0, runningCount: 0 }, { runningCount: 2 }])
    expect(cloud.story()).toEqual([])
    const { serviceDeploymentArn, lifecycleHookDetails } = seen(cloud)
    const hookId = lifecycleHookDetails?.[0]?.hookId ?? ''
    cloud.call('ContinueServiceDeployment', { serviceDeploymentArn, hookId })
    cloud.until(() => seen(cloud).lifecycleStage === 'BAKE_TIME')
    expect(cloud.describe().deployments).toMatchObject([{ runningCount: 2 }, { runningCount: 2 }])
    expect(seen(cloud).sourceServiceRevisions).toMatchObject([{ requestedProductionTrafficWeight: 0 }])
    cloud.until(() => seen(cloud).status === 'SUCCESSFUL')
  })

  test('whose tasks crash is rolled back by the breaker, without a moment without the old ones', () => {
    const cloud = shifting('BLUE_GREEN', {}, 'bad')
    cloud.until(() => {
      expect(cloud.tasks().filter(task => task.containers[0].imageDigest === 'sha256:platform-v1')).toHaveLength(2)
      return seen(cloud).status === 'ROLLBACK_SUCCESSFUL'
    })
    expect(seen(cloud)).toMatchObject({
      targetServiceRevision: { requestedProductionTrafficWeight: 0 },
      sourceServiceRevisions: [{ requestedProductionTrafficWeight: 100 }]
    })
  })

  test('that is superseded makes room for the next one, which reconciles first', () => {
    const cloud = shifting('BLUE_GREEN')
    cloud.until(() => seen(cloud).lifecycleStage === 'POST_SCALE_UP')
    cloud.deploy('v3')
    cloud.advance(3)
    expect(journey(cloud)[1]).toBe('RECONCILE_SERVICE 0/0')
    expect(seen(cloud).status).toBe('SUCCESSFUL')
    expect(new Set(cloud.tasks().map(task => task.containers[0].imageDigest))).toEqual(new Set(['sha256:platform-v3']))
  })

  test('rolls back when an alarm goes off in its bake time', () => {
    const cloud = shifting('BLUE_GREEN', { alarms: { alarmNames: ['errors'], enable: true, rollback: true } })
    cloud.until(() => seen(cloud).lifecycleStage === 'BAKE_TIME')
    cloud.ecs.setAlarm('errors', 'ALARM')
    cloud.advance(6)
    expect(seen(cloud).targetServiceRevision.requestedProductionTrafficWeight).toBe(0)
    cloud.until(() => seen(cloud).status === 'ROLLBACK_SUCCESSFUL', 200)
  })

  test('of no tasks goes through all stages', () => {
    const cloud = shifting('BLUE_GREEN')
    cloud.ecs.scale('main', 'web', 0)
    cloud.until(() => seen(cloud).status === 'SUCCESSFUL')
  })
})

describe('LINEAR and CANARY deployments', () => {
  const weights = (cloud: Cloud): readonly string[] =>
    journey(cloud)
      .filter(line => line.startsWith('PRODUCTION_TRAFFIC_SHIFT'))
      .map(line => line.split('/')[1] ?? '')

  test.each<[Strategy, object, readonly string[]]>([
    ['LINEAR', {}, ['10', '20', '30', '40', '50', '60', '70', '80', '90', '100']],
    ['LINEAR', { linearConfiguration: { stepPercent: 40, stepBakeTimeInMinutes: 1 } }, ['40', '80', '100']],
    ['LINEAR', { linearConfiguration: { stepPercent: 100 } }, ['100']],
    ['CANARY', {}, ['5', '100']],
    ['CANARY', { canaryConfiguration: { canaryPercent: 12.5, canaryBakeTimeInMinutes: 90 } }, ['12.5', '100']]
  ])('%s with %j shifts production traffic to %j', (strategy, configuration, expected) => {
    const cloud = shifting(strategy, configuration)
    expect(weights(cloud)).toEqual(expected)
    expect(seen(cloud).status).toBe('SUCCESSFUL')
  })

  test('that take six hours cost few passes of the scheduler', () => {
    const cloud = shifting('LINEAR', { linearConfiguration: { stepPercent: 5, stepBakeTimeInMinutes: 18 } })
    cloud.advance(6 * 3600)
    expect(seen(cloud).status).toBe('SUCCESSFUL')
    expect(cloud.service.passes).toBeLessThan(100)
  })
})

describe('StopServiceDeployment', () => {
  test.each<[Strategy, string]>([
    ['BLUE_GREEN', 'PRE_SCALE_UP'],
    ['BLUE_GREEN', 'SCALE_UP'],
    ['BLUE_GREEN', 'BAKE_TIME'],
    ['LINEAR', 'PRODUCTION_TRAFFIC_SHIFT'],
    ['CANARY', 'PRODUCTION_TRAFFIC_SHIFT'],
    ['CANARY', 'CLEAN_UP']
  ])('brings a %s deployment back from %s', (strategy, stage) => {
    const cloud = shifting(strategy)
    cloud.until(() => seen(cloud).lifecycleStage === stage)
    cloud.call('StopServiceDeployment', { serviceDeploymentArn: seen(cloud).serviceDeploymentArn })
    cloud.advance(300)
    expect(seen(cloud)).toMatchObject({ status: 'ROLLBACK_SUCCESSFUL' })
    expect(cloud.tasks().map(task => task.containers[0].imageDigest)).toEqual(Array(2).fill('sha256:platform-v1'))
  })
})

describe('a hook', () => {
  const lambda = { lifecycleHooks: [{ hookTargetArn: FUNCTION, lifecycleStages: ['POST_TEST_TRAFFIC_SHIFT'] }] }

  test('that pauses waits for a day and then rolls back', () => {
    const cloud = shifting('BLUE_GREEN', pause('POST_SCALE_UP'))
    cloud.until(() => seen(cloud).lifecycleHookDetails?.length === 1)
    const begun = cloud.seconds
    expect(seen(cloud)).toMatchObject({
      status: 'IN_PROGRESS',
      lifecycleStage: 'POST_SCALE_UP',
      lifecycleHookDetails: [{ targetType: 'PAUSE', status: 'AWAITING_ACTION', timeoutAction: 'ROLLBACK' }]
    })
    // Most of the day at one go: each look of the rest costs a call.
    cloud.advance(23 * 3600)
    cloud.until(() => seen(cloud).status === 'ROLLBACK_SUCCESSFUL')
    expect(Math.round((cloud.seconds - begun) / 3600)).toBe(24)
    expect(seen(cloud).lifecycleHookDetails).toMatchObject([{ status: 'TIMED_OUT' }])
  })

  test('that may time out lets the deployment go on', () => {
    const cloud = shifting('BLUE_GREEN', pause('POST_SCALE_UP', { timeoutInMinutes: 5, action: 'CONTINUE' }))
    cloud.until(() => seen(cloud).status === 'SUCCESSFUL')
  })

  test('can be answered once, with CONTINUE or ROLLBACK', () => {
    const cloud = shifting('CANARY', pause('PRE_PRODUCTION_TRAFFIC_SHIFT'))
    const answer = (action: string): void => {
      const { serviceDeploymentArn, lifecycleHookDetails } = seen(cloud)
      const hookId = lifecycleHookDetails?.[0]?.hookId ?? 'none'
      cloud.call('ContinueServiceDeployment', { serviceDeploymentArn, hookId, action })
    }
    cloud.until(() => seen(cloud).lifecycleHookDetails?.length === 1)
    answer('CONTINUE')
    expect(() => {
      answer('CONTINUE')
    }).toThrow('no paused lifecycle hook')
    cloud.until(() => seen(cloud).targetServiceRevision.requestedProductionTrafficWeight === 5)
    cloud.until(() => seen(cloud).lifecycleHookDetails?.[0]?.status === 'AWAITING_ACTION')
    answer('ROLLBACK')
    cloud.advance(300)
    expect(seen(cloud)).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      statusReason: 'Service deployment rolled back because PRE_PRODUCTION_TRAFFIC_SHIFT lifecycle hook(s) failed.'
    })
  })

  test.each([
    ['SUCCEEDED', 'SUCCESSFUL'],
    ['FAILED', 'ROLLBACK_SUCCESSFUL']
  ] as const)('that invokes a function which answers %s ends it %s', (result, status) => {
    const cloud = shifting('BLUE_GREEN', lambda, 'v2', { functions: { [FUNCTION]: result } })
    cloud.until(() => seen(cloud).status === status)
    const reason = 'Service deployment rolled back because POST_TEST_TRAFFIC_SHIFT lifecycle hook(s) failed.'
    expect(seen(cloud).statusReason).toBe(result === 'FAILED' ? reason : undefined)
    expect(cloud.story().some(line => line.endsWith(`deployment failed: ${reason}`))).toBe(result === 'FAILED')
  })

  test('that invokes a function which never answers holds the deployment up', () => {
    const cloud = shifting('BLUE_GREEN', lambda, 'v2', { functions: { [FUNCTION]: 'IN_PROGRESS' } })
    cloud.advance(6 * 3600)
    expect(seen(cloud)).toMatchObject({
      status: 'IN_PROGRESS',
      lifecycleHookDetails: [{ targetType: 'AWS_LAMBDA', targetArn: FUNCTION, status: 'IN_PROGRESS' }]
    })
  })
})
