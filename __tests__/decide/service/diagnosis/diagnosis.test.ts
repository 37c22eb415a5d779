import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { diagnose } from '../../../../src/decide/service/diagnosis/diagnosis.ts'
import type { TaskSnapshot } from '../../../../src/decide/service/snapshot.ts'
import { container, event, IMAGE, stopped } from './tasks.ts'

const TARGET_GROUP = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web-tg/0123456789abcdef'
const NO_PLATFORM =
  "CannotPullContainerError: image Manifest does not contain descriptor matching platform 'linux/arm64'"
const SCALED = 'Scaling activity initiated by (deployment ecs-svc/2)'
const STUCK =
  '(service web) is unable to consistently start tasks successfully. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.'

function read(messages: readonly string[], tasks: readonly TaskSnapshot[] = []) {
  return diagnose({ stopped: tasks, events: messages.map(event), essential: ['web'] })
}

describe('the tasks of a deployment', () => {
  test('are counted by reason, ordinary stops left out', () => {
    const doomed = ['1', '2', '3', '4', '5', '6'].map(id => stopped(id, { stoppedReason: NO_PLATFORM }))
    const scaled = stopped('7', { stopCode: 'ServiceSchedulerInitiated', stoppedReason: SCALED })
    const found = read([], [...doomed, scaled])
    expect(found?.sentence).toBe('6 of 6 tasks: the image has no linux/arm64 variant')
    expect(found?.remedy).toMatch(/^build the image for linux\/arm64/)
    expect(found?.evidence).toEqual([`task 1 (and 5 like it): TaskFailedToStart · ${NO_PLATFORM}`])
  })

  test('have the most frequent reason first, but none that heals by itself', () => {
    const spot = ['1', '2', '3'].map(id => stopped(id, { stopCode: 'SpotInterruption' }))
    const crash = (id: string, exitCode: number) =>
      stopped(id, { stopCode: 'EssentialContainerExited', containers: [container({ exitCode })] })
    const found = read([], [...spot, crash('4', 1), crash('5', 3), crash('6', 3)])
    expect(found?.sentence).toBe('2 of 6 tasks: container web exited with code 3')
    expect(found?.evidence.map(line => line.slice(0, 30))).toEqual([
      'task 5 (and 1 like it): Essent',
      'task 4: EssentialContainerExit',
      'task 1 (and 2 like it): SpotIn'
    ])
  })

  test('are told apart from a sentence that says nothing', () => {
    const unknown = ['1', '2'].map(id => stopped(id, { stoppedReason: 'Task failed to start' }))
    const found = read([], [...unknown, stopped('3', { stoppedReason: NO_PLATFORM })])
    expect(found?.sentence).toBe('1 of 3 tasks: the image has no linux/arm64 variant')
  })

  test('leave evidence that tells side containers from essential ones', () => {
    const containers = [
      container({ name: 'proxy', exitCode: 0 }),
      container({ exitCode: 137, reason: 'OutOfMemoryError: Container killed due to memory usage' })
    ]
    const task = stopped('1', {
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container in task exited',
      containers
    })
    expect(read([], [task])?.evidence).toEqual([
      'task 1: EssentialContainerExited · Essential container in task exited · side container proxy: exit code 0 · container web: exit code 137, OutOfMemoryError: Container killed due to memory usage'
    ])
  })

  test('fill twelve lines of evidence at most', () => {
    const tasks = Array.from({ length: 40 }, (_, exitCode) =>
      stopped(`t${String(exitCode)}`, {
        stopCode: 'EssentialContainerExited',
        containers: [container({ exitCode: exitCode + 10 })]
      })
    )
    const evidence = read(
      [STUCK, '(service web) operations are being throttled. Will try again later.'],
      tasks
    )?.evidence
    expect(evidence).toHaveLength(12)
    expect(evidence?.slice(-2)).toEqual([
      'and 30 more kinds of stops',
      'event: (service web) operations are being throttled. Will try again later.'
    ])
  })

  test('give the same answer in any order', () => {
    const tasks = [1, 2, 3, 4].map(exitCode =>
      stopped(String(exitCode), { stopCode: 'EssentialContainerExited', containers: [container({ exitCode })] })
    )
    const expected = read([], tasks)
    fc.assert(
      fc.property(fc.shuffledSubarray(tasks, { minLength: tasks.length }), shuffled => {
        expect(read([], shuffled)).toEqual(expected)
      })
    )
  })

  test('name the containers whose logs may help, of two tasks', () => {
    const tasks = ['1', '2', '3'].map(id =>
      stopped(id, { stopCode: 'EssentialContainerExited', containers: [container({ exitCode: 1 })] })
    )
    expect(read([], tasks)?.suspects).toEqual([
      { taskId: '1', container: 'web' },
      { taskId: '2', container: 'web' }
    ])
    expect(read([], [stopped('1', { stoppedReason: NO_PLATFORM })])?.suspects).toEqual([])
  })
})

/** What the service's events say when no task can be seen, and what a user reads. */
const EVENTS: readonly (readonly [message: string, sentence: string, code: string, heals: string])[] = [
  [
    `(service web) was unable to place a task. Reason: CannotPullContainerError: pull image manifest has been retried 7 time(s): failed to resolve ref ${IMAGE}: not found.`,
    `the image ${IMAGE} is not in the registry`,
    'image-not-found',
    'no'
  ],
  [
    '(service web) was unable to place a task. Reason: Capacity is unavailable at this time. Please try again later or in a different availability zone.',
    'AWS has no capacity left for the task at this time',
    'capacity-unavailable',
    'maybe'
  ],
  [
    "(service web) was unable to place a task. Reason: You've reached the limit on the number of tasks you can run concurrently",
    "the account's limit of tasks running at once is reached",
    'account-limit',
    'maybe'
  ],
  [
    '(service web) was unable to place a task. Reason: You\u2019ve reached the limit on the number of vCPUs you can run concurrently',
    "the account's limit of vCPUs running at once is reached",
    'account-limit',
    'maybe'
  ],
  [
    '(service web) was unable to place a task. Reason: The requested MEMORY configuration is above your limit.',
    'the task asks for more memory than the account may use',
    'account-limit',
    'no'
  ],
  [
    '(service web) was unable to place a task. Reason: Internal error.',
    'ECS failed to run the task: Internal error.',
    'infrastructure',
    'maybe'
  ],
  [
    '(service web) was unable to place a task. Reason: Nobody knows.',
    'a task could not be started: Nobody knows.',
    'task-failed-to-start',
    'maybe'
  ],
  [
    '(service web) was unable to place a task because no container instance met all of its requirements. The closest matching container-instance 0123 has insufficient CPU units available.',
    'no container instance has room for the task (the closest has too little CPU)',
    'capacity-unavailable',
    'maybe'
  ],
  [
    '(service web) was unable to place a task because no container instance met all of its requirements. The closest matching container-instance 0123 is already using a port required by your task.',
    'every container instance already uses a port that the task needs',
    'capacity-unavailable',
    'maybe'
  ],
  [
    '(service web) was unable to place a task because no container instance met all of its requirements. The closest matching container-instance 0123 encountered error "AGENT".',
    'the agent of the container instance is not connected',
    'capacity-unavailable',
    'maybe'
  ],
  [
    '(service web) was unable to place a task because your account is currently blocked.',
    'AWS has blocked this account from starting tasks',
    'account-blocked',
    'no'
  ],
  [
    '(service web) was unable to reach steady state. Reason: No Container Instances were found in your capacity provider.',
    'no container instance has room for the task',
    'capacity-unavailable',
    'maybe'
  ],
  [
    '(service web) was unable to place tasks in your cluster because the tasks provisioning capacity limit was exceeded.',
    'the cluster has too many tasks waiting for capacity',
    'capacity-unavailable',
    'maybe'
  ],
  [
    "(service web) failed to launch a task with (error ECS was unable to assume the role 'arn:aws:iam::123456789012:role/web' that was provided for this task.)",
    'ECS cannot assume the role web',
    'role-not-assumable',
    'no'
  ],
  [
    'IAM permissions policies have been misconfigured or changed, and ECS can no longer maintain your service',
    'ECS may not act for this service (IAM)',
    'role-not-assumable',
    'no'
  ],
  [
    '(service web) was unable to stop or start tasks during a deployment because of the service deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again.',
    'the percentages of the service allow neither to start nor to stop a task',
    'deployment-deadlock',
    'no'
  ],
  [
    '(service web) operations are being throttled. Will try again later.',
    'AWS throttles what ECS does for this service',
    'throttled',
    'yes'
  ],
  [
    '(service web) was unable to reach steady state because (taskSet ecs-svc/1) was unable to scale in due to (reason 2 tasks under protection)',
    '2 tasks under protection cannot be stopped',
    'task-protection',
    'maybe'
  ],
  [
    '(service web) (deployment ecs-svc/2) deployment failed: alarm detected.',
    'a CloudWatch alarm of the service went off',
    'alarm-triggered',
    'no'
  ],
  [
    `(service web) (instance i-0123) (port 32768) is unhealthy in (target-group ${TARGET_GROUP}) due to (reason Health checks failed)`,
    "the load balancer's health check of web-tg failed (Health checks failed)",
    'failed-health-check',
    'maybe'
  ]
]

describe('the events of a service', () => {
  test.each(EVENTS)('%s', (message, sentence, code, heals) => {
    const found = read([message, message])
    expect(found).toMatchObject({ sentence, code, heals, suspects: [] })
    expect(found?.evidence).toEqual([`event (2 times): ${message}`])
  })

  test.each([
    '(service web) has reached a steady state.',
    '(service web) has started 2 tasks: (task 0a) (task 0b).',
    '(service web) has started 1 tasks: (task 0a). Amazon ECS replaced 1 tasks due to an unhealthy status.',
    '(service web) (deployment ecs-svc/2) deployment failed: tasks failed to start.',
    '(service web) rolling back to deployment ecs-svc/1.',
    STUCK
  ])('are no reason: %s', message => {
    expect(read([message])).toBeUndefined()
  })

  test('say why a target group calls my task unhealthy', () => {
    const task = stopped('0a', {
      stopCode: 'ServiceSchedulerInitiated',
      stoppedReason: `Task failed ELB health checks in (target-group ${TARGET_GROUP})`,
      containers: [container({ exitCode: 0 })]
    })
    const unhealthy = (id: string, why: string) =>
      `(service web) (task ${id}) (port 8080) is unhealthy in (target-group ${TARGET_GROUP}) due to (reason ${why}).`
    const messages = [
      unhealthy('0b', 'Request timed out'),
      unhealthy('0a', 'Health checks failed with these codes: [503]')
    ]
    expect(read(messages, [task])?.sentence).toBe(
      "1 of 1 task: the load balancer's health check of web-tg failed (Health checks failed with these codes: [503])"
    )
  })

  test('say that a target group is gone', () => {
    const message = `(service web) task set (ecs-svc/2) (task 0a) is not healthy in target-group (${TARGET_GROUP}) due to TARGET GROUP IS NOT FOUND`
    const found = read([message], [stopped('0a', { stoppedReason: 'Task failed to start' })])
    expect(found).toMatchObject({
      sentence: 'the load balancer says: target group is not found',
      code: 'target-group-missing'
    })
  })

  test('about the tasks of others do not count', () => {
    expect(read(['(service web) (task 0b) failed container health checks.'])).toBeUndefined()
    const mine = stopped('0a', { stoppedReason: 'Task failed to start' })
    expect(read(['(service web) (task 0a) failed container health checks.'], [mine])?.code).toBe('failed-health-check')
  })

  test('explain tasks that do not explain themselves', () => {
    const message = EVENTS[0]?.[0] ?? ''
    const found = read([message], [stopped('0a', { stoppedReason: 'Task failed to start' })])
    expect(found).toMatchObject({ sentence: `the image ${IMAGE} is not in the registry`, code: 'image-not-found' })
    expect(found?.evidence).toEqual(['task 0a: TaskFailedToStart · Task failed to start', `event: ${message}`])
  })

  test('never stop the diagnosis, whatever they say', () => {
    const pieces = EVENTS.flatMap(([message]) => message.split(' '))
    const message = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.array(fc.constantFrom(...pieces), { maxLength: 30 }).map(words => words.join(' '))
    )
    fc.assert(
      fc.property(fc.array(message, { maxLength: 8 }), messages => {
        const found = read(messages)
        expect(read(messages)).toEqual(found)
        expect(found?.sentence ?? '').not.toMatch(/[\p{Cc}\u2028\u2029]/u)
      })
    )
  })
})
