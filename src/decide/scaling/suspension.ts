/** What of a service's auto scaling is suspended. */
export interface SuspendedState {
  readonly dynamicScalingIn: boolean
  readonly dynamicScalingOut: boolean
  readonly scheduledScaling: boolean
}

/** Everything suspended: the state for the time of a deployment. */
export const ALL_SUSPENDED: SuspendedState = {
  dynamicScalingIn: true,
  dynamicScalingOut: true,
  scheduledScaling: true
}

/** Nothing suspended: auto scaling as it is where nobody touched it. */
export const NONE_SUSPENDED: SuspendedState = {
  dynamicScalingIn: false,
  dynamicScalingOut: false,
  scheduledScaling: false
}

/** Under this name the job's state keeps what the post step has to put back. */
export const SUSPENSION_STATE = 'suspended-auto-scaling'

/** What must be put back after the deployment; kept in the job's state, so that the post step can do it alone. */
export interface SuspensionRecord {
  readonly region: string
  readonly resourceId: string
  readonly before: SuspendedState
  /** Whether AWS has answered every attempt of the suspending call: until then it may act at any moment, also after later calls. */
  readonly isAnswered: boolean
  /** AWS took the call that puts it back after each that suspends it: to see that it has is all that is left. */
  readonly isPutBack?: true
  /** The desired count right before, when the deployment leaves it alone. */
  readonly desiredCount?: number
}

/** Whether both leave the same things suspended. */
export function sameSuspension(a: SuspendedState, b: SuspendedState): boolean {
  return (
    a.dynamicScalingIn === b.dynamicScalingIn &&
    a.dynamicScalingOut === b.dynamicScalingOut &&
    a.scheduledScaling === b.scheduledScaling
  )
}

/**
 * The state to put back: what the deployment suspended and is suspended still goes back to what it was; what somebody
 * else changed meanwhile is theirs.
 */
export function stateToRestore(now: SuspendedState, before: SuspendedState): SuspendedState {
  return {
    dynamicScalingIn: now.dynamicScalingIn && before.dynamicScalingIn,
    dynamicScalingOut: now.dynamicScalingOut && before.dynamicScalingOut,
    scheduledScaling: now.scheduledScaling && before.scheduledScaling
  }
}

/** Whether nothing is suspended that was not suspended before. */
export function isPutBack(now: SuspendedState, before: SuspendedState): boolean {
  return sameSuspension(stateToRestore(now, before), now)
}

/** What is suspended, as a clause: `scale-in and scheduled scaling are suspended`. */
export function describeSuspension(state: SuspendedState): string {
  const names = [
    ...(state.dynamicScalingIn ? ['scale-in'] : []),
    ...(state.dynamicScalingOut ? ['scale-out'] : []),
    ...(state.scheduledScaling ? ['scheduled scaling'] : [])
  ]
  if (names.length === 0) return 'nothing is suspended'
  const said = names.join(', ').replace(/, ([^,]*)$/, ' and $1')
  return `${said} ${names.length === 1 ? 'is' : 'are'} suspended`
}

/** The command that puts the recorded state back by hand. */
export function restoreCommand(record: Pick<SuspensionRecord, 'region' | 'resourceId' | 'before'>): string {
  const { before } = record
  const state = [
    `DynamicScalingInSuspended=${String(before.dynamicScalingIn)}`,
    `DynamicScalingOutSuspended=${String(before.dynamicScalingOut)}`,
    `ScheduledScalingSuspended=${String(before.scheduledScaling)}`
  ].join(',')
  return [
    'aws application-autoscaling register-scalable-target',
    `--region ${record.region}`,
    '--service-namespace ecs --scalable-dimension ecs:service:DesiredCount',
    `--resource-id ${record.resourceId}`,
    `--suspended-state ${state}`
  ].join(' ')
}

/** The record as it is written to the job's state. */
export function formatSuspensionRecord(record: SuspensionRecord): string {
  return JSON.stringify(record)
}

/** Reads a record back; undefined for anything that is not one. */
export function parseSuspensionRecord(text: string): SuspensionRecord | undefined {
  if (text === '') return undefined
  try {
    const parsed = JSON.parse(text) as Partial<SuspensionRecord>
    const before = parsed.before
    if (typeof parsed.region !== 'string' || typeof parsed.resourceId !== 'string') return undefined
    if (typeof before?.dynamicScalingIn !== 'boolean' || typeof before.dynamicScalingOut !== 'boolean') return undefined
    if (typeof before.scheduledScaling !== 'boolean') return undefined
    const { region, resourceId, isAnswered, isPutBack, desiredCount } = parsed
    const counted = typeof desiredCount === 'number' ? { desiredCount } : {}
    const done = isPutBack === true ? { isPutBack } : {}
    return { region, resourceId, before, isAnswered: isAnswered === true, ...done, ...counted }
  } catch {
    return undefined
  }
}

/** The resource that is named in what may be left of a record; undefined when none is. */
export function resourceIn(text: string): string | undefined {
  return /service\/[\w-]{1,255}\/[\w-]{1,255}/.exec(text)?.[0]
}
