import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { diagnose } from '../../../../src/decide/service/diagnosis/diagnosis.ts'
import type { TaskSnapshot } from '../../../../src/decide/service/snapshot.ts'
import { anyCharacter } from '../../../support/any-character.ts'
import { EVENTS, TARGET_GROUP } from './catalogue-events.ts'
import { container, event, IMAGE, stopped } from './tasks.ts'

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
    expect(found?.sentence).toBe(
      '2 of 6 tasks: container web exited with code 3; 1 of 6: container web exited with code 1'
    )
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

  test.each([
    'failed to create new container runtime task',
    'failed to create…',
    'failed to create new container runtime task: failed to create shim task: OCI runtime create failed'
  ])('are read by the reason of a container when their own is cut off: %s', cut => {
    const category = 'CannotStartContainerError: ResourceInitializationError: '
    const whole =
      'failed to create new container runtime task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "serve": executable file not found in $PATH: unknown'
    const containers = [container({ reason: category + whole })]
    const found = read([], [stopped('1', { stoppedReason: category + cut, containers })])
    expect(found).toMatchObject({
      code: 'bad-entrypoint',
      sentence: '1 of 1 task: container web could not be started: "serve" is not in the image'
    })
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
      sentence: 'the target group web-tg does not exist',
      code: 'target-group-missing'
    })
  })

  test('about the tasks of others do not count', () => {
    expect(read(['(service web) (task 0b) failed container health checks.'])).toBeUndefined()
    const mine = stopped('0a', { stoppedReason: 'Task failed to start' })
    expect(read(['(service web) (task 0a) failed container health checks.'], [mine])?.code).toBe('failed-health-check')
  })

  test('tell of tasks that are not seen any more, if they were started meanwhile', () => {
    const failed = '(service web) (task 0b) failed container health checks.'
    const started = '(service web) has started 2 tasks: (task 0a) (task 0b).'
    expect(read([failed, started])).toMatchObject({
      sentence: 'the health check of container web failed',
      evidence: [`event: ${failed}`]
    })
    const mine = stopped('0a', { stoppedReason: NO_PLATFORM })
    expect(read([failed, started], [mine])?.evidence).toEqual([`task 0a: TaskFailedToStart · ${NO_PLATFORM}`])
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
      fc.string({ unit: anyCharacter, maxLength: 200 }),
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
