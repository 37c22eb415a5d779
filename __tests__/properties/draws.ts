import fc from 'fast-check'
import type { Behaviour } from '../../simulator/cloud/images.ts'
import type { WorldCircuitBreaker, WorldService } from '../../simulator/cloud/world.ts'
import type { FaultRule } from '../../simulator/control/faults.ts'
import type { Meanwhile } from './virtual-world.ts'

/** The commit that is deployed. */
export const NEW_SHA = '2'.repeat(40)
/** The tag that the action finds the new image by. */
export const NEW_TAG = `main-${NEW_SHA.slice(0, 7)}`

/** Ways to stop, in the words of ECS: some never heal, some may. */
const STOPS = [
  ['TaskFailedToStart', "ResourceInitializationError: unable to pull secrets: Secrets Manager can't find the secret."],
  ['TaskFailedToStart', 'ResourceInitializationError: failed to validate logger args: log group does not exist.'],
  ['TaskFailedToStart', 'CannotPullContainerError: toomanyrequests: You have reached your pull rate limit.'],
  ['TaskFailedToStart', 'Timeout waiting for network interface provisioning to complete.'],
  ['EssentialContainerExited', 'Essential container in task exited'],
  ['SpotInterruption', 'Your Spot Task was interrupted.']
] as const

/** What the new image does. */
export const behaviours: fc.Arbitrary<Behaviour> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Behaviour>('healthy') },
  {
    weight: 2,
    arbitrary: fc
      .record({ exitCode: fc.constantFrom(0, 1, 137, 139), afterSeconds: fc.integer({ min: 0, max: 90 }) })
      .map(crash => ({ crash }))
  },
  fc.integer({ min: 0, max: 60 }).map(afterSeconds => ({ unhealthy: { afterSeconds } })),
  fc.constantFrom<Behaviour>('neverHealthy', 'outOfMemory'),
  { weight: 2, arbitrary: fc.constantFrom(...STOPS).map(([stopCode, reason]) => ({ stop: { stopCode, reason } })) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 8 }).map(failFirst => ({ failFirst })) }
)

const threshold = fc.oneof(
  fc.record({ type: fc.constant('COUNT' as const), value: fc.integer({ min: 1, max: 6 }) }),
  fc.record({
    type: fc.constantFrom('BOUNDED_PERCENT' as const, 'UNBOUNDED_PERCENT' as const),
    value: fc.integer({ min: 10, max: 200 })
  })
)

const breaker: fc.Arbitrary<WorldCircuitBreaker | undefined> = fc.option(
  fc.record(
    {
      enable: fc.boolean(),
      rollback: fc.boolean(),
      resetOnHealthyTask: fc.boolean(),
      thresholdConfiguration: threshold
    },
    { requiredKeys: ['enable', 'rollback'] }
  ),
  { nil: undefined }
)

const alarms = fc.record({
  alarmNames: fc.constant(['errors']),
  enable: fc.boolean(),
  rollback: fc.boolean()
})

const HOOK_STAGES = ['PRE_SCALE_UP', 'POST_SCALE_UP', 'PRE_PRODUCTION_TRAFFIC_SHIFT', 'POST_PRODUCTION_TRAFFIC_SHIFT']

const pause = fc.record({
  targetType: fc.constant('PAUSE'),
  lifecycleStages: fc.subarray(HOOK_STAGES, { minLength: 1, maxLength: 2 }),
  timeoutConfiguration: fc.record({
    timeoutInMinutes: fc.integer({ min: 1, max: 8 }),
    action: fc.constantFrom('CONTINUE', 'ROLLBACK')
  })
})

/** Functions by how they answer; see `world.functions`. */
export const FUNCTIONS = {
  'arn:aws:lambda:us-east-1:123456789012:function:passes': 'SUCCEEDED',
  'arn:aws:lambda:us-east-1:123456789012:function:fails': 'FAILED',
  'arn:aws:lambda:us-east-1:123456789012:function:hangs': 'IN_PROGRESS'
} as const

const lambda = fc.record({
  targetType: fc.constant('AWS_LAMBDA'),
  hookTargetArn: fc.constantFrom(...Object.keys(FUNCTIONS)),
  lifecycleStages: fc.subarray([...HOOK_STAGES, 'TEST_TRAFFIC_SHIFT'], { minLength: 1, maxLength: 2 }),
  timeoutConfiguration: fc.record({
    timeoutInMinutes: fc.integer({ min: 1, max: 10 }),
    action: fc.constantFrom('CONTINUE', 'ROLLBACK')
  })
})

const hooks = fc.oneof(
  { weight: 2, arbitrary: fc.constant({}) },
  fc.array(fc.oneof(pause, lambda), { minLength: 1, maxLength: 2 }).map(lifecycleHooks => ({ lifecycleHooks }))
)

const bake = fc.constantFrom(0, 0, 0, 1, 4)

const traffic = fc.oneof(
  fc.constant({ strategy: 'BLUE_GREEN' as const, with: {} }),
  fc.record({
    strategy: fc.constant('LINEAR' as const),
    with: fc.record({
      linearConfiguration: fc.record({
        stepPercent: fc.constantFrom(20, 30, 50),
        stepBakeTimeInMinutes: fc.constantFrom(0, 1, 3)
      })
    })
  }),
  fc.record({
    strategy: fc.constant('CANARY' as const),
    with: fc.record({
      canaryConfiguration: fc.record({
        canaryPercent: fc.constantFrom(5, 20),
        canaryBakeTimeInMinutes: fc.constantFrom(0, 2, 5)
      })
    })
  })
)

/** A service, without its image. */
export type ServiceDraw = Omit<WorldService, 'name' | 'image'>

const common = { breaker, bake, alarms: fc.option(alarms, { nil: undefined }) }

const rolling: fc.Arbitrary<ServiceDraw> = fc
  .record({
    ...common,
    desiredCount: fc.integer({ min: 0, max: 6 }),
    loadBalanced: fc.boolean(),
    grace: fc.constantFrom(0, 30, 120),
    minimumHealthyPercent: fc.constantFrom(0, 50, 75, 100),
    maximumPercent: fc.constantFrom(100, 125, 150, 200, 200),
    early: fc.constantFrom(undefined, undefined, undefined, 'BLOCKING', 'DEFERRED')
  })
  .map(({ breaker: circuitBreaker, bake: bakeTimeInMinutes, alarms: watched, grace, early, ...draw }) => ({
    ...draw,
    ...(draw.loadBalanced && { healthCheckGracePeriodSeconds: grace }),
    ...(circuitBreaker !== undefined && { circuitBreaker }),
    deploymentConfiguration: {
      bakeTimeInMinutes,
      ...(watched !== undefined && { alarms: watched }),
      ...(early !== undefined && {
        earlySuccessCriteria: {
          enable: true,
          healthyPercent: Math.max(50, draw.minimumHealthyPercent),
          sourceServiceRevisionCleanup: early
        }
      })
    }
  }))

const shifting: fc.Arbitrary<ServiceDraw> = fc
  .record({ ...common, desiredCount: fc.integer({ min: 0, max: 4 }), traffic, hooks })
  .map(
    ({ breaker: circuitBreaker, bake: bakeTimeInMinutes, alarms: watched, desiredCount, traffic: plan, hooks: h }) => ({
      desiredCount,
      loadBalanced: true,
      strategy: plan.strategy,
      ...(circuitBreaker !== undefined && { circuitBreaker }),
      deploymentConfiguration: {
        bakeTimeInMinutes,
        ...plan.with,
        ...h,
        ...(watched !== undefined && { alarms: watched })
      }
    })
  )

const daemon: fc.Arbitrary<ServiceDraw> = fc
  .record({ ...common, minimumHealthyPercent: fc.constantFrom(0, 50) })
  .map(({ breaker: circuitBreaker, bake: bakeTimeInMinutes, alarms: watched, minimumHealthyPercent }) => ({
    schedulingStrategy: 'DAEMON' as const,
    minimumHealthyPercent,
    ...(circuitBreaker !== undefined && { circuitBreaker }),
    deploymentConfiguration: { bakeTimeInMinutes, ...(watched !== undefined && { alarms: watched }) }
  }))

/** Services of every kind. */
export const services = fc.oneof(
  { weight: 6, arbitrary: rolling },
  { weight: 2, arbitrary: shifting },
  { weight: 1, arbitrary: daemon }
)

const WEB = { cluster: 'prod', service: 'web' }

const interference = fc.oneof(
  fc.integer({ min: 0, max: 8 }).map(desiredCount => ({ change: { scale: { ...WEB, desiredCount } } })),
  fc.constant({ change: { deploy: { ...WEB, image: 'web:other' } } }),
  fc
    .constantFrom('UserInitiated', 'SpotInterruption', 'TerminationNotice')
    .map(stopCode => ({ change: { stopTask: { ...WEB, stopCode } } })),
  fc.integer({ min: 0, max: 12 }).map(tasks => ({ change: { capacity: { cluster: 'prod', tasks } } })),
  fc.integer({ min: 0, max: 5 }).map(count => ({ change: { instances: { cluster: 'prod', count } } })),
  fc.constantFrom('ALARM' as const, 'OK' as const).map(state => ({ change: { alarm: { name: 'errors', state } } })),
  fc.constantFrom('old', NEW_TAG, 'other').map(tag => ({ change: { deleteImage: { repository: 'web', tag } } })),
  fc
    .constantFrom('CONTINUE' as const, 'CONTINUE' as const, 'ROLLBACK' as const)
    .map(action => ({ change: { answerHook: { ...WEB, action } } })),
  fc.constant({ change: { rollBack: WEB } })
)

/** What others do meanwhile. */
export const meanwhiles: fc.Arbitrary<readonly Meanwhile[]> = fc.array(
  fc
    .tuple(fc.oneof(fc.integer({ min: 1, max: 120 }), fc.integer({ min: 1, max: 900 })), interference)
    .map(([atSeconds, what]) => ({ atSeconds, ...what })),
  { maxLength: 3 }
)

const operation = fc.constantFrom(
  'ecs:DescribeServices',
  'ecs:DescribeServiceDeployments',
  'ecs:ListServiceDeployments',
  'ecs:ListTasks',
  'ecs:DescribeTasks',
  'ecs:UpdateService',
  'ecs:StopServiceDeployment',
  'ecs:RegisterTaskDefinition',
  'ecs:*'
)

const mishap = fc.oneof(
  fc.constant({ error: 'ThrottlingException', status: 400 }),
  fc.constantFrom({ error: 'ServerException', status: 500 }, { error: 'ServiceUnavailable', status: 503 }),
  fc.constantFrom({ drop: 'before' as const }, { drop: 'after' as const })
)

/** One of the two APIs that a deployment is watched by is throttled, broken or hangs, the other one is not. */
const outages: fc.Arbitrary<readonly FaultRule[]> = fc
  .record({
    operation: fc.constantFrom('ecs:DescribeServices', 'ecs:*ServiceDeployments', 'ecs:DescribeServiceDeployments'),
    what: fc.oneof(mishap, fc.constant({ drop: 'before' as const, delayMs: 5_000 })),
    times: fc.integer({ min: 5, max: 60 }),
    after: fc.integer({ min: 3, max: 60 })
  })
  .map(({ what, ...rule }) => [{ ...rule, ...what }])

/** Calls that go wrong for a while. */
export const mishaps: fc.Arbitrary<readonly FaultRule[]> = fc.oneof(
  { weight: 2, arbitrary: fc.constant([]) },
  { weight: 1, arbitrary: outages },
  fc.array(
    fc
      .tuple(operation, mishap, fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 20 }))
      .map(([name, what, times, after]) => ({ operation: name, ...what, times, after })),
    { minLength: 1, maxLength: 3 }
  )
)
