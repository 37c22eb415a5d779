import { breakerIsOn } from '../decide/service/circuit-breaker.ts'
import type { Approval } from '../decide/service/approval.ts'
import type { Diagnosis } from '../decide/service/diagnosis/diagnosis.ts'
import type { ServiceSnapshot } from '../decide/service/snapshot.ts'
import { describeProgress } from '../decide/service/progress.ts'
import { counted } from '../decide/wording.ts'
import type { Event } from '../event.ts'
import type { RunResult } from '../outcome.ts'
import { duration, oneLine, sentencesOf, shortDigest, size } from './text.ts'

/** A line of the job's log; an annotation also stands on the run's page. */
export interface LogLine {
  readonly kind: 'heading' | 'line' | 'warning'
  readonly text: string
}

/** What the log says of an event; most say one line, some nothing. */
export function logLines(event: Event): readonly LogLine[] {
  switch (event.kind) {
    case 'phase':
      return [{ kind: 'heading', text: event.title }]
    case 'note':
      return line(event.text)
    case 'warning':
      return [{ kind: 'warning', text: oneLine(event.text) }]
    case 'service-found':
      return line(describeService(event.service, event.revision))
    case 'task-proven':
      return line(`task ${event.taskId} runs ${event.container} from ${shortDigest(event.digest)}`)
    case 'build-output':
      return line(`| ${event.line}`)
    case 'image-found':
      return line(`found ${event.reference} ${event.how}: ${shortDigest(event.digest)}`)
    case 'image-built':
      return line(`built and pushed ${event.repository}@${shortDigest(event.digest)}`)
    case 'tag-put':
      return line(`tagged ${event.repository}:${event.tag}`)
    case 'tag-kept':
      return line(`${event.repository}:${event.tag} is on this image already`)
    case 'revision-changes':
      return event.changes.length === 0 ? line('nothing changes') : event.changes.flatMap(line)
    case 'revision-registered':
      return line(`registered ${event.arn}`)
    case 'revision-reused':
      return line(`reusing ${event.arn}, which is the same`)
    case 'image-kept':
      return line(`${event.image} is this image already: ${shortDigest(event.digest)}`)
    case 'copy-started':
      return line(
        `copying ${counted(event.blobs, 'blob')} of ${counted(event.manifests, 'manifest')}, ${size(event.bytes)}`
      )
    case 'copy-progress':
      return line(`${event.source}  ${describeCopy(event)}`)
    case 'image-copied':
      return line(`copied ${event.source} to ${event.image}: ${shortDigest(event.digest)}`)
    case 'scaling-suspended':
      return line(`auto scaling of ${event.resourceId} is suspended until the deployment ends`)
    case 'scaling-restored':
      return line(`auto scaling of ${event.resourceId} is as it was before`)
    case 'deployment-started':
      return [...line(`started ${event.id}`), ...line(event.consoleUrl)]
    case 'progress':
      return line(`${event.service}  ${describeProgress(event.progress)}`)
    case 'still-waiting':
      return line(
        `${event.service}  still waiting after ${duration(event.seconds * 1000)} for ${shortEvent(event.reason)}`
      )
    case 'awaiting-approval':
      return line(`${event.service}  ${describeApproval(event.approval)}`)
    case 'tasks-failing':
      return line(`${event.service}  ${event.diagnosis.sentence}; ${outlook(event.diagnosis)}`)
    case 'service-event':
      return line(`${event.service}  ecs: ${shortEvent(event.message)}`)
    case 'turned-red':
      return line(`${event.service}  this deployment cannot succeed any more: ${event.reason}`)
    case 'poll-failed':
      return line(`${event.service}  ${describeTrouble(event.times)}: ${event.reason}`)
    case 'retry':
      return line(`${event.operation} is repeated ${pauseOf(event.pauseMs)}: ${event.reason}`)
  }
}

/** The last lines of the log: how it ended, why, what to do, and what AWS said about it. */
export function closingLines(result: RunResult): readonly LogLine[] {
  const why = result.reasonCode === undefined ? '' : ` (${result.reasonCode})`
  const told = [
    ...sentencesOf(result.reason),
    ...(result.remedy === undefined ? [] : [`What to do: ${oneLine(result.remedy)}`]),
    ...(result.evidence ?? []).map(evidence => `  ${oneLine(evidence)}`),
    `Took ${duration(result.endedAtMs - result.startedAtMs)}.`
  ]
  const lines = told.map((text): LogLine => ({ kind: 'line', text }))
  return [{ kind: 'heading', text: `Outcome: ${result.outcome}${why}` }, ...lines]
}

function describeTrouble(times: number): string {
  return times === 1 ? 'a poll failed and is repeated' : `${String(times)} polls in a row failed and are repeated`
}

/** A pause that rounds to nothing is told as none. */
function pauseOf(ms: number): string {
  return ms < 500 ? 'at once' : `in ${duration(ms)}`
}

function describeApproval({ stage, otherwise, command }: Approval): string {
  const where = stage === undefined ? '' : ` in stage ${stage}`
  const limit = otherwise === undefined ? '' : ` (else ${otherwise})`
  return `a hook waits for approval${where}${limit}; to continue, run: ${command}`
}

/** What the watch makes of tasks that fail. */
function outlook({ heals }: Diagnosis): string {
  if (heals === 'no') return 'waiting does not mend that: when none fares better, the deployment is given up'
  return 'that may pass, so ECS is left to try again'
}

function describeCopy(copy: { bytes: number; totalBytes: number; seconds: number }): string {
  const rate = copy.seconds > 0 ? `, ${size(copy.bytes / copy.seconds)}/s` : ''
  return `${size(copy.bytes)} of ${size(copy.totalBytes)} after ${duration(copy.seconds * 1000)}${rate}`
}

/** An event without what every one of them repeats: the service's name, and the ARN around a target group's name. */
function shortEvent(message: string): string {
  return message
    .replace(/^(.*?\(ecs: )?\(service [^)\s,]+\) /, '$1')
    .replace(/arn:[\w-]+:elasticloadbalancing:[^:\s]*:\d+:targetgroup\/([^/\s]+)\/\w+/g, '$1')
}

function describeService(service: ServiceSnapshot, revision: string): string {
  const breaker = breakerIsOn(service) ? 'on' : 'off'
  const counts = `${String(service.runningCount)} of ${String(service.desiredCount)} tasks`
  return `${service.name} runs ${revision} with ${counts}; the circuit breaker with rollback is ${breaker}`
}

function line(text: string): readonly LogLine[] {
  return [{ kind: 'line', text: oneLine(text) }]
}
