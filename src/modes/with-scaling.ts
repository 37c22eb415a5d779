import { shortArn } from '../decide/arn.ts'
import { SUSPENSION_STATE, type SuspensionRecord } from '../decide/scaling/suspension.ts'
import type { ServiceSnapshot } from '../decide/service/snapshot.ts'
import { Failure, mayBeDone, withRemedy } from '../failure.ts'
import { isRed } from '../outcome.ts'
import { restoreScaling, type Restoration } from '../steps/restore-scaling.ts'
import { checkScaling, lookAtSuspension, suspendScaling } from '../steps/suspend-scaling.ts'
import type { DeployRun } from './deploy.ts'
import type { Ending } from './ending.ts'

const SUSPENDED = 'suspended by this run; its post step puts it back'
const PERHAPS_SUSPENDED = 'may have been suspended by this run; its post step puts it back'
const BY_OTHERS = 'suspended by somebody else when this run began, who also ends that'

/** Refuses a suspension that would scale the service, before anything has changed. */
export async function checkSuspension(run: DeployRun, service: ServiceSnapshot): Promise<void> {
  if (run.inputs.scaling === 'suspend') await checkScaling(await run.world.scaling(), scaled(run, service))
}

function scaled({ inputs }: DeployRun, { clusterArn, name, desiredCount }: ServiceSnapshot) {
  const wish = inputs.service?.changes.desiredCount
  return { clusterName: shortArn(clusterArn), service: name, desiredCount, wish }
}

/** Suspends auto scaling around the deployment when that was asked for, and puts it back whatever happens. */
export async function withScaling(
  run: DeployRun,
  service: ServiceSnapshot,
  work: () => Promise<Ending>
): Promise<Ending> {
  const { inputs, world, emit, known } = run
  if (inputs.scaling !== 'suspend') return work()
  const scaling = await world.scaling()
  const lookAtCount = async (): Promise<number> => {
    const now = await (await world.ecs()).describeService(service.clusterArn, service.name)
    return typeof now === 'string' ? service.desiredCount : now.desiredCount
  }
  const plan = { ...scaled(run, service), region: world.region, saveState: world.saveState, lookAtCount }
  const suspension = await suspendScaling(scaling, plan, emit).catch((error: unknown) => {
    if (mayBeDone(error)) known.autoScaling = PERHAPS_SUSPENDED
    throw error
  })
  switch (suspension.kind) {
    case 'none':
      return work()
    case 'others': {
      known.autoScaling = BY_OTHERS
      const ending = await work()
      const found = world.signal.aborted ? undefined : await lookAtSuspension(scaling, suspension.resourceId, emit)
      known.autoScaling = becameOf(found)
      return ending
    }
    case 'mine':
      return thenRestored(run, suspension.record, work)
  }
}

/** Does the work under a suspension of this run's own, and ends it. */
async function thenRestored(
  { world, emit, known }: DeployRun,
  record: SuspensionRecord,
  work: () => Promise<Ending>
): Promise<Ending> {
  known.autoScaling = SUSPENDED
  const putBack = async (): Promise<void> => {
    emit({ kind: 'phase', title: 'Restoring auto scaling' })
    const restoration = await restoreScaling(world, record, emit)
    world.saveState(SUSPENSION_STATE, '')
    known.autoScaling = inWords(restoration)
  }
  let ending: Ending
  try {
    ending = await work()
  } catch (error) {
    // After a cancellation no call goes out any more: the post step finds the record in the job's state.
    if (!world.signal.aborted) {
      await putBack().catch((problem: unknown) => {
        if (problem instanceof Failure) emit({ kind: 'warning', text: withRemedy(problem) })
      })
    }
    throw error
  }
  try {
    await putBack()
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    if (world.signal.aborted) {
      const said = 'the job was cancelled before auto scaling was seen to be put back, which its post step does'
      return { outcome: 'cancelled', reasonCode: 'cancelled', reason: `${ending.reason}; ${said}` }
    }
    const remedies = [ending.remedy, error.remedy].filter(text => text !== undefined)
    const remedy = remedies.length === 0 ? {} : { remedy: remedies.join('; ') }
    const told = { ...ending, reason: `${ending.reason}; but ${error.message}`, ...remedy }
    return isRed(ending.outcome) ? told : { ...told, outcome: 'failed', reasonCode: error.code }
  }
  return ending
}

function inWords({ kind, clamp }: Restoration): string {
  const scaled =
    clamp && `; that set the desired count from ${String(clamp.from)} to ${String(clamp.to)}, into the target's range`
  switch (kind) {
    case 'restored':
      return `suspended for the deployment and put back${scaled ?? ''} (Amazon ECS itself holds back scale-in meanwhile, which is why keep is the default)`
    case 'changed':
      return `suspended for the deployment; what somebody resumed meanwhile stays so, and the rest is put back${scaled ?? ''}`
    case 'taken-over':
      return 'suspended for the deployment and put back; somebody else has set it since, which stays so'
    case 'gone':
      return 'suspended for the deployment; meanwhile somebody removed the scalable target'
  }
}

function becameOf(found: 'suspended' | 'resumed' | undefined): string {
  switch (found) {
    case undefined:
      return BY_OTHERS
    case 'suspended':
      return 'suspended by somebody else when this run began, and suspended still'
    case 'resumed':
      return 'suspended by somebody else when this run began, and resumed by them before it ended'
  }
}
