import type { Simulator } from '../../simulator/simulator.ts'
import type { ServiceSnapshot } from '../../src/decide/service/snapshot.ts'
import { AwsFailure } from '../../src/failure.ts'
import type { EcsPort, EcsReads } from '../../src/io/aws/ecs.ts'
import type { RollbackPlan } from '../../src/steps/roll-back.ts'
import type { World } from '../../src/world.ts'
import { shop, WEB } from '../action/shop.ts'
import { deployedByHand } from '../support/deployed-by-hand.ts'

/** AWS's refusal, or an answer that was lost. */
export function failure(code: string, mayHaveActed = false): AwsFailure {
  const kind = code === 'AccessDeniedException' ? 'access-denied' : 'aws-error'
  return new AwsFailure(kind, code, { cause: undefined, awsCode: code, mayHaveActed })
}

/** What a test does with it. */
export interface Scene {
  readonly world: World
  readonly simulator: Simulator
  readonly port: EcsPort
  readonly plan: RollbackPlan
  /** The service as it was before the deployment that is to be undone. */
  readonly before: ServiceSnapshot
  /** The writes that were sent. */
  readonly writes: () => readonly string[]
}

/** A deployment that does not get healthy. */
export async function unhealthy<T>(act: (scene: Scene) => Promise<T>): Promise<T> {
  const simulated = shop({
    images: [{ tags: ['never'], behaviour: 'neverHealthy' }, { tags: ['theirs'] }],
    service: { circuitBreaker: { enable: false, rollback: false } }
  })
  return deployedByHand(simulated, 'web:never', ({ world, simulator, ecs: port, before, mine }) => {
    simulator.advance(20)
    const watch = { ...WEB, pollMs: 3000, budgetMs: 3_600_000 }
    const previousArn = before.taskDefinitionArn
    const plan = { mine, serviceDeploymentArn: undefined, known: {}, previousArn, watch }
    const writes = () =>
      simulator.calls().flatMap(({ operation }) => (/^(Describe|List)/.test(operation) ? [] : [operation]))
    return act({ world, simulator, port, plan, before, writes })
  })
}

/** A port whose reads answer otherwise, for whoever polls and whoever does not. */
export function reading(port: EcsPort, reads: Partial<EcsReads>, writes: Partial<EcsPort> = {}): EcsPort {
  return { ...port, ...reads, ...writes, polling: () => ({ ...port.polling(), ...reads }) }
}

/** DescribeServices as it was before the deployment, so many times. */
export function staleReads(port: EcsPort, before: ServiceSnapshot, times: number): Partial<EcsReads> {
  let left = times
  return {
    describeService: (cluster, service) =>
      left-- > 0 ? Promise.resolve(before) : port.describeService(cluster, service)
  }
}
