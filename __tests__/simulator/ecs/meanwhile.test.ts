import { describe, expect, test } from '@jest/globals'
import { Cloud } from './cloud.ts'

const CRASH = { crash: { exitCode: 1, afterSeconds: 1 } }
const ARMED = { circuitBreaker: { enable: true, rollback: true } }

/** The ground truth of the newest service deployment, or of an older one. */
function truth(cloud: Cloud, index = 0): Record<string, unknown> {
  const state = cloud.ecs.state() as unknown as {
    clusters: [{ services: [{ serviceDeployments: Record<string, unknown>[] }] }]
  }
  return state.clusters[0].services[0].serviceDeployments[index] ?? {}
}

describe('tasks killed later', () => {
  test.each([
    ['SpotInterruption', 'Your Spot Task was interrupted.'],
    ['ServiceSchedulerInitiated', 'ECS is performing maintenance on the underlying infrastructure hosting the task']
  ])('%s is verbatim, no failure of the deployment, and the task is replaced', (stopCode, reason) => {
    const cloud = new Cloud({ ...ARMED, desiredCount: 2 })
    cloud.deploy('v2')
    cloud.advance(300)
    for (let count = 0; count < 4; count += 1) {
      cloud.ecs.stopTask(cloud.tasks()[0]?.taskArn ?? '', reason, stopCode)
      cloud.advance(20)
    }
    expect(cloud.tasks('STOPPED').filter(task => task.stoppedReason === reason)).toMatchObject([
      { stopCode },
      { stopCode },
      { stopCode },
      { stopCode }
    ])
    cloud.advance(200)
    expect(cloud.describe()).toMatchObject({ runningCount: 2, deployments: [{ failedTasks: 0 }] })
    expect(truth(cloud)).toMatchObject({ ending: 'COMPLETED' })
  })

  test('a drain as slow as the target group holds up the end of the deployment', () => {
    const ends = [10, 300].map(deregistrationDelaySeconds => {
      const cloud = new Cloud({ loadBalanced: true, deregistrationDelaySeconds })
      cloud.deploy('v2')
      cloud.until(() => cloud.describe().deployments[0].rolloutState === 'COMPLETED')
      return cloud.seconds
    })
    expect((ends[1] ?? 0) - (ends[0] ?? 0)).toBe(290)
  })

  test('the grace period holds back bad news, not the replacement after it', () => {
    const firstStop = [0, 300].map(healthCheckGracePeriodSeconds => {
      const cloud = new Cloud({ loadBalanced: true, healthCheckGracePeriodSeconds })
      cloud.images.behaviours.set('bad', 'neverHealthy')
      cloud.deploy('bad')
      cloud.until(() => cloud.story().some(line => line.includes('is unhealthy in')))
      return cloud.seconds
    })
    expect(firstStop).toEqual([111, 340])
  })
})

describe('a start that always fails', () => {
  test('is throttled to one attempt in 27 minutes when there is no breaker', () => {
    const cloud = new Cloud({})
    cloud.images.behaviours.set('bad', 'missing')
    cloud.deploy('bad')
    cloud.advance(4 * 3600)
    const starts = cloud
      .story()
      .filter(line => line.includes('has started'))
      .map(line => Number(/^\+(\d+)/.exec(line)?.[1]))
    const gaps = starts.slice(1).map((start, index) => start - (starts[index] ?? 0))
    // A failed start takes 100 s, and the scheduler learns of it with its next pass.
    expect(gaps.map(gap => gap - 100)).toEqual(expect.arrayContaining([30, 40, 45, 300, 600, 1200, 1620]))
    expect(Math.max(...gaps)).toBe(1720)
    const [last] = gaps.slice(-1)
    expect(last).toBe(1720)
    cloud.deploy('v3')
    cloud.until(() => cloud.describe().deployments[0].rolloutState === 'COMPLETED', 200)
  })
})

describe('the thresholds of the breaker, in a rollout', () => {
  test.each([
    [{ type: 'COUNT', value: 1 } as const, 1],
    [{ type: 'UNBOUNDED_PERCENT', value: 50 } as const, 2],
    [{ type: 'BOUNDED_PERCENT', value: 50 } as const, 3]
  ])('%j: %i', (thresholdConfiguration, threshold) => {
    const cloud = new Cloud({
      desiredCount: 4,
      maximumPercent: 125,
      circuitBreaker: { enable: true, rollback: false, thresholdConfiguration }
    })
    cloud.images.behaviours.set('bad', CRASH)
    cloud.deploy('bad', {})
    cloud.until(() => cloud.describe().deployments[0].rolloutState === 'FAILED')
    expect(cloud.newestServiceDeployment()).toMatchObject({
      deploymentCircuitBreaker: { status: 'TRIGGERED', failureCount: threshold, threshold }
    })
  })
})

describe('a rollback', () => {
  test('that is superseded by a deployment that fails as well leaves the service stalled', () => {
    const cloud = new Cloud({ ...ARMED, desiredCount: 4, minimumHealthyPercent: 0, maximumPercent: 100 })
    cloud.images.behaviours.set('bad', CRASH)
    cloud.deploy('bad')
    cloud.until(() => cloud.newestServiceDeployment().status === 'ROLLBACK_IN_PROGRESS')
    cloud.deploy('bad')
    cloud.advance(3)
    expect(truth(cloud, 1)).toMatchObject({
      ending: 'ROLLBACK_FAILED',
      supersededBy: cloud.describe().deployments[0].id
    })
    cloud.advance(1800)
    expect(cloud.newestServiceDeployment()).toMatchObject({
      status: 'ROLLBACK_FAILED',
      statusReason: 'No rollback candidate was found to run the rollback.'
    })
    expect(cloud.describe().deployments[0]).toMatchObject({ rolloutState: 'FAILED', pendingCount: 0 })
    const before = cloud.service.passes
    cloud.advance(6 * 3600)
    expect(cloud.service.passes - before).toBeLessThan(3)
  })

  test('to an image that is gone fails, also when the breaker itself would not go back', () => {
    const cloud = new Cloud({
      desiredCount: 2,
      minimumHealthyPercent: 0,
      maximumPercent: 100,
      circuitBreaker: { enable: true, rollback: false }
    })
    cloud.deploy('v2')
    cloud.advance(30)
    cloud.images.behaviours.set('v1', 'missing')
    const { serviceDeploymentArn = '' } = cloud.newestServiceDeployment()
    cloud.call('StopServiceDeployment', { serviceDeploymentArn })
    cloud.advance(1800)
    expect(cloud.newestServiceDeployment()).toMatchObject({ status: 'ROLLBACK_FAILED' })
    expect(truth(cloud)).toMatchObject({ ending: 'ROLLBACK_FAILED' })
  })
})

describe('the ground truth', () => {
  test('says how each deployment ended, and when that became certain', () => {
    const cloud = new Cloud(ARMED)
    expect(truth(cloud)).toMatchObject({ ending: 'COMPLETED' })
    cloud.images.behaviours.set('bad', CRASH)
    cloud.deploy('bad')
    const [{ id }] = cloud.describe().deployments
    expect(truth(cloud)).toMatchObject({ ending: 'IN_PROGRESS', deploymentId: id })
    cloud.advance(600)
    expect(truth(cloud)).toMatchObject({
      ending: 'ROLLED_BACK',
      decidedAt: '2026-01-01T00:02:32.000Z',
      endedAt: '2026-01-01T00:02:47.000Z'
    })
    cloud.deploy('v2')
    cloud.advance(10)
    cloud.deploy('v3')
    const [{ id: third }] = cloud.describe().deployments
    cloud.advance(1)
    expect(truth(cloud, 1)).toMatchObject({ ending: 'SUPERSEDED', supersededBy: third })
    cloud.call('UpdateService', {
      cluster: 'main',
      service: 'web',
      deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: false } }
    })
    cloud.deploy('bad')
    cloud.advance(600)
    expect(truth(cloud)).toMatchObject({ ending: 'FAILED' })
  })

  test('of six hours costs few passes of the scheduler', () => {
    const cloud = new Cloud({ desiredCount: 20, loadBalanced: true })
    cloud.images.behaviours.set('bad', 'missing')
    cloud.deploy('bad')
    cloud.advance(6 * 3600)
    expect(cloud.service.passes).toBeLessThan(100)
  })
})
