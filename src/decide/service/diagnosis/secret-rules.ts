import {
  deniedAction,
  essence,
  executionRole,
  find,
  hostIn,
  NO_CONNECTION,
  NO_PERMISSION,
  type Cause,
  type StopRule,
  type Subject
} from './stop-rule.ts'

/** A secret or parameter; not the "unable to pull secrets or registry auth" that also begins what is about ECR. */
const SECRET =
  /secretsmanager|Secrets Manager|retrieve (?:the )?secrets?\b|from (?:asm|ssm)|ssm param|Parameter Store|ssm:Get|\bSSM: Get|json key|JSON from secret|pull the secret|kms:Decrypt|access to kms/i

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/resource-initialization-error.html */
export const SECRET_RULES: readonly StopRule[] = [
  { all: [SECRET, NO_PERMISSION], read: secretDenied },
  {
    all: [SECRET, /marked for deletion/i],
    read: (text, subject) =>
      secretCause(
        `${secretIn(text, subject)} is marked for deletion`,
        'restore the secret, or point valueFrom to another one'
      )
  },
  { all: [/json key/i], read: keyMissing },
  {
    all: [/invalid character '.{1,8}' (?:in literal|looking for|after)|unexpected end of JSON/i],
    read: (text, subject) =>
      secretCause(
        `${secretIn(text, subject)} is not the JSON that valueFrom expects`,
        'store valid JSON in the secret, or leave the key out of valueFrom'
      )
  },
  {
    all: [
      SECRET,
      /ResourceNotFound|ParameterNotFound|can't find the specified secret|invalid ssm param|secret exists in|secret ARN is correct/i
    ],
    read: (text, subject) =>
      secretCause(
        `${secretIn(text, subject)} does not exist`,
        'correct valueFrom in the task definition, or create it in the region of the task'
      )
  },
  {
    all: [SECRET, NO_CONNECTION],
    read: text => {
      const [name, endpoint] = isParameter(text)
        ? ['SSM Parameter Store', 'ssm']
        : ['Secrets Manager', 'secretsmanager']
      return {
        code: 'network-unreachable',
        words: `the task cannot reach ${hostIn(text) ?? name}`,
        remedy:
          `give the subnets a way out (NAT gateway, assignPublicIp in a public subnet, or a VPC endpoint for ${endpoint}) ` +
          'and allow outgoing port 443 in the security group',
        heals: 'maybe'
      }
    }
  },
  {
    all: [SECRET],
    read: (text, subject) => ({
      code: 'secret-unavailable',
      words: `${secretIn(text, subject)} could not be read: ${essence(text)}`,
      remedy: 'check valueFrom, and that the execution role may read it and the subnets reach the service',
      heals: 'maybe'
    })
  }
]

function secretCause(words: string, remedy: string): Cause {
  return { code: 'secret-unavailable', words, remedy, heals: 'no' }
}

function secretDenied(text: string, subject: Subject): Cause {
  const action = deniedAction(text) ?? (isParameter(text) ? 'ssm:GetParameters' : 'secretsmanager:GetSecretValue')
  const isKey = action.startsWith('kms:') || /access to kms/i.test(text)
  const secret = secretIn(text, subject)
  const cause = isKey
    ? secretCause(
        `${executionRole(text)} may not decrypt ${secret}`,
        'allow kms:Decrypt on the key of the secret, in the policy of the execution role and in that of the key'
      )
    : secretCause(
        `${executionRole(text)} may not read ${secret}`,
        `allow ${action} on it in the policy of the execution role, and kms:Decrypt if a key of your own encrypts it`
      )
  return { ...cause, isRight: true }
}

/** The reason names the key alone; valueFrom, which ends in `:KEY:STAGE:VERSION`, says of which secret. */
function keyMissing(text: string, { secrets = [], ...subject }: Subject): Cause {
  const key = find(text, /json key:? "?'?([^\s"']+)/i)?.replace(/[.,]$/, '')
  const from = key === undefined ? [] : secrets.filter(secret => secret.split(':')[7] === key)
  const secret = secretIn(text, { ...subject, secrets: from.length > 0 ? from : secrets })
  return secretCause(
    `${secret} has no JSON key${key === undefined ? '' : ` ${key}`}`,
    'add the key to the secret, or correct the key at the end of valueFrom'
  )
}

function isParameter(text: string): boolean {
  return /\bssm\b|Systems Manager|Parameter Store/i.test(text)
}

const NAMED_SECRET = /:secretsmanager:[^\s:]*:\d*:secret:([^\s:'",]+)/i
const NAMED_PARAMETER = /:ssm:[^\s:]*:\d*:parameter(\/[^\s'",]+)/i

/** The secret that a reason is about: the one it names, else the only one that the task definition reads. */
function secretIn(text: string, { secrets = [] }: Subject): string {
  const secret = find(text, NAMED_SECRET)
  if (secret !== undefined) return `the secret ${secret.replace(/\.$/, '')}`
  const parameter = find(text, NAMED_PARAMETER, /invalid ssm param\w*: ([^\s,]+(?:, [^\s,]+)*)/i)
  if (parameter !== undefined) return `the parameter ${parameter.replace(/\.$/, '')}`
  const quoted = find(text, /(?:secret with ARN|the secret|fetch secret) '([^']+)'/i)
  if (quoted !== undefined) return `the secret ${quoted}`
  const [only, ...others] = new Set(secrets)
  if (only === undefined || others.length > 0) return isParameter(text) ? 'a parameter' : 'a secret'
  const known = find(only, NAMED_SECRET)
  return known === undefined ? `the parameter ${find(only, NAMED_PARAMETER) ?? only}` : `the secret ${known}`
}
