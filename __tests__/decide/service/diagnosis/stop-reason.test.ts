import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { diagnose } from '../../../../src/decide/service/diagnosis/diagnosis.ts'
import type { TaskSnapshot } from '../../../../src/decide/service/snapshot.ts'
import { IMAGE_REASONS } from './catalogue-image.ts'
import { RESOURCE_REASONS } from './catalogue-resource.ts'
import { START_REASONS } from './catalogue-start.ts'
import { container, stopped } from './tasks.ts'

const REGISTRY = '123456789012.dkr.ecr.eu-west-1.amazonaws.com'
const SHIM =
  'CannotStartContainerError: ResourceInitializationError: failed to create new container runtime task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: '
const TARGET_GROUP = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web-tg/0123456789abcdef'

/** What AWS writes as stoppedReason when a task could not be started, and what a user reads. */
const NEVER_STARTED = [...IMAGE_REASONS, ...RESOURCE_REASONS, ...START_REASONS]

function read(task: TaskSnapshot) {
  const found = diagnose({
    stopped: [task],
    events: [],
    essential: ['web'],
    logGroups: new Map([['web', '/ecs/web']])
  })
  return found && { sentence: found.sentence, code: found.code, heals: found.heals }
}

describe('a task that could not be started', () => {
  test.each(NEVER_STARTED)('%s', (_, stoppedReason, words, code, heals) => {
    expect(read(stopped('t1', { stoppedReason }))).toEqual({ sentence: `1 of 1 task: ${words}`, code, heals })
  })

  test('is read from the reason of its container when its own says nothing', () => {
    const reason = `${SHIM}exec: "serve": executable file not found in $PATH`
    const task = stopped('t1', { stoppedReason: 'Task failed to start', containers: [container({ reason })] })
    expect(read(task)?.sentence).toBe('1 of 1 task: container web could not be started: "serve" is not in the image')
  })

  test('is not taken for a missing secret because of its name', () => {
    const image = `${REGISTRY}/secretsmanager-log-group:1`
    const stoppedReason = `CannotPullContainerError: failed to resolve ref ${image}: not found`
    expect(read(stopped('t1', { stoppedReason }))?.code).toBe('image-not-found')
  })
})

/** Exit codes of the essential container and what a user reads. */
const EXITS: readonly (readonly [exitCode: number, words: string, heals: string])[] = [
  [0, 'container web exited with code 0 (its command finished, and a service needs one that stays)', 'maybe'],
  [1, 'container web exited with code 1', 'maybe'],
  [126, 'container web exited with code 126 (its command is not executable)', 'no'],
  [127, 'container web exited with code 127 (its command was not found)', 'no'],
  [134, 'container web exited with code 134 (it aborted, SIGABRT)', 'maybe'],
  [136, 'container web exited with code 136 (signal 8)', 'maybe'],
  [137, 'container web exited with code 137 (it was killed, often for lack of memory)', 'maybe'],
  [139, 'container web exited with code 139 (it crashed with a segmentation fault)', 'maybe'],
  [143, 'container web exited with code 143 (it was asked to stop, SIGTERM)', 'maybe'],
  [255, 'container web exited with code 255 (an error of its own, or a binary for another CPU architecture)', 'maybe']
]

const EXITED = { stopCode: 'EssentialContainerExited', stoppedReason: 'Essential container in task exited' } as const

describe('a task whose container exited', () => {
  test.each(EXITS)('22: with code %i', (exitCode, words, heals) => {
    const task = stopped('t1', { ...EXITED, containers: [container({ exitCode })] })
    expect(read(task)).toEqual({ sentence: `1 of 1 task: ${words}`, code: 'container-exited', heals })
  })

  test.each([
    ['OutOfMemoryError: Container killed due to memory usage', 137],
    ['OutOfMemoryError: container killed due to memory usage', 1]
  ])('22a: %s, code %i', (reason, exitCode) => {
    const task = stopped('t1', { ...EXITED, containers: [container({ exitCode, reason })] })
    const sentence = `1 of 1 task: container web ran out of memory (exit code ${String(exitCode)})`
    expect(read(task)).toEqual({ sentence, code: 'out-of-memory', heals: 'maybe' })
  })

  test('is explained by the essential container, not by its side containers', () => {
    const containers = [container({ name: 'proxy', exitCode: 2 }), container({ exitCode: 143 })]
    expect(read(stopped('t1', { ...EXITED, containers }))?.sentence).toMatch(/container web exited with code 143/)
  })

  test.each([
    [[137, 1], 'b'],
    [[143, 0], 'b'],
    [[0, 137], 'b'],
    [[139, 143], 'a']
  ])('is explained by the container that went first: %j → %s', ([a = 0, b = 0], first) => {
    const containers = [container({ name: 'a', exitCode: a }), container({ name: 'b', exitCode: b })]
    const found = diagnose({ stopped: [stopped('t1', { ...EXITED, containers })], events: [], essential: ['a', 'b'] })
    expect(found?.suspects).toEqual([{ taskId: 't1', container: first }])
  })

  test('22b: holds a binary for another CPU when its log says so, in every task', () => {
    const tasks = ['t1', 't2'].map(id => stopped(id, { ...EXITED, containers: [container({ exitCode: 255 })] }))
    const logs = [{ taskId: 't1', container: 'web', lines: ['starting', 'exec /app/web: exec format error'] }]
    const found = diagnose({ stopped: tasks, events: [], essential: ['web'], logs })
    expect(found).toMatchObject({
      sentence: '2 of 2 tasks: container web holds a binary for another CPU architecture (exec format error)',
      code: 'platform-mismatch',
      heals: 'no'
    })
  })
})

/** Stops of tasks that ran: stop code, reason, and what a user reads. */
const STOPPED_LATER: readonly (readonly [string, string, string, string, string])[] = [
  [
    'ServiceSchedulerInitiated',
    `Task failed ELB health checks in (target-group ${TARGET_GROUP})`,
    "the load balancer's health check of web-tg failed",
    'failed-health-check',
    'maybe'
  ],
  [
    'ServiceSchedulerInitiated',
    'Task failed ELB health checks in (elb classic)',
    "the load balancer's health check of classic failed",
    'failed-health-check',
    'maybe'
  ],
  [
    'ServiceSchedulerInitiated',
    'Task failed container health checks',
    'the health check of container web failed',
    'failed-health-check',
    'maybe'
  ],
  [
    'SpotInterruption',
    'Your Spot Task was interrupted.',
    'AWS took back the Spot capacity',
    'spot-interruption',
    'yes'
  ],
  ['TerminationNotice', '', 'AWS took back the Spot capacity', 'spot-interruption', 'yes'],
  ['InfrastructureHealth', '', 'the infrastructure under the task failed', 'infrastructure', 'yes'],
  ['UserInitiated', 'Task stopped by user', 'somebody stopped the task', 'stopped-by-user', 'yes'],
  [
    'UserInitiated',
    'CannotPullContainerError: not found\n::error::ha',
    'somebody stopped the task ("CannotPullContainerError: not found ::error::ha")',
    'stopped-by-user',
    'yes'
  ]
]

describe('a task that was stopped while it ran', () => {
  test.each(STOPPED_LATER)('%# %s', (stopCode, stoppedReason, words, code, heals) => {
    const task = stopped('t1', { stopCode, stoppedReason, containers: [container({ exitCode: 137 })] })
    expect(read(task)).toEqual({ sentence: `1 of 1 task: ${words}`, code, heals })
  })

  test.each([
    ['26', 'Scaling activity initiated by (deployment ecs-svc/2)'],
    ['28', 'ECS is performing maintenance on the underlying infrastructure hosting the task']
  ])('%s: %s is ordinary life', (_, stoppedReason) => {
    expect(read(stopped('t1', { stopCode: 'ServiceSchedulerInitiated', stoppedReason }))).toBeUndefined()
  })
})

describe('whatever AWS writes', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc
      .array(fc.constantFrom(...NEVER_STARTED.flatMap(([, reason]) => reason.split(/(?<=[:,.'"(]) ?/))), {
        maxLength: 12
      })
      .map(pieces => pieces.join(' '))
  )
  const task = fc
    .record({
      stopCode: fc.constantFrom(undefined, 'TaskFailedToStart', 'EssentialContainerExited', 'UserInitiated', 'New'),
      stoppedReason: fc.option(text, { nil: undefined }),
      name: text,
      reason: fc.option(text, { nil: undefined }),
      exitCode: fc.option(fc.integer(), { nil: undefined })
    })
    .map(({ stopCode, stoppedReason, ...changes }) =>
      stopped('t1', { stopCode, stoppedReason, containers: [container(changes)] })
    )

  test('the sentence is one line, and the same each time', () => {
    fc.assert(
      fc.property(task, one => {
        const found = read(one)
        expect(read(one)).toEqual(found)
        expect(found?.sentence ?? '').not.toMatch(/[\p{Cc}\u2028\u2029]/u)
      })
    )
  })
})
