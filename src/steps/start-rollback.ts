import { primaryDeployment } from '../decide/service/snapshot.ts'
import { isFailed } from '../decide/service/status.ts'
import type { Emit } from '../event.ts'
import { Failure } from '../failure.ts'
import type { EcsPort } from '../io/aws/ecs.ts'
import { listingOf, lookOnce, readBoth, type Look } from './look-for-others.ts'
import { LOST_STOP, stop, type Unwanted } from './stop-deployment.ts'
import { deployingAgain, NO_OTHER, noteDeployed } from './way-back.ts'

/**
 * Has a cancelled run's deployment undone, as long as it is in progress, without watching it; throws Failure with what
 * keeps it from that. There is time for each call once: what the service deployments list as under way is stopped,
 * whatever DescribeServices says or does not.
 */
export async function startRollback(ecs: EcsPort, plan: Unwanted, emit: Emit): Promise<void> {
  const { watch, previousArn, known } = plan
  // A Stop whose answer is lost may be sent again.
  if (known.parting !== undefined && known.parting !== LOST_STOP) return
  const reads = readBoth(ecs, plan)
  const listing = listingOf(plan.mine, await reads.listed)
  let arn = listing.kind === 'going-on' ? listing.arn : undefined
  let seen = arn === undefined ? await lookOnce(ecs, plan, reads) : undefined
  if (seen !== undefined && listing.kind === 'unlisted' && mayGoOn(seen)) arn = plan.serviceDeploymentArn
  if (arn !== undefined) {
    const [isAsked] = await Promise.all([stop(ecs, plan, arn, emit), reads.service])
    if (isAsked) return
    seen = undefined
  }
  // There is no time to look until it is sure, and nothing would ever be undone where only DescribeServices is allowed.
  seen ??= await lookOnce(ecs, plan)
  if (seen.kind === 'going-back') {
    known.parting = 'ECS has begun to roll it back by itself'
    return
  }
  // ECS may have heard of it, whatever reads show that lag behind: nothing is sent on top of it.
  if (known.parting === LOST_STOP) throw new Failure('aws-error', LOST_STOP)
  const why = whyLeft(seen, plan)
  if (why !== undefined) throw new Failure('aws-error', why)
  const request = { cluster: watch.cluster, service: watch.service, taskDefinition: previousArn }
  const back = primaryDeployment(await deployingAgain(plan, () => ecs.updateService(request)))
  // An answer that does not name it is as good as none.
  if (back?.taskDefinitionArn === previousArn) noteDeployed(plan, back)
}

/** Whether a deployment that is not listed may be in progress. */
function mayGoOn(seen: Look): boolean {
  if (seen.kind === 'unseen') return true
  return seen.kind === 'apparent' && !isFailed(primaryDeployment(seen.service)?.rolloutState)
}

/** Why a cancelled run does not deploy the previous revision in place of mine; undefined when it does. */
function whyLeft(seen: Exclude<Look, { kind: 'going-back' }>, plan: Unwanted): string | undefined {
  const { mine, previousArn, watch } = plan
  switch (seen.kind) {
    case 'newest':
    case 'apparent':
      return previousArn === mine.taskDefinitionArn ? NO_OTHER : undefined
    case 'completed':
      return `${mine.id} has completed`
    case 'replaced':
      return `${watch.service} is not set to ${mine.id} any more`
    case 'unseen':
      return seen.why
  }
}
