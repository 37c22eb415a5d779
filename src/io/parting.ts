import { Failure } from '../failure.ts'

/** Does `work` under a signal that aborts `graceMs` milliseconds after `signal` has: what is under way may still end. */
export async function withParting<T>(
  signal: AbortSignal,
  graceMs: number,
  work: (signal: AbortSignal) => Promise<T>
): Promise<T> {
  const late = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const start = (): void => {
    timer = setTimeout(() => {
      late.abort(signal.reason)
    }, graceMs)
  }
  if (signal.aborted) start()
  else signal.addEventListener('abort', start, { once: true })
  try {
    return await work(late.signal)
  } finally {
    signal.removeEventListener('abort', start)
    clearTimeout(timer)
  }
}

/** A signal that aborts in `ms` milliseconds: what a cancelled job does last is cancelled, too. */
export function cancelledIn(ms: number): AbortSignal {
  const end = new AbortController()
  setTimeout(() => {
    end.abort(new Failure('cancelled', 'the job was cancelled, and has no more time'))
  }, ms).unref()
  return end.signal
}
