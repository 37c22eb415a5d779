import { describe, expect, test } from '@jest/globals'
import { AwsFailure, didNothing } from '../../../src/failure.ts'
import type { Repeat } from '../../../src/io/aws/call.ts'
import { attempt, failureOf, IDEMPOTENT, LOOK, OK } from './attempt.ts'
import { refusal, type Answer } from './server.ts'

describe('a change that fails in the end', () => {
  const LOST = refusal('ServerException', 500)
  const EXPIRED = refusal('ExpiredTokenException')
  const THROTTLED = refusal('ThrottlingException')
  const AGAIN: Repeat = { repeat: () => Promise.resolve(true), look: LOOK }

  test.each<[string, readonly Answer[], Repeat]>([
    ['refused after a lost answer', [LOST, EXPIRED], IDEMPOTENT],
    ['throttled to the end after a lost answer', [LOST, ...Array<Answer>(9).fill(THROTTLED)], IDEMPOTENT],
    ['refused after a lost answer and a look', [LOST, EXPIRED], AGAIN],
    ['refused after a silence', ['silence', EXPIRED], IDEMPOTENT]
  ])('%s may have been made, and says so', async (_, answers, repeat) => {
    const failure = failureOf(await attempt(answers, repeat, { answerTimeoutMs: 200 }))
    expect(failure).toMatchObject({ mayHaveActed: true, write: { operation: 'ecs:DescribeClusters', look: LOOK } })
    expect(failure.message).toMatch(/Exception\); an earlier ecs:DescribeClusters may have been done all the same$/)
    expect(failure.code).not.toBe('aws-error')
    expect(didNothing(failure)).toBe(false)
  })

  test('may have been made where the look at it was refused', async () => {
    const refused = new AwsFailure('access-denied', 'ecs:ListClusters failed', {
      cause: undefined,
      awsCode: 'AccessDeniedException',
      mayHaveActed: false
    })
    const repeat: Repeat = { repeat: () => Promise.reject(refused), look: LOOK }
    expect(failureOf(await attempt([LOST], repeat))).toMatchObject({ code: 'access-denied', mayHaveActed: true })
    expect(failureOf(await attempt([THROTTLED], repeat))).toBe(refused)
  })

  test.each<[string, readonly Answer[]]>([
    ['once', [EXPIRED]],
    ['each time', [THROTTLED, EXPIRED]]
  ])('refused %s was surely not made', async (_, answers) => {
    expect(didNothing(failureOf(await attempt(answers, IDEMPOTENT)))).toBe(true)
  })

  test('tells of each attempt in doubt, also when a later one is answered', async () => {
    let doubts = 0
    const repeat: Repeat = { repeat: 'idempotent', look: LOOK, onDoubt: () => doubts++ }
    expect(await attempt([LOST, THROTTLED, LOST, OK], repeat)).toMatchObject({ outcome: { clusters: [] } })
    expect(doubts).toBe(2)
  })
})
