import type { FailureCode } from '../../failure.ts'
import { taskId, type ContainerSnapshot, type TaskSnapshot } from './snapshot.ts'

/** Why tasks of a deployment stopped, most frequent reason first. */
export interface Diagnosis {
  readonly code: FailureCode
  /** One sentence with how many tasks it explains. */
  readonly sentence: string
  readonly remedy: string | undefined
  /** What AWS said, one line a distinct reason, with the task it was read from. */
  readonly evidence: readonly string[]
}

interface Cause {
  readonly code: FailureCode
  readonly words: string
  readonly remedy?: string
}

interface Explained {
  readonly cause: Cause
  readonly task: TaskSnapshot
}

/** Reads the stopped tasks of one deployment; undefined when none of them stopped for a reason of its own. */
export function diagnose(stopped: readonly TaskSnapshot[]): Diagnosis | undefined {
  const explained = stopped.flatMap(task => explain(task) ?? [])
  const groups = groupByWords(explained).sort((a, b) => b.length - a.length)
  const largest = groups[0]
  const first = largest?.[0]
  if (largest === undefined || first === undefined) return undefined
  return {
    code: first.cause.code,
    sentence: `${String(largest.length)} of ${String(explained.length)} stopped tasks: ${first.cause.words}`,
    remedy: first.cause.remedy,
    evidence: groups.flatMap(group => (group[0] === undefined ? [] : [quote(group[0].task)]))
  }
}

function groupByWords(explained: readonly Explained[]): Explained[][] {
  const groups = new Map<string, Explained[]>()
  for (const item of explained) {
    const group = groups.get(item.cause.words)
    if (group === undefined) groups.set(item.cause.words, [item])
    else group.push(item)
  }
  return [...groups.values()]
}

function explain(task: TaskSnapshot): Explained | undefined {
  const reason = task.stoppedReason ?? ''
  // The ordinary end of a task that was scaled in or replaced.
  if (reason.startsWith('Scaling activity initiated by')) return undefined
  const cause = containerCause(task) ?? stopCause(reason, task.stopCode)
  return { cause, task }
}

/** Category prefixes and key fragments of the stop reasons that ECS writes. */
const STOP_REASONS: readonly (readonly [RegExp, Cause])[] = [
  [
    /matching platform/i,
    {
      code: 'platform-mismatch',
      words: "the image has no variant for the task's platform",
      remedy: 'build the image for that platform (`platforms`), or set runtimePlatform in the task definition'
    }
  ],
  [
    /CannotPullContainer.*(access denied|authorization failed|AccessDenied|permissions to pull)|can.t pull the image/is,
    {
      code: 'pull-denied',
      words: 'the registry refused the pull',
      remedy: 'allow the execution role to pull from the repository'
    }
  ],
  [
    /CannotPullContainer.*(not found|manifest unknown|403 Forbidden)/is,
    {
      code: 'image-not-found',
      words: 'the image is not in the registry',
      remedy: 'push the image, or check its name; a lifecycle rule may have deleted it'
    }
  ],
  [/CannotPullContainer/i, { code: 'task-failed-to-start', words: 'the image could not be pulled' }],
  [
    /unable to pull secrets|retrieve secret|Secrets Manager/i,
    {
      code: 'secret-unavailable',
      words: 'a secret could not be read',
      remedy: 'check valueFrom, and that the execution role may read it and reaches the service'
    }
  ],
  [
    /log group does not exist|cannot find the Amazon CloudWatch log group/i,
    {
      code: 'log-group-missing',
      words: 'the log group does not exist',
      remedy: 'create the log group, or set awslogs-create-group with the right to do it'
    }
  ],
  [
    /CannotStartContainer|OCI runtime create failed|executable file not found/i,
    { code: 'bad-entrypoint', words: 'a container could not be started', remedy: 'check command and entryPoint' }
  ],
  [
    /failed (ELB|container) health checks/i,
    {
      code: 'failed-health-check',
      words: 'the health checks failed',
      remedy: 'check the health check’s path, port and timing, and the grace period'
    }
  ],
  [/stopped by user/i, { code: 'stopped-by-user', words: 'somebody stopped the task' }]
]

function stopCause(reason: string, stopCode: string | undefined): Cause {
  const known = STOP_REASONS.find(([pattern]) => pattern.test(reason))
  if (known !== undefined) return known[1]
  const code = stopCode === 'TaskFailedToStart' ? 'task-failed-to-start' : 'deployment-failed'
  return { code, words: reason === '' ? 'no reason was given' : reason }
}

function containerCause(task: TaskSnapshot): Cause | undefined {
  for (const container of task.containers) {
    const reason = container.reason ?? ''
    if (/OutOfMemory/i.test(reason)) {
      return {
        code: 'out-of-memory',
        words: `container ${container.name} ran out of memory`,
        remedy: "raise the container's or the task's memory"
      }
    }
    if (reason !== '') {
      const known = STOP_REASONS.find(([pattern]) => pattern.test(reason))
      if (known !== undefined) return known[1]
    }
  }
  if (task.stopCode !== 'EssentialContainerExited') return undefined
  const exited = task.containers.find(container => container.exitCode !== undefined && container.exitCode !== 0)
  const culprit = exited ?? task.containers.find(container => container.exitCode !== undefined)
  if (culprit === undefined) return undefined
  return {
    code: 'container-exited',
    words: `container ${culprit.name} exited with code ${String(culprit.exitCode)}${inWords(culprit)}`,
    remedy: 'read the container’s log; it ended by itself'
  }
}

const EXIT_CODES = new Map<number, string>([
  [0, 'its command finished; a service needs one that stays'],
  [126, 'its command is not executable'],
  [127, 'its command was not found'],
  [134, 'it aborted'],
  [137, 'it was killed'],
  [139, 'it crashed with a segmentation fault'],
  [143, 'it was terminated'],
  [255, 'often a binary for another CPU architecture']
])

function inWords(container: ContainerSnapshot): string {
  const words = container.exitCode === undefined ? undefined : EXIT_CODES.get(container.exitCode)
  return words === undefined ? '' : ` (${words})`
}

function quote(task: TaskSnapshot): string {
  const parts = [task.stopCode, task.stoppedReason].filter(part => part !== undefined && part !== '')
  for (const container of task.containers) {
    if (container.exitCode === undefined && container.reason === undefined) continue
    const exit = container.exitCode === undefined ? 'no exit code' : `exit code ${String(container.exitCode)}`
    parts.push(`${container.name}: ${exit}${container.reason === undefined ? '' : `, ${container.reason}`}`)
  }
  return `task ${taskId(task.arn)}: ${parts.join(' · ')}`
}
