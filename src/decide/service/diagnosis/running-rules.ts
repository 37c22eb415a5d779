import { infrastructure } from './placement-rules.ts'
import {
  deniedAction,
  essence,
  executionRole,
  find,
  hostIn,
  NO_CONNECTION,
  NO_PERMISSION,
  tail,
  type Cause,
  type StopRule,
  type Subject
} from './stop-rule.ts'

/** How containers fail to start and tasks fail their checks, and what else ECS says in categories of its own. */
export const RUNNING_RULES: readonly StopRule[] = [
  {
    all: [/failed ELB health checks|failed container health checks|failed .{0,40}health checks/i],
    read: (text, { container }) => {
      const target = find(text, /\((?:target-group|elb) ([^)]+)\)?/i)
      if (/container health checks/i.test(text)) return containerUnhealthy(container)
      return unhealthyTarget(target, undefined)
    }
  },
  {
    all: [/OCI runtime create failed|unable to start container process|executable file not found/i],
    read: (text, subject) => notStarted(text, subject)
  },
  {
    all: [/^Internal error/],
    read: () => ({
      code: 'infrastructure',
      words: 'ECS failed to run the task and gives no reason but an internal error',
      remedy:
        'deploy again; if it stays, check that Fargate is offered in the zones of the subnets, or ask AWS Support',
      heals: 'maybe'
    })
  },
  {
    all: [/^(?:InternalError|ContainerRuntime(?:Timeout)?Error|Cannot(?:Inspect|Stop|Create)\w*Error)/],
    read: text => infrastructure(`ECS failed to run the task: ${tail(text)}`, 'maybe')
  },
  {
    all: [/CannotStartContainerError/],
    read: (text, subject) => ({
      code: 'task-failed-to-start',
      words: `${named(subject)} could not be started: ${essence(text)}`,
      remedy: 'check the container definition against what the message names',
      heals: 'maybe'
    })
  },
  {
    all: [/ResourceInitializationError/],
    read: text => {
      const action = deniedAction(text)
      if (NO_PERMISSION.test(text) && action !== undefined) {
        return {
          code: 'access-denied',
          words: `${executionRole(text)} may not call ${action}`,
          remedy: `allow ${action} in the policy of the execution role`,
          heals: 'no',
          isRight: true
        }
      }
      if (!NO_CONNECTION.test(text)) {
        return {
          code: 'task-failed-to-start',
          words: `something that the task needs could not be set up: ${essence(text)}`,
          remedy: 'check the execution role, the secrets and the network of the service',
          heals: 'maybe'
        }
      }
      return {
        code: 'network-unreachable',
        words: `the task cannot reach ${hostIn(text) ?? 'an AWS service that it needs'}`,
        remedy: 'give the subnets a way out (NAT gateway, assignPublicIp, VPC endpoints) and allow outgoing port 443',
        heals: 'maybe'
      }
    }
  }
]

/** The cause of a task that a load balancer calls unhealthy, with the load balancer's own reason when it is known. */
export function unhealthyTarget(targetGroup: string | undefined, reason: string | undefined): Cause {
  const where = targetGroup === undefined ? '' : ` of ${targetGroupName(targetGroup)}`
  return {
    code: 'failed-health-check',
    words: `the load balancer's health check${where} failed${reason === undefined ? '' : ` (${tail(reason)})`}`,
    remedy: `${howToPass(reason)}; raise healthCheckGracePeriodSeconds if the application starts slowly`,
    heals: 'maybe'
  }
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html */
function howToPass(reason = ''): string {
  const codes = find(reason, /with these codes: \[([\d, ]{3,40})\]/)
  if (codes !== undefined) {
    return `find out why the application answers with ${codes}, or correct the path and the expected codes of the health check`
  }
  if (/timed out/i.test(reason)) {
    return 'let the load balancer reach the port of the container (security groups, port of the health check), or let the application answer sooner'
  }
  return 'check path, port and expected codes of the health check, and the security group between load balancer and task'
}

/** The cause of a task that fails the health check in its task definition. */
export function containerUnhealthy(container: string | undefined): Cause {
  return {
    code: 'failed-health-check',
    words: `the health check of ${container === undefined ? 'a container' : `container ${container}`} failed`,
    remedy:
      'run the healthCheck command in the image (is its program there?), and raise startPeriod if it starts slowly',
    heals: 'maybe'
  }
}

/** The name in a target group's ARN; the names of Classic Load Balancers are there as they are. */
export function targetGroupName(arn: string): string {
  return find(arn, /targetgroup\/([^/\s]+)/) ?? tail(arn)
}

function named({ container }: Subject): string {
  return container === undefined ? 'a container' : `container ${container}`
}

/** What the image or the definition lacks stays so; a runtime that is short of something may not be the next time. */
function notStarted(text: string, subject: Subject): Cause {
  const cause = (why: string, remedy: string, heals: Cause['heals']): Cause => ({
    code: 'bad-entrypoint',
    words: `${named(subject)} could not be started: ${why}`,
    remedy,
    heals
  })
  const program = find(text, /exec: "([^"]+)"/, /exec: '([^']+)'/, /exec "?([^\s":]+)/)
  const it = program === undefined ? 'its command' : `"${tail(program)}"`
  if (/not a directory/i.test(text)) {
    const why = 'a mount puts a file where the image has a directory, or the reverse'
    return cause(why, 'correct mountPoints in the task definition', 'no')
  }
  if (/executable file not found|no such file or directory/i.test(text)) {
    const remedy =
      'correct command or entryPoint, or add the program to the image; of a script, check the interpreter in its first ' +
      'line and that its lines do not end as on Windows'
    return cause(`${it} is not in the image`, remedy, 'no')
  }
  if (/permission denied/i.test(text)) {
    return cause(`${it} is not executable`, 'make the file executable in the image (chmod +x)', 'no')
  }
  const said = find(text, /unable to start container process: (.+)$/, /OCI runtime create failed: (.+)$/) ?? text
  return cause(
    essence(said.replace(/: unknown\.?$/, '')),
    'check command, entryPoint, workingDirectory and mountPoints against what the message names',
    'maybe'
  )
}
