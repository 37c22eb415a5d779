import type { Simulator } from '../../simulator/simulator.ts'
import type { EcsPort } from '../../src/io/aws/ecs.ts'
import type { World } from '../../src/world.ts'
import { WEB } from '../action/shop.ts'
import { shopWith } from '../action/virtual-run.ts'

/** An image whose container ends by itself. */
export const CRASH = { crash: { exitCode: 78, afterSeconds: 2 } } as const
/** A circuit breaker that leaves what failed. */
export const BREAKER_ALONE = { enable: true, rollback: false }
/** The inputs that leave the service's circuit breaker as it is. */
export const IGNORE = { 'circuit-breaker': 'ignore' }

/** The run's own ECS port, with some of its calls made otherwise. */
export function withPort(change: (port: EcsPort, simulator: Simulator) => Partial<EcsPort>) {
  return (world: World, simulator: Simulator): World => ({
    ...world,
    async ecs() {
      const port = await world.ecs()
      return { ...port, ...change(port, simulator) }
    }
  })
}

/** Somebody else deploys. */
export function deployTheirs(simulator: Simulator): void {
  simulator.change({ deploy: { ...WEB, image: 'web:theirs' } })
}

/** A shop whose next image crashes, and that has one of somebody else's. */
export function shopOfThree(circuitBreaker: { enable: boolean; rollback: boolean }) {
  const world = shopWith(CRASH, { service: { circuitBreaker } })
  const [web] = world.repositories ?? []
  return { ...world, repositories: [{ name: 'web', images: [...(web?.images ?? []), { tags: ['theirs'] }] }] }
}
