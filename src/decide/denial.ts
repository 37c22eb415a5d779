/** What AWS says when a right is missing, read from its sentence. */
export interface Denial {
  /** `service:Action`, which may be another one than was called: registering a revision asks for `iam:PassRole`. */
  readonly action: string
  /** The ARN that AWS names; undefined when it names none. */
  readonly resource: string | undefined
  /** The kind of policy that denies it in so many words, which no other policy outweighs. */
  readonly deniedBy: string | undefined
  /** The kind of policy in which the right is missing, e.g. `identity-based`. */
  readonly missingIn: string | undefined
}

const ACTION = /not authorized to perform:? ([a-z0-9-]{1,40}:[A-Za-z]{1,80})/
/** ARNs as IAM takes them, so that nothing else than an ARN gets into the statement that somebody copies. */
const RESOURCE = /on (?:the )?resource:? (arn:aws[a-z-]{0,20}:[A-Za-z0-9:/_.@=+,*#-]{1,500})/
const DENIED_BY = /with an explicit deny in (?:an? |the )?([a-z -]{3,40}?)(?: policy)?(?:[.,:;]|$| arn:)/
const MISSING_IN = /because no ([a-z -]{3,40}?)(?: policy)? allows/i

/** Whether a sentence of AWS is about a missing right, whatever the error is called. */
export function saysDenied(sentence: string): boolean {
  return /^User: \S{1,300} is not authorized to perform\b/.test(sentence) && ACTION.test(sentence)
}

/**
 * Reads AWS's sentence about a missing right to call `operation`; what it does not tell is as in the call.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
export function readDenial(operation: string, sentence: string): Denial {
  return {
    action: ACTION.exec(sentence)?.[1] ?? operation,
    resource: RESOURCE.exec(sentence)?.[1]?.replace(/[.,:]+$/, ''),
    deniedBy: DENIED_BY.exec(sentence)?.[1],
    missingIn: MISSING_IN.exec(sentence)?.[1]
  }
}

/** What to do about a missing right: the statement to add, or the policy that forbids it. */
export function remedyForDenial({ action, resource, deniedBy, missingIn }: Denial): string {
  if (deniedBy !== undefined) {
    return `${action} is forbidden by ${policy(deniedBy)}, which no other policy outweighs: have it changed`
  }
  const where =
    missingIn === undefined || missingIn === 'identity-based'
      ? 'in the policy of the role that this job assumes'
      : `in ${policy(missingIn)}`
  return `allow ${action} ${where}: ${statementFor(action, resource)}`
}

/** `a service control policy`, `a permissions boundary`. */
function policy(kind: string): string {
  const article = /^[aeiou]/.test(kind) ? 'an' : 'a'
  return /boundary$/.test(kind) ? `${article} ${kind}` : `${article} ${kind} policy`
}

/** One statement of a policy, on one line. */
function statementFor(action: string, resource: string | undefined): string {
  return JSON.stringify({
    Effect: 'Allow',
    Action: action,
    Resource: resource === undefined ? '*' : lasting(resource),
    // Without it the role could be handed to any service.
    ...(action === 'iam:PassRole' && {
      Condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } }
    })
  })
}

/** The resource of the next run as well: tasks, deployments, revisions and log streams have other names then. */
function lasting(arn: string): string {
  return arn
    .replace(/(:(?:task|service-deployment|service-revision)\/.+)\/[^/]+$/, '$1/*')
    .replace(/(:task-definition\/[^:]+):\d+$/, '$1:*')
    .replace(/(:log-group:[^:]+):log-stream:.*$/, '$1:*')
}
