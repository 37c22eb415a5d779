import {
  deniedAction,
  essence,
  executionRole,
  find,
  hostIn,
  NO_CONNECTION,
  NO_PERMISSION,
  type StopRule,
  type Subject
} from './stop-rule.ts'

const LOG = /logger args|log ?driver|logging driver|awslogs|Cloudwatch log|Amazon CloudWatch|log group/i

/** What keeps a container from a place for its output: without one ECS does not start it. */
export const LOG_RULES: readonly StopRule[] = [
  {
    all: [LOG, NO_CONNECTION],
    read: text => ({
      code: 'network-unreachable',
      words: `the task cannot reach ${hostIn(text) ?? 'CloudWatch Logs'}`,
      remedy:
        'give the subnets a way out (NAT gateway, assignPublicIp in a public subnet, or a VPC endpoint for logs) and ' +
        'allow outgoing port 443 in the security group',
      heals: 'maybe'
    })
  },
  {
    all: [LOG, NO_PERMISSION],
    read: text => ({
      code: 'log-configuration',
      words: `${executionRole(text)} may not call ${deniedAction(text) ?? 'CloudWatch Logs'}`,
      remedy:
        'allow logs:CreateLogStream and logs:PutLogEvents (logs:CreateLogGroup for awslogs-create-group) to the role',
      heals: 'no',
      isRight: true
    })
  },
  {
    all: [/log group does not exist|cannot find the Amazon CloudWatch log group/i],
    read: (text, subject) => ({
      code: 'log-group-missing',
      words: `${logGroupIn(text, subject)} does not exist`,
      remedy: 'create the log group, or set awslogs-create-group and allow logs:CreateLogGroup to the execution role',
      heals: 'no'
    })
  },
  {
    all: [LOG, /is required|unknown log opt|invalid log|unsupported|not supported/i],
    read: text => ({
      code: 'log-configuration',
      words: `the log configuration is wrong: ${essence(text)}`,
      remedy: 'correct logConfiguration in the task definition',
      heals: 'no'
    })
  },
  {
    all: [LOG],
    read: text => ({
      code: 'log-configuration',
      words: `the log configuration does not work: ${essence(text)}`,
      remedy: 'check logConfiguration in the task definition against what the message names',
      heals: 'maybe'
    })
  }
]

/** AWS does not name the group that is missing; where containers log to several, each of them may be it. */
function logGroupIn(text: string, { logGroups = [] }: Subject): string {
  const named = find(text, /log group '([^']+)'/i)
  const [only, ...others] = named === undefined ? new Set(logGroups) : [named]
  if (only === undefined) return 'the log group'
  return others.length === 0 ? `the log group ${only}` : `one of the log groups ${[only, ...others].join(', ')}`
}
