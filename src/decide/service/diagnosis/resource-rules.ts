import { LOG_RULES } from './log-rules.ts'
import { SECRET_RULES } from './secret-rules.ts'
import { find, type StopRule } from './stop-rule.ts'

/** What a task needs besides its images before it can start: secrets, logs, volumes, roles. */
export const RESOURCE_RULES: readonly StopRule[] = [
  {
    all: [/ThrottlingException|Rate exceeded|TooManyRequestsException|RequestLimitExceeded|SlowDown\b/],
    read: text => {
      const call = find(text, /operation error [\w ]{1,40}: (\w{1,60})/, /\b([a-z]+:[A-Z]\w{1,60})\b/)
      return {
        code: 'throttled',
        words: `AWS throttled ${call ?? 'a call'} while the task started`,
        remedy: 'start fewer tasks at once (a lower maximumPercent), or raise the quota of that call',
        heals: 'maybe'
      }
    }
  },
  ...SECRET_RULES,
  ...LOG_RULES,
  {
    all: [/\bEFS\b|mount\.nfs|mount target/i],
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
    all: [/unable to assume (?:the )?service linked role|IAM (?:permissions policies|trust relationship) ha/i],
    read: () => ({
      code: 'role-not-assumable',
      words: 'ECS may not act for this service any more: its own role was changed',
      remedy: 'restore the service-linked role AWSServiceRoleForECS with its policy and its trust policy',
      heals: 'no',
      isRight: true
    })
  },
  {
    all: [/unable to assume (?:the )?role/i],
    read: text => ({
      code: 'role-not-assumable',
      words: `ECS cannot assume the role ${find(text, /role '?(?:arn:[^\s']*:role\/)?([^\s']+)'? that/i) ?? 'of the task'}`,
      remedy: 'let ecs-tasks.amazonaws.com assume the role in its trust policy, and check that the role exists',
      heals: 'no',
      isRight: true
    })
  }
]
