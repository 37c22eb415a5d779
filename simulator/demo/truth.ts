import type { SimulatorState } from '../simulator.ts'

/** What really is, whatever any API says: the tasks of the service and the state of its auto scaling. */
export interface Truth {
  readonly tasks: readonly { readonly id: string; readonly image: string; readonly digest: string }[]
  /** Family and revision that the service is set to. */
  readonly taskDefinition: string
  readonly isScalingSuspended: boolean
}

/** The members of the simulator's state that are looked at here. */
interface ServiceState {
  readonly taskDefinition: string
  readonly tasks: readonly {
    readonly id: string
    readonly lastStatus: string
    readonly containers: readonly { readonly image: string; readonly digest: string }[]
  }[]
}

/** Reads the only service of the demo from the simulator's own state. */
export function readTruth(state: SimulatorState): Truth {
  const { clusters } = state.ecs as unknown as {
    readonly clusters: readonly { readonly services: readonly ServiceState[] }[]
  }
  const { scalableTargets } = state.scaling as unknown as {
    readonly scalableTargets: readonly { readonly suspended: Readonly<Record<string, boolean>> }[]
  }
  const service = clusters[0]?.services[0]
  if (service === undefined) throw new Error('the service of the demo is gone')
  const running = service.tasks.filter(({ lastStatus }) => lastStatus === 'RUNNING')
  return {
    tasks: running.flatMap(({ id, containers }) => containers.map(({ image, digest }) => ({ id, image, digest }))),
    taskDefinition: service.taskDefinition.slice(service.taskDefinition.lastIndexOf('/') + 1),
    isScalingSuspended: scalableTargets.some(({ suspended }) => Object.values(suspended).includes(true))
  }
}
