/** A task that ran and ended: its stop code and reason, what its container left behind, and what a user reads. */
export interface RunRow {
  readonly name: string
  readonly stopCode: string
  readonly reason: string
  readonly container?: { readonly exitCode?: number; readonly reason?: string }
  readonly words: string
  readonly code: string
  readonly heals: 'no' | 'maybe' | 'yes'
  readonly remedy: string
}

const EXITED = { stopCode: 'EssentialContainerExited', reason: 'Essential container in task exited' } as const
const READ_LOG = "read the end of the container's log: it ended by itself"
const MORE_MEMORY = "raise memory of the container or the task, or find out what fills it in the container's log"
const CHECK_TARGET =
  'check path, port and expected codes of the health check, and the security group between load balancer and task; raise healthCheckGracePeriodSeconds if the application starts slowly'
const MIX = 'give the service a base of FARGATE capacity besides FARGATE_SPOT'
const AGAIN = 'deploy again; if it stays, ask AWS Support'
const WHO_STOPS = 'find out who calls StopTask on the tasks of this service'

function exited(exitCode: number, words: string, remedy = READ_LOG, heals: RunRow['heals'] = 'maybe'): RunRow {
  return {
    name: `22: exit code ${String(exitCode)}`,
    ...EXITED,
    container: { exitCode },
    words: `container web exited with code ${String(exitCode)}${words}`,
    code: 'container-exited',
    heals,
    remedy
  }
}

function outOfMemory(name: string, reason: string, exitCode: number): RunRow {
  return {
    name,
    ...EXITED,
    container: { exitCode, reason },
    words: `container web ran out of memory (exit code ${String(exitCode)})`,
    code: 'out-of-memory',
    heals: 'maybe',
    remedy: MORE_MEMORY
  }
}

/** Containers that ended by themselves. */
export const EXITS: readonly RunRow[] = [
  exited(
    0,
    ' (its command finished, but a service needs one that keeps running)',
    'let the command run in the foreground and not end'
  ),
  exited(1, ''),
  exited(126, ' (its command is not executable)', 'make the file executable (chmod +x) in the image', 'no'),
  exited(127, ' (its command was not found)', 'correct command or entryPoint, or install the program', 'no'),
  exited(134, ' (it aborted with SIGABRT)'),
  exited(136, ' (signal 8)'),
  exited(137, ' (it was killed with SIGKILL, often for lack of memory)', MORE_MEMORY),
  exited(139, ' (it crashed with a segmentation fault)'),
  exited(
    143,
    ' (something in the task asked it to stop with SIGTERM)',
    "read the end of the container's log: ECS did not stop it, so its own command or another process did"
  ),
  exited(
    255,
    ' (an error of its own, or a binary for another CPU)',
    "read the end of the container's log, and compare the platform of the image with runtimePlatform"
  ),
  outOfMemory('22a: out of memory', 'OutOfMemoryError: Container killed due to memory usage', 137),
  outOfMemory('22a: out of memory, as Fargate may say it', 'OutOfMemoryError: container killed due to memory usage', 1)
]

const TARGET_GROUP = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web-tg/0123456789abcdef'
const KILLED = { exitCode: 137 }

/** Tasks that somebody or something stopped; the exit code of 137 is then no lack of memory. */
export const STOPS: readonly RunRow[] = [
  {
    name: '24: a target group finds it unhealthy',
    stopCode: 'ServiceSchedulerInitiated',
    reason: `Task failed ELB health checks in (target-group ${TARGET_GROUP})`,
    container: KILLED,
    words: "the load balancer's health check of web-tg failed",
    code: 'failed-health-check',
    heals: 'maybe',
    remedy: CHECK_TARGET
  },
  {
    name: '24: a Classic Load Balancer finds it unhealthy',
    stopCode: 'ServiceSchedulerInitiated',
    reason: 'Task failed ELB health checks in (elb classic)',
    container: KILLED,
    words: "the load balancer's health check of classic failed",
    code: 'failed-health-check',
    heals: 'maybe',
    remedy: CHECK_TARGET
  },
  {
    name: '25: its own health check fails',
    stopCode: 'ServiceSchedulerInitiated',
    reason: 'Task failed container health checks',
    container: KILLED,
    words: 'the health check of container web failed',
    code: 'failed-health-check',
    heals: 'maybe',
    remedy:
      'run the healthCheck command in the image (is its program there?), and raise startPeriod if it starts slowly'
  },
  {
    name: '27: Spot',
    stopCode: 'SpotInterruption',
    reason: 'Your Spot Task was interrupted.',
    container: KILLED,
    words: 'AWS took back the Spot capacity',
    code: 'spot-interruption',
    heals: 'yes',
    remedy: MIX
  },
  {
    name: '27: Spot, by the older code',
    stopCode: 'TerminationNotice',
    reason: '',
    container: KILLED,
    words: 'AWS took back the Spot capacity',
    code: 'spot-interruption',
    heals: 'yes',
    remedy: MIX
  },
  {
    name: '29: the instance is gone',
    stopCode: 'ServiceSchedulerInitiated',
    reason: 'Host EC2 (instance i-0123456789abcdef0) terminated.',
    container: KILLED,
    words: 'the container instance i-0123456789abcdef0 went away',
    code: 'infrastructure',
    heals: 'yes',
    remedy: AGAIN
  },
  {
    name: '29: the host failed',
    stopCode: 'InfrastructureHealth',
    reason: '',
    container: KILLED,
    words: 'the infrastructure under the task failed',
    code: 'infrastructure',
    heals: 'yes',
    remedy: AGAIN
  },
  {
    name: '30: somebody stopped it',
    stopCode: 'UserInitiated',
    reason: 'Task stopped by user',
    container: KILLED,
    words: 'somebody stopped the task',
    code: 'stopped-by-user',
    heals: 'yes',
    remedy: WHO_STOPS
  },
  {
    name: '30: somebody stopped it, and says what looks like a cause',
    stopCode: 'UserInitiated',
    reason: 'CannotPullContainerError: not found\n::error::ha',
    container: KILLED,
    words: 'somebody stopped the task ("CannotPullContainerError: not found ::error::ha")',
    code: 'stopped-by-user',
    heals: 'yes',
    remedy: WHO_STOPS
  }
]
