import { containerUnhealthy, targetGroupName, unhealthyTarget } from './running-rules.ts'
import { find, plain, type Cause, type Subject } from './stop-rule.ts'
import { readStopReason, unknownCause } from './stop-reason.ts'

/** What a service event says of a cause, and of which task when it names one. */
export interface EventCause {
  readonly cause: Cause
  readonly taskId: string | undefined
}

/** Why a target group calls a task unhealthy. */
export interface TargetReason {
  /** Undefined for targets that are container instances. */
  readonly taskId: string | undefined
  readonly targetGroup: string
  readonly reason: string
}

/** The reason in an event about an unhealthy target; undefined for all other events. */
export function readTargetReason(message: string): TargetReason | undefined {
  const text = plain(message)
  const match =
    /is (?:un|not )healthy in \(?target-group (?<targetGroup>[^\s)]+)\)? due to (?:\(reason (?<reason>.*)\)|(?<bare>.*))$/.exec(
      text.replace(/\.$/, '')
    )
  const { targetGroup, reason, bare } = match?.groups ?? {}
  const why = reason ?? bare
  if (targetGroup === undefined || why === undefined) return undefined
  return { taskId: find(text, /\(task ([0-9a-f-]+)\)/), targetGroup: targetGroup.replace(/^\(/, ''), reason: why }
}

/** The ids of the tasks that an event says were started. */
export function startedTasks(message: string): readonly string[] {
  const text = plain(message)
  if (!/ has started \d+ tasks\b/.test(text)) return []
  return [...text.matchAll(/\(task ([0-9a-f-]+)\)/g)].flatMap(([, id]) => id ?? [])
}

/** The cause that a service event names; undefined for the events of ordinary life. */
export function readEvent(message: string, subject: Subject = {}): EventCause | undefined {
  const text = plain(message)
  const cause = causeOf(text, subject)
  return cause === undefined ? undefined : { cause, taskId: find(text, /\(task ([0-9a-f-]+)\)/) }
}

function causeOf(text: string, subject: Subject): Cause | undefined {
  const target = readTargetReason(text)
  if (target !== undefined) {
    return /GROUP IS NOT FOUND/.test(target.reason)
      ? targetGroupGone(target.targetGroup)
      : unhealthyTarget(target.targetGroup, target.reason)
  }
  if (/failed container health checks/.test(text)) return containerUnhealthy(subject.container)
  const placement = find(text, /was unable to place (?:a task|tasks)\b.*?\bReason: (.*)/)
  if (placement !== undefined) return readStopReason(placement, subject) ?? unknownCause(placement, true)
  if (
    /unable to place|unable to reach steady state\. Reason|failed to launch a task|IAM .{1,80}(?:misconfigured|trust)/.test(
      text
    )
  ) {
    return readStopReason(text, subject)
  }
  return ofTheScheduler(text)
}

function targetGroupGone(targetGroup: string): Cause {
  return {
    code: 'target-group-missing',
    words: `the target group ${targetGroupName(targetGroup)} does not exist`,
    remedy: 'point loadBalancers of the service to a target group that exists and belongs to a listener',
    heals: 'no'
  }
}

function ofTheScheduler(text: string): Cause | undefined {
  if (/unable to stop or start tasks during a deployment/.test(text)) {
    return {
      code: 'deployment-deadlock',
      words: 'the percentages of the service allow neither to start nor to stop a task',
      remedy: 'raise maximumPercent, or lower minimumHealthyPercent, in the deployment configuration of the service',
      // What they allow depends on the desired count, and auto scaling may change that.
      heals: 'maybe'
    }
  }
  if (/operations are being throttled/.test(text)) {
    return {
      code: 'throttled',
      words: 'AWS throttles what ECS does for this service',
      remedy: 'wait, or deploy fewer services at once',
      heals: 'yes'
    }
  }
  const isProtected = find(text, /\(reason (\d+) tasks under protection\)/)
  if (isProtected !== undefined) {
    return {
      code: 'task-protection',
      words: `${isProtected} tasks under protection cannot be stopped`,
      remedy: 'wait until they finish their work, or end their scale-in protection',
      heals: 'maybe'
    }
  }
  const hook = find(text, /deployment failed: .{0,80}\b([A-Z]+(?:_[A-Z]+)+) lifecycle hook/)
  if (hook !== undefined) {
    return {
      code: 'lifecycle-hook-failed',
      words: `the lifecycle hook of the stage ${hook} ${/timed out/i.test(text) ? 'did not answer in time' : 'failed'}`,
      remedy: 'look at what the hook checks: the log of its Lambda function, or who answered the pause',
      heals: 'no'
    }
  }
  if (/deployment failed: .{0,80}\balarm/i.test(text)) {
    return {
      code: 'alarm-triggered',
      words: 'a CloudWatch alarm of the service went off',
      remedy: 'look at the alarm in CloudWatch: it says what got worse with this revision',
      heals: 'no'
    }
  }
  return undefined
}
