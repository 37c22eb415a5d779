import {
  deploymentIdOf,
  primaryDeployment,
  type DeploymentSnapshot,
  type ServiceDeploymentSnapshot,
  type ServiceSnapshot
} from '../decide/service/snapshot.ts'
import { newestTimeIn, STALENESS_MS } from '../decide/service/staleness.ts'
import { endsTheRun, Failure, isAwsError } from '../failure.ts'
import type { EcsPort } from '../io/aws/ecs.ts'
import type { World } from '../world.ts'

/** A deployment by its identity. */
export type Started = Pick<DeploymentSnapshot, 'id' | 'taskDefinitionArn' | 'createdAt'>

/** What became of an UpdateService request without an answer, as far as ECS shows it. */
export type Trace =
  | { readonly kind: 'started'; readonly deployment: Started }
  /** Somebody else deployed since then, so that sending it again would undo theirs. */
  | { readonly kind: 'others'; readonly deployment: Started }
  | { readonly kind: 'nothing' }
  /** Something was started that cannot be told whose it is, or ECS does not answer. */
  | { readonly kind: 'unknown' }

/** What is looked for: a deployment of this revision that the service had not `before`. */
export interface SoughtDeployment {
  readonly before: ServiceSnapshot
  readonly cluster: string
  readonly taskDefinitionArn: string
  /** For how long one that was started may not be seen, in milliseconds. */
  readonly patienceMs: number
}

/** The service is looked at so often. */
const PAUSE_MS = 2_000
/** Looks that fail are repeated for so long. */
const LONGEST_MS = 60_000

/**
 * Looks for a deployment that was asked for without an answer, by both APIs, which may show it late: one that failed or
 * was replaced meanwhile is to be seen among the service deployments only.
 */
export async function lookForStarted({ clock, signal }: World, ecs: EcsPort, sought: SoughtDeployment): Promise<Trace> {
  const sentAt = clock.now()
  let others: Trace | undefined
  for (;;) {
    await clock.sleep(PAUSE_MS, signal)
    const seen = await look(ecs, sought)
    if (seen.kind === 'started') return seen
    if (seen.kind === 'others') others = seen
    const passedMs = clock.now() - sentAt
    // Where somebody else deployed, what they replaced shows as late as anything.
    const patienceMs = seen.kind === 'nothing' ? sought.patienceMs : Math.max(sought.patienceMs, STALENESS_MS)
    if (passedMs >= (seen.kind === 'unknown' ? LONGEST_MS : patienceMs)) return others ?? seen
  }
}

async function look(ecs: EcsPort, { before, cluster, taskDefinitionArn }: SoughtDeployment): Promise<Trace> {
  const reads = ecs.polling()
  const [service, listed] = await Promise.all([
    reads.describeService(cluster, before.name).catch(asUnread),
    reads.listServiceDeployments(cluster, before.name).catch(asUnlisted)
  ])
  const seenAt = newestTimeIn(before)
  // One that was gone before is shown again by a replica that lags behind. Times may be whole seconds.
  const isNew = ({ id, createdAt = Infinity }: Pick<Started, 'id' | 'createdAt'>): boolean =>
    createdAt >= (seenAt ?? 0) && !before.deployments.some(old => old.id === id)
  const isRead = service !== undefined && typeof service !== 'string'
  const deployments = isRead ? service.deployments : []
  const shown = deployments.filter(isNew)
  const unseen = listedSince(before, listed ?? []).filter(({ id }) => !deployments.some(one => one.id === id))
  const revisions = await Promise.all(
    unseen.map(async ({ revisionArn, ...one }) => {
      const arn = await ecs.taskDefinitionOf(revisionArn).catch(asUnread)
      return arn === undefined ? undefined : { ...one, taskDefinitionArn: arn }
    })
  )
  const found: readonly Started[] = [...shown, ...revisions.filter(one => one !== undefined)]
  const [first] = found.toSorted((one, other) => (one.createdAt ?? 0) - (other.createdAt ?? 0))
  if (found.some(one => one.taskDefinitionArn === taskDefinitionArn)) {
    // What others had deployed before, or deploy after something else, may be theirs as well as this run's.
    const isCommon = found.length > 1 && before.deployments.some(one => one.taskDefinitionArn === taskDefinitionArn)
    const isMine = first?.taskDefinitionArn === taskDefinitionArn && !isCommon
    return isMine ? { kind: 'started', deployment: first } : { kind: 'unknown' }
  }
  if (!isRead || listed === undefined || revisions.includes(undefined)) return { kind: 'unknown' }
  const primary = primaryDeployment(service)
  const theirs = primary !== undefined && isNew(primary) ? primary : revisions[0]
  return theirs === undefined ? { kind: 'nothing' } : { kind: 'others', deployment: theirs }
}

/** The service deployments since the service was seen, newest first, by the server's own times. */
function listedSince(
  before: ServiceSnapshot,
  listed: readonly ServiceDeploymentSnapshot[]
): readonly (Pick<Started, 'id' | 'createdAt'> & { readonly revisionArn: string })[] {
  const seenAt = newestTimeIn(before)
  return listed
    .filter(({ createdAt }) => seenAt !== undefined && createdAt !== undefined && createdAt >= seenAt)
    .map(one => ({ id: deploymentIdOf(one), createdAt: one.createdAt, revisionArn: one.targetServiceRevisionArn }))
    .filter(({ id }) => !before.deployments.some(old => old.id === id))
}

/** Where the list may not be read there is none; else it could not be read now. */
function asUnlisted(error: unknown): readonly ServiceDeploymentSnapshot[] | undefined {
  const isMissing = isAwsError(error, 'UnknownOperationException', 'InvalidAction')
  if (isMissing || (error instanceof Failure && error.code === 'access-denied')) return []
  asUnread(error)
  return undefined
}

/** Nothing, unless nothing will be read any more. */
function asUnread(error: unknown): undefined {
  if (!(error instanceof Failure) || endsTheRun(error)) throw error
  return undefined
}
