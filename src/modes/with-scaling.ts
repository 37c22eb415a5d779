import { SUSPENSION_STATE } from '../decide/scaling/suspension.ts'
import type { ServiceSnapshot } from '../decide/service/snapshot.ts'
import { Failure } from '../failure.ts'
import { restoreScaling, suspendScaling } from '../steps/suspend-scaling.ts'
import { clusterName } from './console.ts'
import type { DeployRun } from './deploy.ts'
import type { Ending } from './ending.ts'

/** Suspends auto scaling around the deployment when that was asked for, and puts it back whatever happens. */
export async function withScaling(
  { inputs, world, emit }: DeployRun,
  service: ServiceSnapshot,
  work: () => Promise<Ending>
): Promise<Ending> {
  if (inputs.scaling !== 'suspend') return work()
  const scaling = await world.scaling()
  const record = await suspendScaling(
    scaling,
    {
      region: world.region,
      clusterName: clusterName(service.clusterArn),
      service: service.name,
      saveState: world.saveState
    },
    emit
  )
  if (record === undefined) return work()
  const putBack = async (): Promise<void> => {
    emit({ kind: 'phase', title: 'Restoring auto scaling' })
    await restoreScaling(scaling, record, emit)
    world.saveState(SUSPENSION_STATE, '')
  }
  let ending: Ending
  try {
    ending = await work()
  } catch (error) {
    // After a cancellation no call goes out any more: the post step finds the record in the job's state.
    if (!world.signal.aborted) await putBack().catch(() => undefined)
    throw error
  }
  try {
    await putBack()
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    const remedy = error.remedy === undefined ? {} : { remedy: error.remedy }
    return { outcome: 'failed', reasonCode: error.code, reason: `${ending.reason}; but ${error.message}`, ...remedy }
  }
  return ending
}
