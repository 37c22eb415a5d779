import fc from 'fast-check'
import type { World as SimulatedWorld } from '../../simulator/cloud/world.ts'
import type { FaultRule } from '../../simulator/control/faults.ts'
import { behaviours, FUNCTIONS, meanwhiles, mishaps, NEW_TAG, services } from './draws.ts'
import type { Meanwhile } from './virtual-world.ts'

/** One deployment: a service, an image, how it behaves, how it is watched, and what others do meanwhile. */
export interface Scenario {
  readonly world: SimulatedWorld
  readonly faults: readonly FaultRule[]
  readonly meanwhile: readonly Meanwhile[]
  readonly circuitBreaker: 'enable' | 'ignore'
  readonly onFailure: 'rollback' | 'leave'
  readonly pollSeconds: number
  readonly budgetMinutes: number
  /** So long ago somebody else began to deploy the same image when the run begins. Default: 0, nobody did. */
  readonly headStartSeconds?: number
}

/** Deployments of every kind, as random as the simulator allows. */
export const scenarios: fc.Arbitrary<Scenario> = fc
  .record({
    service: services,
    behaviour: behaviours,
    meanwhile: meanwhiles,
    mishaps,
    denied: fc.constantFrom(undefined, undefined, undefined, 'deployments', 'stop'),
    capacity: fc.constantFrom(undefined, undefined, undefined, 4, 8),
    instances: fc.integer({ min: 0, max: 4 }),
    isAlarming: fc.constantFrom(false, false, false, true),
    listLag: fc.constantFrom(0, 2, 2, 15),
    staleness: fc.constantFrom(0, 0, 1, 5),
    circuitBreaker: fc.constantFrom<'enable' | 'ignore'>('enable', 'ignore'),
    onFailure: fc.constantFrom<'rollback' | 'leave'>('rollback', 'leave'),
    // Close polls are the rule and cost the most: a few of them meet what there is to meet.
    pollSeconds: fc.constantFrom(3, 10, 20, 20, 30, 30, 30, ...Array<number>(10).fill(45)),
    budgetMinutes: fc.constantFrom(2, 2, 2, 3, 3, 3, 5, 5, 10, 20),
    headStartSeconds: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 10, 60, 120)
  })
  .map(draw => ({
    world: {
      functions: FUNCTIONS,
      alarms: [{ name: 'errors', state: draw.isAlarming ? 'ALARM' : 'OK' }],
      lag: {
        serviceDeploymentSeconds: draw.listLag,
        serviceRevisionSeconds: draw.listLag,
        staleReadSeconds: draw.staleness
      },
      repositories: [
        {
          name: 'web',
          imageTagMutability: 'IMMUTABLE',
          images: [{ tags: ['old'] }, { tags: [NEW_TAG], behaviour: draw.behaviour }, { tags: ['other'] }]
        }
      ],
      clusters: [
        {
          name: 'prod',
          instances: draw.instances,
          ...(draw.capacity !== undefined && { capacity: draw.capacity }),
          services: [{ name: 'web', image: 'web:old', ...draw.service }]
        }
      ]
    },
    faults: [...denials(draw.denied), ...draw.mishaps],
    meanwhile: draw.meanwhile,
    circuitBreaker: draw.circuitBreaker,
    onFailure: draw.onFailure,
    pollSeconds: draw.pollSeconds,
    budgetMinutes: draw.budgetMinutes,
    headStartSeconds: draw.headStartSeconds
  }))

/** Rights that roles made before the service deployments API do not have. */
function denials(what: 'deployments' | 'stop' | undefined): readonly FaultRule[] {
  const denied = { error: 'AccessDeniedException', message: 'not authorized', status: 400, times: 'always' as const }
  if (what === undefined) return []
  const stop = { operation: 'ecs:StopServiceDeployment', ...denied }
  if (what === 'stop') return [stop]
  return [
    { operation: 'ecs:ListServiceDeployments', ...denied },
    { operation: 'ecs:DescribeServiceDeployments', ...denied },
    stop
  ]
}

/** The service deployments API may not be used. */
export function isDenied({ faults }: Scenario): boolean {
  return faults.some(
    ({ error, operation }) => error === 'AccessDeniedException' && operation === 'ecs:ListServiceDeployments'
  )
}

/** How long a deployment may take: the budget, and on top of it everything that is configured to wait, in milliseconds. */
export function budgetMs({ world, budgetMinutes }: Scenario): number {
  const configuration = world.clusters?.[0]?.services?.[0]?.deploymentConfiguration as Waits
  const { stepPercent = 100, stepBakeTimeInMinutes = 0 } = configuration.linearConfiguration ?? {}
  const { canaryBakeTimeInMinutes = 0 } = configuration.canaryConfiguration ?? {}
  const shift = (Math.ceil(100 / stepPercent) - 1) * stepBakeTimeInMinutes + canaryBakeTimeInMinutes
  return (budgetMinutes + (configuration.bakeTimeInMinutes ?? 0) + shift) * 60_000
}

interface Waits {
  readonly bakeTimeInMinutes?: number
  readonly linearConfiguration?: { readonly stepPercent: number; readonly stepBakeTimeInMinutes: number }
  readonly canaryConfiguration?: { readonly canaryBakeTimeInMinutes: number }
}
