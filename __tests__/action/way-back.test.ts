import { describe, expect, test } from '@jest/globals'
import type { FaultRule } from '../../simulator/control/faults.ts'
import { commit, deploy, requests, writes } from './harness.ts'
import { digestOf, runningDigests, serviceState, shop, WEB } from './shop.ts'

const BROKEN = { sha: commit(3) }
const NO_BREAKER = { enable: false, rollback: false }
const IGNORE = { ...WEB, 'circuit-breaker': 'ignore' }
const CRASHING = { tags: ['main-3333333'], behaviour: { crash: { exitCode: 78, afterSeconds: 2 } } } as const
const NEVER_HEALTHY = { tags: ['main-3333333'], behaviour: 'neverHealthy' } as const
const STOP = 'ecs:StopServiceDeployment'
/** Whether somebody else deployed meanwhile is looked for as long as reads may lag behind, in real time. */
const PATIENT_MS = 90_000

function denied(operation: string): FaultRule {
  return {
    operation,
    error: 'AccessDeniedException',
    message: `not authorized to perform: ${operation}`,
    times: 'always'
  }
}

describe('what ECS does not roll back', () => {
  test.concurrent(
    'and left as failed is undone by deploying the revision before',
    async () => {
      const world = shop({ images: [CRASHING], service: { circuitBreaker: { enable: true, rollback: false } } })
      const run = await deploy(world, IGNORE, BROKEN)
      expect(run).toMatchObject({ exitCode: 1, outputs: { outcome: 'rolled-back', 'reason-code': 'container-exited' } })
      expect(run.outputs).toMatchObject({ changed: 'false' })
      expect(run.outputs['reason']).toMatch(/exited with code 78.*web is back on web:1, and its 2 running tasks/)
      expect(requests(run, 'UpdateService')).toMatchObject([
        { taskDefinition: run.outputs['task-definition-arn'] },
        { cluster: 'prod', service: 'web', taskDefinition: run.outputs['previous-task-definition-arn'] }
      ])
      expect(runningDigests(run.cloud)).toEqual({ web: digestOf(run.cloud, 'web', 'main-1111111') })
    },
    PATIENT_MS
  )

  test.concurrent('and is still in progress when the time is up is undone by ECS on request', async () => {
    const world = shop({ images: [NEVER_HEALTHY], service: { circuitBreaker: NO_BREAKER } })
    const run = await deploy(world, { ...IGNORE, 'wait-for-minutes': '0.03' }, BROKEN)
    expect(run).toMatchObject({ exitCode: 1, outputs: { outcome: 'rolled-back' } })
    expect(run.outputs['reason']).toMatch(/^web:2 did not finish within .* min .*; web is back on web:1/)
    expect(writes(run)).toEqual(['RegisterTaskDefinition', 'UpdateService', 'StopServiceDeployment'])
    expect(runningDigests(run.cloud)).toEqual({ web: digestOf(run.cloud, 'web', 'main-1111111') })
  })

  test.concurrent.each([
    ['may not be asked', [denied(STOP)]],
    ['shows no service deployments', [denied('ecs:ListServiceDeployments')]]
  ])(
    'is undone by deploying the revision before when ECS %s',
    async (_, faults) => {
      const world = shop({ images: [NEVER_HEALTHY], service: { circuitBreaker: NO_BREAKER } })
      const run = await deploy(world, { ...IGNORE, 'wait-for-minutes': '0.03' }, { ...BROKEN, faults })
      expect(run.outputs['outcome']).toBe('rolled-back')
      expect(requests(run, 'UpdateService')).toHaveLength(2)
      expect(serviceState(run.cloud)).toMatchObject({ taskDefinition: run.outputs['previous-task-definition-arn'] })
    },
    PATIENT_MS
  )

  test.concurrent(
    'and cannot be undone says what runs and the command that goes back',
    async () => {
      const world = shop({ images: [CRASHING], service: { circuitBreaker: { enable: true, rollback: false } } })
      const run = await deploy(world, IGNORE, {
        ...BROKEN,
        faults: [
          {
            operation: 'ecs:UpdateService',
            error: 'AccessDeniedException',
            message: 'no more',
            times: 'always',
            after: 1
          }
        ]
      })
      expect(run).toMatchObject({ exitCode: 1, outputs: { outcome: 'rollback-failed' } })
      expect(run.outputs['reason']).toMatch(
        /exited with code 78.*the rollback failed too: .*UpdateService.*set to web:2/
      )
      expect(run.text).toContain('aws ecs update-service --region eu-west-1 --cluster prod --service web')
    },
    PATIENT_MS
  )

  test.concurrent('is left alone when somebody else deployed before it could be undone', async () => {
    const world = shop({
      images: [NEVER_HEALTHY, { tags: ['theirs'] }],
      service: { circuitBreaker: NO_BREAKER }
    })
    const run = await deploy(
      world,
      { ...IGNORE, 'wait-for-minutes': '0.03' },
      {
        ...BROKEN,
        when: {
          says: '== Rolling web back',
          then: ({ simulator }) =>
            simulator.change({ deploy: { cluster: 'prod', service: 'web', image: 'web:theirs' } })
        }
      }
    )
    expect(['superseded', 'rolled-back']).toContain(run.outputs['outcome'])
    expect(requests(run, 'UpdateService')).toHaveLength(1)
  })
})

describe('a deployment in progress', () => {
  const theirs = { tags: ['theirs'] }
  const start = (image: string) => ({ deploy: { cluster: 'prod', service: 'web', image: `web:${image}` } })

  test.concurrent('is waited for', async () => {
    const run = await deploy(shop({ images: [theirs] }), WEB, {
      before: simulator => Promise.resolve(simulator.change(start('theirs'))),
      speed: 60
    })
    expect(run.outputs).toMatchObject({ outcome: 'succeeded' })
    expect(run.text).toContain('== Waiting for the deployment in progress')
    expect(run.outputs['previous-task-definition-arn']).toMatch(/web:2$/)
    expect(serviceState(run.cloud).deployments).toHaveLength(1)
  })

  test.concurrent('is refused with fail, and nothing is changed', async () => {
    const run = await deploy(
      shop({ images: [theirs] }),
      { ...WEB, 'on-conflict': 'fail' },
      {
        before: simulator => Promise.resolve(simulator.change(start('theirs'))),
        speed: 60
      }
    )
    expect(run.outputs).toMatchObject({ outcome: 'rejected', 'reason-code': 'deployment-in-progress' })
    expect(run.outputs['reason']).toMatch(/web is being deployed: ecs-svc\/\d+ of web:2/)
    expect(writes(run)).toEqual([])
  })

  test.concurrent('is replaced with supersede', async () => {
    const run = await deploy(
      shop({ images: [theirs] }),
      { ...WEB, 'on-conflict': 'supersede' },
      {
        before: simulator => Promise.resolve(simulator.change(start('theirs'))),
        speed: 60
      }
    )
    expect(run.outputs).toMatchObject({ outcome: 'succeeded' })
    expect(run.text).not.toContain('== Waiting for the deployment in progress')
  })

  test.concurrent('that loses its tasks is not replaced unasked: it may recover', async () => {
    const world = shop({
      images: [{ tags: ['theirs'], behaviour: { crash: { exitCode: 1, afterSeconds: 1 } } }],
      service: { circuitBreaker: NO_BREAKER }
    })
    const run = await deploy(
      world,
      { ...WEB, 'wait-for-minutes': '0.01' },
      {
        before: async simulator => {
          simulator.change(start('theirs'))
          await Promise.resolve()
          simulator.advance(1_800)
        }
      }
    )
    expect(run.outputs).toMatchObject({ outcome: 'rejected', 'reason-code': 'deployment-in-progress' })
    expect(run.outputs['reason']).toMatch(/of web:2; it did not end .* \(\d of 2 running, \d+ tasks failed\)/)
    expect(run.text).toContain("'supersede'")
    expect(requests(run, 'UpdateService')).toEqual([])
  })

  test.concurrent('that does not end in time stops the run before it changes anything', async () => {
    const world = shop({ images: [{ ...theirs, behaviour: 'neverHealthy' }], service: { circuitBreaker: NO_BREAKER } })
    const run = await deploy(
      world,
      { ...WEB, 'wait-for-minutes': '0.01' },
      {
        before: simulator => Promise.resolve(simulator.change(start('theirs'))),
        speed: 60
      }
    )
    expect(run.outputs).toMatchObject({ outcome: 'rejected', 'reason-code': 'deployment-in-progress' })
    expect(requests(run, 'UpdateService')).toEqual([])
  })
})
