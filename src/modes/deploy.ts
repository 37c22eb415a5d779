import { withoutDeployment } from '../decide/service/preflight/finding.ts'
import { describeChange, diffTaskDefinition } from '../decide/task/diff.ts'
import { renderTaskDefinition } from '../decide/task/render.ts'
import { Failure } from '../failure.ts'
import type { EcsPort, RegisteredTaskDefinition } from '../io/aws/ecs.ts'
import type { DeployInputs } from '../inputs/deploy.ts'
import { checkImages } from '../steps/check-images.ts'
import { checkService, type ServiceChecks } from '../steps/check-service.ts'
import { observeService } from '../steps/observe-service.ts'
import {
  describeTaskDefinition,
  readBaseSource,
  resolveBase,
  type BaseTaskDefinition
} from '../steps/read-task-definition.ts'
import { latestRevision, registerTaskDefinition, standsFor } from '../steps/register-task-definition.ts'
import { findingsTo, withFindings } from '../steps/tell-findings.ts'
import { deploymentThere, deployToService } from './deploy-to-service.ts'
import { planned, type Ending } from './ending.ts'
import { gateScans } from './fitness.ts'
import type { Scene } from './follow.ts'
import { prepareRevision, type Prepared } from './prepare.ts'
import type { Run } from './run.ts'
import { markProven, planTags, putTags } from './tagging.ts'

/** A run of mode `deploy`. */
export type DeployRun = Run<DeployInputs>

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
  const { ecs, base, place } = await lookAround(run)
  const current = place?.current
  const checks = place && checkService(world, ecs, place)
  const prepared = await prepareChecked(run, base, current, checks, tell)
  const { document } = prepared.rendered
  emit({ kind: 'phase', title: 'What changes' })
  known.changes = diffTaskDefinition((current ?? base).document, document).map(describeChange)
  emit({ kind: 'revision-changes', changes: known.changes })

  const [path, latest, ...checked] = await Promise.all([
    world.files.writeTemporary('task-definition.json', `${JSON.stringify(document, null, 2)}\n`),
    newestRevision(run, ecs, prepared, current),
    checks?.(document) ?? [],
    checkImages(world, prepared, inputs.taskDefinition.mutableTags)
  ])
  known.taskDefinitionPath = path
  const findings = checked.flat()
  const scene = place && { ...place, prepared }
  tell(scene !== undefined && deploymentThere(scene) !== undefined ? withoutDeployment(findings) : findings)
  await gateScans(run, prepared)
  if (inputs.dryRun) planTags(run, prepared)
  if (scene === undefined) return registerOnly(run, ecs, prepared, latest)

  const refuse = (): void => {
    tell(findings)
  }
  const ending = await deployToService(run, ecs, scene, latest, refuse)
  if (ending !== 'overtaken') await markProven(run, prepared, ending)
  return ending
}

/** What there is before anything is decided. */
interface Surroundings {
  readonly ecs: EcsPort
  readonly base: BaseTaskDefinition
  /** Undefined when no service is named. */
  readonly place: Omit<Scene, 'prepared'> | undefined
}

async function lookAround({ inputs, world, emit, known }: DeployRun): Promise<Surroundings> {
  const { service: target, taskDefinition } = inputs
  if (target !== undefined) Object.assign(known, { cluster: target.cluster, service: target.name })
  const source = await readBaseSource(world.files, taskDefinition.base, emit)
  emit({ kind: 'phase', title: 'Looking at what runs now' })
  const ecs = await world.ecs()
  if (target === undefined) return { ecs, base: await resolveBase(ecs, source, undefined), place: undefined }
  const observedAtMs = world.clock.now()
  const service = await observeService(ecs, world.region, target.cluster, target.name)
  const current = await describeTaskDefinition(ecs, service.taskDefinitionArn)
  known.previousTaskDefinitionArn = current.arn
  emit({ kind: 'service-found', service, revision: `${current.family}:${String(current.revision)}` })
  return { ecs, base: await resolveBase(ecs, source, current), place: { target, service, observedAtMs, current } }
}

/** Prepares the revision: what is wrong with the service is said before a build, and with whatever fails here. */
async function prepareChecked(
  run: DeployRun,
  base: BaseTaskDefinition,
  current: RegisteredTaskDefinition | undefined,
  checks: ServiceChecks | undefined,
  tell: ReturnType<typeof findingsTo>
): Promise<Prepared> {
  const draft = renderTaskDefinition(base.document, { ...run.inputs.taskDefinition.changes, containers: [] })
  // A build takes minutes: what is wrong without it is said before.
  const beforeBuild = async (): Promise<void> => {
    if (checks !== undefined) tell(await checks(draft))
  }
  return prepareRevision(run, base, current?.document, beforeBuild).catch(async (error: unknown) => {
    if (run.world.signal.aborted) throw error
    throw withFindings(error, (await checks?.(draft)) ?? [])
  })
}

/** The ending of a run that names no service. */
async function registerOnly(
  run: DeployRun,
  ecs: EcsPort,
  prepared: Prepared,
  latest: RegisteredTaskDefinition | undefined
): Promise<Ending> {
  if (run.inputs.dryRun) return planned('would register a revision; no service is named')
  await putTags(run, prepared)
  const revision = await registerTaskDefinition(ecs, prepared.rendered, latest, run.emit)
  run.known.taskDefinitionArn = revision.arn
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
