import { describe, expect, test } from '@jest/globals'
import type { Finding } from '../../src/decide/service/preflight/finding.ts'
import type { Event } from '../../src/event.ts'
import { Failure } from '../../src/failure.ts'
import { findingsTo, withFindings } from '../../src/steps/tell-findings.ts'

function finding(severity: Finding['severity'], sentence: string): Finding {
  return { code: 'circuit-breaker-off', severity, sentence, remedy: `mend ${sentence}` }
}

function listen() {
  const events: Event[] = []
  const tell = findingsTo(event => {
    events.push(event)
  })
  return { events, tell }
}

describe('findings', () => {
  test('are told each once, however often they are found', () => {
    const { events, tell } = listen()
    tell([finding('hint', 'a'), finding('warning', 'b')])
    tell([finding('warning', 'b'), finding('hint', 'c')])
    expect(events).toEqual([
      { kind: 'warning', text: 'b (mend b)' },
      { kind: 'note', text: 'a (mend a)' },
      { kind: 'note', text: 'c (mend c)' }
    ])
  })

  test('that were told as warnings are errors all the same when they become such', () => {
    const { events, tell } = listen()
    tell([finding('warning', 'a')])
    expect(() => {
      tell([finding('error', 'a')])
    }).toThrow('a')
    expect(events).toHaveLength(1)
  })

  test('that are errors are one failure, after everything else was told', () => {
    const { events, tell } = listen()
    const found = [finding('error', 'a'), finding('warning', 'b'), finding('error', 'c')]
    expect(() => {
      tell(found)
    }).toThrow(expect.objectContaining({ code: 'circuit-breaker-off', message: 'a\nc', remedy: 'mend a; mend c' }))
    expect(events).toHaveLength(1)
  })
})

describe('a failure', () => {
  const failure = new Failure('image-not-found', 'no image', { remedy: 'push it' })

  test('keeps its code, and gets what else is wrong', () => {
    expect(withFindings(failure, [finding('warning', 'a'), finding('error', 'b')])).toMatchObject({
      code: 'image-not-found',
      message: 'no image\nb',
      remedy: 'push it; mend b',
      cause: failure
    })
  })

  test('is not told again what it says itself', () => {
    const whole = new Failure('deployment-deadlock', 'a\nb', { remedy: 'mend a; mend b' })
    expect(withFindings(whole, [finding('error', 'a'), finding('error', 'b')])).toBe(whole)
  })

  test('stays what it is where nothing else is wrong, and so does a bug', () => {
    expect(withFindings(failure, [finding('warning', 'a')])).toBe(failure)
    const bug = new TypeError('x')
    expect(withFindings(bug, [finding('error', 'b')])).toBe(bug)
  })
})
