import { shortArn } from '../decide/arn.ts'
import { serviceRevisionArn, type DeploymentSnapshot, type ServiceSnapshot } from '../decide/service/snapshot.ts'
import { proveDigests, tasksOfDeployment, type ExpectedDigests, type Proof } from '../decide/service/proof.ts'
import type { Emit } from '../event.ts'
import { Failure, withRemedy } from '../failure.ts'
import type { EcsPort } from '../io/aws/ecs.ts'
import type { World } from '../world.ts'

/** How long DescribeTasks may take to report the digest of a task that already runs. */
const DIGEST_PATIENCE_MS = 30_000
/** How long a service that should run tasks may take to start the first: it may have been scaled up from 0 just now. */
const START_PATIENCE_MS = 180_000
const PAUSE_MS = 2_000
/** One look may be answered by a replica that lags behind, from before the service was scaled up. */
const LOOKS_TO_BE_SURE = 2

/** What is to be proven of which deployment. */
export interface ProofPlan {
  readonly cluster: string
  readonly service: string
  readonly deploymentId: string
  readonly expected: ExpectedDigests
  /** Whether tasks should be running at all; with desired count 0 there is nothing to wait for. */
  readonly expectsTasks: boolean
}

/** What was found: `parked`, when the service was scaled to 0 while its first task was waited for. */
export type RunningProof = Proof | { readonly kind: 'parked' }

/** Reads the running tasks of a deployment until their digests are known, and compares them. */
export async function proveRunning(world: World, ecs: EcsPort, plan: ProofPlan): Promise<RunningProof> {
  const startedAt = world.clock.now()
  let looksAtNone = 0
  for (;;) {
    const tasks = await ecs.runningTasks(plan.cluster, plan.service)
    const proof = proveDigests(tasksOfDeployment(tasks, plan.deploymentId), plan.expected)
    const patience = patienceFor(proof, plan)
    if (world.clock.now() - startedAt >= patience) return proof
    looksAtNone = proof.kind === 'nothing-runs' && (await wantsNone(world, ecs, plan)) ? looksAtNone + 1 : 0
    if (looksAtNone >= LOOKS_TO_BE_SURE) return { kind: 'parked' }
    await world.clock.sleep(PAUSE_MS, world.signal)
  }
}

/** Whether the service is to run no task now; a look that fails says nothing. */
async function wantsNone({ signal }: World, ecs: EcsPort, { cluster, service }: ProofPlan): Promise<boolean> {
  try {
    const now = await ecs.polling().describeService(cluster, service)
    return typeof now !== 'string' && now.desiredCount === 0
  } catch (error) {
    if (!(error instanceof Failure) || signal.aborted) throw error
    return false
  }
}

function patienceFor(proof: Proof, plan: ProofPlan): number {
  if (proof.kind === 'not-yet') return DIGEST_PATIENCE_MS
  return proof.kind === 'nothing-runs' && plan.expectsTasks ? START_PATIENCE_MS : 0
}

/** Where a rollback is said to have landed. */
export interface Landing {
  readonly cluster: string
  readonly service: ServiceSnapshot
  readonly to: DeploymentSnapshot
}

/**
 * How many tasks run after a rollback, when each is of its target revision and runs the digests that ECS resolved for
 * it; undefined when others run or none does. Digests that ECS does not tell are not compared: the revision remains, and
 * a note says why.
 */
export async function proveRollback(
  world: World,
  ecs: EcsPort,
  { cluster, service, to }: Landing,
  emit: Emit
): Promise<number | undefined> {
  const deadline = world.clock.now() + DIGEST_PATIENCE_MS
  const resolved = await ecs.resolvedDigests(serviceRevisionArn(service, to.id)).catch((error: unknown) => {
    if (!(error instanceof Failure) || world.signal.aborted) throw error
    const what = `the tasks of ${shortArn(to.taskDefinitionArn)} are told by their revision alone, not by digest`
    emit({ kind: 'note', text: `${what}: ${withRemedy(error)}` })
    return new Map<string, string>()
  })
  const expected = new Map([...resolved].map(([container, digest]) => [container, [digest]]))
  for (;;) {
    const tasks = await ecs.runningTasks(cluster, service.name)
    const running = tasks.filter(({ lastStatus }) => lastStatus === 'RUNNING')
    const isOfRevision = running.every(({ taskDefinitionArn }) => taskDefinitionArn === to.taskDefinitionArn)
    const proof = proveDigests(running, expected)
    const isProven = proof.kind === 'proven' || (proof.kind === 'nothing-runs' && to.desiredCount === 0)
    if (isOfRevision && isProven) return running.length
    if (world.clock.now() >= deadline) return undefined
    await world.clock.sleep(PAUSE_MS, world.signal)
  }
}
