import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Json } from '../../../../src/decide/json.ts'
import {
  blindAlarms,
  breakerOff,
  deadlock,
  noTasks,
  watchedAlarms
} from '../../../../src/decide/service/preflight/rollout.ts'
import type { ServiceSnapshot } from '../../../../src/decide/service/snapshot.ts'
import { service } from '../snapshots.ts'

function rolling(
  desiredCount: number,
  minimumHealthyPercent: number,
  maximumPercent: number,
  changes: Partial<ServiceSnapshot> = {}
): ServiceSnapshot {
  const deploymentConfiguration = { minimumHealthyPercent, maximumPercent }
  return service([], { desiredCount, runningCount: desiredCount, deploymentConfiguration, ...changes })
}

describe('a deadlock', () => {
  // The first four are AWS's own examples.
  test.each([
    [4, 50, 100, false],
    [2, 75, 125, true],
    [4, 100, 200, false],
    [3, 100, 125, true],
    [1, 100, 100, true],
    [1, 1, 199, true],
    [1, 0, 100, false],
    [1, 100, 200, false],
    [10, 91, 109, true],
    [10, 90, 109, false],
    [10, 91, 110, false],
    [0, 100, 100, false]
  ])('of %i tasks between %i and %i percent: %p', (desired, minimum, maximum, expected) => {
    expect(deadlock(rolling(desired, minimum, maximum), undefined)).toHaveLength(expected ? 1 : 0)
  })

  test('names the percentages that would do', () => {
    const [found] = deadlock(rolling(3, 100, 125), undefined)
    expect(found).toMatchObject({ code: 'deployment-deadlock', severity: 'error' })
    expect(found?.remedy).toContain('maximumPercent to 134 or more, or minimumHealthyPercent to 66 or less')
  })

  test('is mended by either percentage that is named, and by nothing less', () => {
    const percents = fc.tuple(fc.integer({ min: 1, max: 200 }), fc.nat(100), fc.integer({ min: 100, max: 200 }))
    fc.assert(
      fc.property(percents, ([desired, minimum, maximum]) => {
        const [found] = deadlock(rolling(desired, minimum, maximum), undefined)
        if (found === undefined) return
        const [enough = 0, lowEnough = 0] = (found.remedy.match(/\d+/g) ?? []).map(Number)
        expect(deadlock(rolling(desired, minimum, enough), undefined)).toEqual([])
        expect(deadlock(rolling(desired, lowEnough, maximum), undefined)).toEqual([])
        expect(deadlock(rolling(desired, minimum, enough - 1), undefined)).toHaveLength(1)
        expect(deadlock(rolling(desired, lowEnough + 1, maximum), undefined)).toHaveLength(1)
      })
    )
  })

  test('is about the desired count that the deployment asks for', () => {
    expect(deadlock(rolling(4, 75, 100), undefined)).toEqual([])
    expect(deadlock(rolling(4, 75, 100), 2)).toHaveLength(1)
  })

  test('there is none where no old task is left to be in the way', () => {
    expect(deadlock(rolling(2, 100, 100, { runningCount: 0 }), undefined)).toEqual([])
  })

  test('there is none where a second set of tasks is started', () => {
    const deploymentConfiguration = { minimumHealthyPercent: 100, maximumPercent: 100, strategy: 'BLUE_GREEN' }
    expect(deadlock(rolling(2, 100, 100, { deploymentConfiguration }), undefined)).toEqual([])
  })

  test('of daemons depends on the minimum alone: a new one has no place beside the old one', () => {
    const schedulingStrategy = 'DAEMON'
    expect(deadlock(rolling(3, 0, 100, { schedulingStrategy }), undefined)).toEqual([])
    const [found] = deadlock(rolling(3, 100, 200, { schedulingStrategy }), undefined)
    expect(found?.remedy).toBe(
      'set minimumHealthyPercent to 66 or less, in the deployment configuration of the service'
    )
  })
})

describe('a circuit breaker', () => {
  const on = service([], { deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: false } } })
  const off = service([], { deploymentConfiguration: { deploymentCircuitBreaker: { enable: false, rollback: false } } })

  test.each([
    ['on', on, 'require', undefined],
    ['on', on, 'ignore', undefined],
    ['off', off, 'enable', undefined],
    ['off', off, 'require', 'error'],
    ['off', off, 'ignore', 'warning'],
    ['never configured', service([], { deploymentConfiguration: {} }), 'require', 'error']
  ] as const)('that is %s, with %o %s: %s', (_, snapshot, mode, severity) => {
    const findings = breakerOff(snapshot, mode)
    expect(findings.map(found => found.severity)).toEqual(severity === undefined ? [] : [severity])
  })
})

describe('a desired count of 0', () => {
  test.each([
    [0, undefined, 1],
    [2, 0, 1],
    [0, 2, 0],
    [2, undefined, 0]
  ])('now %i, asked for %p: %i hints', (desiredCount, asked, expected) => {
    expect(noTasks(service([], { desiredCount }), asked)).toHaveLength(expected)
  })

  test('of a daemon means that there is no instance', () => {
    const [found] = noTasks(service([], { desiredCount: 0, schedulingStrategy: 'DAEMON' }), undefined)
    expect(found?.remedy).toContain('container instance')
  })
})

describe('alarms', () => {
  function watching(alarms: Json): ServiceSnapshot {
    return service([], { deploymentConfiguration: { alarms } })
  }

  test.each([
    ['none', {}, []],
    ['switched off', { enable: false, rollback: false, alarmNames: ['a'] }, []],
    ['switched on', { enable: true, rollback: true, alarmNames: ['a', 'b'] }, ['a', 'b']]
  ])('that are watched: %s', (_, alarms, names) => {
    expect(watchedAlarms(watching(alarms))).toEqual(names)
  })

  const two = watching({ enable: true, rollback: true, alarmNames: ['errors', 'latency'] })

  test.each<[string, Record<string, string>, readonly string[]]>([
    ['all fine', { errors: 'OK', latency: 'INSUFFICIENT_DATA' }, []],
    [
      'one in ALARM',
      { errors: 'OK', latency: 'ALARM' },
      ['in ALARM already: latency; ECS ignores it and with it all alarms of the service for this deployment of web']
    ],
    [
      'both in ALARM',
      { errors: 'ALARM', latency: 'ALARM' },
      [
        'in ALARM already: errors, latency; ECS ignores them and with them all alarms of the service for this deployment of web'
      ]
    ],
    ['one gone', { errors: 'OK' }, ['web is to be watched by alarms that do not exist: latency']],
    [
      'one gone and one in ALARM',
      { errors: 'ALARM' },
      [
        'in ALARM already: errors; ECS ignores it and with it all alarms of the service for this deployment of web',
        'web is to be watched by alarms that do not exist: latency'
      ]
    ]
  ])('that would stop nothing: %s', (_, states, sentences) => {
    const findings = blindAlarms(two, new Map(Object.entries(states)))
    expect(findings.map(({ sentence }) => sentence)).toEqual(sentences)
    expect(findings.every(({ severity }) => severity === 'warning')).toBe(true)
  })
})
