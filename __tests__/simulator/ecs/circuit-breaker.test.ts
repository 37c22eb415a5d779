import { describe, expect, test } from '@jest/globals'
import { boundsOf, breakerSettings, breakerThreshold } from '../../../simulator/cloud/ecs/bounds.ts'
import { Cloud } from './cloud.ts'

const ARMED = { circuitBreaker: { enable: true, rollback: true } }
const CRASH = { crash: { exitCode: 1, afterSeconds: 1 } }

function broken(
  service: ConstructorParameters<typeof Cloud>[0],
  behaviour: Parameters<Cloud['images']['behaviours']['set']>[1]
): Cloud {
  const cloud = new Cloud({ ...ARMED, ...service })
  cloud.images.behaviours.set('bad', behaviour)
  return cloud
}

describe('the limits of a rolling deployment', () => {
  test.each([
    [4, 50, 200, 2, 8],
    [2, 75, 200, 2, 4],
    [3, 100, 125, 3, 3],
    [0, 100, 200, 0, 0],
    [1, 0, 150, 0, 1]
  ])('%i tasks with %i/%i: at least %i healthy, at most %i up', (desired, low, high, minimum, maximum) => {
    expect(boundsOf({ minimumHealthyPercent: low, maximumPercent: high }, desired)).toEqual({ minimum, maximum })
  })
})

describe('the threshold of the circuit breaker', () => {
  test.each([
    [1, {}, 3],
    [25, {}, 13],
    [400, {}, 200],
    [800, {}, 200],
    [1, { type: 'UNBOUNDED_PERCENT', value: 50 }, 1],
    [800, { type: 'UNBOUNDED_PERCENT', value: 50 }, 400],
    [10, { type: 'COUNT', value: 7 }, 7]
  ])('for %i tasks with %j is %i', (desired, thresholdConfiguration, threshold) => {
    const settings = breakerSettings({ deploymentCircuitBreaker: { enable: true, thresholdConfiguration } })
    expect(breakerThreshold(settings, desired)).toBe(threshold)
  })
})

describe('the circuit breaker with rollback', () => {
  test('trips on a container that exits at boot just after the fourth start, and promotes the old id', () => {
    const cloud = broken({}, CRASH)
    const [before] = cloud.describe().deployments
    cloud.deploy('bad')
    cloud.until(() => cloud.describe().deployments[0].id === before.id)
    const [primary, failed] = cloud.describe().deployments
    expect(primary).toMatchObject({
      createdAt: before.createdAt,
      status: 'PRIMARY',
      rolloutState: 'IN_PROGRESS',
      rolloutStateReason: `ECS deployment circuit breaker: rolling back to deploymentId ${before.id}.`
    })
    expect(failed).toMatchObject({
      rolloutState: 'FAILED',
      rolloutStateReason: 'ECS deployment circuit breaker: tasks failed to start.',
      failedTasks: 3
    })
    expect(cloud.describe().taskDefinition).toBe(before.taskDefinition)
    expect(cloud.newestServiceDeployment()).toMatchObject({
      status: 'ROLLBACK_IN_PROGRESS',
      deploymentCircuitBreaker: { status: 'TRIGGERED', failureCount: 3, threshold: 3 },
      rollback: { serviceRevisionArn: expect.stringMatching(new RegExp(`/${before.id.slice(8)}$`)) }
    })
    cloud.advance(60)
    expect(cloud.describe().deployments).toMatchObject([
      { id: before.id, rolloutState: 'COMPLETED', rolloutStateReason: `ECS deployment ${before.id} completed.` }
    ])
    expect(cloud.newestServiceDeployment()).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      statusReason: 'Service deployment rolled back because the circuit breaker threshold was exceeded.'
    })
    // Seen: four starts 45 to 52 s apart, the verdict 5 s after the fourth, about 2.6 min in all.
    expect(cloud.story()).toEqual([
      '+10 has started 1 tasks: (task A).',
      '+56 has started 1 tasks: (task B).',
      '+102 has started 1 tasks: (task C).',
      '+148 has started 1 tasks: (task D).',
      '+152 (deployment ecs-svc/E) deployment failed: tasks failed to start.',
      '+152 rolling back to deployment ecs-svc/F.',
      '+152 stopped 1 pending tasks.',
      '+167 (deployment ecs-svc/F) deployment completed.',
      '+167 has reached a steady state.'
    ])
  })

  test('trips on a missing image after three throttled starts', () => {
    const cloud = broken({}, 'missing')
    cloud.deploy('bad')
    cloud.advance(1200)
    const story = cloud.story()
    expect(story).toContain(
      '+100 was unable to place a task. Reason: CannotPullContainerError: pull image manifest has been retried 7 ' +
        'time(s): failed to resolve ref 123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:bad: not found.'
    )
    expect(story.filter(line => line.includes('has started')).map(line => line.split(' ')[0])).toEqual([
      '+10',
      '+140',
      '+280',
      '+425'
    ])
    expect(cloud.newestServiceDeployment()).toMatchObject({ status: 'ROLLBACK_SUCCESSFUL' })
  })

  test('counts tasks replaced for failed health checks', () => {
    const cloud = broken({ desiredCount: 2, loadBalanced: true }, 'neverHealthy')
    cloud.deploy('bad')
    cloud.advance(1200)
    expect(cloud.story()).toContain(
      '+111 (task A) (port 8080) is unhealthy in (target-group G) due to (reason Health checks failed with these codes: [503]).'
    )
    expect(cloud.story()).toContain(
      '+121 has started 1 tasks: (task D). Amazon ECS replaced 1 tasks due to an unhealthy status.'
    )
    expect(cloud.newestServiceDeployment()).toMatchObject({ status: 'ROLLBACK_SUCCESSFUL' })
    const reasons = cloud.tasks('STOPPED').map(task => task.stoppedReason ?? '')
    expect(
      reasons.filter(reason => reason.startsWith('Task failed ELB health checks in (target-group arn:'))
    ).toHaveLength(3)
  })

  test.each([
    [true, 1],
    [false, 3]
  ])('with resetOnHealthyTask %s has counted %i after fail, fail, healthy, fail', (resetOnHealthyTask, failures) => {
    const cloud = broken({ desiredCount: 4, maximumPercent: 125 }, CRASH)
    cloud.deploy('bad', {
      deploymentConfiguration: {
        maximumPercent: 125,
        deploymentCircuitBreaker: {
          enable: true,
          rollback: true,
          resetOnHealthyTask,
          thresholdConfiguration: { type: 'COUNT', value: 9 }
        }
      }
    })
    const [deployment] = cloud.service.deployments
    cloud.until(() => deployment.failures === 2)
    cloud.images.behaviours.set('bad', 'healthy')
    cloud.until(() => [...cloud.service.tasks].some(task => task.deployment === deployment && task.wasHealthy))
    cloud.images.behaviours.set('bad', CRASH)
    const ended = (): number =>
      [...cloud.service.tasks].filter(task => task.failure === 'exit' && task.stoppedAt).length
    cloud.until(() => ended() === 3)
    expect(deployment.failures).toBe(failures)
  })

  test('takes failFirst as failures until it is too late', () => {
    const cloud = broken({}, { failFirst: 5 })
    cloud.deploy('bad')
    cloud.advance(600)
    expect(cloud.newestServiceDeployment()).toMatchObject({ status: 'ROLLBACK_SUCCESSFUL' })
  })
})

describe('the circuit breaker without a way back', () => {
  test('without rollback leaves both deployments where they are', () => {
    const cloud = broken({ circuitBreaker: { enable: true, rollback: false } }, CRASH)
    const bad = cloud.deploy('bad')
    cloud.advance(1200)
    expect(cloud.describe()).toMatchObject({
      taskDefinition: bad,
      deployments: [
        { status: 'PRIMARY', rolloutState: 'FAILED', runningCount: 0, pendingCount: 0 },
        { status: 'ACTIVE', rolloutState: 'COMPLETED', runningCount: 1 }
      ]
    })
    expect(cloud.newestServiceDeployment()).toMatchObject({ status: 'STOPPED', stoppedAt: expect.any(Number) })
  })

  test('without a completed deployment stalls the service', () => {
    const cloud = broken({}, CRASH)
    const taskDefinition = cloud.register({ image: '123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:bad' })
    cloud.call('DeleteService', { cluster: 'main', service: 'web', force: true })
    cloud.advance(60)
    cloud.call('CreateService', {
      cluster: 'main',
      serviceName: 'web',
      taskDefinition,
      desiredCount: 1,
      networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
      deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } }
    })
    cloud.advance(3600)
    expect(cloud.describe().deployments).toMatchObject([{ rolloutState: 'FAILED', runningCount: 0, pendingCount: 0 }])
    expect(cloud.newestServiceDeployment()).toMatchObject({
      status: 'ROLLBACK_FAILED',
      statusReason: 'No rollback candidate was found to run the rollback.'
    })
  })

  test('switched off lets a broken deployment go on for ever, ever more slowly', () => {
    const cloud = broken({ circuitBreaker: { enable: false, rollback: false } }, 'missing')
    cloud.deploy('bad')
    cloud.advance(6 * 3600)
    const starts = cloud.story().filter(line => line.includes('has started'))
    expect(starts.length).toBeLessThan(25)
    expect(cloud.story().some(line => line.includes('is unable to consistently start tasks successfully.'))).toBe(true)
    expect(cloud.describe().deployments[0]).toMatchObject({ rolloutState: 'IN_PROGRESS' })
  })
})

describe('StopServiceDeployment', () => {
  test('rolls back whatever the circuit breaker is set to', () => {
    const cloud = new Cloud({})
    const [before] = cloud.describe().deployments
    cloud.deploy('v2')
    cloud.advance(20)
    const { serviceDeploymentArn = '' } = cloud.newestServiceDeployment()
    cloud.call('StopServiceDeployment', { serviceDeploymentArn, stopType: 'ROLLBACK' })
    expect(cloud.newestServiceDeployment()).toMatchObject({ status: 'ROLLBACK_REQUESTED' })
    cloud.advance(120)
    expect(cloud.newestServiceDeployment()).toMatchObject({ status: 'ROLLBACK_SUCCESSFUL' })
    expect(cloud.describe().deployments).toMatchObject([{ id: before.id, rolloutState: 'COMPLETED' }])
    expect(() => cloud.call('StopServiceDeployment', { serviceDeploymentArn })).toThrow('terminal state')
  })
})
