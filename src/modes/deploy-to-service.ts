import { deploymentInProgress, startedSince } from '../decide/service/conflict.ts'
import { primaryDeployment, type DeploymentSnapshot, type ServiceSnapshot } from '../decide/service/snapshot.ts'
import { isFailed } from '../decide/service/status.ts'
import { didNothing, Failure } from '../failure.ts'
import type { EcsPort, RegisteredTaskDefinition } from '../io/aws/ecs.ts'
import type { ServiceInputs } from '../inputs/service.ts'
import { awaitTurn, describeDeployment, inProgress, isOnItsWayBack } from '../steps/await-turn.ts'
import { observeService } from '../steps/observe-service.ts'
import { proveRunning } from '../steps/prove-running.ts'
import { registerTaskDefinition, standsFor } from '../steps/register-task-definition.ts'
import { updateRequest, updateService, watched } from '../steps/update-service.ts'
import { consoleUrl } from './console.ts'
import type { DeployRun } from './deploy.ts'
import { planned, type Ending } from './ending.ts'
import { follow, type Scene } from './follow.ts'
import { mayBePlatform, unwatched } from './success.ts'
import { putTags } from './tagging.ts'
import { checkSuspension, withScaling } from './with-scaling.ts'

/** What was read so shortly before is not read again. */
const FRESH_MS = 1_000

/**
 * The deployment of a service that is set to this very revision already, and of which nothing else is asked: it may do.
 * Undefined when a new one is needed.
 */
export function deploymentThere({ target, service, current, prepared }: Scene): DeploymentSnapshot | undefined {
  const { desiredCount, forceNewDeployment } = target.changes
  const isScaled = desiredCount !== undefined && desiredCount !== service.desiredCount
  if (isScaled || forceNewDeployment || !standsFor(current, prepared.rendered)) return undefined
  const primary = primaryDeployment(service)
  return isFailed(primary?.rolloutState) ? undefined : primary
}

/**
 * Takes a service to the prepared revision, unless it is there already. `refuse` throws what stands in the way of a new
 * deployment, for a service that seemed to need none. `overtaken` when somebody else changed the service, before this run
 * did.
 */
export async function deployToService(
  run: DeployRun,
  ecs: EcsPort,
  scene: Scene,
  latest: RegisteredTaskDefinition | undefined,
  refuse: () => void
): Promise<Ending | 'overtaken'> {
  const { inputs, emit, known } = run
  const { target, service, current, prepared } = scene
  const isSame = standsFor(current, prepared.rendered)
  const found = deploymentThere(scene)
  const isLeaving = found !== undefined && (await isOnItsWayBack(ecs, target.cluster, service.name, found))
  const there = isLeaving ? undefined : found
  const other = there === undefined ? deploymentInProgress(service) : undefined
  if (other !== undefined && target.onConflict === 'fail') throw inProgress(service.name, other, 'on-conflict is fail')
  if (isLeaving) refuse()
  if (there === undefined) await checkSuspension(run, service)
  if (inputs.dryRun) {
    if (there !== undefined) return planned(`${service.name} is set to this revision already`)
    if (isSame) return planned(`would deploy the revision again that ${service.name} is set to`)
    return planned(`would register a revision and deploy it to ${service.name}`)
  }
  await putTags(run, prepared)
  if (there !== undefined) {
    const running = await alreadyThere(run, ecs, scene, there)
    if (running !== undefined) return running
    refuse()
    await checkSuspension(run, service)
  }
  if (other !== undefined && target.onConflict === 'wait') {
    await waitForTurn(run, ecs, target)
    return 'overtaken'
  }

  const fresh = await observeAgain(run, ecs, scene)
  if (fresh === 'overtaken') return fresh
  emit({ kind: 'phase', title: 'Registering the revision' })
  const revision = isSame ? current : await registerTaskDefinition(ecs, prepared.rendered, latest, emit)
  known.taskDefinitionArn = revision.arn
  emit({ kind: 'phase', title: `Updating the service ${service.name}` })
  return withScaling(run, fresh, () => updateAndFollow(run, ecs, { ...scene, service: fresh }, revision.arn))
}

async function updateAndFollow(run: DeployRun, ecs: EcsPort, scene: Scene, revisionArn: string): Promise<Ending> {
  const { world, emit, known } = run
  const { target, service } = scene
  const request = updateRequest(service, target.cluster, revisionArn, target.changes)
  known.consoleUrl = consoleUrl(world.region, service)
  world.signal.throwIfAborted()
  known.update = 'sent'
  const mine = await updateService(world, ecs, service, request, emit).catch((error: unknown) => {
    if (didNothing(error)) delete known.update
    throw error
  })
  known.update = 'answered'
  known.deploymentId = mine.id
  known.changed = true
  return follow(run, ecs, scene, mine)
}

function waitForTurn({ inputs, world, emit }: DeployRun, ecs: EcsPort, target: ServiceInputs): Promise<void> {
  const { pollMs, budgetMs } = inputs.watch
  return awaitTurn(world, ecs, { cluster: target.cluster, service: target.name, pollMs, budgetMs }, emit)
}

/**
 * The service as it is right before it is updated: a build takes minutes, and what somebody else deployed or configured
 * meanwhile would be taken back by a revision and a configuration made from the older state.
 */
async function observeAgain(
  { world, known, emit }: DeployRun,
  ecs: EcsPort,
  { target, service, observedAtMs }: Scene
): Promise<ServiceSnapshot | 'overtaken'> {
  if (world.clock.now() - observedAtMs < FRESH_MS) return service
  const fresh = await observeService(ecs, world.region, target.cluster, target.name)
  const isSame = fresh.taskDefinitionArn === service.taskDefinitionArn
  const started = startedSince(service, fresh)
  if (isSame && started === undefined) return fresh
  const newest =
    isSame && started !== undefined
      ? `${describeDeployment(started)} was started`
      : `${service.name} was set to ${fresh.taskDefinitionArn}`
  const what = `${newest} while this run prepared a change of ${known.previousTaskDefinitionArn ?? ''}`
  if (target.onConflict === 'fail') {
    throw new Failure('deployment-in-progress', what, {
      remedy: 'run this job again: it then starts from what is deployed now'
    })
  }
  emit({ kind: 'note', text: what })
  return 'overtaken'
}

/**
 * The service is set to this very revision: proven by digest it is `unchanged`, and a rollout that is still under way
 * is watched to its end. Undefined when it runs another image than its revision names, which needs a new deployment.
 */
async function alreadyThere(
  run: DeployRun,
  ecs: EcsPort,
  scene: Scene,
  primary: DeploymentSnapshot
): Promise<Ending | undefined> {
  const { known, world, emit } = run
  const { target, service, current, prepared } = scene
  known.taskDefinitionArn = current.arn
  known.deploymentId = primary.id
  known.consoleUrl = consoleUrl(world.region, service)
  if (deploymentInProgress(service) !== undefined) {
    emit({ kind: 'note', text: `a deployment of this revision is under way already: ${primary.id}` })
    known.update = 'found'
    return follow(run, ecs, scene, watched(primary, service))
  }
  emit({ kind: 'phase', title: 'Proving what runs' })
  const { cluster } = target
  const mine = watched(primary, service)
  const plan = { cluster, mine, expected: prepared.expected, service }
  const finding = await proveRunning(world, ecs, plan, emit)
  const { proof } = finding
  if (proof.kind === 'mismatch' && !mayBePlatform(run, proof)) {
    emit({
      kind: 'note',
      text: `task ${proof.taskId} runs ${proof.actual} in ${proof.container}: a new deployment is needed`
    })
    return undefined
  }
  known.changed = false
  tellUnasked(run, target)
  return unwatched(run, ecs, { cluster, mine, service }, finding)
}

/** What UpdateService would have been asked for besides the revision is no reason to replace every task. */
function tellUnasked({ emit }: DeployRun, { changes }: ServiceInputs): void {
  const { propagateTags, enableEcsManagedTags } = changes
  const names = [
    ...(propagateTags === undefined ? [] : ['propagate-tags']),
    ...(enableEcsManagedTags === undefined ? [] : ['enable-ecs-managed-tags'])
  ]
  if (names.length === 0) return
  const text = `nothing is deployed, so this is not sent to ECS before the next deployment: ${names.join(', ')}`
  emit({ kind: 'note', text })
}
