import { describe, expect, test } from '@jest/globals'
import { SUSPENSION_STATE } from '../../src/decide/scaling/suspension.ts'
import { call, signedFor } from '../simulator/in-process.ts'
import { commit, deploy, requests } from './harness.ts'
import { runningDigests, serviceState, shop, WEB, digestOf } from './shop.ts'
import { shopWith } from './virtual-run.ts'

const SUSPEND = { ...WEB, 'auto-scaling': 'suspend' }
const TARGET = { cluster: 'prod', service: 'web', min: 1, max: 4 }
const SUSPENDED = { DynamicScalingInSuspended: true, DynamicScalingOutSuspended: true, ScheduledScalingSuspended: true }
const CRASHING = { tags: ['main-3333333'], behaviour: { crash: { exitCode: 1, afterSeconds: 2 } } } as const

/** All combinations of flags that may be there before the deployment. */
const BEFORE = [0, 1, 2, 3, 4, 5, 6, 7].map(bits => ({
  dynamicScalingIn: (bits & 1) > 0,
  dynamicScalingOut: (bits & 2) > 0,
  scheduledScaling: (bits & 4) > 0
}))

function stateOf(flags: (typeof BEFORE)[number]): unknown {
  return {
    DynamicScalingInSuspended: flags.dynamicScalingIn,
    DynamicScalingOutSuspended: flags.dynamicScalingOut,
    ScheduledScalingSuspended: flags.scheduledScaling
  }
}

describe('auto scaling', () => {
  test.concurrent('that may not be suspended leaves nothing to put back', async () => {
    const run = await deploy(shop({ scalableTargets: [TARGET] }), SUSPEND, {
      faults: [{ operation: '*:RegisterScalableTarget', error: 'AccessDeniedException', times: 'always' }]
    })
    expect(run.outputs).toMatchObject({ outcome: 'rejected', 'reason-code': 'access-denied' })
    expect(run.state).toMatchObject({ [SUSPENSION_STATE]: '' })
    expect(run.post).toMatchObject({ outcome: 'success', exitCode: 0 })
  })

  test.concurrent.each(BEFORE)('is suspended and put back exactly as it was: %j', async suspended => {
    const run = await deploy(shop({ scalableTargets: [{ ...TARGET, suspended }] }), SUSPEND)
    expect(run.outputs['outcome']).toBe('succeeded')
    expect(run.cloud.scaling).toEqual(run.cloudBefore.scaling)
    const id = {
      ServiceNamespace: 'ecs',
      ScalableDimension: 'ecs:service:DesiredCount',
      ResourceId: 'service/prod/web'
    }
    const changes = [
      { ...id, SuspendedState: SUSPENDED },
      { ...id, SuspendedState: stateOf(suspended) }
    ]
    const isSuspendedAlready = Object.values(suspended).every(Boolean)
    expect(requests(run, 'RegisterScalableTarget')).toEqual(isSuspendedAlready ? [] : changes)
    expect(run.post).toMatchObject({ outcome: 'success', annotations: [] })
    if (!isSuspendedAlready) expect(run.summary).toContain('Amazon ECS itself holds back scale-in')
  })

  test.concurrent('is put back before a failure is reported', async () => {
    const world = shop({ images: [CRASHING], scalableTargets: [TARGET] })
    const run = await deploy(world, SUSPEND, { sha: commit(3) })
    expect(run.outputs['outcome']).toBe('rolled-back')
    expect(run.cloud.scaling).toEqual(run.cloudBefore.scaling)
  })

  test.concurrent('that a service does not have is no reason to stop', async () => {
    const run = await deploy(shop(), SUSPEND)
    expect(run.outputs['outcome']).toBe('succeeded')
    expect(run.text).toContain('service/prod/web is not auto scaled')
    expect(requests(run, 'RegisterScalableTarget')).toEqual([])
  })

  test.concurrent('is not touched when nothing is deployed, nor unless it was asked for', async () => {
    const scalableTargets = [TARGET]
    const runs = await Promise.all([
      deploy(shop({ scalableTargets, service: { image: 'web:main-2222222' } }), SUSPEND),
      deploy(shop({ scalableTargets }), WEB)
    ])
    for (const run of runs) expect(requests(run, 'RegisterScalableTarget')).toEqual([])
    expect(runs.map(({ outputs }) => outputs['outcome'])).toEqual(['unchanged', 'succeeded'])
  })

  const PARKED = { service: { desiredCount: 0 }, scalableTargets: [TARGET] }

  test.concurrent('of a parked service is not suspended, for that would start it', async () => {
    const run = await deploy(shop(PARKED), SUSPEND)
    expect(run.outputs).toMatchObject({ outcome: 'rejected', 'reason-code': 'auto-scaling-clamp' })
    expect(run.outputs['reason']).toMatch(/desired count 0 .* range 1 to 4: .* would set it to 1/)
    expect(requests(run, 'RegisterTaskDefinition')).toEqual([])
    expect(requests(run, 'RegisterScalableTarget')).toEqual([])
  })

  const suspendedState = { dynamicScalingIn: true, dynamicScalingOut: true, scheduledScaling: true }

  test.concurrent('that somebody else suspended stays suspended', async () => {
    const run = await deploy(shop({ scalableTargets: [{ ...TARGET, suspended: suspendedState }] }), SUSPEND)
    expect(run.outputs['outcome']).toBe('succeeded')
    expect(run.text).toContain('is suspended already')
    expect(requests(run, 'RegisterScalableTarget')).toEqual([])
  })

  test.concurrent('that a person changes meanwhile stays as they want it', async () => {
    const run = await deploy(
      shop({ scalableTargets: [{ ...TARGET, suspended: { ...suspendedState, dynamicScalingOut: false } }] }),
      SUSPEND,
      {
        when: {
          says: '== Watching',
          then: ({ simulator }) =>
            call(
              simulator,
              'application-autoscaling:RegisterScalableTarget',
              {
                ServiceNamespace: 'ecs',
                ScalableDimension: 'ecs:service:DesiredCount',
                ResourceId: 'service/prod/web',
                SuspendedState: { ...SUSPENDED, DynamicScalingInSuspended: false }
              },
              { authorization: signedFor('eu-west-1', 'application-autoscaling') }
            )
        }
      }
    )
    expect(run.outputs['outcome']).toBe('succeeded')
    expect(run.text).toContain('their change stays')
    expect(requests(run, 'RegisterScalableTarget').at(-1)).toMatchObject({
      SuspendedState: {
        DynamicScalingInSuspended: false,
        DynamicScalingOutSuspended: false,
        ScheduledScalingSuspended: true
      }
    })
  })

  test.concurrent('that is being updated by somebody else is asked again', async () => {
    const run = await deploy(shop({ scalableTargets: [TARGET] }), SUSPEND, {
      faults: [{ operation: '*:RegisterScalableTarget', error: 'ConcurrentUpdateException', times: 2 }]
    })
    expect(run.outputs['outcome']).toBe('succeeded')
    expect(run.cloud.scaling).toEqual(run.cloudBefore.scaling)
  })

  test.concurrent('that AWS does not let go is said, with the command that restores it', async () => {
    const run = await deploy(shop({ scalableTargets: [TARGET] }), SUSPEND, {
      faults: [{ operation: '*:RegisterScalableTarget', error: 'AccessDeniedException', after: 1, times: 'always' }]
    })
    expect(run).toMatchObject({ exitCode: 1, outputs: { 'reason-code': 'auto-scaling-not-restored' } })
    const command = 'aws application-autoscaling register-scalable-target --region eu-west-1'
    expect(run.annotations.at(-1)?.message).toContain(command)
    expect(run.post).toMatchObject({ outcome: 'failure', annotations: [{ message: expect.stringContaining(command) }] })
    expect(runningDigests(run.cloud)).toEqual({ web: digestOf(run.cloud, 'web', 'main-2222222') })
  })
})

test.concurrent('auto scaling that AWS does not let go leaves it said that the service is back', async () => {
  const run = await deploy(
    shopWith({ crash: { exitCode: 78, afterSeconds: 2 } }, { scalableTargets: [TARGET] }),
    SUSPEND,
    {
      faults: [{ operation: '*:RegisterScalableTarget', error: 'AccessDeniedException', after: 1, times: 'always' }],
      speed: 60
    }
  )
  expect(run).toMatchObject({ exitCode: 1, outputs: { outcome: 'rolled-back', 'reason-code': 'container-exited' } })
  expect(run.outputs['reason']).toMatch(/web is back on web:1, .*; but auto scaling of service\/prod\/web may still be/)
  expect(run.annotations.at(-1)?.message).toContain('aws application-autoscaling register-scalable-target')
})

describe('when the job is cancelled', () => {
  test.concurrent('the deployment is left, and auto scaling is put back by the post step', async () => {
    const run = await deploy(shop({ scalableTargets: [TARGET] }), SUSPEND, {
      speed: 10,
      when: {
        says: '== Watching',
        then: ({ cancel }) => {
          cancel()
        }
      }
    })
    expect(run).toMatchObject({ outcome: 'cancelled', killed: 'SIGINT', exitCode: 1 })
    expect(run.outputs).toMatchObject({ outcome: 'cancelled', 'reason-code': 'cancelled', changed: 'true' })
    expect(run.outputs['reason']).toContain(serviceState(run.cloud).deployments[0]?.id)
    expect(run.cloud.scaling).toEqual(run.cloudBefore.scaling)
    expect(run.post).toMatchObject({ outcome: 'success' })
  })

  test.concurrent('before anything was started, nothing is left', async () => {
    const run = await deploy(shop(), WEB, {
      faults: [{ operation: 'ecr:DescribeRepositories', delayMs: 2_000 }],
      when: {
        says: '== Finding the image',
        then: ({ cancel }) => {
          cancel()
        }
      }
    })
    expect(run.outputs).toMatchObject({ outcome: 'cancelled', changed: 'false' })
    expect(run.outputs['reason']).toContain('no deployment was started')
    expect(run.durationMs).toBeLessThan(1_900)
    expect(requests(run, 'UpdateService')).toEqual([])
  })

  test.concurrent('while UpdateService is under way, the deployment that it starts is named', async () => {
    const run = await deploy(shop(), WEB, {
      faults: [{ operation: 'ecs:UpdateService', delayMs: 1_000 }],
      when: {
        says: '== Updating the service',
        then: ({ cancel }) => {
          cancel()
        }
      }
    })
    expect(run.outputs).toMatchObject({ outcome: 'cancelled', changed: 'true' })
    expect(run.outputs['deployment-id']).toBe(serviceState(run.cloud).deployments[0]?.id)
  })
})

describe('when the process is killed', () => {
  test.concurrent.each(BEFORE.slice(0, 3))('auto scaling is put back by the post step: %j', async suspended => {
    const run = await deploy(shop({ scalableTargets: [{ ...TARGET, suspended }] }), SUSPEND, {
      speed: 10,
      when: {
        says: '== Watching',
        then: ({ kill }) => {
          kill()
        }
      }
    })
    expect(run).toMatchObject({ signal: 'SIGKILL', post: { outcome: 'success', exitCode: 0 } })
    expect(run.cloud.scaling).toEqual(run.cloudBefore.scaling)
  })
})
