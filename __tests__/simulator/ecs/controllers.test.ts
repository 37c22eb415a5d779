import { describe, expect, test } from '@jest/globals'
import { Cloud } from './cloud.ts'

const WEB = { cluster: 'main', service: 'web' }

describe.each(['CODE_DEPLOY', 'EXTERNAL'] as const)('a service with the controller %s', deploymentController => {
  test('has a task set where others have deployments, and no service deployments', () => {
    const cloud = new Cloud({ deploymentController, desiredCount: 2 })
    expect(cloud.describe()).toMatchObject({
      deploymentController: { type: deploymentController },
      deployments: [],
      runningCount: 2,
      taskSets: [{ status: 'PRIMARY', stabilityStatus: 'STEADY_STATE', runningCount: 2, computedDesiredCount: 2 }]
    })
    expect(cloud.describe()).not.toHaveProperty('currentServiceDeployment')
    expect(cloud.describe()).not.toHaveProperty('currentServiceRevisions')
    expect(cloud.call('ListServiceDeployments', WEB)).toEqual({ serviceDeployments: [] })
    const [reported] = cloud.service.serviceDeployments
    const serviceDeploymentArn = reported?.arn ?? ''
    expect(cloud.call('DescribeServiceDeployments', { serviceDeploymentArns: [serviceDeploymentArn] })).toMatchObject({
      failures: [{ reason: 'MISSING' }]
    })
    expect(() => cloud.call('StopServiceDeployment', { serviceDeploymentArn })).toThrow('not found')
  })

  test('is scaled by UpdateService, and by nothing else', () => {
    const cloud = new Cloud({ deploymentController })
    cloud.call('UpdateService', { ...WEB, desiredCount: 3, healthCheckGracePeriodSeconds: 30 })
    cloud.advance(120)
    expect(cloud.describe()).toMatchObject({ desiredCount: 3, runningCount: 3, taskSets: [{ runningCount: 3 }] })
    for (const [member, what] of [
      ['networkConfiguration', 'network parameters'],
      ['loadBalancers', 'load balancers'],
      ['platformVersion', 'platform version']
    ] as const) {
      expect(() => cloud.call('UpdateService', { ...WEB, desiredCount: 5, [member]: {} })).toThrow(
        `Unable to update ${what} on services with`
      )
    }
    expect(cloud.describe()).toMatchObject({ desiredCount: 3 })
  })

  test('shows the old task set until somebody has replaced it', () => {
    const cloud = new Cloud({ deploymentController })
    cloud.ecs.deploy('main', 'web', { image: 'app:v2' })
    cloud.advance(20)
    expect(cloud.describe()).toMatchObject({
      taskSets: [{ status: 'PRIMARY', stabilityStatus: 'STABILIZING' }, { status: 'ACTIVE' }]
    })
    cloud.advance(200)
    expect(cloud.describe()).toMatchObject({ taskSets: [{ status: 'PRIMARY', stabilityStatus: 'STEADY_STATE' }] })
  })
})
