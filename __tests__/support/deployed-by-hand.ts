import type { World as SimulatedWorld } from '../../simulator/cloud/world.ts'
import type { Simulator } from '../../simulator/simulator.ts'
import type { ServiceSnapshot } from '../../src/decide/service/snapshot.ts'
import type { WatchedDeployment } from '../../src/decide/service/verdict.ts'
import type { EcsPort } from '../../src/io/aws/ecs.ts'
import { observeService } from '../../src/steps/observe-service.ts'
import { watched } from '../../src/steps/update-service.ts'
import type { World } from '../../src/world.ts'
import { WEB } from '../action/shop.ts'
import { virtualWorld, type Meanwhile } from '../properties/virtual-world.ts'

// The SDK signs what it sends, also to a simulator that checks no signature.
process.env['AWS_ACCESS_KEY_ID'] = 'AKIDEXAMPLE'
process.env['AWS_SECRET_ACCESS_KEY'] = 'example'

/** A deployment that has just begun, in virtual time, and where it takes place. */
export interface Begun {
  readonly world: World
  readonly simulator: Simulator
  readonly ecs: EcsPort
  /** The service as it was before. */
  readonly before: ServiceSnapshot
  readonly mine: WatchedDeployment
}

/** Deploys an image to the service `web` as somebody would by hand, and goes on from there. */
export async function deployedByHand<T>(
  simulated: SimulatedWorld,
  image: string,
  goOn: (begun: Begun) => Promise<T>,
  meanwhile: readonly Meanwhile[] = []
): Promise<T> {
  const { world, simulator, close } = virtualWorld(simulated, meanwhile)
  try {
    const ecs = await world.ecs()
    const look = () => observeService(ecs, world.region, WEB.cluster, WEB.service)
    const before = await look()
    simulator.change({ deploy: { ...WEB, image } })
    simulator.advance(simulated.lag?.staleReadSeconds ?? 0)
    const [primary] = (await look()).deployments
    if (primary === undefined) throw new Error('nothing was deployed')
    return await goOn({ world, simulator, ecs, before, mine: watched(primary, before) })
  } finally {
    close()
  }
}
