import { shortArn } from '../decide/arn.ts'
import type { DeploymentSnapshot } from '../decide/service/snapshot.ts'
import { isRolledBack } from '../decide/service/status.ts'
import { successorOf, type Successor } from '../decide/service/successor.ts'
import { isOlder } from '../decide/service/verdict.ts'
import { counted } from '../decide/wording.ts'
import type { EcsPort } from '../io/aws/ecs.ts'
import { diagnose, said } from './cause.ts'
import type { DeployRun } from './deploy.ts'
import { asUnread, type Ending, type Watched } from './ending.ts'

/** What is to be done about a deployment that somebody else's replaced. */
export const REMEDY = 'if that was not meant, let deployments of one service run one after the other (concurrency)'

/**
 * The ending of a deployment that somebody else's replaced: whose, and what had gone wrong with it before, for that would
 * go wrong again. `by` is what is PRIMARY now.
 */
export async function superseded(
  run: DeployRun,
  ecs: EcsPort,
  watched: Watched,
  by: DeploymentSnapshot
): Promise<Ending> {
  const successor = await findSuccessor(run, ecs, watched, by)
  const ending = replaced(watched, by, successor)
  const { failing, failedTasks, last } = watched.end
  const { status, statusReason, rollback } = last?.serviceDeployment ?? {}
  const wasBack = isRolledBack(status)
  if (!wasBack && failing?.isApparent !== false && failedTasks === 0) return ending
  // What the service says later is about its other deployments.
  const before = successor?.createdAt ?? 0
  const events = last?.service.events.filter(({ createdAt }) => createdAt < before) ?? []
  const diagnosis = await diagnose(run, ecs, watched, events)
  const told = wasBack
    ? {
        how: 'ECS had rolled it back',
        why: rollback?.reason ?? statusReason ?? failing?.reason ?? 'ECS gave no reason'
      }
    : { how: 'it was failing', why: failing?.reason ?? `${counted(failedTasks, 'task')} failed` }
  const why = said(diagnosis?.sentence ?? told.why)
  const remedy = diagnosis === undefined ? REMEDY : `${diagnosis.remedy}; ${REMEDY}`
  return { ...ending, reason: `${ending.reason}; before that ${told.how}: ${why}`, remedy }
}

/** The ending of a deployment that was replaced before it could be rolled back. */
export async function replacedMeanwhile(
  run: DeployRun,
  ecs: EcsPort,
  watched: Watched,
  by: DeploymentSnapshot
): Promise<Ending> {
  return replaced(watched, by, await findSuccessor(run, ecs, watched, by))
}

function replaced({ mine }: Watched, by: DeploymentSnapshot, successor: Successor | undefined): Ending {
  const name = successor?.id ?? 'a deployment that is not listed any more'
  const revision = successor?.taskDefinitionArn
  const whose = revision === undefined ? name : `${name}, which deploys ${shortArn(revision)}`
  const now = `${by.id} of ${shortArn(by.taskDefinitionArn)}`
  // An older one is PRIMARY again once theirs was rolled back, and in a read that is older than theirs.
  const when = isOlder(by, mine) ? 'when it was last read, the service was set' : 'by now the service is set'
  const since = successor?.id === by.id ? '' : `; ${when} to ${now}`
  return {
    outcome: 'superseded',
    reasonCode: 'superseded',
    reason: `${mine.id} was replaced by ${whose}${since}`,
    remedy: REMEDY
  }
}

/** Several may have followed within one look: the service deployments know which came first, as far as they can be read. */
async function findSuccessor(
  { world }: DeployRun,
  ecs: EcsPort,
  { cluster, service, mine, end, seen }: Watched,
  by: DeploymentSnapshot
): Promise<Successor | undefined> {
  const shown = [seen.service, end.last?.service ?? service].flatMap(one => one?.deployments ?? [])
  const listing = ecs.polling().listServiceDeployments(cluster, service.name)
  const listed = await listing.catch((error: unknown) => {
    asUnread(world, error)
    return []
  })
  return successorOf(mine, shown, listed) ?? (isOlder(by, mine) ? undefined : by)
}
