import type { ECSClientConfig } from '@aws-sdk/client-ecs'
import { isClockSkewCorrectedError, isThrottlingError, isTransientError } from '@smithy/core/retry'
import { withoutSignedRequest } from '../../decide/signed-request.ts'
import { AwsFailure, inDoubt, LostAnswer, type Write } from '../../failure.ts'
import type { Clock } from '../clock.ts'
import { withParting } from '../parting.ts'
import { meaningOf } from './error-code.ts'
import { UnusableAnswer } from './unusable-answer.ts'

/** First pause after a refused call; doubled each time, so that a bucket of one call per second is outlasted. */
const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 8_000
/** About 45 seconds of patience in all. */
const DEFAULT_ATTEMPTS = 10
/** A name that does not resolve or a port that nobody listens on is a wrong region or endpoint, seldom a hiccup. */
const UNREACHABLE_ATTEMPTS = 3

/** AWS answers within seconds; without a limit a connection that went dead would hold the run up for ever. */
const ANSWER_TIMEOUT_MS = 30_000
/** Who looks every few seconds is blind for as long as one look takes: it is over soon, one way or another. */
const POLL_TIMEOUT_MS = 5_000
const POLL_ATTEMPTS = 3

/** A cancelled job has 7.5 s before its second signal; reports are still to be written then. */
const PARTING_MS = 2_500

/** ECS counts concurrent registrations of one family as a client's mistake, which the SDK therefore never retries. */
const CONCURRENT_REVISION = /too many concurrent attempts to create a new revision/i

/** How requests are signed, and carried to AWS, where it is not as the SDK does it. */
export type Transport = Pick<ECSClientConfig, 'requestHandler' | 'signerConstructor'>

/** The configuration of a client that leaves all retries to `call`. */
export function clientConfiguration({ region, transport }: CallPolicy): ClientConfiguration {
  return { region, maxAttempts: 1, ...transport }
}

interface ClientConfiguration extends Transport {
  readonly region: string
  readonly maxAttempts: number
}

/** What every call of one run shares. */
export interface CallPolicy {
  readonly clock: Clock
  readonly region: string
  readonly signal: AbortSignal
  /** How often a call is tried in all; input `max-retries`. */
  readonly attempts?: number | undefined
  /** How long AWS may take to answer. */
  readonly answerTimeoutMs?: number
  /** How long a call that changes something may still wait for its answer once the signal has aborted. */
  readonly partingMs?: number
  readonly transport?: Transport
  /** Told of every pause before another attempt. */
  readonly onRetry?: (operation: string, reason: string, pauseMs: number) => void
}

/**
 * What a call does when it is repeated: a `safe` read may be, and a `poll` is a read that its caller makes again anyway
 * or can do without: it is tried three times within a second, and has 5 seconds, after which it is not repeated.
 */
export type Repeat = 'safe' | 'poll' | Change

/** How a call is made that changes something. */
export interface Change {
  /**
   * Repeated at will when `idempotent`, else only when AWS surely did nothing. A function is asked before each repetition
   * whether the call is to be sent again: for writes whose effect depends on what others did meanwhile, which only a
   * fresh look can tell.
   */
  readonly repeat: 'idempotent' | 'only-if-refused' | (() => Promise<boolean>)
  /** The command that shows whether it was done. */
  readonly look: string
  /** Told of each attempt that may have been done, or may be done at any later moment, though it failed. */
  readonly onDoubt?: () => void
}

/** A call, as far as its failures tell of it. */
interface Called {
  readonly operation: string
  readonly region: string
  readonly write: Write | undefined
}

/**
 * Sends one request and retries it as `repeat` allows; throws AwsFailure, which tells of a change that any of its attempts
 * may have made. Cancelled, it throws the signal's reason, and LostAnswer where a change may have been made. The SDK's
 * own retries are switched off (`maxAttempts: 1`): they repeat an UpdateService whose answer was lost, which can start a
 * second deployment.
 */
export async function call<T>(
  policy: CallPolicy,
  operation: string,
  repeat: Repeat,
  send: (signal: AbortSignal) => Promise<T>
): Promise<T> {
  const write = typeof repeat === 'object' ? { operation, look: repeat.look } : undefined
  const called = { operation, region: policy.region, write }
  const attempts = policy.attempts ?? DEFAULT_ATTEMPTS
  let mayHaveActed = false
  try {
    for (let attempt = 1; ; attempt++) {
      policy.signal.throwIfAborted()
      const timeout = AbortSignal.timeout(answerTimeout(policy, repeat))
      try {
        return await sendOnce(policy, write !== undefined, timeout, send)
      } catch (error) {
        const isLate = timeout.aborted
        const failure = isLate ? noAnswer(error, called, 'the time for it ran out') : readError(error, called)
        // Cut off by the cancellation itself, it was sent all the same; where nobody listens, it was not.
        if (error === policy.signal.reason || (failure.mayHaveActed && !hasNoListener(error))) {
          mayHaveActed = true
          if (typeof repeat === 'object') repeat.onDoubt?.()
        }
        policy.signal.throwIfAborted()
        const limit = Math.min(attempts, mostAttempts(error, repeat))
        const isMissed = repeat === 'poll' && isLate
        if (attempt >= limit || isMissed || !mayRepeat(error, failure, repeat)) throw failure
        const pause = pauseBefore(attempt)
        policy.onRetry?.(operation, failure.message, pause)
        await policy.clock.sleep(pause, policy.signal)
        if (!(await isStillWanted(repeat))) throw failure
      }
    }
  } catch (error) {
    if (write === undefined || !mayHaveActed) throw error
    throw error === policy.signal.reason ? new LostAnswer(write, error) : inDoubt(error, write)
  }
}

/** A change is broken off late: whether it was done would never be known. */
function sendOnce<T>(
  { signal, partingMs = PARTING_MS }: CallPolicy,
  isChange: boolean,
  timeout: AbortSignal,
  send: (signal: AbortSignal) => Promise<T>
): Promise<T> {
  const race = (end: AbortSignal): Promise<T> => raced(AbortSignal.any([end, timeout]), send)
  return isChange ? withParting(signal, partingMs, race) : race(signal)
}

/** What fetches the credentials, a program at times, hears of no signal: it is not waited for when the signal aborts. */
function raced<T>(signal: AbortSignal, send: (signal: AbortSignal) => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      reject(signal.reason as Error)
    }
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
    send(signal)
      .then(resolve, reject)
      .finally(() => {
        signal.removeEventListener('abort', stop)
      })
  })
}

/** In milliseconds. */
function answerTimeout({ answerTimeoutMs = ANSWER_TIMEOUT_MS }: CallPolicy, repeat: Repeat): number {
  return repeat === 'poll' ? Math.min(answerTimeoutMs, POLL_TIMEOUT_MS) : answerTimeoutMs
}

function mostAttempts(error: unknown, repeat: Repeat): number {
  if (repeat === 'poll') return POLL_ATTEMPTS
  return hasNoListener(error) ? UNREACHABLE_ATTEMPTS : Infinity
}

function pauseBefore(attempt: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1))
}

function mayRepeat(error: unknown, failure: AwsFailure, repeat: Repeat): boolean {
  if (isThrottled(error) || isClockSkewCorrected(error) || CONCURRENT_REVISION.test(failure.message)) return true
  // Application Auto Scaling takes one update of a scalable target at a time.
  if (failure.awsCode === 'ConcurrentUpdateException') return true
  return !(typeof repeat === 'object' && repeat.repeat === 'only-if-refused') && failure.mayHaveActed
}

async function isStillWanted(repeat: Repeat): Promise<boolean> {
  return typeof repeat === 'object' && typeof repeat.repeat === 'function' ? repeat.repeat() : true
}

/** The SDK takes every LimitExceededException for a rate; ECR, ECS and Application Auto Scaling mean a full quota by it. */
function isThrottled(error: unknown): boolean {
  return error instanceof Error && error.name !== 'LimitExceededException' && isThrottlingError(error as never)
}

/** Signed by a clock that is wrong, and refused; by now the client knows AWS's time. */
function isClockSkewCorrected(error: unknown): boolean {
  return error instanceof Error && isClockSkewCorrectedError(error as never) === true
}

function hasNoListener(error: unknown): boolean {
  const code = (error as { code?: unknown }).code
  return code === 'ENOTFOUND' || code === 'ECONNREFUSED'
}

/** Errors of the connection carry no HTTP status: nobody knows how far the request came. */
function gotNoAnswer(error: Error): boolean {
  return (
    statusOf(error) === undefined &&
    (isTransientError(error as never) || typeof (error as { code?: unknown }).code === 'string')
  )
}

function statusOf(error: Error): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode
}

function noAnswer(cause: unknown, { operation, region, write }: Called, why: string): AwsFailure {
  return new AwsFailure('network', `${operation} in ${region} got no answer: ${why}`, {
    remedy: `check that the region ${region} is right and that this machine reaches it`,
    cause,
    awsCode: undefined,
    mayHaveActed: true,
    write
  })
}

function readError(error: unknown, called: Called): AwsFailure {
  const { operation, region, write } = called
  if (!(error instanceof Error)) return unknownError(error, called)
  const awsCode = error.name
  const words = withoutSignedRequest(error.message)
  const said = words === '' ? awsCode : words
  if (awsCode === 'CredentialsProviderError') {
    return new AwsFailure('credentials', `${operation} could not be called: ${said}`, {
      remedy: 'run aws-actions/configure-aws-credentials before this step, or set the AWS_* variables',
      cause: error,
      awsCode: undefined,
      mayHaveActed: false
    })
  }
  if (gotNoAnswer(error)) return noAnswer(error, called, networkSentence(error))
  if (error instanceof SyntaxError) {
    const flaw = error instanceof UnusableAnswer ? error.flaw : 'that is no JSON document'
    return new AwsFailure('aws-error', `${operation} in ${region} got an answer ${flaw}`, {
      cause: error,
      awsCode: undefined,
      mayHaveActed: true,
      write
    })
  }
  const { code, remedy } = meaningOf(awsCode, operation, words)
  return new AwsFailure(code, `${operation} failed: ${said}${said === awsCode ? '' : ` (${awsCode})`}`, {
    ...(remedy !== undefined && { remedy }),
    cause: error,
    awsCode,
    mayHaveActed: (statusOf(error) ?? 0) >= 500,
    write
  })
}

function unknownError(error: unknown, { operation, write }: Called): AwsFailure {
  return new AwsFailure('aws-error', `${operation} failed: ${String(error)}`, {
    cause: error,
    awsCode: undefined,
    mayHaveActed: true,
    write
  })
}

function networkSentence(error: Error): string {
  const code = (error as { code?: unknown }).code
  const words = withoutSignedRequest(error.message)
  return typeof code === 'string' && !words.includes(code) ? `${words} (${code})` : words
}
