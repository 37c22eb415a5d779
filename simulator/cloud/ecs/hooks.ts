import { AwsError } from '../../protocol/operation.ts'
import { later, requestPass, type Engine } from './engine.ts'
import type { Hook, Service, ServiceDeployment } from './model.ts'
import { failDeployment } from './rollback.ts'
import type { HookConfiguration, Step } from './stages.ts'
import { LAMBDA_SECONDS } from './timings.ts'

/** Starts the hooks of a step: functions answer as the world says, pauses wait for ContinueServiceDeployment. */
export function startHooks(
  engine: Engine,
  service: Service,
  reported: ServiceDeployment,
  { hookStage }: Step,
  configured: readonly HookConfiguration[]
): readonly Hook[] {
  return configured
    .filter(({ stages }) => stages.includes(hookStage))
    .map(({ targetType, targetArn, timeoutMinutes, timeoutAction }) => {
      const hook: Hook = {
        id: engine.random.nanoid(),
        stage: hookStage,
        targetType,
        targetArn,
        status: targetType === 'PAUSE' ? 'AWAITING_ACTION' : 'IN_PROGRESS',
        expiresAt: engine.timeline.now() + timeoutMinutes * 60_000,
        timeoutAction
      }
      later(engine, service, timeoutMinutes * 60, () => {
        if (isOpen(hook)) resolveHook(engine, service, reported, hook, 'TIMED_OUT')
      })
      const answer = engine.functions.get(targetArn ?? '') ?? 'SUCCEEDED'
      if (targetType === 'AWS_LAMBDA' && answer !== 'IN_PROGRESS') {
        later(engine, service, LAMBDA_SECONDS, () => {
          if (isOpen(hook)) resolveHook(engine, service, reported, hook, answer)
        })
      }
      return hook
    })
}

/** Whether a hook still holds up its stage. */
export function isOpen(hook: Hook): boolean {
  return hook.status === 'AWAITING_ACTION' || hook.status === 'IN_PROGRESS'
}

/** ContinueServiceDeployment: goes on, or back. */
export function continueServiceDeployment(
  engine: Engine,
  service: Service,
  reported: ServiceDeployment,
  { hookId, action }: { readonly hookId: string; readonly action: 'CONTINUE' | 'ROLLBACK' }
): void {
  const hook = reported.shift?.hooks.find(({ id }) => id === hookId)
  if (hook?.status !== 'AWAITING_ACTION' || reported.status !== 'IN_PROGRESS') {
    throw new AwsError('InvalidParameterException', `The service deployment has no paused lifecycle hook ${hookId}.`)
  }
  resolveHook(engine, service, reported, hook, action === 'CONTINUE' ? 'SUCCEEDED' : 'FAILED')
}

function resolveHook(
  engine: Engine,
  service: Service,
  reported: ServiceDeployment,
  hook: Hook,
  status: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT'
): void {
  if (reported.status !== 'IN_PROGRESS') return
  hook.status = status
  reported.updatedAt = engine.timeline.now()
  const goesOn = status === 'SUCCEEDED' || (status === 'TIMED_OUT' && hook.timeoutAction === 'CONTINUE')
  if (goesOn) {
    requestPass(engine, service, 0)
    return
  }
  const end = status === 'TIMED_OUT' ? 'timed out' : 'failed'
  const statusReason = `Service deployment rolled back because ${hook.stage} lifecycle hook(s) ${end}.`
  failDeployment(engine, service, {
    rolloutReason: `ECS deployment failed: ${hook.stage} lifecycle hook(s) ${end}.`,
    event: `deployment failed: ${statusReason}`,
    rollback: true,
    statusReason
  })
}
