/** Every way a run can go wrong, as a stable code that users may match on (output `reason-code`). */
export type FailureCode =
  | 'invalid-input'
  | 'invalid-task-definition'
  | 'file-not-found'
  | 'container-not-found'
  | 'cluster-not-found'
  | 'service-not-found'
  | 'service-inactive'
  | 'unsupported-controller'
  | 'repository-not-found'
  | 'image-not-found'
  | 'history-missing'
  | 'image-archived'
  | 'task-definition-not-found'
  | 'task-definition-inactive'
  | 'mutable-tag'
  | 'not-pinned'
  | 'version-differs'
  | 'mutable-repository'
  | 'tag-conflict'
  | 'tag-moved'
  | 'too-many-tags'
  | 'marker-tag'
  | 'vulnerabilities-found'
  | 'scan-incomplete'
  | 'circuit-breaker-off'
  | 'deployment-in-progress'
  | 'deployment-deadlock'
  | 'grace-period-too-short'
  | 'execution-role-missing'
  | 'no-rollback-candidate'
  | 'alarm-missing'
  | 'build-failed'
  | 'docker-unavailable'
  | 'access-denied'
  | 'credentials'
  | 'throttled'
  | 'aws-error'
  | 'network'
  | 'registry-error'
  | 'digest-mismatch'
  | 'circuit-breaker'
  | 'deployment-failed'
  | 'platform-mismatch'
  | 'pull-denied'
  | 'pull-rate-limited'
  | 'network-unreachable'
  | 'secret-unavailable'
  | 'log-group-missing'
  | 'log-configuration'
  | 'volume-unavailable'
  | 'role-not-assumable'
  | 'network-interface'
  | 'disk-full'
  | 'capacity-unavailable'
  | 'account-limit'
  | 'account-blocked'
  | 'infrastructure'
  | 'spot-interruption'
  | 'target-group-missing'
  | 'task-protection'
  | 'alarm-triggered'
  | 'lifecycle-hook-failed'
  | 'bad-entrypoint'
  | 'out-of-memory'
  | 'container-exited'
  | 'failed-health-check'
  | 'task-failed-to-start'
  | 'stopped-by-user'
  | 'superseded'
  | 'timed-out'
  | 'wrong-image-running'
  | 'nothing-ran'
  | 'not-all-seen'
  | 'auto-scaling-clamp'
  | 'auto-scaling-not-restored'
  | 'cancelled'
  | 'internal-error'

interface FailureDetails {
  /** What the reader can do about it, as an imperative sentence. */
  readonly remedy?: string
  readonly cause?: unknown
}

/** An expected failure: a sentence with the wrong value in it, a stable code, and the way out. */
export class Failure extends Error {
  readonly code: FailureCode
  readonly remedy: string | undefined

  constructor(code: FailureCode, sentence: string, details: FailureDetails = {}) {
    super(sentence, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'Failure'
    this.code = code
    this.remedy = details.remedy
  }
}

/** A failure and what to do about it in one line, for what a run goes on without. */
export function withRemedy({ message, remedy }: Failure): string {
  return remedy === undefined ? message : `${message}; ${remedy}`
}

/** A call that changes something, by what tells of it when its answer is lost. */
export interface Write {
  /** As IAM names it, e.g. `ecs:UpdateService`. */
  readonly operation: string
  /** The command that shows whether it was done. */
  readonly look: string
}

/** A cancellation left a write that was sent without an answer: whether it was done is not known. */
export class LostAnswer extends Failure {
  constructor({ operation, look }: Write, cause: unknown) {
    super('cancelled', `${operation} was sent and its answer is lost, so it may have been done`, {
      remedy: `see whether it was with: ${look}`,
      cause
    })
  }
}

/** A call that AWS refused or that got no answer. */
export class AwsFailure extends Failure {
  /** The service's own name of the error, e.g. `ServiceNotFoundException`; `undefined` when no answer came. */
  readonly awsCode: string | undefined
  /** Whether AWS may have done the work although the call failed: the answer was lost, or a server error hid it. */
  readonly mayHaveActed: boolean
  /** The call, when it is one that changes something. */
  readonly write: Write | undefined

  constructor(
    code: FailureCode,
    sentence: string,
    details: {
      remedy?: string
      cause: unknown
      awsCode: string | undefined
      mayHaveActed: boolean
      write?: Write | undefined
    }
  ) {
    super(code, sentence, details)
    this.awsCode = details.awsCode
    this.mayHaveActed = details.mayHaveActed
    this.write = details.write
  }
}

/** True when a write that ended in `error` surely did nothing: it was refused, or cancelled before it was sent. */
export function didNothing(error: unknown): boolean {
  if (error instanceof AwsFailure) return !error.mayHaveActed
  return isCancelled(error) && !(error instanceof LostAnswer)
}

/**
 * What ended the work on a write of which an earlier attempt may have been done, as a failure that says so: whatever was
 * refused after that attempt, it was sent. Only failures of calls are told so.
 */
export function inDoubt(error: unknown, write: Write): unknown {
  if (!(error instanceof AwsFailure) || mayBeDone(error)) return error
  const { message, code, remedy, awsCode } = error
  return new AwsFailure(code, `${message}; an earlier ${write.operation} may have been done all the same`, {
    ...(remedy !== undefined && { remedy }),
    cause: error,
    awsCode,
    mayHaveActed: true,
    write
  })
}

/** True when a write that ended in `error` may have been done: an attempt was sent, and nobody knows what became of it. */
export function mayBeDone(error: unknown): boolean {
  return error instanceof LostAnswer || (error instanceof AwsFailure && error.mayHaveActed && error.write !== undefined)
}

/** True when a cancellation is what ended the work. */
export function isCancelled(error: unknown): error is Failure {
  return error instanceof Failure && error.code === 'cancelled'
}

/** True when nothing else can be done after a failure: an expired token does not come back by waiting, nor a cancelled job. */
export function endsTheRun(failure: Failure): boolean {
  return failure.code === 'credentials' || isCancelled(failure)
}

/** True when `error` is AWS's answer with one of these error names. */
export function isAwsError(error: unknown, ...names: readonly string[]): error is AwsFailure {
  return error instanceof AwsFailure && error.awsCode !== undefined && names.includes(error.awsCode)
}
