import { describe, expect, test } from '@jest/globals'
import type { FaultRule } from '../../simulator/control/faults.ts'
import { commit, deploy, warnings, type Circumstances, type Deployed } from './harness.ts'
import { FOREIGN, shop, shopOf, WEB } from './shop.ts'

const PROMPT_MS = 5_000
const LOOK = 'aws ecs list-service-deployments --region eu-west-1 --cluster prod --service web'
const TARGET = { cluster: 'prod', service: 'web', min: 1, max: 4 }

/** An operation that gets no answer as long as a cancelled job may wait for one. */
function hanging(operation: string, after = 0): FaultRule {
  return { operation, delayMs: 20_000, after }
}

function denied(operation: string): FaultRule {
  return { operation, error: 'AccessDeniedException', message: 'not authorized', times: 'always' }
}

/** A job that is cancelled a moment after the log says something, when the write that it then sends is under way. */
function cancelledAfter(says: string, faults: readonly FaultRule[], more: Circumstances = {}, ms = 300): Circumstances {
  return { speed: 10, ...more, faults, when: { says, then: ({ cancel }) => setTimeout(cancel, ms) } }
}

/** Without a circuit breaker ECS tries for ever. */
const DOOMED = shop({ images: [FOREIGN], service: { circuitBreaker: { enable: false, rollback: false } } })

/** That nobody else deployed is made sure of for ten seconds of real time before the revision before is deployed. */
const SURE_MS = 14_000

function rollingBack(faults: readonly FaultRule[], ms?: number): Promise<Deployed> {
  const circumstances = cancelledAfter('== Rolling web back', faults, { sha: commit(3), speed: 60 }, ms)
  return deploy(DOOMED, { ...WEB, 'circuit-breaker': 'ignore' }, circumstances)
}

describe('a write whose answer a cancellation cuts off is not told as if it had not happened:', () => {
  test.concurrent('asking ECS to go back after a failure', async () => {
    const run = await rollingBack([hanging('ecs:StopServiceDeployment')])
    expect(run.outputs['outcome']).toBe('cancelled')
    expect(run.outputs['reason']).toMatch(
      /ecs-svc\/\d+ was started; StopServiceDeployment was sent and its answer is lost, so ECS may be rolling it back: https:/
    )
    expect(run.text).toContain(`What to do: see what became of it with: ${LOOK}`)
    expect(run.summary).toContain(LOOK)
    expect(run.durationMs).toBeLessThan(30_000)
  })

  test.concurrent('deploying the revision before after a failure', async () => {
    const faults = [denied('ecs:StopServiceDeployment'), hanging('ecs:UpdateService', 1)]
    const run = await rollingBack(faults, SURE_MS)
    expect(run.outputs['reason']).toMatch(
      /was started; UpdateService was sent to deploy web:1 again and its answer is lost, so that may be under way: https:/
    )
    expect(run.text).toContain(LOOK)
  })

  test.concurrent.each<[string, string, readonly FaultRule[]]>([
    ['asking ECS to go back', 'StopServiceDeployment was sent', [hanging('ecs:StopServiceDeployment')]],
    [
      'deploying the revision before',
      'UpdateService was sent',
      [denied('ecs:StopServiceDeployment'), hanging('ecs:UpdateService', 1)]
    ]
  ])('%s because of the cancellation', async (_, what, faults) => {
    const circumstances = cancelledAfter('starting', faults)
    const run = await deploy(shop(), { ...WEB, 'on-cancel': 'rollback' }, circumstances)
    expect(run.outputs['outcome']).toBe('cancelled')
    expect(run.outputs['reason']).toContain(what)
    expect(run.outputs['reason']).not.toContain('left running')
    expect(warnings(run)).toContainEqual(expect.stringContaining('whether the deployment is rolled back is not known'))
    expect(run.text).toContain(LOOK)
  })

  test.concurrent('starting the deployment', async () => {
    const run = await deploy(shop(), WEB, cancelledAfter('== Updating the service', [hanging('ecs:UpdateService')]))
    expect(run.outputs['reason']).toContain('UpdateService was sent and nothing says what became of it')
    expect(run.text).toContain(LOOK)
    expect(run.durationMs).toBeLessThan(PROMPT_MS)
  })

  test.concurrent.each([
    [
      'ecs:RegisterTaskDefinition',
      '== Registering the revision',
      'aws ecs describe-task-definition --region eu-west-1 --task-definition web'
    ],
    [
      'ecr:PutImage',
      '== Tagging the image',
      'aws ecr describe-images --region eu-west-1 --registry-id 123456789012 --repository-name web --image-ids imageTag=main-4444444'
    ]
  ])('%s', async (operation, says, look) => {
    const world = shop({ images: [{ tags: ['hand-made'] }] })
    const circumstances = cancelledAfter(says, [hanging(operation)], { sha: commit(4) })
    const run = await deploy(world, { ...WEB, image: 'hand-made' }, circumstances)
    expect(run.outputs['reason']).toBe(
      `the job was cancelled; no deployment was started; ${operation} was sent and its answer is lost, so it may have been done`
    )
    expect(run.text).toContain(`What to do: see whether it was with: ${look}`)
    expect(run.durationMs).toBeLessThan(PROMPT_MS + 1_000)
  })

  test.concurrent(
    'suspending auto scaling',
    async () => {
      const faults = [hanging('*:RegisterScalableTarget')]
      const circumstances = cancelledAfter('should this job be lost', faults)
      const run = await deploy(
        shop({ scalableTargets: [TARGET] }),
        { ...WEB, 'auto-scaling': 'suspend' },
        circumstances
      )
      expect(run.outputs['reason']).toContain('application-autoscaling:RegisterScalableTarget was sent')
      expect(run.text).toContain('aws application-autoscaling describe-scalable-targets --region eu-west-1')
      expect(run.summary).toContain('may have been suspended by this run; its post step puts it back')
      expect(run.cloud.scaling).toEqual(run.cloudBefore.scaling)
    },
    60_000
  )

  test.concurrent('moving the marker', async () => {
    const world = shopOf({
      imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
      exclusionFilters: ['prod-*']
    })
    const faults = [hanging('ecr:PutImage')]
    const run = await deploy(world, { ...WEB, 'marker-tag': 'prod-current' }, cancelledAfter(' runs web from ', faults))
    expect(warnings(run)).toContainEqual(
      expect.stringMatching(/whether the marker prod-current was moved is not known: ecr:PutImage was sent/)
    )
  })
})

test.concurrent(
  'a write that is refused after the cancellation is not told as one that may have happened',
  async () => {
    const refused: FaultRule = { operation: 'ecs:RegisterTaskDefinition', error: 'ClientException', delayMs: 1_000 }
    const run = await deploy(shop(), WEB, cancelledAfter('== Registering the revision', [refused]))
    expect(run.outputs['reason']).toBe('the job was cancelled; no deployment was started')
  }
)
