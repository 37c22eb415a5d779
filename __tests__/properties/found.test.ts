import { expect, test } from '@jest/globals'
import type { Behaviour } from '../../simulator/cloud/images.ts'
import type { WorldService } from '../../simulator/cloud/world.ts'
import type { Change } from '../../simulator/control/change.ts'
import type { FaultRule } from '../../simulator/control/faults.ts'
import type { Outcome } from '../../src/outcome.ts'
import { NEW_TAG } from './draws.ts'
import { play } from './play.ts'
import { brokenPromises } from './promises.ts'
import type { Scenario } from './scenario.ts'

/** What random deployments found and that was told wrongly once, as small as it gets. */

const WEB = { cluster: 'prod', service: 'web' }

interface Found {
  readonly service?: Partial<WorldService>
  readonly instances?: number
  readonly staleReadSeconds?: number
  readonly pollSeconds: number
  readonly meanwhile: readonly (readonly [number, Change])[]
  readonly behaviour?: Behaviour
  readonly faults?: readonly FaultRule[]
  readonly budgetMinutes?: number
}

const DENIED: readonly FaultRule[] = [
  'ListServiceDeployments',
  'DescribeServiceDeployments',
  'StopServiceDeployment'
].map(name => ({
  operation: `ecs:${name}`,
  error: 'AccessDeniedException',
  message: 'not authorized',
  status: 400,
  times: 'always'
}))

function scenario(found: Found): Scenario {
  const { service, instances = 0, staleReadSeconds = 0, pollSeconds, meanwhile, behaviour = 'healthy' } = found
  return {
    world: {
      lag: { staleReadSeconds },
      repositories: [{ name: 'web', images: [{ tags: ['old'] }, { tags: [NEW_TAG], behaviour }, { tags: ['other'] }] }],
      clusters: [
        {
          name: 'prod',
          instances,
          services: [{ name: 'web', image: 'web:old', deploymentConfiguration: { bakeTimeInMinutes: 0 }, ...service }]
        }
      ]
    },
    faults: found.faults ?? [],
    meanwhile: meanwhile.map(([atSeconds, change]) => ({ atSeconds, change })),
    circuitBreaker: 'enable',
    onFailure: 'rollback',
    pollSeconds,
    budgetMinutes: found.budgetMinutes ?? 10
  }
}

/** DescribeServices does not answer `times` in a row from shortly before the deadline of a deployment that is nearly through. */
function outage(times: number): Found {
  return {
    service: { desiredCount: 4, loadBalanced: false, minimumHealthyPercent: 75, maximumPercent: 125 },
    faults: [...DENIED, { operation: 'ecs:DescribeServices', drop: 'before', delayMs: 5_000, times, after: 6 }],
    pollSeconds: 45,
    budgetMinutes: 2,
    meanwhile: []
  }
}

const ALARMS = { bakeTimeInMinutes: 0, alarms: { alarmNames: ['errors'], enable: true, rollback: true } }

test.each<[string, Outcome, Found]>([
  [
    'a deployment whose successor was rolled back by its alarm was replaced all the same',
    'superseded',
    {
      service: { deploymentConfiguration: ALARMS },
      pollSeconds: 45,
      meanwhile: [
        [65, { deploy: { ...WEB, image: 'web:other' } }],
        [74, { alarm: { name: 'errors', state: 'ALARM' } }]
      ]
    }
  ],
  [
    'so it was where DescribeServices alone shows that deployment, which ECS takes back',
    'superseded',
    {
      service: { desiredCount: 8, deploymentConfiguration: ALARMS },
      faults: DENIED,
      pollSeconds: 45,
      meanwhile: [
        [65, { deploy: { ...WEB, image: 'web:other' } }],
        [74, { alarm: { name: 'errors', state: 'ALARM' } }]
      ]
    }
  ],
  [
    'a service whose last instance goes while its tasks are looked for runs nothing, and should not',
    'unproven',
    {
      service: { schedulingStrategy: 'DAEMON', minimumHealthyPercent: 0 },
      instances: 1,
      staleReadSeconds: 1,
      pollSeconds: 3,
      meanwhile: [[87, { instances: { cluster: 'prod', count: 0 } }]]
    }
  ],
  [
    'a service that ECS has begun to take back when the time is over is back once ECS is through',
    'rolled-back',
    {
      service: { desiredCount: 2, loadBalanced: true, minimumHealthyPercent: 75, maximumPercent: 200 },
      behaviour: { failFirst: 1 },
      faults: DENIED,
      staleReadSeconds: 5,
      pollSeconds: 20,
      budgetMinutes: 2,
      meanwhile: [[113, { rollBack: WEB }]]
    }
  ],
  [
    'a deployment was replaced, though its successor is gone before the service deployments are answered again',
    'superseded',
    {
      service: { desiredCount: 0 },
      faults: [{ operation: 'ecs:DescribeServiceDeployments', error: 'ThrottlingException', status: 400, times: 3 }],
      pollSeconds: 45,
      meanwhile: [
        [1, { deploy: { ...WEB, image: 'web:other' } }],
        [1, { rollBack: WEB }]
      ]
    }
  ],
  [
    'a deployment was replaced, though the service deployments are answered a minute later only',
    'superseded',
    {
      service: { minimumHealthyPercent: 0, maximumPercent: 100 },
      behaviour: { failFirst: 1 },
      faults: [{ operation: 'ecs:DescribeServiceDeployments', drop: 'before', delayMs: 5_000, times: 12, after: 3 }],
      pollSeconds: 10,
      budgetMinutes: 2,
      meanwhile: [
        [67, { rollBack: WEB }],
        [66, { deploy: { ...WEB, image: 'web:other' } }]
      ]
    }
  ],
  [
    'a way back is looked for until DescribeServices is answered again',
    'rolled-back',
    {
      service: {
        desiredCount: 4,
        loadBalanced: false,
        minimumHealthyPercent: 75,
        maximumPercent: 125,
        deploymentConfiguration: {
          bakeTimeInMinutes: 0,
          earlySuccessCriteria: { enable: true, healthyPercent: 75, sourceServiceRevisionCleanup: 'DEFERRED' }
        }
      },
      faults: [
        ...DENIED.filter(({ operation }) => operation === 'ecs:StopServiceDeployment'),
        { operation: 'ecs:DescribeServices', error: 'ServerException', status: 500, times: 6, after: 46 }
      ],
      staleReadSeconds: 1,
      pollSeconds: 10,
      budgetMinutes: 20,
      meanwhile: [[1, { deleteImage: { repository: 'web', tag: NEW_TAG } }]]
    }
  ],
  ['a deployment that was through when the service could be read again is no failed rollback', 'succeeded', outage(6)],
  ['a deployment that nobody saw fail, and that nobody can read, is timed out', 'timed-out', outage(9)]
])('%s', async (_, outcome, found) => {
  const example = scenario(found)
  const played = await play(example)
  expect(played.ending).toMatchObject({ outcome })
  expect(brokenPromises(example, played)).toEqual([])
})

test('a rollback of a service that runs nothing does not speak of tasks that were seen', async () => {
  const played = await play(
    scenario({
      service: { schedulingStrategy: 'DAEMON', minimumHealthyPercent: 0 },
      pollSeconds: 3,
      meanwhile: [[1, { rollBack: WEB }]]
    })
  )
  expect(played.ending).toMatchObject({
    outcome: 'rolled-back',
    reason: expect.stringContaining('is back on web:1, and no task of another revision runs; none runs at all')
  })
})
