import { Failure } from '../../failure.ts'
import type { Clock } from '../clock.ts'
import { Transient } from './refusal.ts'

/** How patient the client is, and who is told. */
export interface RetryPolicy {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** How often something is tried in all. */
  readonly attempts: number
  /** The longest pause that a registry may ask for, in milliseconds; a minute when left out. */
  readonly longestPauseMs?: number | undefined
  readonly onRetry?: ((operation: string, reason: string, pauseMs: number) => void) | undefined
}

const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 15_000

/** A registry that asks for more has an outage or a used-up limit: who reads of it now can do something about it. */
const LONGEST_ASKED_PAUSE_MS = 60_000

/** Does something again as long as it fails with Transient, with longer and longer pauses or those that were asked for. */
export async function withRetries<T>(policy: RetryPolicy, operation: string, attempt: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried++) {
    policy.signal.throwIfAborted()
    try {
      return await attempt()
    } catch (error) {
      policy.signal.throwIfAborted()
      if (!(error instanceof Transient) || tried >= policy.attempts) throw error
      await pauseAfter(policy, operation, error, tried)
    }
  }
}

/** Reads something once more when it had other bytes than its digest: what garbled them on the way may have passed. */
export async function rereadGarbled<T>(policy: RetryPolicy, operation: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'digest-mismatch') throw error
    await pauseAfter(policy, operation, new Transient(error), 1)
    return read()
  }
}

/** Waits before another attempt, and says so; throws the error where the registry asks for a longer pause than that. */
export async function pauseAfter(
  policy: RetryPolicy,
  operation: string,
  error: Transient,
  tried: number
): Promise<void> {
  if ((error.pauseMs ?? 0) > (policy.longestPauseMs ?? LONGEST_ASKED_PAUSE_MS)) throw error
  const pauseMs = error.pauseMs ?? Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (tried - 1))
  policy.onRetry?.(operation, error.message, pauseMs)
  await policy.clock.sleep(pauseMs, policy.signal)
}
