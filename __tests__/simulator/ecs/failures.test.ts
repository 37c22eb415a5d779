import { describe, expect, test } from '@jest/globals'
import { Cloud, HOST, type DescribedTask } from './cloud.ts'

interface Failure {
  readonly stopCode: string
  readonly reason: string
  readonly container?: { readonly exitCode?: number; readonly reason?: string }
}

/** A service whose image fails in this way, after `seconds`. */
function failing(stop: Failure, seconds = 200): Cloud {
  const cloud = new Cloud({})
  cloud.images.behaviours.set('bad', { stop })
  cloud.deploy('bad')
  cloud.advance(seconds)
  return cloud
}

function firstStopped(cloud: Cloud): DescribedTask {
  const task = cloud.tasks('STOPPED').find(({ lastStatus }) => lastStatus === 'STOPPED')
  if (task === undefined) throw new Error('nothing stopped')
  return task
}

const toStart = (reason: string, container?: Failure['container']): Failure => ({
  stopCode: 'TaskFailedToStart',
  reason,
  ...(container && { container })
})

const PULL = 'CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref'
const SECRET =
  'ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable ' +
  'to retrieve secret from asm: service call has been retried 1 time(s):'
const ROLE =
  "ECS was unable to assume the role 'arn:aws:iam::123456789012:role/app' that was provided for this task. Please " +
  'verify that the role being passed has the proper trust relationship and permissions and that your IAM user has ' +
  'permissions to pass this role.'
const RUNTIME =
  'CannotStartContainerError: ResourceInitializationError: failed to create new container runtime task: failed to ' +
  'create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "x": ' +
  'executable file not found in $PATH: unknown'

describe('a failure to start', () => {
  test.each([
    `${PULL} docker.io/library/app:1: pull access denied, repository does not exist or may require authorization`,
    'CannotPullContainerError: failed to copy: 429 Too Many Requests - Server message: toomanyrequests',
    'CannotPullContainerError: write /var/lib/containerd: no space left on device',
    `${SECRET} AccessDeniedException: not authorized to perform: secretsmanager:GetSecretValue`,
    "ResourceInitializationError: failed to validate logger args: The specified log group doesn't exist.",
    'ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes',
    'Timeout waiting for network interface provisioning to complete.',
    "Unexpected EC2 error while attempting to Create Network Interface in subnet 'subnet-1': InsufficientFreeAddressesInSubnet"
  ])('before the containers is told by the task and by an event: %s', reason => {
    const cloud = failing(toStart(reason))
    const task = firstStopped(cloud)
    expect(task).toMatchObject({ stopCode: 'TaskFailedToStart', stoppedReason: reason })
    expect(task).not.toHaveProperty('startedAt')
    expect(task.containers[0]).not.toHaveProperty('imageDigest')
    expect(task.containers[0]).not.toHaveProperty('exitCode')
    const sentence = `was unable to place a task. Reason: ${reason}${reason.endsWith('.') ? '' : '.'}`
    expect(cloud.story().filter(line => line.endsWith(sentence))).toHaveLength(1)
  })

  test('for want of the role is told as a failed launch', () => {
    const cloud = failing(toStart(ROLE))
    expect(firstStopped(cloud).stoppedReason).toBe(ROLE)
    expect(cloud.story()).toContain(`+100 failed to launch a task with (error ${ROLE}).`)
  })

  test.each([RUNTIME, 'CannotCreateContainerError: API error (500): devmapper', 'ContainerRuntimeError: no shim'])(
    'of a container is told by the task alone: %s',
    reason => {
      const cloud = failing(toStart('Task failed to start', { reason, exitCode: 128 }))
      expect(firstStopped(cloud)).toMatchObject({
        stoppedReason: 'Task failed to start',
        containers: [{ reason, exitCode: 128 }]
      })
      expect(cloud.story().some(line => line.includes('unable to place'))).toBe(false)
      expect(firstStopped(failing(toStart(reason))).containers[0].imageDigest).toBe('sha256:platform-bad')
    }
  )

  test('is not taken for a tag that has no digest', () => {
    const cloud = new Cloud({
      circuitBreaker: {
        enable: true,
        rollback: true,
        thresholdConfiguration: { type: 'COUNT', value: 5 }
      }
    })
    cloud.images.behaviours.set('bad', { stop: toStart(`${SECRET} ResourceNotFoundException`) })
    cloud.deploy('bad')
    cloud.until(() => cloud.service.deployments[0].failures === 4)
    expect(cloud.service.deployments[0]).toMatchObject({ unresolved: 0, rolloutState: 'IN_PROGRESS' })
  })
})

describe('a task that ends', () => {
  test.each([
    [{ exitCode: 137, reason: 'OutOfMemoryError: Container killed due to memory usage' }],
    [{ exitCode: 1, reason: 'OutOfMemoryError: container killed due to memory usage' }],
    [{ exitCode: 137 }],
    [{ exitCode: 139 }],
    [{ exitCode: 0 }]
  ])('by its essential container leaves %j, and does not drain', container => {
    const stop = { stopCode: 'EssentialContainerExited', reason: 'Essential container in task exited', container }
    expect(firstStopped(failing(stop, 70))).toMatchObject({ ...{ stopCode: stop.stopCode }, containers: [container] })
  })

  test('because it is interrupted leaves what its containers said last', () => {
    const container = { exitCode: 143, reason: 'terminated' }
    const stop = { stopCode: 'SpotInterruption', reason: 'Your Spot Task was interrupted.', container }
    expect(firstStopped(failing(stop, 80))).toMatchObject({
      stopCode: 'SpotInterruption',
      stoppedReason: 'Your Spot Task was interrupted.',
      containers: [container]
    })
  })
})

describe('a cluster without room', () => {
  const full = (capacity: number, service: ConstructorParameters<typeof Cloud>[0]): Cloud =>
    new Cloud({}, { clusters: [{ name: 'main', capacity, services: [{ name: 'web', image: 'app:v1', ...service }] }] })

  test('places no task, says so once, and tries ever more slowly', () => {
    const cloud = full(1, { desiredCount: 1 })
    cloud.deploy('v2')
    cloud.advance(300)
    const story = cloud.story()
    expect(story.map(line => line.slice(line.indexOf(' ') + 1))).toEqual([
      'was unable to place a task. Reason: Capacity is unavailable at this time. Please try again later or in a ' +
        'different availability zone. For more information, see the Troubleshooting section of the Amazon ECS ' +
        'Developer Guide.'
    ])
    expect(cloud.describe().deployments[0]).toMatchObject({ pendingCount: 0, failedTasks: 4 })
    expect(cloud.tasks('STOPPED')).toEqual([])
    cloud.ecs.setCapacity('main', 2)
    cloud.until(() => cloud.describe().deployments[0].rolloutState === 'COMPLETED', 700)
  })

  test('places what fits, and its breaker trips', () => {
    const cloud = full(3, { desiredCount: 2, circuitBreaker: { enable: true, rollback: true } })
    cloud.images.behaviours.set('slow', { unhealthy: { afterSeconds: 1 } })
    cloud.deploy('slow')
    cloud.advance(15)
    const [{ id }] = cloud.describe().deployments
    expect(cloud.service.events.map(({ message }) => message)).toContain(
      `(service web) could not launch 1 tasks for deployment ${id}.`
    )
    cloud.until(() => cloud.newestServiceDeployment().status === 'ROLLBACK_SUCCESSFUL')
  })

  test('refuses standalone tasks as failures', () => {
    const cloud = full(2, { desiredCount: 1 })
    const taskDefinition = cloud.register({ image: `${HOST}/app:v1` })
    const networkConfiguration = { awsvpcConfiguration: { subnets: ['subnet-1'] } }
    const answer = cloud.call('RunTask', { cluster: 'main', taskDefinition, networkConfiguration, count: 3 })
    expect(answer.tasks).toHaveLength(1)
    expect(answer.failures).toMatchObject([
      { reason: 'Capacity is unavailable at this time. Please try again later or in a different availability zone' },
      {}
    ])
  })
})
