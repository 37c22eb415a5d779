import { describe, expect, test } from '@jest/globals'
import { isHealthy } from '../../../simulator/cloud/ecs/engine.ts'
import type { Behaviour } from '../../../simulator/cloud/images.ts'
import { Cloud } from './cloud.ts'

const alarms = (rollback: boolean) => ({ alarms: { alarmNames: ['errors', 'latency'], enable: true, rollback } })

/** Deploys `v2` and lets the first tasks run. */
function rolling(
  configuration: object,
  world: ConstructorParameters<typeof Cloud>[1] = {},
  behaviour: Behaviour = 'healthy'
): Cloud {
  const service = { name: 'web', image: 'app:v1', desiredCount: 2, deploymentConfiguration: { ...configuration } }
  const cloud = new Cloud({}, { clusters: [{ name: 'main', services: [service] }], ...world })
  cloud.images.behaviours.set('v2', behaviour)
  cloud.deploy('v2')
  cloud.advance(30)
  return cloud
}

describe('an alarm during a deployment', () => {
  test('rolls it back and is named', () => {
    const cloud = rolling(alarms(true))
    const [fresh, old] = cloud.describe().deployments
    expect(cloud.newestServiceDeployment()).toMatchObject({ alarms: { status: 'MONITORING', triggeredAlarmNames: [] } })
    cloud.ecs.setAlarm('errors', 'ALARM')
    cloud.advance(6)
    expect(cloud.describe().deployments).toMatchObject([
      { id: old?.id, rolloutStateReason: `ECS deployment alarm: rolling back to deploymentId ${String(old?.id)}.` },
      { id: fresh.id, rolloutState: 'FAILED', rolloutStateReason: 'ECS deployment failed: alarm detected.' }
    ])
    cloud.advance(120)
    expect(cloud.newestServiceDeployment()).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      alarms: { status: 'TRIGGERED', alarmNames: ['errors', 'latency'], triggeredAlarmNames: ['errors'] }
    })
    expect(cloud.describe().deployments).toMatchObject([{ id: old?.id, rolloutState: 'COMPLETED' }])
  })

  test('without rollback leaves it where it is', () => {
    const cloud = rolling(alarms(false))
    cloud.ecs.setAlarm('latency', 'ALARM')
    cloud.advance(60)
    expect(cloud.describe().deployments[0]).toMatchObject({ rolloutState: 'FAILED' })
    expect(cloud.newestServiceDeployment()).toMatchObject({ status: 'STOPPED' })
  })

  test.each<[string, (cloud: Cloud) => void]>([
    [
      'that ends before ECS looks is missed',
      cloud => {
        cloud.ecs.setAlarm('errors', 'ALARM')
        cloud.advance(2)
        cloud.ecs.setAlarm('errors', 'OK')
      }
    ],
    [
      'of another name says nothing',
      cloud => {
        cloud.ecs.setAlarm('disk', 'ALARM')
      }
    ],
    [
      'that lacks data says nothing',
      cloud => {
        cloud.ecs.setAlarm('errors', 'INSUFFICIENT_DATA')
      }
    ]
  ])('%s', (_, act) => {
    const cloud = rolling(alarms(true))
    act(cloud)
    cloud.advance(600)
    expect(cloud.newestServiceDeployment()).toMatchObject({
      status: 'SUCCESSFUL',
      alarms: { status: 'MONITORING_COMPLETE' }
    })
  })

  test('is ignored when one was in ALARM from the start', () => {
    const cloud = rolling(alarms(true), { alarms: [{ name: 'latency', state: 'ALARM' }] })
    cloud.ecs.setAlarm('errors', 'ALARM')
    cloud.advance(600)
    expect(cloud.newestServiceDeployment()).toMatchObject({ status: 'SUCCESSFUL', alarms: { status: 'DISABLED' } })
  })
})

describe('the bake time', () => {
  const done = (cloud: Cloud): boolean => cloud.describe().deployments[0].rolloutState === 'COMPLETED'

  test.each([
    [{}, 102],
    [{ bakeTimeInMinutes: 10 }, 702],
    [alarms(true), 282],
    [{ ...alarms(true), bakeTimeInMinutes: 1 }, 162]
  ])('with %j ends the deployment after %i s', (configuration, seconds) => {
    const cloud = rolling(configuration)
    cloud.until(() => done(cloud))
    expect(cloud.seconds).toBe(seconds)
  })

  test('keeps the deployment in progress, and an alarm in it still rolls back when no old task is left', () => {
    const cloud = rolling({ ...alarms(true), bakeTimeInMinutes: 30 })
    cloud.advance(900)
    expect(cloud.describe().deployments).toMatchObject([{ runningCount: 2, rolloutState: 'IN_PROGRESS' }])
    cloud.ecs.setAlarm('errors', 'ALARM')
    cloud.advance(300)
    expect(cloud.newestServiceDeployment()).toMatchObject({ status: 'ROLLBACK_SUCCESSFUL' })
    expect(cloud.tasks().map(task => task.containers[0].imageDigest)).toEqual(Array(2).fill('sha256:platform-v1'))
  })
})

describe('early success', () => {
  const early = (sourceServiceRevisionCleanup: string) => ({
    minimumHealthyPercent: 50,
    earlySuccessCriteria: { enable: true, healthyPercent: 50, sourceServiceRevisionCleanup }
  })

  test('DEFERRED is a success while old tasks still run', () => {
    const cloud = rolling(early('DEFERRED'))
    cloud.until(() => cloud.newestServiceDeployment().status === 'SUCCESSFUL')
    expect(cloud.describe().deployments).toMatchObject([{ rolloutState: 'COMPLETED' }, { status: 'ACTIVE' }])
    expect(cloud.service.steady).toBe(false)
    cloud.advance(300)
    expect(cloud.describe().deployments).toMatchObject([{ rolloutState: 'COMPLETED', runningCount: 2 }])
    expect(cloud.service.steady).toBe(true)
  })

  test('BLOCKING is one when enough new tasks are healthy and the old ones are gone', () => {
    const cloud = rolling(early('BLOCKING'), {}, { failFirst: 1 })
    cloud.until(() => cloud.newestServiceDeployment().status === 'SUCCESSFUL')
    expect(cloud.describe().deployments).toHaveLength(1)
    expect([...cloud.service.tasks].filter(isHealthy)).toHaveLength(1)
  })
})
