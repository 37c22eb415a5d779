import { deploymentInProgress, startedSince } from '../decide/service/conflict.ts'
import { withoutDeployment } from '../decide/service/preflight/finding.ts'
import { primaryDeployment, type DeploymentSnapshot, type ServiceSnapshot } from '../decide/service/snapshot.ts'
import { isCompleted, isFailed } from '../decide/service/status.ts'
import { describeChange, diffTaskDefinition } from '../decide/task/diff.ts'
import { renderTaskDefinition } from '../decide/task/render.ts'
import { didNothing, Failure } from '../failure.ts'
import type { EcsPort, RegisteredTaskDefinition } from '../io/aws/ecs.ts'
import type { DeployInputs } from '../inputs/deploy.ts'
import type { ServiceInputs } from '../inputs/service.ts'
import { awaitTurn, describeDeployment, inProgress, isOnItsWayBack } from '../steps/await-turn.ts'
import { checkImages } from '../steps/check-images.ts'
import { checkService } from '../steps/check-service.ts'
import { observeService } from '../steps/observe-service.ts'
import { proveRunning } from '../steps/prove-running.ts'
import { describeTaskDefinition, readBaseSource, resolveBase } from '../steps/read-task-definition.ts'
import { latestRevision, registerTaskDefinition, standsFor } from '../steps/register-task-definition.ts'
import { findingsTo, withFindings } from '../steps/tell-findings.ts'
import { updateRequest, updateService, watched } from '../steps/update-service.ts'
import { consoleUrl } from './console.ts'
import type { Ending } from './ending.ts'
import { gateScans } from './fitness.ts'
import { prepareRevision, type Prepared } from './prepare.ts'
import type { Run } from './run.ts'
import { follow, type Scene } from './follow.ts'
import { mayBePlatform, unwatched } from './success.ts'
import { markProven, planTags, putTags } from './tagging.ts'
import { checkSuspension, withScaling } from './with-scaling.ts'

/** A run of mode `deploy`. */
export type DeployRun = Run<DeployInputs>

/** What was read so shortly before is not read again. */
const FRESH_MS = 1_000

/** A service whose state keeps changing under this run is given up after so many tries. */
const MOST_ROUNDS = 5

/** Takes a commit to proven-running containers: observe, decide, act, watch, prove. Throws Failure before anything changed. */
export async function deploy(run: DeployRun): Promise<Ending> {
  const tell = findingsTo(run.emit)
  for (let round = 1; round <= MOST_ROUNDS; round++) {
    const ending = await deployOnce(run, tell)
    if (ending !== 'overtaken') return ending
    run.emit({ kind: 'note', text: 'starting again from what is deployed now' })
  }
  throw new Failure('deployment-in-progress', `others deployed the service ${String(MOST_ROUNDS)} times meanwhile`, {
    remedy: 'let deployments of one service run one after the other (concurrency), and run this job again'
  })
}

/** One round; `overtaken` when somebody else changed the service under it, before it changed anything there. */
async function deployOnce(run: DeployRun, tell: ReturnType<typeof findingsTo>): Promise<Ending | 'overtaken'> {
  const { inputs, world, emit, known } = run
  if (inputs.service !== undefined)
    Object.assign(known, { cluster: inputs.service.cluster, service: inputs.service.name })
  const source = await readBaseSource(world.files, inputs.taskDefinition.base, emit)

  emit({ kind: 'phase', title: 'Looking at what runs now' })
  const ecs = await world.ecs()
  const target = inputs.service
  const observedAtMs = world.clock.now()
  const service = target && (await observeService(ecs, world.region, target.cluster, target.name))
  const current = service && (await describeTaskDefinition(ecs, service.taskDefinitionArn))
  if (service !== undefined && current !== undefined) {
    known.previousTaskDefinitionArn = current.arn
    emit({ kind: 'service-found', service, revision: `${current.family}:${String(current.revision)}` })
  }
  const base = await resolveBase(ecs, source, current)

  const checks = target && service && current && checkService(world, ecs, { target, service, current })
  const draft = renderTaskDefinition(base.document, { ...inputs.taskDefinition.changes, containers: [] })
  // A build takes minutes: what is wrong without it is said before.
  const beforeBuild = async (): Promise<void> => {
    if (checks !== undefined) tell(await checks(draft))
  }
  const prepared = await prepareRevision(run, base, current?.document, beforeBuild).catch(async (error: unknown) => {
    if (world.signal.aborted) throw error
    throw withFindings(error, (await checks?.(draft)) ?? [])
  })
  emit({ kind: 'phase', title: 'What changes' })
  const changes = diffTaskDefinition((current ?? base).document, prepared.rendered.document)
  known.changes = changes.map(describeChange)
  emit({ kind: 'revision-changes', changes: known.changes })

  const { document } = prepared.rendered
  const { mutableTags } = inputs.taskDefinition
  const scene = target && service && current && { target, service, observedAtMs, current, prepared }
  const [path, latest, ...checked] = await Promise.all([
    world.files.writeTemporary('task-definition.json', `${JSON.stringify(document, null, 2)}\n`),
    newestRevision(run, ecs, prepared, current),
    checks?.(document) ?? [],
    checkImages(world, prepared, mutableTags)
  ])
  known.taskDefinitionPath = path
  const findings = checked.flat()
  tell(scene !== undefined && deploymentThere(scene) !== undefined ? withoutDeployment(findings) : findings)
  await gateScans(run, prepared)
  if (inputs.dryRun) planTags(run, prepared)

  if (scene !== undefined) {
    const refuse = (): void => {
      tell(findings)
    }
    const ending = await deployToService(run, ecs, scene, latest, refuse)
    if (ending !== 'overtaken') await markProven(run, prepared, ending)
    return ending
  }
  if (inputs.dryRun) return planned('would register a revision; no service is named')
  await putTags(run, prepared)
  const revision = await registerTaskDefinition(ecs, prepared.rendered, latest, emit)
  known.taskDefinitionArn = revision.arn
  return {
    outcome: 'registered',
    reason: `registered ${revision.family}:${String(revision.revision)}; no service was named`
  }
}

/** The newest revision of the family; undefined when this run registers none. Read beside the checks: it costs a round trip. */
async function newestRevision(
  { inputs }: DeployRun,
  ecs: EcsPort,
  { rendered }: Prepared,
  current: RegisteredTaskDefinition | undefined
): Promise<RegisteredTaskDefinition | undefined> {
  const isSame = current !== undefined && standsFor(current, rendered)
  return inputs.dryRun || isSame ? undefined : latestRevision(ecs, rendered)
}

/**
 * The deployment of a service that is set to this very revision already, and of which nothing else is asked: it may do.
 * Undefined when a new one is needed.
 */
function deploymentThere({ target, service, current, prepared }: Scene): DeploymentSnapshot | undefined {
  const { desiredCount, forceNewDeployment } = target.changes
  const isScaled = desiredCount !== undefined && desiredCount !== service.desiredCount
  if (isScaled || forceNewDeployment || !standsFor(current, prepared.rendered)) return undefined
  const primary = primaryDeployment(service)
  return isFailed(primary?.rolloutState) ? undefined : primary
}

/** `refuse` throws what stands in the way of a new deployment, for a service that seemed to need none. */
async function deployToService(
  run: DeployRun,
  ecs: EcsPort,
  scene: Scene,
  latest: RegisteredTaskDefinition | undefined,
  refuse: () => void
): Promise<Ending | 'overtaken'> {
  const { inputs, world, emit, known } = run
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
  return withScaling(run, fresh, async () => {
    const request = updateRequest(fresh, target.cluster, revision.arn, target.changes)
    known.consoleUrl = consoleUrl(world.region, service)
    world.signal.throwIfAborted()
    known.update = 'sent'
    const mine = await updateService(world, ecs, fresh, request, emit).catch((error: unknown) => {
      if (didNothing(error)) delete known.update
      throw error
    })
    known.update = 'answered'
    known.deploymentId = mine.id
    known.changed = true
    return follow(run, ecs, { ...scene, service: fresh }, mine)
  })
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
  if (primary.rolloutState !== undefined && !isCompleted(primary.rolloutState)) {
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

function planned(reason: string): Ending {
  return { outcome: 'planned', reason }
}
