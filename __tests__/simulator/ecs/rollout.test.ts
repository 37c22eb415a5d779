import { describe, expect, test } from '@jest/globals'
import { Cloud } from './cloud.ts'

/** Time of this process alone, for the machine may be busy with others. */
function cpuSecondsOf(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

const BROKEN = { crash: { exitCode: 1, afterSeconds: 1 } }

describe('a rolling deployment', () => {
  test('behind a load balancer tells the story that was seen on AWS', () => {
    const cloud = new Cloud({ desiredCount: 2, loadBalanced: true })
    cloud.deploy('v2')
    cloud.advance(600)
    // Seen: started +14, registered +44, stopped +85, deregistered and draining +87, completed and steady +149.
    expect(cloud.story()).toEqual([
      '+10 has started 2 tasks: (task A) (task B).',
      '+41 registered 2 targets in (target-group G)',
      '+81 has stopped 2 running tasks: (task C) (task D).',
      '+83 deregistered 2 targets in (target-group G)',
      '+83 (service web, taskSet ecs-svc/E) has begun draining connections on 2 tasks.',
      '+150 (deployment ecs-svc/F) deployment completed.',
      '+150 has reached a steady state.'
    ])
  })

  test('without load balancer or health check waits 40 s of RUNNING before the old task goes', () => {
    const cloud = new Cloud({})
    cloud.deploy('v2')
    cloud.advance(600)
    expect(cloud.story()).toEqual([
      '+10 has started 1 tasks: (task A).',
      '+85 has stopped 1 running tasks: (task B).',
      '+102 (deployment ecs-svc/C) deployment completed.',
      '+102 has reached a steady state.'
    ])
  })

  test('12 tasks with 75/150 go 12/0, 9/9, 0/12', () => {
    const cloud = new Cloud({ desiredCount: 12, minimumHealthyPercent: 75, maximumPercent: 150 })
    cloud.deploy('v2')
    const shapes = new Set<string>()
    for (let second = 0; second < 200; second += 1) {
      cloud.advance(1)
      const [fresh, old] = cloud.describe().deployments
      shapes.add(`${String(old?.desiredCount ?? 0)}/${String(fresh.runningCount)}`)
    }
    expect([...shapes]).toEqual(['12/0', '9/0', '9/9', '0/9', '0/12'])
  })

  test('shows 0/0/0 right after UpdateService, the real count seconds later', () => {
    const cloud = new Cloud({ desiredCount: 3 })
    cloud.deploy('v2')
    const [fresh, old] = cloud.describe().deployments
    expect(fresh).toMatchObject({
      status: 'PRIMARY',
      desiredCount: 0,
      runningCount: 0,
      pendingCount: 0,
      failedTasks: 0,
      rolloutState: 'IN_PROGRESS',
      rolloutStateReason: `ECS deployment ${fresh.id} in progress.`
    })
    expect(old).toMatchObject({ status: 'ACTIVE', desiredCount: 3, runningCount: 3, rolloutState: 'COMPLETED' })
    expect(cloud.describe().currentServiceRevisions).toHaveLength(2)
    cloud.advance(5)
    expect(cloud.describe().deployments[0]).toMatchObject({ desiredCount: 3, runningCount: 0 })
    cloud.advance(5)
    expect(cloud.describe().deployments[0]).toMatchObject({ desiredCount: 3, pendingCount: 3 })
  })

  test('with a desired count of 0 is COMPLETED though nothing ran', () => {
    const cloud = new Cloud({ desiredCount: 0 })
    cloud.deploy('v2')
    cloud.advance(15)
    expect(cloud.describe().deployments).toMatchObject([{ rolloutState: 'COMPLETED', runningCount: 0 }])
    expect(cloud.tasks('STOPPED')).toEqual([])
  })

  test('that can neither start nor stop stays in progress and says so once', () => {
    const cloud = new Cloud({ minimumHealthyPercent: 100, maximumPercent: 100 })
    cloud.deploy('v2')
    cloud.advance(3600)
    expect(cloud.story()).toEqual([
      '+10 was unable to stop or start tasks during a deployment because of the service deployment configuration. ' +
        'Update the minimumHealthyPercent or maximumPercent value and try again.'
    ])
    expect(cloud.describe().deployments).toMatchObject([{ rolloutState: 'IN_PROGRESS' }, { runningCount: 1 }])
  })

  test('replaces a crashed old task with its own revision', () => {
    const cloud = new Cloud({ desiredCount: 2 })
    cloud.images.behaviours.set('slow', 'neverHealthy')
    cloud.deploy('slow')
    cloud.advance(60)
    const old = cloud.tasks().find(task => task.containers[0].imageDigest === 'sha256:platform-v1')
    cloud.ecs.stopTask(old?.taskArn ?? '', 'to see what happens')
    cloud.advance(60)
    const digests = cloud.tasks().map(task => task.containers[0].imageDigest)
    expect(digests.filter(digest => digest === 'sha256:platform-v1')).toHaveLength(2)
  })

  test('applies a scale-out to both revisions', () => {
    const cloud = new Cloud({ desiredCount: 4 })
    cloud.deploy('v2')
    cloud.advance(20)
    cloud.ecs.scale('main', 'web', 8)
    cloud.advance(6)
    expect(cloud.describe().deployments).toMatchObject([{ desiredCount: 8 }, { desiredCount: 8 }])
    cloud.advance(600)
    expect(cloud.describe().deployments).toMatchObject([
      { desiredCount: 8, runningCount: 8, rolloutState: 'COMPLETED' }
    ])
  })

  test('that is superseded ends STOPPED without a reason, and the newest one wins', () => {
    const cloud = new Cloud({ desiredCount: 2 })
    cloud.deploy('v2')
    cloud.advance(30)
    const first = cloud.newestServiceDeployment()
    const arn = cloud.deploy('v3')
    cloud.advance(1)
    const again = cloud.call('DescribeServiceDeployments', {
      serviceDeploymentArns: [first.serviceDeploymentArn ?? '']
    }) as { serviceDeployments: [Record<string, unknown>] }
    expect(again.serviceDeployments[0]).toMatchObject({ status: 'STOPPED' })
    expect(again.serviceDeployments[0]).not.toHaveProperty('statusReason')
    cloud.advance(600)
    expect(cloud.describe().deployments).toMatchObject([{ taskDefinition: arn, rolloutState: 'COMPLETED' }])
    expect(new Set(cloud.tasks().map(task => task.containers[0].imageDigest))).toEqual(new Set(['sha256:platform-v3']))
  })

  test('repairs a service whose tasks crash', () => {
    const cloud = new Cloud({})
    cloud.images.behaviours.set('bad', BROKEN)
    cloud.deploy('bad')
    cloud.advance(300)
    cloud.deploy('v3')
    cloud.until(() => cloud.describe().deployments[0].rolloutState === 'COMPLETED', 300)
    expect(cloud.describe().deployments).toHaveLength(1)
  })

  test('of 500 tasks, and a crash loop, run through six hours, each in less than a second', () => {
    const large = new Cloud({ desiredCount: 500, loadBalanced: true })
    large.deploy('v2')
    expect(
      cpuSecondsOf(() => {
        large.advance(6 * 3600)
      })
    ).toBeLessThan(1)
    expect(large.describe().deployments).toMatchObject([{ runningCount: 500, rolloutState: 'COMPLETED' }])
    const looping = new Cloud({})
    looping.images.behaviours.set('bad', BROKEN)
    looping.deploy('bad')
    expect(
      cpuSecondsOf(() => {
        looping.advance(6 * 3600)
      })
    ).toBeLessThan(1)
    expect(looping.describe().deployments[0].failedTasks).toBeGreaterThan(400)
  })
})

describe('a service that is left alone', () => {
  test('is steady, COMPLETED and SUCCESSFUL from the start', () => {
    const cloud = new Cloud({ desiredCount: 2 })
    expect(cloud.describe()).toMatchObject({
      status: 'ACTIVE',
      runningCount: 2,
      pendingCount: 0,
      deployments: [{ status: 'PRIMARY', rolloutState: 'COMPLETED', runningCount: 2 }]
    })
    expect(cloud.newestServiceDeployment()).toMatchObject({ status: 'SUCCESSFUL' })
    cloud.advance(24 * 3600)
    expect(cloud.story()).toEqual([])
  })

  test('scales in and out without a deployment', () => {
    const cloud = new Cloud({ desiredCount: 2 })
    cloud.call('UpdateService', { cluster: 'main', service: 'web', desiredCount: 5 })
    cloud.advance(200)
    expect(cloud.describe()).toMatchObject({ desiredCount: 5, runningCount: 5, deployments: [{ desiredCount: 5 }] })
    cloud.ecs.scale('main', 'web', 1)
    cloud.advance(200)
    expect(cloud.describe()).toMatchObject({ runningCount: 1, deployments: [{ rolloutState: 'COMPLETED' }] })
    const stopped = cloud.tasks('STOPPED')[0]
    expect(stopped).toMatchObject({
      stopCode: 'ServiceSchedulerInitiated',
      stoppedReason: `Scaling activity initiated by (deployment ${cloud.describe().deployments[0].id})`
    })
  })
})
