import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { diagnose } from '../../../../src/decide/service/diagnosis/diagnosis.ts'
import type { TaskSnapshot } from '../../../../src/decide/service/snapshot.ts'
import { anyCharacter } from '../../../support/any-character.ts'
import { IMAGE_REASONS } from './catalogue-image.ts'
import { RESOURCE_REASONS } from './catalogue-resource.ts'
import { START_REASONS } from './catalogue-start.ts'
import { EXITS, STOPS, type RunRow } from './catalogue-run.ts'
import { container, stopped } from './tasks.ts'

const REGISTRY = '123456789012.dkr.ecr.eu-west-1.amazonaws.com'
const SHIM =
  'CannotStartContainerError: ResourceInitializationError: failed to create new container runtime task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: '

/** What AWS writes as stoppedReason when a task could not be started, and what a user reads. */
const NEVER_STARTED = [...IMAGE_REASONS, ...RESOURCE_REASONS, ...START_REASONS]

function read(task: TaskSnapshot) {
  const found = diagnose({
    stopped: [task],
    events: [],
    essential: ['web'],
    logGroups: new Map([['web', '/ecs/web']])
  })
  return found && { sentence: found.sentence, code: found.code, heals: found.heals, remedy: found.remedy }
}

function taskOf({ stopCode, reason, container: left }: RunRow): TaskSnapshot {
  return stopped('t1', { stopCode, stoppedReason: reason, containers: [container(left)] })
}

function reading({ words, code, heals, remedy }: RunRow) {
  return { sentence: `1 of 1 task: ${words}`, code, heals, remedy }
}

describe('a task that could not be started', () => {
  test.each(NEVER_STARTED)('%s', (_, stoppedReason, words, code, heals, remedy) => {
    expect(read(stopped('t1', { stoppedReason }))).toEqual({ sentence: `1 of 1 task: ${words}`, code, heals, remedy })
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

const EXITED = { stopCode: 'EssentialContainerExited', stoppedReason: 'Essential container in task exited' } as const

describe('a task whose container exited', () => {
  test.each(EXITS)('$name', row => {
    expect(read(taskOf(row))).toEqual(reading(row))
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

  test.each([
    [['plugin loader: exec /opt/plugin: exec format error, skipping']],
    [['exec /opt/plugin: exec format error', 'FATAL: cannot reach database']]
  ])('holds none for all that its log says when it ends otherwise: %j', lines => {
    const tasks = [stopped('t1', { ...EXITED, containers: [container({ exitCode: 255 })] })]
    const logs = [{ taskId: 't1', container: 'web', lines }]
    expect(diagnose({ stopped: tasks, events: [], essential: ['web'], logs })?.code).toBe('container-exited')
  })

  test('is explained by its exit code alone where ECS tells neither a reason nor a stop code', () => {
    const silent = { stopCode: undefined, stoppedReason: undefined, containers: [container({ exitCode: 7 })] }
    const found = diagnose({ stopped: [stopped('t1', silent)], events: [], essential: ['web'] })
    expect(found).toMatchObject({ code: 'container-exited', sentence: expect.stringContaining('code 7') })
  })
})

describe('a task that was stopped while it ran', () => {
  test.each(STOPS)('$name', row => {
    expect(read(taskOf(row))).toEqual(reading(row))
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
    fc.string({ unit: anyCharacter, maxLength: 300 }),
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
