import { shortArn } from '../decide/arn.ts'
import { deploymentInProgress } from '../decide/service/conflict.ts'
import { serviceDeploymentOf, type DeploymentSnapshot } from '../decide/service/snapshot.ts'
import { isBeingUndone, isInProgress } from '../decide/service/status.ts'
import { counted } from '../decide/wording.ts'
import type { Emit } from '../event.ts'
import { AwsFailure, Failure } from '../failure.ts'
import type { EcsPort } from '../io/aws/ecs.ts'
import type { World } from '../world.ts'
import { observeService } from './observe-service.ts'

/** Which service is waited for, and how long. */
export interface TurnPlan {
  readonly cluster: string
  readonly service: string
  readonly pollMs: number
  readonly budgetMs: number
}

const REMINDER_MS = 30_000

/**
 * Waits until the deployment that somebody else began has ended; fails with `deployment-in-progress` when the time for it
 * ends first. One that loses its tasks is waited for, too: it may recover, and to replace it is what `supersede` is for.
 */
export async function awaitTurn(world: World, ecs: EcsPort, plan: TurnPlan, emit: Emit): Promise<void> {
  const startedAt = world.clock.now()
  let spokeAt: number | undefined
  emit({ kind: 'phase', title: 'Waiting for the deployment in progress' })
  for (;;) {
    const service = await observeService(ecs, world.region, plan.cluster, plan.service)
    const other = deploymentInProgress(service)
    if (other === undefined) return
    const now = world.clock.now()
    const failures = other.failedTasks === 0 ? '' : `, ${counted(other.failedTasks, 'task')} failed`
    const counts = `${String(other.runningCount)} of ${String(other.desiredCount)} running${failures}`
    if (now - startedAt >= plan.budgetMs) {
      const longer = "give it longer with 'wait-for-minutes'"
      throw inProgress(plan.service, other, `it did not end within the time given (${counts})`, longer)
    }
    if (spokeAt === undefined || now - spokeAt >= REMINDER_MS) {
      spokeAt = now
      const seconds = Math.round((now - startedAt) / 1000)
      const isFailing = other.failedTasks > 0 && other.runningCount === 0
      const wayOut = isFailing ? "; 'on-conflict: supersede' would replace it" : ''
      emit({
        kind: 'note',
        text: `waiting for ${describeDeployment(other)}: ${counts} (${String(seconds)} s)${wayOut}`
      })
    }
    await world.clock.sleep(plan.pollMs, world.signal)
  }
}

/**
 * Whether a deployment in progress is about to be taken back, as a cancelled job may have asked: who needs one of its
 * revision waits for that. Best effort: what cannot be read is taken for going on.
 */
export async function isOnItsWayBack(
  ecs: EcsPort,
  cluster: string,
  service: string,
  { id, rolloutState }: DeploymentSnapshot
): Promise<boolean> {
  if (!isInProgress(rolloutState)) return false
  try {
    return isBeingUndone(serviceDeploymentOf(id, await ecs.listServiceDeployments(cluster, service))?.status)
  } catch (error) {
    if (error instanceof AwsFailure) return false
    throw error
  }
}

/** Somebody else's deployment is in the way of this one; `instead` is what may be done besides running the job again. */
export function inProgress(
  service: string,
  other: DeploymentSnapshot,
  why: string,
  instead = "set 'on-conflict' to 'wait'"
): Failure {
  return new Failure('deployment-in-progress', `${service} is being deployed: ${describeDeployment(other)}; ${why}`, {
    remedy: `run this job again when it has ended, or ${instead}, or set 'on-conflict' to 'supersede' to replace it`
  })
}

/** Which deployment it is and what it deploys. */
export function describeDeployment({ id, taskDefinitionArn }: DeploymentSnapshot): string {
  return `${id} of ${shortArn(taskDefinitionArn)}`
}
