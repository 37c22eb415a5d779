import { describe, expect, test } from '@jest/globals'
import { AwsFailure, Failure, type FailureCode } from '../../../src/failure.ts'
import { call, type CallPolicy, type Repeat, type Transport } from '../../../src/io/aws/call.ts'
import { attempt, failureOf, IDEMPOTENT, LOOK, OK, ONCE, servers } from './attempt.ts'
import { refusal, serve, type Answer } from './server.ts'

const CANCELLED = new Failure('cancelled', 'the job was cancelled')

/** Sockets that break: their real errors come from outside of this test's realm, where the SDK does not know them. */
function broken(code: string): Transport {
  return { requestHandler: { handle: () => Promise.reject(Object.assign(new Error(code), { code })) } }
}

describe('a call is repeated', () => {
  const TROUBLES: readonly (readonly [string, Answer])[] = [
    ['status 500', refusal('ServerException', 500)],
    ['status 502', { status: 502, body: 'bad gateway' }],
    ['status 503', refusal('ServiceUnavailable', 503)],
    ['status 504', { status: 504, body: '' }],
    ['an answer that is no JSON', { body: '<html>' }]
  ]
  const REFUSALS: readonly (readonly [string, Answer])[] = [
    ['ThrottlingException', refusal('ThrottlingException')],
    ['TooManyRequestsException', refusal('TooManyRequestsException')],
    ['status 429', refusal('Unheard', 429)],
    [
      'concurrent registrations',
      refusal('ClientException', 400, 'Too many concurrent attempts to create a new revision of the specified family.')
    ]
  ]

  test.each([...TROUBLES, ...REFUSALS])('after %s when it may be done twice', async (_, answer) => {
    const { outcome, calls } = await attempt([answer, answer, OK])
    expect(outcome).toMatchObject({ clusters: [] })
    expect(calls).toBe(3)
  })

  test.each(REFUSALS)('after %s also when it may be done once only', async (_, answer) => {
    expect(await attempt([answer, OK], ONCE)).toMatchObject({ outcome: { clusters: [] }, calls: 2 })
  })

  test.each(TROUBLES)('never after %s when it may be done once only', async (_, answer) => {
    const attempted = await attempt([answer, OK], ONCE)
    expect(attempted.calls).toBe(1)
    expect(failureOf(attempted).mayHaveActed).toBe(true)
  })

  test.each([...TROUBLES, ...REFUSALS])('after %s only if whoever decides says so', async (_, answer) => {
    const decide = (...decisions: boolean[]): Repeat => {
      return { repeat: () => Promise.resolve(decisions.shift() ?? false), look: LOOK }
    }
    expect(await attempt([answer, answer, OK], decide(true, true))).toMatchObject({ calls: 3 })
    const refused = await attempt([answer, answer, OK], decide(true, false))
    expect(refused.calls).toBe(2)
    expect(failureOf(refused)).toBeInstanceOf(AwsFailure)
  })

  test('when the clock of this machine was wrong', async () => {
    const date = new Date(Date.now() + 3_600_000).toUTCString()
    const message = 'Signature expired: 20260105T000000Z is now earlier than 20260105T000500Z'
    const skewed = refusal('InvalidSignatureException', 403, message, { date })
    expect(await attempt([skewed, OK], ONCE)).toMatchObject({ outcome: { clusters: [] }, calls: 2 })
  })

  test('with pauses that grow to a limit, as often as it was asked for', async () => {
    const { calls, pauses } = await attempt([refusal('ThrottlingException')])
    expect(calls).toBe(10)
    expect(pauses).toEqual([250, 500, 1000, 2000, 4000, 8000, 8000, 8000, 8000])
    expect((await attempt([refusal('ThrottlingException')], 'safe', { attempts: 1 })).calls).toBe(1)
  })

  test('and whoever listens is told why', async () => {
    const told: unknown[] = []
    await attempt([refusal('ThrottlingException'), OK], 'safe', { onRetry: (...what) => told.push(what) })
    expect(told).toEqual([['ecs:DescribeClusters', expect.stringContaining('ThrottlingException'), 250]])
  })
})

describe('a call fails', () => {
  test.each<[string, number, FailureCode, string]>([
    ['AccessDeniedException', 400, 'access-denied', 'allow ecs:DescribeClusters'],
    ['ExpiredTokenException', 400, 'credentials', 'configure-aws-credentials'],
    ['UnrecognizedClientException', 400, 'credentials', 'configure-aws-credentials'],
    ['InvalidSignatureException', 403, 'credentials', 'configure-aws-credentials'],
    ['SignatureDoesNotMatch', 403, 'credentials', 'configure-aws-credentials']
  ])('at once by %s, with the remedy', async (name, status, code, remedy) => {
    const attempted = await attempt([refusal(name, status)])
    expect(attempted.calls).toBe(1)
    expect(failureOf(attempted)).toMatchObject({ code, awsCode: name, mayHaveActed: false })
    expect(failureOf(attempted).message).toBe(`ecs:DescribeClusters failed: ${name}, it says (${name})`)
    expect(failureOf(attempted).remedy).toContain(remedy)
  })

  test.each(['InvalidSignatureException', 'SignatureDoesNotMatch', 'Unheard'])(
    'by %s without the request that AWS quotes, which is signed with the session token',
    async name => {
      const quoted = "The Canonical String for this request should have been\n'POST\nx-amz-security-token:IQoJ'"
      const attempted = await attempt([refusal(name, 403, `it does not match.\n\n${quoted}`)])
      expect(failureOf(attempted).message).toBe(`ecs:DescribeClusters failed: it does not match. (${name})`)
    }
  )

  test('at once by a role that may not be passed, which ECS calls a mistake of the client at times', async () => {
    const role = 'arn:aws:iam::123456789012:role/exec'
    const said = `User: arn:aws:sts::123456789012:assumed-role/ci/x is not authorized to perform: iam:PassRole on resource: ${role} because no identity-based policy allows the iam:PassRole action`
    const attempted = await attempt([refusal('ClientException', 400, said)])
    expect(failureOf(attempted)).toMatchObject({ code: 'access-denied', awsCode: 'ClientException' })
    expect(failureOf(attempted).remedy).toMatch(/^allow iam:PassRole in the policy of the role .*role\/exec/)
  })

  test('at once by a mistake of the client', async () => {
    const attempted = await attempt([refusal('InvalidParameterException')])
    expect(attempted.calls).toBe(1)
    expect(failureOf(attempted)).toMatchObject({ code: 'aws-error', remedy: undefined, mayHaveActed: false })
  })

  test('at once by a quota that is full, which the SDK takes for a rate', async () => {
    const attempted = await attempt([refusal('LimitExceededException'), OK])
    expect(attempted.calls).toBe(1)
    expect(failureOf(attempted)).toMatchObject({ code: 'aws-error', awsCode: 'LimitExceededException' })
  })

  test('soon when nobody listens there', async () => {
    const attempted = await attempt([OK], 'safe', { transport: broken('ECONNREFUSED') })
    expect(attempted.pauses).toHaveLength(2)
    expect(failureOf(attempted)).toMatchObject({ code: 'network', awsCode: undefined })
    expect(failureOf(attempted).message).toContain('eu-west-1')
  })

  test.each<[string, Repeat, number]>([
    ['a read', 'safe', 9],
    ['a write', ONCE, 0]
  ])('when connections are cut under %s, after its pauses', async (_, repeat, pauses) => {
    const attempted = await attempt([OK], repeat, { transport: broken('ECONNRESET') })
    expect(attempted.pauses).toHaveLength(pauses)
    expect(failureOf(attempted)).toMatchObject({ code: 'network', mayHaveActed: true })
  })

  test('when the answer does not come in time', async () => {
    const attempted = await attempt(['silence'], 'safe', { answerTimeoutMs: 50, attempts: 2 })
    expect(attempted.calls).toBe(2)
    expect(failureOf(attempted)).toMatchObject({ code: 'network', mayHaveActed: true })
    expect((await attempt(['silence'], ONCE, { answerTimeoutMs: 50 })).calls).toBe(1)
  })

  test('when the answer to a poll does not come in time, at once: the next poll comes anyway', async () => {
    const attempted = await attempt(['silence'], 'poll', { answerTimeoutMs: 50 })
    expect(attempted).toMatchObject({ calls: 1, pauses: [] })
    expect(failureOf(attempted)).toMatchObject({ code: 'network', message: expect.stringContaining('ran out') })
  })

  test('of a poll within ten seconds', async () => {
    const startedAt = performance.now()
    expect((await attempt(['silence'], 'poll')).calls).toBe(1)
    expect(performance.now() - startedAt).toBeLessThan(11_000)
  }, 15_000)
})

describe('a cancelled job', () => {
  test('breaks off a read', async () => {
    const controller = new AbortController()
    const reason = new Error('cancelled')
    setTimeout(() => {
      controller.abort(reason)
    }, 50)
    const { outcome } = await attempt(['silence'], 'safe', { signal: controller.signal })
    expect(outcome).toBe(reason)
  })

  test('does not wait for credentials that nobody hands out', async () => {
    const controller = new AbortController()
    setTimeout(() => {
      controller.abort(new Error('cancelled'))
    }, 50)
    const policy: CallPolicy = {
      clock: { now: () => 0, sleep: () => Promise.resolve() },
      region: 'eu-west-1',
      signal: controller.signal
    }
    const never = () => new Promise<string>(() => undefined)
    await expect(call(policy, 'ecs:DescribeServices', 'safe', never)).rejects.toThrow('cancelled')
  })

  test('lets a change that is under way be answered', async () => {
    const controller = new AbortController()
    const server = await serve(OK)
    servers.push(server)
    const policy: CallPolicy = {
      clock: { now: () => 0, sleep: () => Promise.resolve() },
      region: 'eu-west-1',
      signal: controller.signal
    }
    const send = (signal: AbortSignal) => {
      controller.abort(new Error('cancelled'))
      return signal.aborted ? Promise.reject(new Error('broken off')) : Promise.resolve('done')
    }
    await expect(call(policy, 'ecs:UpdateService', ONCE, send)).resolves.toBe('done')
    await expect(call(policy, 'ecs:UpdateService', ONCE, send)).rejects.toThrow('cancelled')
  })
  const LOST = expect.objectContaining({
    message: 'ecs:DescribeClusters was sent and its answer is lost, so it may have been done',
    remedy: `see whether it was with: ${LOOK}`
  })

  test.each<[string, readonly Answer[], Repeat, unknown]>([
    ['a change whose answer does not come', ['silence'], ONCE, LOST],
    ['a change that waits to be repeated after a lost answer', [refusal('ServerException', 500)], IDEMPOTENT, LOST],
    ['a change that waits to be repeated after a refusal', [refusal('ThrottlingException')], ONCE, CANCELLED],
    ['a read', ['silence'], 'safe', CANCELLED]
  ])('breaks off %s, and says what is known of it', async (_, answers, repeat, expected) => {
    const controller = new AbortController()
    const cancel = (): void => {
      controller.abort(CANCELLED)
    }
    setTimeout(cancel, 50)
    const clock = {
      now: () => 0,
      sleep() {
        cancel()
        return Promise.reject(CANCELLED)
      }
    }
    expect((await attempt(answers, repeat, { signal: controller.signal, partingMs: 50, clock })).outcome).toEqual(
      expected
    )
  })
})
