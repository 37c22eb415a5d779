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
  | Refusal
  /** The connection is cut; the cloud has acted, or never will, or does so in a moment. */
  | { readonly kind: 'reset'; readonly acts: boolean | 'later' }
  /** The work is done and the connection cut, and what is called then is refused. */
  | { readonly kind: 'loss'; readonly then: Refusal }
  /** Half a minute passes without an answer. */
  | { readonly kind: 'silence'; readonly acts: boolean }
  /** The answer is not one; the work is done, or not. */
  | { readonly kind: 'garbage'; readonly acts: boolean; readonly body: string }

/** The cloud refuses this call and the next ones: so many of this operation, all of it, or all calls there are. */
interface Refusal {
  readonly kind: 'refusal'
  readonly error: string
  readonly status: number
  readonly calls: number | 'operation' | 'everything'
}

const THROTTLED: Refusal = { kind: 'refusal', error: 'ThrottlingException', status: 400, calls: 'operation' }
const DENIED: Refusal = { kind: 'refusal', error: 'AccessDeniedException', status: 400, calls: 'operation' }
const EXPIRED: Refusal = { kind: 'refusal', error: 'ExpiredTokenException', status: 400, calls: 'everything' }

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
  { ...THROTTLED, calls: 3 },
  THROTTLED,
  { kind: 'refusal', error: 'InternalFailure', status: 500, calls: 2 },
  DENIED,
  EXPIRED,
  { kind: 'silence', acts: false },
  { kind: 'silence', acts: true },
  { kind: 'reset', acts: false },
  { kind: 'reset', acts: true },
  { kind: 'garbage', acts: true, body: '{"service": {"status": "ACT' },
  { kind: 'garbage', acts: true, body: '' }
]

/** What may happen besides to a call of this operation: the refusal says nothing of the attempt before it. */
export function faultsOfWrite(operation: string): readonly Accident[] {
  if (!WRITES.test(operation)) return []
  const losses = [
    ...[THROTTLED, DENIED, EXPIRED].map(then => ({ kind: 'loss', then }) as const),
    { kind: 'garbage', acts: false, body: '' } as const
  ]
  // Of other writes a late one is nobody's to undo.
  return operation === 'application-autoscaling:RegisterScalableTarget'
    ? [...losses, { kind: 'reset', acts: 'later' }]
    : losses
}

const WRITES = /:(Register|Update|Stop|Put|Create|BatchDelete)/

/** The refusal that an accident is, or ends in. */
export function refusalIn(accident: Accident): Refusal | undefined {
  if (accident.kind === 'loss') return accident.then
  return accident.kind === 'refusal' ? accident : undefined
}

/** An accident in words. */
export function nameOf(accident: Accident): string {
  switch (accident.kind) {
    case 'refusal':
      return `${accident.error} × ${String(accident.calls)}`
    case 'loss':
      return `reset after it acted, then ${nameOf(accident.then)}`
    case 'garbage':
      return `${accident.body === '' ? 'empty answer' : 'malformed JSON'}${accident.acts ? '' : ', and nothing done'}`
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
