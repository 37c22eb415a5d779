import { describe, expect, test } from '@jest/globals'
import type { Behaviour } from '../../../simulator/cloud/images.ts'
import { logsProtocol } from '../../../simulator/protocol/logs.ts'
import { Cloud, HOST, START_MS, type DescribedTask } from './cloud.ts'

/** The first task of a deployment of an image with this behaviour, when it has stopped. */
function firstFailure(behaviour: Behaviour | 'missing' | 'other-platform'): DescribedTask {
  const cloud = new Cloud({})
  cloud.images.behaviours.set('bad', behaviour)
  cloud.deploy('bad')
  cloud.until(() => cloud.tasks('STOPPED').some(task => task.lastStatus === 'STOPPED'), 600)
  const [task] = cloud.tasks('STOPPED')
  if (task === undefined) throw new Error('nothing stopped')
  return task
}

describe('a task', () => {
  test('goes through its statuses and gets its digest once the image is pulled', () => {
    const cloud = new Cloud({})
    cloud.deploy('v2')
    const seen: string[] = []
    for (let second = 0; second < 120; second += 1) {
      cloud.advance(1)
      const task = cloud.tasks().find(({ containers }) => containers[0].image.endsWith(':v2'))
      if (task === undefined) continue
      const line = `${task.lastStatus} ${task.containers[0].imageDigest ?? '-'}`
      if (seen.at(-1) !== line) seen.push(line)
    }
    expect(seen).toEqual(['PROVISIONING -', 'PENDING -', 'ACTIVATING sha256:platform-v2', 'RUNNING sha256:platform-v2'])
  })

  test('names its deployment in startedBy, which no other filter than the desired status can stand beside', () => {
    const cloud = new Cloud({ desiredCount: 2 })
    cloud.deploy('v2')
    cloud.advance(30)
    const [{ id }] = cloud.describe().deployments
    const { taskArns } = cloud.call('ListTasks', { cluster: 'main', startedBy: id }) as { taskArns: string[] }
    expect(taskArns).toHaveLength(2)
    expect(cloud.call('DescribeTasks', { cluster: 'main', tasks: taskArns })).toMatchObject({
      tasks: [
        { startedBy: id, group: 'service:web' },
        { startedBy: id, group: 'service:web' }
      ]
    })
    const stopped = { cluster: 'main', startedBy: id, desiredStatus: 'STOPPED' }
    expect(cloud.call('ListTasks', stopped)).toMatchObject({ taskArns: [] })
    cloud.call('StopTask', { cluster: 'main', task: taskArns[0] ?? '' })
    expect(cloud.call('ListTasks', stopped)).toMatchObject({ taskArns: taskArns.slice(0, 1) })
    for (const filter of [{ serviceName: 'web' }, { family: 'web' }, { launchType: 'FARGATE' }]) {
      expect(() => cloud.call('ListTasks', { cluster: 'main', startedBy: id, ...filter })).toThrow(
        'cannot specify startedBy with other arguments'
      )
    }
  })

  test('that stopped is forgotten after an hour', () => {
    const cloud = new Cloud({})
    const [task] = cloud.tasks()
    cloud.call('StopTask', { cluster: 'main', task: task?.taskArn ?? '' })
    cloud.advance(600)
    expect(cloud.tasks('STOPPED')).toMatchObject([{ stopCode: 'UserInitiated', stoppedReason: 'Task stopped by user' }])
    cloud.advance(3600)
    expect(cloud.tasks('STOPPED')).toEqual([])
    expect(cloud.call('DescribeTasks', { cluster: 'main', tasks: [task?.taskArn ?? ''] })).toMatchObject({
      failures: [{ reason: 'MISSING' }]
    })
    expect(cloud.describe().runningCount).toBe(1)
  })
})

describe('a task that fails says why', () => {
  const RETRIED = 'CannotPullContainerError: pull image manifest has been retried 7 time(s):'

  test.each<[Behaviour | 'missing' | 'other-platform', string, string]>([
    ['missing', 'TaskFailedToStart', `${RETRIED} failed to resolve ref ${HOST}/app:bad: not found`],
    [
      'other-platform',
      'TaskFailedToStart',
      `${RETRIED} image Manifest does not contain descriptor matching platform 'linux/amd64'`
    ],
    [
      { stop: { stopCode: 'TaskFailedToStart', reason: 'ResourceInitializationError: no secret.' } },
      'TaskFailedToStart',
      'ResourceInitializationError: no secret.'
    ],
    [
      { stop: { stopCode: 'SpotInterruption', reason: 'Your Spot Task was interrupted.' } },
      'SpotInterruption',
      'Your Spot Task was interrupted.'
    ],
    [{ crash: { exitCode: 3, afterSeconds: 2 } }, 'EssentialContainerExited', 'Essential container in task exited'],
    ['outOfMemory', 'EssentialContainerExited', 'Essential container in task exited'],
    ['neverHealthy', 'ServiceSchedulerInitiated', 'Task failed container health checks']
  ])('%j: %s, %s', (behaviour, stopCode, stoppedReason) => {
    const task = firstFailure(behaviour)
    expect(task).toMatchObject({ stopCode, stoppedReason })
    expect(task.startedAt === undefined).toBe(stopCode === 'TaskFailedToStart')
  })

  test('with exit codes, container reasons and health', () => {
    expect(firstFailure({ crash: { exitCode: 3, afterSeconds: 2 } }).containers[0]).toMatchObject({ exitCode: 3 })
    expect(firstFailure('outOfMemory').containers[0]).toMatchObject({
      exitCode: 137,
      reason: 'OutOfMemoryError: Container killed due to memory usage'
    })
    expect(firstFailure('neverHealthy')).toMatchObject({ healthStatus: 'UNHEALTHY' })
    expect(firstFailure('missing').containers[0]).not.toHaveProperty('imageDigest')
  })

  test('when nobody answers for the registry', () => {
    const cloud = new Cloud({})
    cloud.call('UpdateService', {
      cluster: 'main',
      service: 'web',
      taskDefinition: cloud.register({ image: 'nginx:1.27' })
    })
    cloud.advance(130)
    expect(cloud.tasks('STOPPED')[0]?.stoppedReason).toBe(
      `${RETRIED} failed to resolve ref docker.io/library/nginx:1.27: failed to do request: Head ` +
        '"https://docker.io/v2/library/nginx/manifests/1.27": dial tcp 192.0.2.10:443: i/o timeout'
    )
  })
})

describe('the images of a deployment', () => {
  test('keep the digest the first task resolved, and fail when that digest is deleted', () => {
    const cloud = new Cloud({})
    cloud.deploy('v2')
    cloud.advance(300)
    const arn = cloud.service.deployments[0].revision.arn
    expect(cloud.call('DescribeServiceRevisions', { serviceRevisionArns: [arn] })).toMatchObject({
      serviceRevisions: [
        { containerImages: [{ containerName: 'web', image: `${HOST}/app:v2`, imageDigest: 'sha256:v2' }] }
      ]
    })
    cloud.images.behaviours.set('v2', 'missing')
    cloud.ecs.scale('main', 'web', 2)
    cloud.advance(200)
    expect(cloud.tasks('STOPPED').at(-1)?.stoppedReason).toContain(`${HOST}/app:v2@sha256:v2: not found`)
    expect(cloud.describe().runningCount).toBe(1)
  })

  test('are reported by platform, or by index where the world says so', () => {
    const digest = (cloud: Cloud): unknown => cloud.tasks()[0]?.containers[0].imageDigest
    expect(digest(new Cloud({}))).toBe('sha256:platform-v1')
    const world = { clusters: [{ name: 'main', services: [{ name: 'web', image: 'app:v1' }] }] }
    expect(digest(new Cloud({}, { ...world, imageDigest: 'index' }))).toBe('sha256:v1')
  })
})

describe('RunTask', () => {
  test('runs a task to its end, outside any service', () => {
    const cloud = new Cloud({})
    cloud.images.behaviours.set('job', { crash: { exitCode: 0, afterSeconds: 30 }, logs: ['one', 'two'] })
    const taskDefinition = cloud.register({
      image: `${HOST}/app:job`,
      logConfiguration: { logDriver: 'awslogs', options: { 'awslogs-group': '/jobs', 'awslogs-stream-prefix': 'j' } }
    })
    const { tasks } = cloud.call('RunTask', {
      cluster: 'main',
      taskDefinition,
      startedBy: 'ci',
      networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } }
    }) as { tasks: [{ taskArn: string }] }
    const { taskArn } = tasks[0]
    cloud.advance(100)
    expect(cloud.call('DescribeTasks', { cluster: 'main', tasks: [taskArn] })).toMatchObject({
      tasks: [{ lastStatus: 'STOPPED', group: 'family:web', startedBy: 'ci', containers: [{ exitCode: 0 }] }]
    })
    const { GetLogEvents } = logsProtocol(cloud.ecs.logs).operations
    const id = taskArn.slice(taskArn.lastIndexOf('/') + 1)
    const caller = { region: 'eu-west-1', account: '123456789012', host: '' }
    const stream = { logGroupName: '/jobs', logStreamName: `j/web/${id}` }
    expect(GetLogEvents?.({ ...stream, limit: 1 }, caller)).toMatchObject({
      events: [{ message: 'two', timestamp: START_MS + 30_000 }],
      nextBackwardToken: 'b/1'
    })
    expect(GetLogEvents?.({ ...stream, nextToken: 'b/1', limit: 5 }, caller)).toMatchObject({
      events: [{ message: 'one' }]
    })
    expect(() => GetLogEvents?.({ ...stream, logGroupName: '/no' }, caller)).toThrow(
      'The specified log group does not exist.'
    )
    expect(() => GetLogEvents?.({ ...stream, logStreamName: 'x' }, caller)).toThrow(
      'The specified log stream does not exist.'
    )
  })
})
