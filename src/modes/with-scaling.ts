import { shortArn } from '../decide/arn.ts'
import { SUSPENSION_STATE } from '../decide/scaling/suspension.ts'
import type { ServiceSnapshot } from '../decide/service/snapshot.ts'
import { Failure, withRemedy } from '../failure.ts'
import { checkScaling, restoreScaling, suspendScaling } from '../steps/suspend-scaling.ts'
import type { DeployRun } from './deploy.ts'
import type { Ending } from './ending.ts'

const SUSPENDED = 'suspended by this run; its post step puts it back'
const PUT_BACK =
  'suspended for the deployment and put back (Amazon ECS itself holds back scale-in meanwhile, which is why keep is the default)'

/** Refuses a suspension that would scale the service, before anything has changed. */
export async function checkSuspension({ inputs, world }: DeployRun, service: ServiceSnapshot): Promise<void> {
  if (inputs.scaling === 'suspend') await checkScaling(await world.scaling(), scaled(service))
}

function scaled({ clusterArn, name, desiredCount }: ServiceSnapshot) {
  return { clusterName: shortArn(clusterArn), service: name, desiredCount }
}

/** Suspends auto scaling around the deployment when that was asked for, and puts it back whatever happens. */
export async function withScaling(
  { inputs, world, emit, known }: DeployRun,
  service: ServiceSnapshot,
  work: () => Promise<Ending>
): Promise<Ending> {
  if (inputs.scaling !== 'suspend') return work()
  const scaling = await world.scaling()
  const plan = { ...scaled(service), region: world.region, saveState: world.saveState }
  const record = await suspendScaling(scaling, plan, emit)
  if (record === undefined) return work()
  known.autoScaling = SUSPENDED
  const putBack = async (): Promise<void> => {
    emit({ kind: 'phase', title: 'Restoring auto scaling' })
    await restoreScaling(scaling, record, emit)
    world.saveState(SUSPENSION_STATE, '')
    known.autoScaling = PUT_BACK
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
      const said = 'the job was cancelled before auto scaling was put back, which its post step does'
      return { outcome: 'cancelled', reasonCode: 'cancelled', reason: `${ending.reason}; ${said}` }
    }
    const remedy = error.remedy === undefined ? {} : { remedy: error.remedy }
    return { outcome: 'failed', reasonCode: error.code, reason: `${ending.reason}; but ${error.message}`, ...remedy }
  }
  return ending
}
