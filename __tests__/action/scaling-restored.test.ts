import { describe, expect, test } from '@jest/globals'
import type { Simulator } from '../../simulator/simulator.ts'
import { call, signedFor } from '../simulator/in-process.ts'
import { commit, deploy, requests, warnings } from './harness.ts'
import { serviceState, shop, WEB } from './shop.ts'

const SUSPEND = { ...WEB, 'auto-scaling': 'suspend' }
const TARGET = { cluster: 'prod', service: 'web', min: 1, max: 4, suspended: { dynamicScalingIn: true } }
const REGISTER = '*:RegisterScalableTarget'
/** Said right before the suspending call. */
const ABOUT_TO = 'should this job be lost'

/** What the first of two jobs does when its deployment has ended. */
function resume(simulator: Simulator): Promise<unknown> {
  const input = {
    ServiceNamespace: 'ecs',
    ScalableDimension: 'ecs:service:DesiredCount',
    ResourceId: 'service/prod/web',
    SuspendedState: {}
  }
  const authorization = signedFor('eu-west-1', 'application-autoscaling')
  return call(simulator, 'application-autoscaling:RegisterScalableTarget', input, { authorization })
}

describe('auto scaling is as it was', () => {
  test.concurrent(
    'when the process is killed while the suspending call is under way, which acts later',
    async () => {
      const run = await deploy(shop({ scalableTargets: [TARGET] }), SUSPEND, {
        faults: [{ operation: REGISTER, delayMs: 1_500 }],
        when: { says: ABOUT_TO, then: ({ kill }) => setTimeout(kill, 300) }
      })
      expect(run).toMatchObject({ signal: 'SIGKILL', post: { outcome: 'success' } })
      expect(requests(run, 'RegisterScalableTarget').length).toBeGreaterThan(1)
      expect(run.cloud.scaling).toEqual(run.cloudBefore.scaling)
    },
    60_000
  )

  test.concurrent(
    'when the process is killed before the suspending call is repeated',
    async () => {
      const run = await deploy(shop({ scalableTargets: [TARGET] }), SUSPEND, {
        faults: [{ operation: REGISTER, error: 'ThrottlingException', times: 1 }],
        when: {
          says: 'RegisterScalableTarget is repeated',
          then: ({ kill }) => {
            kill()
          }
        }
      })
      expect(run.signal).toBe('SIGKILL')
      expect(run.cloud.scaling).toEqual(run.cloudBefore.scaling)
    },
    60_000
  )

  test.concurrent('when the job is cancelled while the suspending call is under way', async () => {
    const run = await deploy(shop({ scalableTargets: [TARGET] }), SUSPEND, {
      faults: [{ operation: REGISTER, delayMs: 1_500 }],
      when: { says: ABOUT_TO, then: ({ cancel }) => setTimeout(cancel, 300) }
    })
    expect(run.outputs).toMatchObject({ outcome: 'cancelled', changed: 'false' })
    expect(run.durationMs).toBeLessThan(5_000)
    expect(run.post).toMatchObject({ outcome: 'success' })
    expect(run.post?.durationMs).toBeLessThan(5_000)
    expect(run.cloud.scaling).toEqual(run.cloudBefore.scaling)
  })

  test.concurrent.each([
    ['succeeds', 'succeeded', []],
    ['is refused', 'rejected', [{ operation: 'ecs:UpdateService', error: 'AccessDeniedException', times: 'always' }]]
  ] as const)('when reads lag behind and the deployment %s', async (_, outcome, faults) => {
    // Two seconds of the wall clock, longer than the whole run.
    const lag = { scalableTargetSeconds: 600 }
    const run = await deploy({ ...shop({ scalableTargets: [TARGET] }), lag }, SUSPEND, { faults })
    expect(run.outputs['outcome']).toBe(outcome)
    expect(run.post).toMatchObject({ outcome: 'success', annotations: [] })
    expect(run.cloud.scaling).toEqual(run.cloudBefore.scaling)
  })
})

describe('a desired count that putting auto scaling back would move', () => {
  test.concurrent.each([
    ['0', 1],
    ['20', 4]
  ])('is refused when the job asks for it: %s', async (desiredCount, moved) => {
    const inputs = { ...SUSPEND, 'desired-count': desiredCount }
    const run = await deploy(shop({ scalableTargets: [TARGET] }), inputs)
    expect(run.outputs).toMatchObject({ outcome: 'rejected', 'reason-code': 'auto-scaling-clamp' })
    expect(run.outputs['reason']).toContain(`asks for ${desiredCount} of service/prod/web`)
    expect(run.outputs['reason']).toContain(`would set it to ${String(moved)}`)
    expect(requests(run, 'RegisterScalableTarget')).toEqual([])
    expect(requests(run, 'RegisterTaskDefinition')).toEqual([])
  })

  test.concurrent('is told of when somebody parks the service meanwhile', async () => {
    const run = await deploy(shop({ scalableTargets: [TARGET] }), SUSPEND, {
      speed: 100,
      when: {
        says: '== Watching',
        then: ({ simulator }) => {
          simulator.change({ scale: { cluster: 'prod', service: 'web', desiredCount: 0 } })
        }
      }
    })
    expect(run.outputs['outcome']).toBe('unproven')
    expect(warnings(run)).toContainEqual(expect.stringMatching(/desired count 0 .* range 1 to 4: .* set it to 1/))
    expect(run.summary).toContain('set the desired count from 0 to 1')
    expect(serviceState(run.cloud).desiredCount).toBe(1)
  })
})

describe('two jobs at once', () => {
  const suspended = { dynamicScalingIn: true, dynamicScalingOut: true, scheduledScaling: true }

  test.concurrent('the second one says that the first may resume auto scaling, and that it did', async () => {
    const scalableTargets = [{ ...TARGET, suspended }]
    const run = await deploy(shop({ scalableTargets }), SUSPEND, {
      sha: commit(2),
      when: {
        says: '== Watching',
        then: ({ simulator }) => resume(simulator)
      }
    })
    expect(run.outputs['outcome']).toBe('succeeded')
    expect(warnings(run)).toContainEqual(expect.stringMatching(/another job .* may end it at any time/))
    expect(run.text).toContain('was resumed by others meanwhile')
    expect(run.summary).toContain('resumed by them before it ended')
    expect(run.text).not.toContain('it stays so')
  })
})

describe('a service that is parked while the revision is registered', () => {
  test.concurrent('is not suspended, for that would start it', async () => {
    const run = await deploy(shop({ scalableTargets: [TARGET] }), SUSPEND, {
      faults: [{ operation: 'ecs:RegisterTaskDefinition', error: 'ThrottlingException', times: 1 }],
      when: {
        says: 'RegisterTaskDefinition is repeated',
        then: ({ simulator }) => {
          simulator.change({ scale: { cluster: 'prod', service: 'web', desiredCount: 0 } })
        }
      }
    })
    expect(run.outputs).toMatchObject({ outcome: 'rejected', 'reason-code': 'auto-scaling-clamp' })
    expect(requests(run, 'RegisterScalableTarget')).toEqual([])
    expect(serviceState(run.cloud).desiredCount).toBe(0)
  })
})
