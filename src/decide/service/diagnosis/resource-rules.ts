import {
  deniedAction,
  find,
  hostIn,
  NO_CONNECTION,
  NO_PERMISSION,
  tail,
  type Cause,
  type StopRule
} from './stop-rule.ts'

/** A secret or parameter; not the "unable to pull secrets or registry auth" that also begins what is about ECR. */
const SECRET =
  /secretsmanager|Secrets Manager|retrieve (?:the )?secrets?\b|from (?:asm|ssm)|ssm param|Parameter Store|ssm:Get|\bSSM: Get|json key|JSON from secret|pull the secret|kms:Decrypt|access to kms/i
const LOG = /logger args|log ?driver|logging driver|awslogs|Cloudwatch log|Amazon CloudWatch|log group/i

/** `shape` in a text that is also about `topic`. */
function about(topic: RegExp, shape: RegExp): RegExp {
  return new RegExp(`(?=.*(?:${topic.source}))(?=.*(?:${shape.source}))`, 'i')
}

const WAY_OUT = 'give the subnets a way out (NAT gateway, assignPublicIp in a public subnet, or a VPC endpoint for'

const SECRET_RULES: readonly StopRule[] = [
  { pattern: about(SECRET, NO_PERMISSION), read: secretDenied },
  {
    pattern: about(SECRET, /marked for deletion/),
    read: text =>
      secretCause(`${secretIn(text)} is marked for deletion`, 'restore the secret, or point valueFrom to another one')
  },
  {
    pattern: /json key/i,
    read: text => {
      const key = find(text, /json key:? "?'?([^\s"']+)/i)
      const words = `${secretIn(text)} has no JSON key${key === undefined ? '' : ` ${key.replace(/[.,]$/, '')}`}`
      return secretCause(words, 'add the key to the secret, or correct the key at the end of valueFrom')
    }
  },
  {
    pattern: /invalid character '.*' (?:in literal|looking for|after)|unexpected end of JSON/i,
    read: text =>
      secretCause(
        `${secretIn(text)} is not the JSON that valueFrom expects`,
        'store valid JSON in the secret, or leave the key out of valueFrom'
      )
  },
  {
    pattern: about(
      SECRET,
      /ResourceNotFound|ParameterNotFound|can't find the specified secret|invalid ssm param|secret exists in|secret ARN is correct/
    ),
    read: text =>
      secretCause(
        `${secretIn(text)} does not exist`,
        'correct valueFrom in the task definition, or create it in the region of the task'
      )
  },
  {
    pattern: about(SECRET, NO_CONNECTION),
    read: text => ({
      code: 'network-unreachable',
      words: `the task cannot reach ${hostIn(text) ?? (isParameter(text) ? 'SSM Parameter Store' : 'Secrets Manager')}`,
      remedy: `${WAY_OUT} ${isParameter(text) ? 'ssm' : 'secretsmanager'}) and allow outgoing port 443 in the security group`,
      heals: 'maybe'
    })
  },
  {
    pattern: SECRET,
    read: text => ({
      ...secretCause(
        `${secretIn(text)} could not be read: ${tail(text)}`,
        'check valueFrom, and that the execution role may read it and the subnets reach the service'
      ),
      heals: 'maybe'
    })
  }
]

const LOG_RULES: readonly StopRule[] = [
  {
    pattern: about(LOG, NO_CONNECTION),
    read: text => ({
      code: 'network-unreachable',
      words: `the task cannot reach ${hostIn(text) ?? 'CloudWatch Logs'}`,
      remedy: `${WAY_OUT} logs) and allow outgoing port 443 in the security group`,
      heals: 'maybe'
    })
  },
  {
    pattern: about(LOG, NO_PERMISSION),
    read: text => ({
      code: 'log-configuration',
      words: `the execution role may not call ${deniedAction(text) ?? 'CloudWatch Logs'}`,
      remedy:
        'allow logs:CreateLogStream and logs:PutLogEvents (logs:CreateLogGroup for awslogs-create-group) to the role',
      heals: 'no'
    })
  },
  {
    pattern: /log group does not exist|cannot find the Amazon CloudWatch log group/i,
    read: (_, { logGroup }) => ({
      code: 'log-group-missing',
      words: `the log group${logGroup === undefined ? '' : ` ${logGroup}`} does not exist`,
      remedy: 'create the log group, or set awslogs-create-group and allow logs:CreateLogGroup to the execution role',
      heals: 'no'
    })
  },
  {
    pattern: LOG,
    read: text => ({
      code: 'log-configuration',
      words: `the log configuration does not work: ${tail(text)}`,
      remedy: 'correct logConfiguration in the task definition',
      heals: 'no'
    })
  }
]

/** What a task needs besides its images before it can start: secrets, logs, volumes, roles. */
export const RESOURCE_RULES: readonly StopRule[] = [
  ...SECRET_RULES,
  ...LOG_RULES,
  {
    pattern: /\bEFS\b|mount\.nfs|mount target/i,
    read: text => {
      const fileSystem = find(text, /\b(fs-[0-9a-f]+)/)
      return {
        code: 'volume-unavailable',
        words: `the EFS volume${fileSystem === undefined ? '' : ` ${fileSystem}`} could not be mounted`,
        remedy:
          'allow port 2049 from the task to a mount target in its zone, and the task role if the volume asks for IAM',
        heals: 'maybe'
      }
    }
  },
  {
    pattern: /unable to assume (?:the )?(?:service linked )?role|IAM (?:permissions policies|trust relationship) ha/i,
    read: text => {
      const role = find(text, /role '?(?:arn:[^\s']*:role\/)?([^\s']+)'? that/i)
      return {
        code: 'role-not-assumable',
        words: role === undefined ? 'ECS may not act for this service (IAM)' : `ECS cannot assume the role ${role}`,
        remedy: 'let ecs-tasks.amazonaws.com assume the role in its trust policy, and check that the role exists',
        heals: 'no'
      }
    }
  }
]

function secretCause(words: string, remedy: string): Cause {
  return { code: 'secret-unavailable', words, remedy, heals: 'no' }
}

function secretDenied(text: string): Cause {
  const action = deniedAction(text) ?? (isParameter(text) ? 'ssm:GetParameters' : 'secretsmanager:GetSecretValue')
  return secretCause(
    `the execution role may not read ${secretIn(text)}`,
    `allow ${action} on it in the policy of the execution role${action.startsWith('kms:') ? '' : ', and kms:Decrypt if a key of your own encrypts it'}`
  )
}

function isParameter(text: string): boolean {
  return /\bssm\b|Systems Manager|Parameter Store/i.test(text)
}

function secretIn(text: string): string {
  const secret = find(text, /:secretsmanager:[^\s:]*:\d*:secret:([^\s:'",]+)/i)
  if (secret !== undefined) return `the secret ${secret.replace(/\.$/, '')}`
  const parameter = find(
    text,
    /:ssm:[^\s:]*:\d*:parameter(\/[^\s'",]+)/i,
    /invalid ssm param\w*: ([^\s,]+(?:, [^\s,]+)*)/i
  )
  if (parameter !== undefined) return `the parameter ${parameter.replace(/\.$/, '')}`
  const quoted = find(text, /(?:secret with ARN|the secret|fetch secret) '([^']+)'/i)
  if (quoted !== undefined) return `the secret ${quoted}`
  return isParameter(text) ? 'a parameter' : 'a secret'
}
