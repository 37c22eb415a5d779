import { shortArn } from '../decide/arn.ts'
import {
  deploymentIdOf,
  primaryDeployment,
  serviceDeploymentOf,
  type DeploymentSnapshot,
  type ServiceDeploymentSnapshot,
  type ServiceSnapshot
} from '../decide/service/snapshot.ts'
import { STALENESS_MS } from '../decide/service/staleness.ts'
import { isActive } from '../decide/service/status.ts'
import { isOlder } from '../decide/service/verdict.ts'
import { counted } from '../decide/wording.ts'
import { Failure } from '../failure.ts'
import type { EcsPort } from '../io/aws/ecs.ts'
import type { DeployRun } from './deploy.ts'
import { asUnread, type Watched } from './ending.ts'

/** What the service is set to by somebody else's deployment; undefined when it is mine, an older one, or the way back. */
function newcomer(
  { known }: DeployRun,
  { mine }: Watched,
  now: ServiceSnapshot | undefined
): DeploymentSnapshot | undefined {
  const primary = now && primaryDeployment(now)
  if (primary === undefined || primary.id === mine.id || primary.id === known.wayBackId) return undefined
  return isOlder(primary, mine) ? undefined : primary
}

/** The service as it is now, and what somebody else's deployment has made of it; that is PRIMARY, or was taken back since. */
export async function lookForNewcomer(
  run: DeployRun,
  ecs: EcsPort,
  watched: Watched
): Promise<{ readonly now: ServiceSnapshot | undefined; readonly by: DeploymentSnapshot | undefined }> {
  const { mine, cluster, service, previousArn, seen } = watched
  const listing = ecs.polling().listServiceDeployments(cluster, service.name)
  const [now, listed] = await Promise.all([
    lookNow(run, ecs, watched),
    listing.catch((error: unknown): readonly ServiceDeploymentSnapshot[] => {
      asUnread(run.world, error)
      return []
    })
  ])
  const by = newcomer(run, watched, now)
  const last = now ?? seen.service
  const own = serviceDeploymentOf(mine.id, listed)
  if (by !== undefined || last === undefined || own === undefined) return { now, by }
  const known = [...mine.olderIds, run.known.wayBackId]
  const later = listed.slice(0, listed.indexOf(own)).filter(one => !known.includes(deploymentIdOf(one)))
  const revisions = await Promise.all(
    later.map(one =>
      ecs.taskDefinitionOf(one.targetServiceRevisionArn).catch((error: unknown) => asUnread(run.world, error))
    )
  )
  // One of the revision before may be the way back, of which no answer came.
  const isTheirs = revisions.some(arn => typeof arn === 'string' && arn !== previousArn)
  return { now, by: isTheirs ? primaryDeployment(last) : undefined }
}

/** Looks for a newcomer until one that was there when the looking began would show. */
export async function lookForLong(run: DeployRun, ecs: EcsPort, watched: Watched): ReturnType<typeof lookForNewcomer> {
  const { clock, signal } = run.world
  const lateAt = clock.now() + STALENESS_MS
  for (;;) {
    const found = await lookForNewcomer(run, ecs, watched)
    const leftMs = lateAt - clock.now()
    if (found.by !== undefined || leftMs <= 0) return found
    await clock.sleep(Math.min(watched.plan.pollMs, leftMs), signal)
  }
}

/** The command that goes back, if ECS would do what it says. */
export async function wayBackByHand(
  run: DeployRun,
  ecs: EcsPort,
  { cluster, service, previousArn, mine, end }: Watched,
  now = end.last?.service
): Promise<string> {
  const previous = shortArn(previousArn)
  if (previousArn === mine.taskDefinitionArn) return `deploy a revision of ${service.name} that works`
  const revision = await ecs.describeTaskDefinition(previousArn).catch((error: unknown) => {
    asUnread(run.world, error)
  })
  if (revision !== undefined && !isActive(revision.status)) {
    return `${previous} is deregistered and cannot be deployed again: register a revision like it, and deploy that one to ${service.name}`
  }
  // A service that is set to it already starts nothing without being forced.
  const force = now?.taskDefinitionArn === previousArn ? ' --force-new-deployment' : ''
  return (
    `go back with: aws ecs update-service --region ${run.world.region} --cluster ${cluster} ` +
    `--service ${service.name} --task-definition ${previous}${force}`
  )
}

/** The service as it is now; undefined when it cannot be read. */
async function lookNow(
  { world }: DeployRun,
  ecs: EcsPort,
  { cluster, service }: Watched
): Promise<ServiceSnapshot | undefined> {
  const looking = ecs.polling().describeService(cluster, service.name)
  const now = await looking.catch((error: unknown) => asUnread(world, error))
  return typeof now === 'string' || now instanceof Failure ? undefined : now
}

/** What the service is set to and runs, as a clause. */
export function whatIsLeft({ seen }: Watched, now: ServiceSnapshot | undefined): string {
  const last = now ?? seen.service
  const primary = last && primaryDeployment(last)
  if (last === undefined || primary === undefined) return 'what the service runs now could not be read'
  const revision = shortArn(primary.taskDefinitionArn)
  return last === now
    ? `the service is set to ${revision} and runs ${describeTasks(last)}`
    : `when it was last seen, the service was set to ${revision} and ran ${describeTasks(last)}`
}

function describeTasks({ deployments }: ServiceSnapshot): string {
  const running = deployments
    .filter(({ runningCount }) => runningCount > 0)
    .map(({ runningCount, taskDefinitionArn }) => `${counted(runningCount, 'task')} of ${shortArn(taskDefinitionArn)}`)
  return running.length === 0 ? 'no task' : running.join(' and ')
}
