import { describe, expect, test } from '@jest/globals'
import type { Behaviour } from '../../simulator/cloud/images.ts'
import type { Simulator } from '../../simulator/simulator.ts'
import { commit, deploy, ecs, requests, writes } from './harness.ts'
import { digestOf, runningDigests, shop, WEB } from './shop.ts'

const NO_BREAKER = { circuitBreaker: { enable: false, rollback: false } }
const LEFT_ALONE = { ...WEB, 'circuit-breaker': 'ignore' }
const NO_SECRET: Behaviour = {
  stop: {
    stopCode: 'TaskFailedToStart',
    reason:
      "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret arn:aws:secretsmanager:eu-west-1:123456789012:secret:db from secrets manager: ResourceNotFoundException: Secrets Manager can't find the specified secret."
  }
}

/** When tasks of the service began to stop, in epoch milliseconds of simulated time, earliest first. */
async function stopTimes(simulator: Simulator): Promise<readonly number[]> {
  const where = { cluster: 'prod', serviceName: 'web', desiredStatus: 'STOPPED' }
  const { taskArns } = await ecs(simulator, 'ListTasks', where)
  const { tasks } = await ecs(simulator, 'DescribeTasks', { cluster: 'prod', tasks: taskArns })
  return (tasks as readonly { readonly stoppingAt: number }[])
    .map(({ stoppingAt }) => stoppingAt * 1000)
    .sort((one, other) => one - other)
}

/** Lets a deployment go on that waits for somebody. */
async function approve(simulator: Simulator): Promise<void> {
  const { serviceDeployments } = await ecs(simulator, 'ListServiceDeployments', { cluster: 'prod', service: 'web' })
  const [newest] = serviceDeployments as readonly { readonly serviceDeploymentArn: string }[]
  const serviceDeploymentArn = newest?.serviceDeploymentArn
  const described = await ecs(simulator, 'DescribeServiceDeployments', {
    serviceDeploymentArns: [serviceDeploymentArn]
  })
  const [{ lifecycleHookDetails: [hook] = [] } = {}] = described['serviceDeployments'] as readonly {
    readonly lifecycleHookDetails?: readonly { readonly hookId: string }[]
  }[]
  await ecs(simulator, 'ContinueServiceDeployment', { serviceDeploymentArn, hookId: hook?.hookId, action: 'CONTINUE' })
}

describe('a deployment', () => {
  test.concurrent(
    'that cannot end well is red within ten seconds of the third failure, though nothing else would ever end it',
    async () => {
      let stops: readonly number[] = []
      const run = await deploy(
        shop({
          images: [{ tags: ['main-3333333'], behaviour: NO_SECRET }],
          service: { ...NO_BREAKER, desiredCount: 3 }
        }),
        LEFT_ALONE,
        {
          sha: commit(3),
          speed: 15,
          when: {
            says: 'this deployment cannot succeed any more',
            async then({ simulator }) {
              stops = await stopTimes(simulator)
            }
          }
        }
      )
      expect(run).toMatchObject({
        exitCode: 1,
        outputs: { outcome: 'rolled-back', 'reason-code': 'secret-unavailable' }
      })
      const red = run.calls.find(({ operation }) => operation === 'StopServiceDeployment')
      const [, , third = Number.NaN] = stops
      expect(Date.parse(red?.at ?? '') - third).toBeLessThanOrEqual(10_000)
      expect(writes(run)).toEqual(['RegisterTaskDefinition', 'UpdateService', 'StopServiceDeployment'])
    }
  )

  test.concurrent('is waited for when one task fails among healthy ones', async () => {
    const behaviour: Behaviour = { failFirst: 1 }
    const world = shop({ images: [{ tags: ['main-3333333'], behaviour }], service: { ...NO_BREAKER, desiredCount: 4 } })
    const run = await deploy(world, LEFT_ALONE, { sha: commit(3) })
    expect(run).toMatchObject({ exitCode: 0, outputs: { outcome: 'succeeded' } })
    expect(runningDigests(run.cloud)).toEqual({ web: digestOf(run.cloud, 'web', 'main-3333333') })
  })

  test.concurrent('that waits for approval says how to give it, and goes on when it is given', async () => {
    const service = {
      strategy: 'CANARY',
      deploymentConfiguration: {
        bakeTimeInMinutes: 1,
        canaryConfiguration: { canaryPercent: 10, canaryBakeTimeInMinutes: 1 },
        lifecycleHooks: [{ targetType: 'PAUSE', lifecycleStages: ['POST_TEST_TRAFFIC_SHIFT'] }]
      }
    } as const
    const run = await deploy(shop({ service }), WEB, {
      when: {
        says: '--action CONTINUE',
        then: ({ simulator }) => approve(simulator)
      }
    })
    expect(run).toMatchObject({ exitCode: 0, outputs: { outcome: 'succeeded' } })
    expect(run.text).toMatch(
      /web {2}a hook waits for approval in stage POST_TEST_TRAFFIC_SHIFT .*to continue, run: aws ecs /
    )
    expect(run.text).toContain('shifting production traffic: green 10 %')
  })

  test.concurrent('has its verdict whatever polls fail, which is told', async () => {
    const run = await deploy(shop(), WEB, {
      when: {
        says: '== Watching',
        then: ({ simulator }) => {
          simulator.setFaults([
            { operation: 'ecs:DescribeServices', error: 'ClientException', message: 'odd', times: 3 },
            { operation: 'ecs:DescribeServices', drop: 'before', times: 1, after: 5 },
            {
              operation: 'ecs:DescribeServiceDeployments',
              error: 'ClientException',
              message: 'odd too',
              times: 'always'
            }
          ])
        }
      }
    })
    expect(run).toMatchObject({ exitCode: 0, outputs: { outcome: 'succeeded' } })
    expect(run.text.match(/polls? .*failed and (?:is|are) repeated: .*odd \(/g)).toHaveLength(1)
    expect(run.text).toContain('polls are answered again, after 3 failures')
  })

  test.concurrent('is watched on when a poll hangs: it is missed, and the next one goes on', async () => {
    const run = await deploy(shop(), WEB, {
      when: {
        says: '== Watching',
        then: ({ simulator }) => {
          simulator.setFaults([{ operation: 'ecs:DescribeServices', delayMs: 24 * 3_600_000, times: 1, after: 1 }])
        }
      }
    })
    expect(run).toMatchObject({ exitCode: 0, outputs: { outcome: 'succeeded' } })
    expect(run.text).toMatch(/a poll failed and is repeated: ecs:DescribeServices .*got no answer: the time for it ran/)
    expect(run.text).not.toContain('ecs:DescribeServices is repeated')
  })

  test.concurrent.each([
    ['AccessDeniedException', 'access-denied', 'allow ecs:DescribeServices in the policy of the role'],
    ['ExpiredTokenException', 'credentials', 'fetch fresh credentials']
  ])('that may not be watched for %s is left, and said to be, at once', async (error, code, remedy) => {
    const run = await deploy(shop(), WEB, {
      when: {
        says: '== Watching',
        then: ({ simulator }) => {
          simulator.setFaults([{ operation: 'ecs:DescribeServices', error, times: 'always' }])
        }
      }
    })
    expect(run).toMatchObject({ exitCode: 1, outputs: { outcome: 'failed', 'reason-code': code } })
    expect(run.outputs['reason']).toMatch(
      /^ecs:\w+ failed: .*; deployment ecs-svc\/\d+ was started and is left running/
    )
    expect(run.text).toContain(remedy)
    expect(requests(run, 'UpdateService')).toHaveLength(1)
  })
})
