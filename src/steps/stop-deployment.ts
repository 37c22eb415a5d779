import { serviceDeploymentOf } from '../decide/service/snapshot.ts'
import type { Emit } from '../event.ts'
import { endsTheRun, Failure, withRemedy } from '../failure.ts'
import type { EcsPort } from '../io/aws/ecs.ts'
import { sending, type Return } from './way-back.ts'

/** A deployment that is to be undone, and where its service came from. */
export interface Unwanted extends Return {
  /** Undefined when the service deployments API did not show it. */
  readonly serviceDeploymentArn: string | undefined
  readonly watch: { readonly cluster: string; readonly service: string }
}

const ASKED = 'ECS was asked to roll it back, and needs nothing of this job for that'
/** What is known of a way back as long as nobody knows whether ECS was asked for it. */
export const LOST_STOP = 'StopServiceDeployment was sent and its answer is lost, so ECS may be rolling it back'

/**
 * Has ECS roll back the deployment that is in progress, and tells whether it does. It does not where the service
 * deployments API is denied, missing or late, and for a deployment that has ended, which DescribeServices may not show yet.
 */
export async function findAndStop(ecs: EcsPort, plan: Unwanted, emit: Emit): Promise<boolean> {
  const arn =
    plan.serviceDeploymentArn ??
    (await find(ecs, plan).catch((error: unknown) => {
      tellRefusal(error, plan, emit)
      return undefined
    }))
  return arn !== undefined && stop(ecs, plan, arn, emit)
}

/** There is another way back, which does not wait for an API that hangs. */
async function find(ecs: EcsPort, { mine, watch }: Unwanted): Promise<string | undefined> {
  const listed = await ecs.polling().listServiceDeployments(watch.cluster, watch.service)
  return serviceDeploymentOf(mine.id, listed)?.arn
}

/** Has ECS roll a service deployment back, and tells whether it does; throws when the run is over. */
export async function stop(ecs: EcsPort, plan: Unwanted, arn: string, emit: Emit): Promise<boolean> {
  try {
    await sending(plan.known, LOST_STOP, () => ecs.stopServiceDeployment(arn))
  } catch (error) {
    tellRefusal(error, plan, emit)
    return false
  }
  plan.known.parting = ASKED
  emit({ kind: 'note', text: `ECS was asked to roll ${plan.mine.id} back` })
  return true
}

/** Tells what keeps ECS from it; throws what ends the run. */
function tellRefusal(error: unknown, { known }: Unwanted, emit: Emit): void {
  if (!(error instanceof Failure) || endsTheRun(error)) throw error
  const what =
    known.parting === LOST_STOP
      ? 'whether ECS rolls this deployment back for us is not known'
      : 'ECS does not roll this deployment back for us'
  emit({ kind: 'note', text: `${what}: ${withRemedy(error)}` })
}
