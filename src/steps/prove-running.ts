import { shortArn } from '../decide/arn.ts'
import { serviceRevisionArn, type DeploymentSnapshot, type ServiceSnapshot } from '../decide/service/snapshot.ts'
import {
  isBeforeCompletion,
  proveDigests,
  tasksOfDeployment,
  weighProof,
  type ExpectedDigests,
  type Proof,
  type RunningProof
} from '../decide/service/proof.ts'
import { splitImage } from '../decide/task/image.ts'
import { describeLandingWait, describeProofWait } from '../decide/service/proof-wait.ts'
import { STALENESS_MS } from '../decide/service/staleness.ts'
import type { WatchedDeployment } from '../decide/service/verdict.ts'
import type { Emit } from '../event.ts'
import { counted } from '../decide/wording.ts'
import { Failure, withRemedy } from '../failure.ts'
import type { EcsPort } from '../io/aws/ecs.ts'
import type { World } from '../world.ts'
import { imagesOf, readDigests } from './look-up-images.ts'
import { reminderOf } from './reminder.ts'

/** How long ECS may take to list a task that already runs, and to report its digest, from when the first was seen. */
const DIGEST_PATIENCE_MS = 30_000
/** How long a service that should run tasks may take to start the first: it may have been scaled up from 0 just now. */
const START_PATIENCE_MS = 180_000
const PAUSE_MS = 2_000
/** One look may be answered by a replica that lags behind, from before the service was scaled up. */
const LOOKS_TO_BE_SURE = 2

/** What is to be proven of which deployment, which has completed. */
export interface ProofPlan {
  readonly cluster: string
  readonly mine: WatchedDeployment
  readonly expected: ExpectedDigests
  /** As it was last seen. With desired count 0 there is no task to wait for. */
  readonly service: ServiceSnapshot
}

/** What was found, and the service as it was seen last. */
export interface Finding {
  /** `parked`: the service is to run no task, and none runs. */
  readonly proof: RunningProof | { readonly kind: 'parked' }
  readonly service: ServiceSnapshot
}

/** Reads the running tasks of a deployment until all are seen and their digests are known, and compares them. */
export async function proveRunning(world: World, ecs: EcsPort, plan: ProofPlan, emit: Emit): Promise<Finding> {
  const { cluster, mine } = plan
  const startedAt = world.clock.now()
  const remind = reminderOf(world.clock, plan.service.name, emit)
  let { service } = plan
  let expectsTasks = service.desiredCount > 0
  let looksAtNone = wantsNone(mine, service) ? 1 : 0
  let nothingUntil = startedAt
  for (;;) {
    const tasks = await ecs.runningTasks(cluster, service.name)
    const proof = proveDigests(tasksOfDeployment(tasks, mine.id), plan.expected)
    const found = weighProof(proof, mine, service)
    if (isSettled(found)) return { proof: found, service }
    const look = await lookAgain(world, ecs, plan)
    service = look ?? service
    expectsTasks ||= service.desiredCount > 0
    looksAtNone = proof.kind === 'nothing-runs' && look !== undefined && wantsNone(mine, look) ? looksAtNone + 1 : 0
    if (looksAtNone >= LOOKS_TO_BE_SURE) return { proof: { kind: 'parked' }, service }
    const weighed = weighProof(proof, mine, service)
    const now = world.clock.now()
    // A task that has just started has yet to be listed, and its digest to be told.
    if (weighed.kind === 'nothing-runs') nothingUntil = now
    const since = weighed.kind === 'nothing-runs' ? startedAt : nothingUntil
    const isOver = now - since >= patienceFor(weighed, expectsTasks, isBeforeCompletion(mine, service))
    if (isOver || isSettled(weighed)) return { proof: weighed, service }
    remind(describeProofWait(weighed, mine, service))
    await world.clock.sleep(PAUSE_MS, world.signal)
  }
}

/** The service as it is now; a look that fails says nothing. */
async function lookAgain(
  { signal }: World,
  ecs: EcsPort,
  { cluster, service }: Pick<ProofPlan, 'cluster' | 'service'>
): Promise<ServiceSnapshot | undefined> {
  try {
    const now = await ecs.polling().describeService(cluster, service.name)
    return typeof now === 'string' ? undefined : now
  } catch (error) {
    if (!(error instanceof Failure) || signal.aborted) throw error
    return undefined
  }
}

function wantsNone(mine: WatchedDeployment, service: ServiceSnapshot): boolean {
  return service.desiredCount === 0 && !isBeforeCompletion(mine, service)
}

/** Nothing that could still be seen would change it. */
function isSettled({ kind }: RunningProof): boolean {
  return kind === 'proven' || kind === 'mismatch' || kind === 'replaced'
}

function patienceFor({ kind }: RunningProof, expectsTasks: boolean, isBehind: boolean): number {
  if (kind !== 'nothing-runs') return DIGEST_PATIENCE_MS
  if (expectsTasks) return START_PATIENCE_MS
  return isBehind ? STALENESS_MS : 0
}

/** Where a rollback is said to have landed. */
export interface Landing {
  readonly cluster: string
  readonly service: ServiceSnapshot
  readonly to: DeploymentSnapshot
}

/** What the running tasks show of a service that is said to be back. */
export type LandingProof =
  /** So many run, all of the revision and with its digests; none, where none is wanted. */
  | { readonly kind: 'proven'; readonly tasks: number }
  /** It is not back; `why` is a clause. */
  | { readonly kind: 'refuted'; readonly why: string }

/**
 * Holds the tasks that run after a rollback against its target revision and the digests that ECS resolved for it. Digests
 * that ECS does not tell are not compared: the revision remains, and a note says why. Fails with `not-all-seen` when
 * fewer are listed than run, or run something that ECS does not tell.
 */
export async function proveRollback(world: World, ecs: EcsPort, landing: Landing, emit: Emit): Promise<LandingProof> {
  const { cluster, service, to } = landing
  const startedAt = world.clock.now()
  let nothingUntil = startedAt
  const remind = reminderOf(world.clock, service.name, emit)
  const resolved = await ecs.resolvedDigests(serviceRevisionArn(service, to.id)).catch((error: unknown) => {
    if (!(error instanceof Failure) || world.signal.aborted) throw error
    const what = `the tasks of ${shortArn(to.taskDefinitionArn)} are told by their revision alone, not by digest`
    emit({ kind: 'note', text: `${what}: ${withRemedy(error)}` })
    return new Map<string, string>()
  })
  let expected: ExpectedDigests = new Map([...resolved].map(([container, digest]) => [container, [digest]]))
  let hasPlatforms = false
  let { runningCount, desiredCount } = to
  let looksAtNone = desiredCount === 0 ? LOOKS_TO_BE_SURE : 0
  for (;;) {
    const tasks = await ecs.runningTasks(cluster, service.name)
    const running = tasks.filter(({ lastStatus }) => lastStatus === 'RUNNING')
    const isOfRevision = running.every(({ taskDefinitionArn }) => taskDefinitionArn === to.taskDefinitionArn)
    if (!hasPlatforms && proveDigests(running, expected).kind === 'mismatch') {
      expected = await withPlatforms(world, ecs, landing, expected, emit)
      hasPlatforms = true
    }
    const proof = proveDigests(running, expected)
    const isParked = proof.kind === 'nothing-runs' && looksAtNone >= LOOKS_TO_BE_SURE
    const isProven = isOfRevision && (proof.kind === 'proven' || isParked)
    if (isProven && running.length >= runningCount) return { kind: 'proven', tasks: running.length }
    const now = await lookAgain(world, ecs, landing)
    const target = now?.deployments.find(({ id }) => id === to.id)
    runningCount = target?.runningCount ?? runningCount
    // One that is not PRIMARY, to a replica that lags behind, wants none because it is on its way out.
    if (target?.status === 'PRIMARY') desiredCount = target.desiredCount
    const isParkedNow = target?.status === 'PRIMARY' && desiredCount === 0
    if (now !== undefined) looksAtNone = isParkedNow ? looksAtNone + 1 : 0
    const nowMs = world.clock.now()
    // ECS starts another one for a task that was lost right after the landing.
    const isEmpty = proof.kind === 'nothing-runs' && runningCount === 0 && desiredCount > 0
    if (isEmpty) nothingUntil = nowMs
    const isOver = isEmpty ? nowMs - startedAt >= START_PATIENCE_MS : nowMs - nothingUntil >= DIGEST_PATIENCE_MS
    if (isOver) {
      const back = shortArn(to.taskDefinitionArn)
      if (!isOfRevision) return { kind: 'refuted', why: `not all running tasks are of ${back}` }
      return weighLanding(proof, back, running.length, { runningCount, desiredCount })
    }
    remind(describeLandingWait(proof, isOfRevision, running.length, { runningCount, desiredCount }))
    await world.clock.sleep(PAUSE_MS, world.signal)
  }
}

/**
 * The digests with those of their platforms, which tasks may report in place of an index: no page says which. What cannot
 * be read is not compared, and a note says so.
 */
async function withPlatforms(
  world: World,
  ecs: EcsPort,
  { to }: Landing,
  resolved: ExpectedDigests,
  emit: Emit
): Promise<ExpectedDigests> {
  try {
    const revision = await ecs.describeTaskDefinition(to.taskDefinitionArn)
    const repositories = new Map(
      imagesOf(revision?.document ?? {}).map(({ container, image }) => [container, splitImage(image).repository])
    )
    const read = async ([container, digests]: readonly [string, readonly string[]]) => {
      const found = await Promise.all(
        digests.map(digest => readDigests(world, repositories.get(container) ?? '', digest))
      )
      return [container, found.flat()] as const
    }
    return new Map(await Promise.all([...resolved].map(read)))
  } catch (error) {
    if (!(error instanceof Failure) || world.signal.aborted) throw error
    const what = `the tasks of ${shortArn(to.taskDefinitionArn)} are told by their revision alone, not by digest`
    emit({ kind: 'note', text: `${what}: ${withRemedy(error)}` })
    return new Map()
  }
}

/** What it means that the tasks which are to be seen, all of the revision, prove no landing. */
function weighLanding(
  proof: Proof,
  back: string,
  seen: number,
  { runningCount, desiredCount }: Pick<DeploymentSnapshot, 'runningCount' | 'desiredCount'>
): LandingProof {
  if (proof.kind === 'mismatch') {
    const resolved = proof.expected.join(' or ')
    const where = `task ${proof.taskId} of ${back}, container ${proof.container}`
    return { kind: 'refuted', why: `${where} runs ${proof.actual}, not ${resolved}` }
  }
  if (proof.kind === 'nothing-runs' && runningCount === 0) {
    const wanted = desiredCount === 0 ? '' : `, and ${String(desiredCount)} should`
    return { kind: 'refuted', why: `no task of ${back} runs${wanted}` }
  }
  if (proof.kind === 'not-yet') {
    const where = `container ${proof.container} of task ${proof.taskId}`
    throw new Failure('not-all-seen', `ECS does not report which digest ${where} runs`)
  }
  const some = seen === 0 ? 'none' : `only ${String(seen)}`
  throw new Failure('not-all-seen', `${some} of ${counted(runningCount, 'running task')} could be seen`)
}
