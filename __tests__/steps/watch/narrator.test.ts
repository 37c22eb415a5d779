import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parseCommand } from '../../../simulator/runner/command.ts'
import { harmless } from '../../../src/io/runner.ts'
import type { HookSnapshot, ServiceEvent } from '../../../src/decide/service/snapshot.ts'
import type { Observation } from '../../../src/decide/service/verdict.ts'
import type { Event } from '../../../src/event.ts'
import { logLines } from '../../../src/report/log.ts'
import { Narrator } from '../../../src/steps/watch/narrator.ts'
import { deployment, MINE, service, serviceDeployment } from '../../decide/service/snapshots.ts'
import { anyCharacter } from '../../support/any-character.ts'

function message(text: string, createdAt = 200): ServiceEvent {
  return { id: `${String(createdAt)} ${text}`, createdAt, message: text }
}

function running(count: number, events: readonly ServiceEvent[] = []): Observation {
  return { service: service([deployment(MINE.id, { runningCount: count })], { events }), serviceDeployment: undefined }
}

/** The lines that a narrator has for what is seen at these seconds. */
function tell(seen: readonly (readonly [atSeconds: number, seen: Observation])[], name = 'web'): readonly string[] {
  const events: Event[] = []
  const narrator = new Narrator(MINE, name, 0, undefined, event => events.push(event))
  for (const [atSeconds, observation] of seen) narrator.tell(observation, atSeconds * 1000)
  return events.flatMap(event => logLines(event)).map(({ text }) => text)
}

describe('the narrator', () => {
  test('has a line when something changed, and after half a minute without', () => {
    const seen = [0, 3, 6, 29, 30, 33, 59, 60, 63].map(at => [at, running(at < 33 ? 1 : 2)] as const)
    expect(tell(seen)).toEqual([
      'web  1/2 running',
      'web  still waiting after 30 s for 1 task to start',
      'web  2/2 running',
      'web  still waiting after 1 min 3 s for 2 tasks to be healthy'
    ])
  })

  test('tells each event since the start once, oldest first, without what all of them repeat', () => {
    const events = [message('(service web) third', 103), message('(service web) second', 102)]
    const old = message('(service web) of yesterday', 99)
    const lines = tell([
      [0, running(1, [message('(service web) second', 102), old])],
      [3, running(1, [...events, old])]
    ])
    expect(lines).toEqual(['web  ecs: second', 'web  1/2 running', 'web  ecs: third'])
  })

  test('says in the words of ECS what it cannot get', () => {
    const reason = '(service web) was unable to place a task. Reason: Capacity is unavailable at this time.'
    const lines = tell([0, 30].map(at => [at, running(1, [message(reason)])]))
    expect(lines.at(-1)).toBe(
      'web  still waiting after 30 s for 1 task to start (ecs: was unable to place a task. Reason: Capacity is unavailable at this time.)'
    )
  })
})

describe('a narrator of reads of which some are stale', () => {
  const failing = (failedTasks: number): Observation => ({
    service: service([deployment(MINE.id, { runningCount: 0, failedTasks })]),
    serviceDeployment: undefined
  })

  test('has no line for what comes back within a minute', () => {
    const seen = Array.from({ length: 20 }, (_, index) => [index * 3, running(index % 2)] as const)
    expect(tell(seen)).toEqual([
      'web  0/2 running',
      'web  1/2 running',
      'web  still waiting after 33 s for 1 task to start'
    ])
  })

  test('tells after a minute what is back for good', () => {
    const seen = Array.from({ length: 22 }, (_, index) => [index * 3, running(index === 1 ? 1 : 0)] as const)
    expect(tell(seen)).toEqual([
      'web  0/2 running',
      'web  1/2 running',
      'web  still waiting after 33 s for 2 tasks to start',
      'web  0/2 running'
    ])
  })

  test('takes no failed task back', () => {
    const seen = [1, 2, 1, 2, 1, 3, 2, 3, 1].map((failed, index) => [index * 3, failing(failed)] as const)
    expect(tell(seen)).toEqual([
      'web  0/2 running, 1 failed',
      'web  0/2 running, 2 failed',
      'web  0/2 running, 3 failed'
    ])
  })

  test('tells that ECS counts anew, when that is not read from before', () => {
    const seen = [2, 0, 0, 0, 0, 0, 0, 0, 0, 1].map((failed, index) => [index * 3, failing(failed)] as const)
    expect(tell(seen)).toEqual(['web  0/2 running, 2 failed', 'web  0/2 running', 'web  0/2 running, 1 failed'])
  })
})

const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '::error::',
        '##[add-mask]web',
        '::stop-commands::x',
        '::',
        '##[',
        ']',
        '%0A',
        '\n',
        '\r',
        '\u2028'
      ),
      fc.constantFrom(
        '\u001b[2K',
        '\b',
        '\u0085',
        '\u200b',
        '\u202e',
        '\ud800',
        '\0',
        "'",
        '$(touch pwned)',
        '(service web) '
      ),
      fc.constantFrom(
        'was unable to place a task. Reason: ',
        '(task 0a) (port 1) is unhealthy in (target-group ',
        ') due to (reason ',
        'has begun draining connections on 2 tasks'
      ),
      fc.string({ unit: anyCharacter, maxLength: 4 })
    ),
    { maxLength: 8 }
  )
  .map(parts => parts.join(''))

const hook: fc.Arbitrary<HookSnapshot> = fc.record({
  id: hostile,
  targetArn: fc.option(hostile, { nil: undefined }),
  status: fc.constantFrom('AWAITING_ACTION', 'IN_PROGRESS'),
  expiresAt: fc.oneof(fc.constant(undefined), fc.double()),
  timeoutAction: fc.option(hostile, { nil: undefined })
})

const observation: fc.Arbitrary<Observation> = fc
  .record({
    runningCount: fc.nat(2),
    messages: fc.array(hostile, { maxLength: 3 }),
    arn: hostile,
    lifecycleStage: fc.option(hostile, { nil: undefined }),
    hooks: fc.array(hook, { maxLength: 2 }),
    isListed: fc.boolean()
  })
  .map(({ runningCount, messages, isListed, ...api }) => ({
    service: service([deployment(MINE.id, { runningCount })], { events: messages.map(text => message(text)) }),
    serviceDeployment: isListed ? serviceDeployment('IN_PROGRESS', api) : undefined
  }))

describe('what a narrator says of hostile text', () => {
  test('is one line each, and no command of the runner', () => {
    fc.assert(
      fc.property(fc.array(observation, { maxLength: 4 }), hostile, (observations, name) => {
        const lines = tell(
          observations.flatMap((seen, index) => [[index * 600, seen] as const, [index * 600 + 301, seen] as const]),
          name
        )
        for (const line of lines) {
          const printed = harmless(`   ${line}`)
          expect(printed).not.toMatch(/[\r\n\u2028\u2029\u001b]/)
          expect(parseCommand(printed, () => true)).toBeUndefined()
          expect(printed.length).toBeLessThan(2000)
        }
      }),
      { numRuns: 300 }
    )
  })
})
