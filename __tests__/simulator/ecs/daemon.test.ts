import { describe, expect, test } from '@jest/globals'
import { Cloud, HOST } from './cloud.ts'

const WEB = { cluster: 'main', service: 'web' }

function daemon(instances: number, service: ConstructorParameters<typeof Cloud>[0] = {}): Cloud {
  const services = [{ name: 'web', image: 'app:v1', schedulingStrategy: 'DAEMON' as const, ...service }]
  return new Cloud({}, { clusters: [{ name: 'main', instances, services }] })
}

function places(cloud: Cloud): readonly (string | undefined)[] {
  return cloud.tasks().map(task => (task as { containerInstanceArn?: string }).containerInstanceArn)
}

describe('a DAEMON service', () => {
  test('has one task on every instance, and its own defaults', () => {
    const cloud = daemon(3)
    expect(cloud.describe()).toMatchObject({
      schedulingStrategy: 'DAEMON',
      launchType: 'EC2',
      desiredCount: 3,
      runningCount: 3,
      deploymentConfiguration: { minimumHealthyPercent: 0, maximumPercent: 100 }
    })
    expect(new Set(places(cloud)).size).toBe(3)
    expect(places(cloud)[0]).toMatch(/:container-instance\/main\/[\da-f]{32}$/)
    const containerInstance = places(cloud)[1]?.split('/').at(-1) ?? ''
    expect(cloud.call('ListTasks', { cluster: 'main', containerInstance }).taskArns).toHaveLength(1)
    expect(cloud.call('ListServices', { cluster: 'main', schedulingStrategy: 'REPLICA' }).serviceArns).toEqual([])
  })

  test.each([
    [0, 0],
    [50, 2]
  ])('with a minimum of %i %% keeps at least %i tasks up while it is deployed', (minimumHealthyPercent, least) => {
    const cloud = daemon(4, { minimumHealthyPercent })
    cloud.deploy('v2')
    let lowest = 4
    while (cloud.describe().deployments[0].rolloutState !== 'COMPLETED' && cloud.seconds < 900) {
      cloud.advance(1)
      lowest = Math.min(lowest, cloud.describe().runningCount)
    }
    expect(lowest).toBe(least)
    expect(new Set(places(cloud)).size).toBe(4)
    expect(cloud.newestServiceDeployment()).toMatchObject({ status: 'SUCCESSFUL' })
  })

  test('follows the instances of its cluster', () => {
    const cloud = daemon(2)
    cloud.ecs.setInstances('main', 4)
    cloud.advance(120)
    expect(cloud.describe()).toMatchObject({ desiredCount: 4, runningCount: 4 })
    expect(new Set(places(cloud)).size).toBe(4)
    cloud.ecs.setInstances('main', 1)
    cloud.advance(120)
    expect(cloud.describe()).toMatchObject({ desiredCount: 1, runningCount: 1 })
    expect(cloud.tasks('STOPPED')[0]?.stoppedReason).toMatch(/^Host EC2 \(instance i-[\da-f]{17}\) terminated\.$/)
  })

  test('takes no desired count', () => {
    const cloud = daemon(2)
    expect(() => cloud.call('UpdateService', { ...WEB, desiredCount: 3 })).toThrow('does not support a desired count')
    expect(() => {
      cloud.ecs.scale('main', 'web', 3)
    }).toThrow('does not support a desired count')
    expect(() => daemon(2, { desiredCount: 3 })).toThrow('does not support a desired count')
  })

  test('can be created', () => {
    const cloud = daemon(2)
    cloud.call('CreateService', {
      cluster: 'main',
      serviceName: 'agent',
      schedulingStrategy: 'DAEMON',
      taskDefinition: cloud.register(
        { image: `${HOST}/app:v1`, memory: 64 },
        { networkMode: 'bridge', requiresCompatibilities: ['EC2'] }
      ),
      launchType: 'EC2'
    })
    cloud.advance(120)
    const { services } = cloud.call('DescribeServices', { cluster: 'main', services: ['agent'] })
    expect(services).toMatchObject([{ schedulingStrategy: 'DAEMON', desiredCount: 2, runningCount: 2 }])
  })
})
