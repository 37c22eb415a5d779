import { describe, expect, test } from '@jest/globals'
import type { FaultRule } from '../../simulator/control/faults.ts'
import { commit, deploy, requests, type Deployed } from './harness.ts'
import { digestOf, REGISTRY, revisionCount, runningDigests, serviceState, shop, tagsOf, WEB } from './shop.ts'

/** Every call of a deployment that also tags, and suspends auto scaling. */
const OPERATIONS = [
  'ecs:DescribeServices',
  'ecs:DescribeTaskDefinition',
  'ecr:DescribeRepositories',
  'ecr:BatchGetImage',
  'ecr:PutImage',
  'ecs:RegisterTaskDefinition',
  'application-autoscaling:DescribeScalableTargets',
  'application-autoscaling:RegisterScalableTarget',
  'ecs:UpdateService',
  'ecs:ListServiceDeployments',
  'ecs:DescribeServiceDeployments',
  'ecs:ListTasks',
  'ecs:DescribeTasks'
]

const TARGET = { cluster: 'prod', service: 'web', min: 1, max: 4 }

function deployWith(faults: readonly FaultRule[]): Promise<Deployed> {
  const world = shop({ images: [{ tags: ['hand-made'] }], scalableTargets: [TARGET] })
  const inputs = { ...WEB, image: 'hand-made', 'auto-scaling': 'suspend' }
  return deploy(world, inputs, { sha: commit(4), faults })
}

describe('AWS', () => {
  const thirds = [OPERATIONS.slice(0, 4), OPERATIONS.slice(4, 8), OPERATIONS.slice(8)]
  const troubles: readonly (readonly [string, Omit<FaultRule, 'operation'>])[] = [
    ['throttles', { error: 'ThrottlingException', times: 3 }],
    ['throttles in other words', { error: 'TooManyRequestsException', status: 429, times: 2 }],
    ['fails', { error: 'InternalFailure', status: 500, times: 2 }],
    ['is not available', { status: 503, times: 2 }]
  ]

  test.concurrent.each(
    troubles.flatMap(([what, trouble]) => thirds.map(operations => ({ what, trouble, operations })))
  )('that at first $what $operations only costs time', async ({ operations, trouble }) => {
    const run = await deployWith(operations.map(operation => ({ operation, ...trouble })))
    expect(run.outputs['outcome']).toBe('succeeded')
    expect(revisionCount(run.cloud)).toBe(2)
    expect(serviceState(run.cloud).serviceDeployments).toHaveLength(2)
    expect(runningDigests(run.cloud)).toEqual({ web: digestOf(run.cloud, 'web', 'main-4444444') })
    expect(run.cloud.scaling).toEqual(run.cloudBefore.scaling)
  })

  test.concurrent('that never stops throttling ends the run with the call that it throttled', async () => {
    const faults: FaultRule[] = [
      { operation: 'ecs:RegisterTaskDefinition', error: 'ThrottlingException', times: 'always' }
    ]
    const run = await deploy(shop(), { ...WEB, 'max-retries': '2' }, { faults })
    expect(run.outputs).toMatchObject({ outcome: 'rejected', 'reason-code': 'throttled' })
    expect(run.outputs['reason']).toContain('ecs:RegisterTaskDefinition')
    expect(requests(run, 'RegisterTaskDefinition')).toHaveLength(3)
  })

  test.concurrent('that counts concurrent registrations as a mistake is asked again', async () => {
    const message = 'Too many concurrent attempts to create a new revision of the specified family.'
    const faults = [{ operation: 'ecs:RegisterTaskDefinition', error: 'ClientException', message, times: 2 }]
    const run = await deploy(shop(), WEB, { faults })
    expect(run.outputs['outcome']).toBe('succeeded')
  })
})

/** What a role may lack: without these the run goes on. */
const SERVICE_DEPLOYMENTS = ['ecs:ListServiceDeployments', 'ecs:DescribeServiceDeployments']
const DISPENSABLE = [...SERVICE_DEPLOYMENTS, 'ecr:DescribeRepositories']

describe('a role that may not call', () => {
  const denied = (operation: string): FaultRule[] => [
    {
      operation,
      error: 'AccessDeniedException',
      message: `User: me is not authorized to perform: ${operation}`,
      times: 'always'
    }
  ]

  test.concurrent.each(OPERATIONS.filter(operation => !DISPENSABLE.includes(operation)))(
    '%s is told so, and nothing is left half done',
    async operation => {
      const run = await deployWith(denied(operation))
      expect(run).toMatchObject({ exitCode: 1, outputs: { 'reason-code': 'access-denied' } })
      expect(run.outputs['outcome']).toBe(operation.endsWith('Tasks') ? 'failed' : 'rejected')
      expect(run.outputs['reason']).toContain(operation)
      expect(run.annotations.at(-1)?.message).toContain(`allow ${operation}`)
      expect(run.cloud.scaling).toEqual(run.cloudBefore.scaling)
      const tags = tagsOf(run.cloud, 'web')
      expect(tags).toEqual({ ...tags, ...tagsOf(run.cloudBefore, 'web') })
    }
  )

  test.concurrent.each(SERVICE_DEPLOYMENTS)('%s needs it not', async operation => {
    const run = await deployWith(denied(operation))
    expect(run).toMatchObject({ exitCode: 0, outputs: { outcome: 'succeeded' } })
    expect(run.text).toContain(`watching by DescribeServices alone: ${operation}`)
  })
  test.concurrent(
    'ecr:DescribeRepositories gets the digest pinned, as nobody promises that the tag stays',
    async () => {
      const run = await deployWith(denied('ecr:DescribeRepositories'))
      const digest = digestOf(run.cloud, 'web', 'hand-made')
      expect(run.outputs).toMatchObject({ outcome: 'succeeded', image: `${REGISTRY}/web@${digest}` })
    }
  )
})
