import { describe, expect, test } from '@jest/globals'
import type { JsonObject } from '../../../simulator/protocol/operation.ts'
import { Cloud } from './cloud.ts'

const WEB = { cluster: 'main', service: 'web' }

describe('UpdateService', () => {
  test.each<[string, JsonObject, boolean]>([
    ['nothing', {}, false],
    ['the same task definition', { taskDefinition: 'web:1' }, false],
    ['empty volumeConfigurations', { volumeConfigurations: [] }, false],
    ['a deployment configuration', { deploymentConfiguration: { maximumPercent: 150 } }, false],
    ['a grace period', { healthCheckGracePeriodSeconds: 5 }, false],
    ['a desired count', { desiredCount: 2 }, false],
    ['forceNewDeployment', { forceNewDeployment: true }, true],
    ['another platform version', { platformVersion: '1.4.0' }, true],
    ['another network', { networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-2'] } } }, true]
  ])('with %s: %j begins a deployment: %s', (_, input, begins) => {
    const cloud = new Cloud({})
    const [before] = cloud.describe().deployments
    const { service } = cloud.call('UpdateService', { ...WEB, ...input }) as { service: JsonObject }
    expect(cloud.describe().deployments[0].id !== before.id).toBe(begins)
    expect(service).not.toHaveProperty('currentServiceDeployment')
  })

  test('replaces the deployment configuration as a whole', () => {
    const cloud = new Cloud({ minimumHealthyPercent: 50, maximumPercent: 150 })
    const deploymentConfiguration = { deploymentCircuitBreaker: { enable: true, rollback: true } }
    const { service } = cloud.call('UpdateService', { ...WEB, deploymentConfiguration }) as { service: JsonObject }
    expect(service.deploymentConfiguration).toMatchObject({
      ...deploymentConfiguration,
      minimumHealthyPercent: 100,
      maximumPercent: 200
    })
  })

  test.each<[JsonObject, string]>([
    [
      { taskDefinition: 'web:1' },
      'Unable to update task definition on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a new deployment.'
    ],
    [
      { forceNewDeployment: true },
      'Cannot force a new deployment on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a new deployment.'
    ]
  ])('refuses %j for a CodeDeploy service', (input, message) => {
    const cloud = new Cloud({ deploymentController: 'CODE_DEPLOY' })
    expect(() => cloud.call('UpdateService', { ...WEB, ...input })).toThrow(
      expect.objectContaining({ code: 'InvalidParameterException', message })
    )
  })

  test.each<[JsonObject, string]>([
    [{ strategy: 'CANARY', linearConfiguration: { stepPercent: 10 } }, 'linearConfiguration needs LINEAR'],
    [{ canaryConfiguration: { canaryPercent: 10 } }, 'canaryConfiguration needs CANARY'],
    [{ strategy: 'LINEAR', earlySuccessCriteria: { enable: true } }, 'earlySuccessCriteria needs ROLLING'],
    [{ minimumHealthyPercent: 90, earlySuccessCriteria: { enable: true, healthyPercent: 80 } }, 'must not be below'],
    [{ lifecycleHooks: [{ targetType: 'PAUSE', lifecycleStages: ['POST_SCALE_UP'] }] }, 'lifecycleHooks need'],
    [
      { strategy: 'BLUE_GREEN', lifecycleHooks: [{ targetType: 'PAUSE', lifecycleStages: ['TEST_TRAFFIC_SHIFT'] }] },
      'PAUSE hooks cannot be configured'
    ],
    [{ strategy: 'BLUE_GREEN', lifecycleHooks: [{ lifecycleStages: ['PRE_SCALE_UP'] }] }, 'need a hookTargetArn']
  ])('refuses the contradictory deployment configuration %j, and changes nothing', (deploymentConfiguration, words) => {
    const cloud = new Cloud({})
    expect(() => cloud.call('UpdateService', { ...WEB, desiredCount: 7, deploymentConfiguration })).toThrow(words)
    expect(cloud.describe().desiredCount).toBe(1)
    expect(() => new Cloud({ deploymentConfiguration })).toThrow(/^service web of cluster main: Invalid deployment/)
  })

  test('wants a task role for ECS Exec', () => {
    expect(() => new Cloud({}).call('UpdateService', { ...WEB, enableExecuteCommand: true })).toThrow(
      "The service couldn't be updated because a valid taskRoleArn is not being used."
    )
  })
})

describe('what is not there', () => {
  test.each([
    ['DescribeServices', { cluster: 'nope', services: ['web'] }, 'ClusterNotFoundException', 'Cluster not found.'],
    ['DescribeServices', { cluster: 'main', services: [] }, 'InvalidParameterException', 'Services cannot be empty.'],
    ['UpdateService', { cluster: 'main', service: 'nope' }, 'ServiceNotFoundException', 'Service not found.'],
    ['ListTasks', { cluster: 'main', serviceName: 'nope' }, 'ServiceNotFoundException', 'Service not found.'],
    ['ListServiceDeployments', { cluster: 'main', service: 'no' }, 'ServiceNotFoundException', 'Service not found.'],
    [
      'StopServiceDeployment',
      { serviceDeploymentArn: 'arn:no' },
      'ServiceDeploymentNotFoundException',
      'Service deployment not found.'
    ],
    ['DescribeTasks', { cluster: 'main', tasks: [] }, 'InvalidParameterException', 'Tasks cannot be empty.'],
    [
      'DescribeTasks',
      { cluster: 'main', tasks: ['x'] },
      'InvalidParameterException',
      'taskId length should be one of [32,36]'
    ]
  ])('%s %j is %s: %s', (operation, input, code, message) => {
    expect(() => new Cloud({}).call(operation, input)).toThrow(expect.objectContaining({ code, message }))
  })

  test('is a failure where the API has a place for it', () => {
    const cloud = new Cloud({})
    expect(cloud.call('DescribeServices', { cluster: 'main', services: ['web', 'nope'] })).toMatchObject({
      services: [{ serviceName: 'web' }],
      failures: [{ arn: 'arn:aws:ecs:eu-west-1:123456789012:service/main/nope', reason: 'MISSING' }]
    })
    const id = 'a'.repeat(32)
    expect(cloud.call('DescribeTasks', { cluster: 'main', tasks: [id] })).toEqual({
      tasks: [],
      failures: [{ arn: `arn:aws:ecs:eu-west-1:123456789012:task/main/${id}`, reason: 'MISSING' }]
    })
    expect(cloud.call('DescribeClusters')).toMatchObject({ clusters: [], failures: [{ reason: 'MISSING' }] })
    expect(cloud.call('DescribeServiceRevisions', { serviceRevisionArns: ['arn:x'] })).toEqual({
      serviceRevisions: [],
      failures: [{ arn: 'arn:x', reason: 'MISSING' }]
    })
  })
})

describe('a service from creation to deletion', () => {
  test('is ACTIVE, DRAINING, INACTIVE, and refuses updates in the end', () => {
    const cloud = new Cloud({})
    const input = {
      cluster: 'main',
      serviceName: 'second',
      taskDefinition: 'web',
      desiredCount: 1,
      networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } }
    }
    cloud.call('CreateService', input)
    expect(() => cloud.call('CreateService', input)).toThrow('Creation of service was not idempotent.')
    cloud.advance(120)
    const second = { cluster: 'main', services: ['second'] }
    expect(cloud.call('DescribeServices', second)).toMatchObject({
      services: [{ status: 'ACTIVE', runningCount: 1, deployments: [{ rolloutState: 'COMPLETED' }] }]
    })
    expect(() => cloud.call('DeleteService', { cluster: 'main', service: 'second' })).toThrow('scaled above 0')
    cloud.call('DeleteService', { cluster: 'main', service: 'second', force: true })
    expect(cloud.call('DescribeServices', second)).toMatchObject({ services: [{ status: 'DRAINING' }] })
    cloud.advance(60)
    expect(cloud.call('DescribeServices', second)).toMatchObject({ services: [{ status: 'INACTIVE' }], failures: [] })
    expect(() => cloud.call('UpdateService', { cluster: 'main', service: 'second' })).toThrow(
      expect.objectContaining({ code: 'ServiceNotActiveException', message: 'Service was not ACTIVE.' })
    )
    expect(cloud.call('ListServices', { cluster: 'main' })).toMatchObject({
      serviceArns: [expect.stringMatching(/web$/)]
    })
  })
})

describe('eventual consistency', () => {
  test('hides a new service deployment and its revision for a while', () => {
    const cloud = new Cloud({}, { lag: { serviceDeploymentSeconds: 4, serviceRevisionSeconds: 2 } })
    cloud.deploy('v2')
    const [revision] = cloud.describe().currentServiceRevisions
    const list = (): unknown[] => cloud.call('ListServiceDeployments', WEB).serviceDeployments as unknown as unknown[]
    const described = (): JsonObject =>
      cloud.call('DescribeServiceRevisions', { serviceRevisionArns: [revision?.arn ?? ''] })
    expect(list()).toHaveLength(1)
    expect(described()).toMatchObject({ failures: [{ reason: 'MISSING' }] })
    cloud.advance(2)
    expect(described()).toMatchObject({ serviceRevisions: [{ containerImages: [{ containerName: 'web' }] }] })
    expect(cloud.describe().currentServiceDeployment).toBeUndefined()
    cloud.advance(2)
    expect(list()).toMatchObject([{ status: 'IN_PROGRESS', targetServiceRevisionArn: revision?.arn }, {}])
    expect(cloud.describe().currentServiceDeployment).toMatch(/:service-deployment\/main\/web\/[\w-]{21}$/)
  })

  test('can answer DescribeServices as of a while ago', () => {
    const cloud = new Cloud({}, { lag: { staleReadSeconds: 8 } })
    const [before] = cloud.describe().deployments
    cloud.advance(100)
    cloud.deploy('v2')
    cloud.advance(7)
    expect(cloud.describe().deployments).toMatchObject([{ id: before.id }])
    cloud.advance(1)
    expect(cloud.describe().deployments).toMatchObject([{ desiredCount: 0 }, { id: before.id }])
  })
})

describe('tags', () => {
  test('are set, replaced, removed and listed', () => {
    const cloud = new Cloud({})
    const resourceArn = 'arn:aws:ecs:eu-west-1:123456789012:service/main/web'
    cloud.call('TagResource', {
      resourceArn,
      tags: [
        { key: 'a', value: '1' },
        { key: 'b', value: '2' }
      ]
    })
    cloud.call('TagResource', { resourceArn, tags: [{ key: 'a', value: '3' }] })
    cloud.call('UntagResource', { resourceArn, tagKeys: ['b'] })
    expect(cloud.call('ListTagsForResource', { resourceArn })).toEqual({ tags: [{ key: 'a', value: '3' }] })
    expect(() => cloud.call('ListTagsForResource', { resourceArn: 'arn:no' })).toThrow('was not found')
  })
})
