import { expect, test } from '@jest/globals'
import type { FaultRule } from '../../simulator/control/faults.ts'
import { commit, deploy, requests } from './harness.ts'
import { digestOf, revisionCount, runningDigests, serviceState, shop, tagsOf, WEB } from './shop.ts'

const TAGGING = { ...WEB, image: 'hand-made' }

/** What may happen to the answer of a call that changes something. */
const ACCIDENTS: readonly (readonly [string, Omit<FaultRule, 'operation'>])[] = [
  ['is cut off before the work', { drop: 'before' }],
  ['is cut off after the work', { drop: 'after' }],
  ['is cut off before the work, twice', { drop: 'before', times: 2 }],
  ['is a server error', { error: 'ServerException', status: 500 }]
]

const WRITES = ['ecs:RegisterTaskDefinition', 'ecs:UpdateService', 'ecr:PutImage']

/** An update that seems not to have arrived is looked for during 20 seconds of the wall clock, each time. */
const LONG_MS = 120_000

// An update that does not arrive twice is looked for twice as long: that is tested in virtual time.
const CASES = ACCIDENTS.flatMap(([what, accident]) => WRITES.map(operation => ({ what, accident, operation }))).filter(
  ({ operation, accident }) => !(operation === 'ecs:UpdateService' && accident.times === 2)
)

// Without groups: the tests of one group wait for those of the one before, and these mostly wait anyway.
test.concurrent.each(CASES)(
  '$operation is done once when it $what',
  async ({ operation, accident }) => {
    const world = shop({ images: [{ tags: ['hand-made'] }] })
    const run = await deploy(world, TAGGING, { sha: commit(4), faults: [{ operation, ...accident }] })
    expect(run.outputs['outcome']).toBe('succeeded')
    const digest = digestOf(run.cloud, 'web', 'hand-made')
    expect(tagsOf(run.cloud, 'web')).toEqual({ ...tagsOf(run.cloudBefore, 'web'), 'main-4444444': digest })
    expect(revisionCount(run.cloud)).toBe(2)
    expect(serviceState(run.cloud).serviceDeployments).toHaveLength(2)
    expect(serviceState(run.cloud).deployments[0]?.id).toBe(run.outputs['deployment-id'])
    expect(runningDigests(run.cloud)).toEqual({ web: digest })
  },
  LONG_MS
)

test.concurrent.each(['before', 'after'] as const)(
  'a forced deployment is one when its connection is cut off %s the work',
  async drop => {
    const world = shop({ service: { image: 'web:main-2222222' } })
    const inputs = { ...WEB, 'force-new-deployment': 'true' }
    const run = await deploy(world, inputs, { faults: [{ operation: 'ecs:UpdateService', drop }] })
    expect(run.outputs['outcome']).toBe('succeeded')
    expect(serviceState(run.cloud).serviceDeployments).toHaveLength(2)
    expect(revisionCount(run.cloud)).toBe(1)
  },
  LONG_MS
)

test.concurrent(
  'what somebody else deploys while an answer is missing is not replaced',
  async () => {
    const theirs = { cluster: 'prod', service: 'web', image: 'web:main-1111111' }
    const run = await deploy(shop(), WEB, {
      faults: [{ operation: 'ecs:UpdateService', drop: 'before' }],
      when: {
        says: 'whether it started a deployment',
        then: ({ simulator }) => simulator.change({ deploy: theirs })
      }
    })
    expect(run).toMatchObject({ exitCode: 1, outputs: { outcome: 'superseded', 'reason-code': 'superseded' } })
    expect(run.outputs['reason']).toContain(serviceState(run.cloud).deployments[0]?.id)
    expect(run.outputs['reason']).not.toContain('may have started')
    expect(requests(run, 'UpdateService')).toHaveLength(1)
  },
  LONG_MS
)

const EXPIRED = { error: 'ExpiredTokenException', times: 1 } as const

test.concurrent('a deployment that may run is no rejection, whatever is refused after the lost answer', async () => {
  const run = await deploy(shop(), WEB, {
    faults: [
      { operation: 'ecs:UpdateService', drop: 'after' },
      { operation: 'ecs:DescribeServices', after: 1, ...EXPIRED }
    ]
  })
  expect(run.outputs).toMatchObject({ outcome: 'failed', 'reason-code': 'credentials' })
  expect(run.outputs['reason']).toContain('so a deployment may have started')
  expect(serviceState(run.cloud).serviceDeployments).toHaveLength(2)
})

test.concurrent('a revision that may be registered is told, though the look at it is refused', async () => {
  const run = await deploy(shop(), WEB, {
    faults: [
      { operation: 'ecs:RegisterTaskDefinition', drop: 'after' },
      { operation: 'ecs:DescribeTaskDefinition', after: 2, ...EXPIRED }
    ]
  })
  expect(run.outputs).toMatchObject({ outcome: 'rejected', 'reason-code': 'credentials' })
  expect(run.outputs['reason']).toContain('an earlier ecs:RegisterTaskDefinition may have been done all the same')
})

test.concurrent(
  'auto scaling that may be suspended is told in the summary and put back by the post step',
  async () => {
    const world = shop({ scalableTargets: [{ cluster: 'prod', service: 'web', min: 1, max: 4 }] })
    const run = await deploy(
      world,
      { ...WEB, 'auto-scaling': 'suspend' },
      {
        faults: [
          { operation: '*:RegisterScalableTarget', drop: 'after' },
          { operation: '*:RegisterScalableTarget', after: 1, ...EXPIRED }
        ]
      }
    )
    expect(run.outputs).toMatchObject({ outcome: 'rejected', 'reason-code': 'credentials' })
    expect(run.summary).toContain('may have been suspended by this run')
    expect(run.post).toMatchObject({ outcome: 'success' })
    expect(run.cloud.scaling).toEqual(run.cloudBefore.scaling)
  },
  60_000
)

test.concurrent('a tag that somebody else takes between reading and putting it stays theirs', async () => {
  const world = shop({ images: [{ tags: ['hand-made'] }, { tags: ['theirs'] }] })
  const run = await deploy(world, TAGGING, {
    sha: commit(4),
    faults: [{ operation: 'ecr:PutImage', error: 'ThrottlingException' }],
    when: {
      says: 'ecr:PutImage is repeated',
      then: ({ simulator }) => simulator.change({ moveTag: { repository: 'web', tag: 'main-4444444', to: 'theirs' } })
    }
  })
  expect(run.outputs).toMatchObject({ outcome: 'rejected', 'reason-code': 'tag-conflict' })
  expect(tagsOf(run.cloud, 'web')['main-4444444']).toBe(digestOf(run.cloud, 'web', 'theirs'))
  expect(requests(run, 'UpdateService')).toEqual([])
})

test.concurrent.each([
  ['cut connections', { drop: 'before', times: 4 }],
  ['server errors', { error: 'ServerException', status: 500, times: 4 }],
  ['throttling', { error: 'ThrottlingException', times: 4 }],
  ['slow answers', { delayMs: 400, times: 2 }]
] as const)('while the deployment is watched, %s cost time and not the verdict', async (_, accident) => {
  const operations = [
    'ecs:DescribeServices',
    'ecs:ListServiceDeployments',
    'ecs:DescribeServiceDeployments',
    'ecs:ListTasks'
  ]
  const run = await deploy(shop(), WEB, {
    faults: operations.map(operation => ({ operation, after: 1, ...accident }))
  })
  expect(run.outputs['outcome']).toBe('succeeded')
  expect(requests(run, 'UpdateService')).toHaveLength(1)
})

test.concurrent('a token that expires while the deployment is watched ends the run at once', async () => {
  const expired = { error: 'ExpiredTokenException', message: 'The security token included in the request is expired' }
  const run = await deploy(shop(), WEB, {
    faults: [{ operation: 'ecs:DescribeServices', after: 2, times: 'always', ...expired }]
  })
  expect(run).toMatchObject({
    exitCode: 1,
    outputs: { outcome: 'failed', 'reason-code': 'credentials', changed: 'true' }
  })
  expect(run.outputs['reason']).toContain(run.outputs['deployment-id'])
})

test.concurrent('reads that are a minute old delay the verdict and do not change it', async () => {
  const run = await deploy(shop({ lag: { staleReadSeconds: 60, serviceDeploymentSeconds: 60 } }), WEB)
  expect(run.outputs['outcome']).toBe('succeeded')
})
