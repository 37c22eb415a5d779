import type { ServiceDeploymentSnapshot } from './snapshot.ts'
import { isAwaitingAction, isHookRunning, isOver, isRollingBack } from './status.ts'

/** A hook of a deployment that goes on when somebody says so. */
export interface Approval {
  readonly hookId: string
  /** The stage it stands in, as ECS names it. */
  readonly stage: string | undefined
  /** What happens when nobody does, and when, e.g. `ROLLBACK at 2026-01-05 09:30:00 UTC`; undefined when ECS does not say. */
  readonly otherwise: string | undefined
  /** The AWS CLI call that lets the deployment go on. */
  readonly command: string
}

/** The hooks that wait for somebody now; none of a deployment that is over or on its way back. */
export function approvals(deployment: ServiceDeploymentSnapshot): readonly Approval[] {
  if (isOver(deployment.status) || isRollingBack(deployment.status)) return []
  return deployment.hooks
    .filter(({ status }) => isAwaitingAction(status))
    .map(({ id, expiresAt, timeoutAction }) => ({
      hookId: id,
      stage: deployment.lifecycleStage,
      otherwise: otherwise(timeoutAction, expiresAt),
      command: continueCommand(deployment.arn, id)
    }))
}

/**
 * The hook that ECS has called and that has not answered, in words, e.g. `the hook arn:aws:lambda:… in stage
 * POST_SCALE_UP`; undefined when there is none.
 */
export function describeRunningHook({ hooks, lifecycleStage }: ServiceDeploymentSnapshot): string | undefined {
  const hook = hooks.find(({ status }) => isHookRunning(status))
  if (hook === undefined) return undefined
  const stage = lifecycleStage === undefined ? '' : ` in stage ${lifecycleStage}`
  return `the hook ${hook.targetArn ?? hook.id}${stage}`
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContinueServiceDeployment.html */
function continueCommand(arn: string, hookId: string): string {
  const region = arn.split(':')[3] ?? ''
  return (
    `aws ecs continue-service-deployment --region ${shellWord(region)} --service-deployment-arn ${shellWord(arn)} ` +
    `--hook-id ${shellWord(hookId)} --action CONTINUE`
  )
}

/** People paste the command into a shell, and what came from outside must be one word there. */
function shellWord(text: string): string {
  return /^[\w:/.@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}

function otherwise(action = 'ROLLBACK', expiresAt: number | undefined): string | undefined {
  const date = new Date((expiresAt ?? NaN) * 1000)
  if (Number.isNaN(date.getTime())) return undefined
  return `${action} at ${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`
}
