/** What befalls a process at one of its calls, or at one of its pauses. */
export type Accident =
  /**
   * It is killed: no call of it goes out any more, and no answer reaches it. The cloud has acted on the last one, or never
   * will, or does so in a moment.
   */
  | { readonly kind: 'death'; readonly acts: boolean | 'later' }
  /** The job is cancelled while the call is under way. */
  | { readonly kind: 'cancellation'; readonly acts: boolean }
  /** The job is cancelled during a pause. */
  | { readonly kind: 'cancelled-pause' }
  /** The cloud refuses this call and the next ones: so many of this operation, all of it, or all calls there are. */
  | {
      readonly kind: 'refusal'
      readonly error: string
      readonly status: number
      readonly calls: number | 'operation' | 'everything'
    }
  /** The connection is cut. */
  | { readonly kind: 'reset'; readonly acts: boolean }
  /** Half a minute passes without an answer. */
  | { readonly kind: 'silence'; readonly acts: boolean }
  /** The work is done, and the answer is not one. */
  | { readonly kind: 'garbage'; readonly body: string }

/** A process dies before the cloud acts, after it acted but before the answer arrives, and while the call is under way. */
export const DEATHS: readonly Accident[] = [
  { kind: 'death', acts: false },
  { kind: 'death', acts: true },
  { kind: 'death', acts: 'later' }
]

/** Somebody cancels the job at a call. */
export const CANCELLATIONS: readonly Accident[] = [
  { kind: 'cancellation', acts: false },
  { kind: 'cancellation', acts: true }
]

/** Everything else that may happen to a call. */
export const FAULTS: readonly Accident[] = [
  { kind: 'refusal', error: 'ThrottlingException', status: 400, calls: 3 },
  { kind: 'refusal', error: 'ThrottlingException', status: 400, calls: 'operation' },
  { kind: 'refusal', error: 'InternalFailure', status: 500, calls: 2 },
  { kind: 'refusal', error: 'AccessDeniedException', status: 400, calls: 'operation' },
  { kind: 'refusal', error: 'ExpiredTokenException', status: 400, calls: 'everything' },
  { kind: 'silence', acts: false },
  { kind: 'silence', acts: true },
  { kind: 'reset', acts: false },
  { kind: 'reset', acts: true },
  { kind: 'garbage', body: '{"service": {"status": "ACT' },
  { kind: 'garbage', body: '' }
]

/** An accident in words. */
export function nameOf(accident: Accident): string {
  switch (accident.kind) {
    case 'refusal':
      return `${accident.error} × ${String(accident.calls)}`
    case 'garbage':
      return accident.body === '' ? 'empty answer' : 'malformed JSON'
    case 'cancelled-pause':
      return 'cancellation in a pause'
    case 'death':
    case 'cancellation':
    case 'reset':
    case 'silence':
      if (accident.acts === 'later') return `${accident.kind} a moment before it acted`
      return `${accident.kind} ${accident.acts ? 'after' : 'before'} it acted`
  }
}
