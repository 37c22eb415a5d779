import fc from 'fast-check'
import type { Behaviour } from '../../simulator/cloud/images.ts'
import type { World as SimulatedWorld } from '../../simulator/cloud/world.ts'
import type { Meanwhile } from './virtual-world.ts'

/** One deployment: a service, an image, how it behaves, how it is watched, and what others do meanwhile. */
export interface Scenario {
  readonly world: SimulatedWorld
  readonly meanwhile: readonly Meanwhile[]
  readonly circuitBreaker: 'enable' | 'ignore'
  readonly pollSeconds: number
  readonly budgetMinutes: number
  /** The service deployments API is denied, as for roles made before it existed. */
  readonly isDenied: boolean
}

export const OLD_SHA = '1'.repeat(40)
export const NEW_SHA = '2'.repeat(40)

const behaviour: fc.Arbitrary<Behaviour> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Behaviour>('healthy') },
  fc
    .record({ exitCode: fc.constantFrom(0, 1, 137, 139), afterSeconds: fc.integer({ min: 0, max: 90 }) })
    .map(crash => ({ crash })),
  fc.integer({ min: 0, max: 60 }).map(afterSeconds => ({ unhealthy: { afterSeconds } })),
  fc.constant<Behaviour>('neverHealthy'),
  fc.constant<Behaviour>('outOfMemory'),
  fc.constant<Behaviour>({
    stop: { stopCode: 'TaskFailedToStart', reason: 'ResourceInitializationError: unable to pull secrets' }
  }),
  fc.integer({ min: 1, max: 6 }).map(failFirst => ({ failFirst }))
)

const breaker = fc.constantFrom(undefined, { enable: true, rollback: true }, { enable: true, rollback: false })

const meanwhile: fc.Arbitrary<readonly Meanwhile[]> = fc.array(
  fc.record({
    atSeconds: fc.integer({ min: 1, max: 900 }),
    change: fc.oneof(
      fc
        .integer({ min: 0, max: 8 })
        .map(desiredCount => ({ scale: { cluster: 'prod', service: 'web', desiredCount } })),
      fc.constant({ deploy: { cluster: 'prod', service: 'web', image: 'web:other' } })
    )
  }),
  { maxLength: 2 }
)

/** Deployments of every kind, as random as the simulator allows. */
export const scenarios: fc.Arbitrary<Scenario> = fc
  .record({
    behaviour,
    breaker,
    meanwhile,
    desiredCount: fc.integer({ min: 0, max: 6 }),
    loadBalanced: fc.boolean(),
    minimumHealthyPercent: fc.constantFrom(0, 50, 75, 100),
    maximumPercent: fc.constantFrom(100, 125, 150, 200),
    grace: fc.constantFrom(0, 30, 120),
    listLag: fc.integer({ min: 0, max: 15 }),
    staleness: fc.integer({ min: 0, max: 5 }),
    circuitBreaker: fc.constantFrom<'enable' | 'ignore'>('enable', 'ignore'),
    pollSeconds: fc.constantFrom(3, 10, 20, 30, 45),
    budgetMinutes: fc.constantFrom(5, 15, 30),
    isDenied: fc.boolean()
  })
  .map(({ behaviour: newBehaviour, breaker: circuitBreaker, ...draw }) => ({
    world: {
      region: 'eu-west-1',
      limits: { throttling: false },
      lag: { serviceDeploymentSeconds: draw.listLag, staleReadSeconds: draw.staleness },
      repositories: [
        {
          name: 'web',
          imageTagMutability: 'IMMUTABLE' as const,
          images: [
            { tags: [`main-${OLD_SHA.slice(0, 7)}`] },
            { tags: [`main-${NEW_SHA.slice(0, 7)}`], behaviour: newBehaviour },
            { tags: ['other'] }
          ]
        }
      ],
      clusters: [
        {
          name: 'prod',
          services: [
            {
              name: 'web',
              image: `web:main-${OLD_SHA.slice(0, 7)}`,
              desiredCount: draw.desiredCount,
              loadBalanced: draw.loadBalanced,
              minimumHealthyPercent: draw.minimumHealthyPercent,
              maximumPercent: draw.maximumPercent,
              ...(draw.loadBalanced && { healthCheckGracePeriodSeconds: draw.grace }),
              ...(circuitBreaker !== undefined && { circuitBreaker })
            }
          ]
        }
      ]
    },
    meanwhile: draw.meanwhile,
    circuitBreaker: draw.circuitBreaker,
    pollSeconds: draw.pollSeconds,
    budgetMinutes: draw.budgetMinutes,
    isDenied: draw.isDenied
  }))
