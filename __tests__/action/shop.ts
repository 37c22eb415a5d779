import type { World, WorldImage, WorldRepository, WorldService } from '../../simulator/cloud/world.ts'
import type { SimulatorState } from '../../simulator/simulator.ts'

/** What differs from the shop as it usually is. */
export interface ShopChanges extends Omit<World, 'repositories' | 'clusters'> {
  readonly service?: Partial<WorldService>
  /** Images besides those of the commits 1 and 2. */
  readonly images?: readonly WorldImage[]
  readonly mutability?: 'MUTABLE' | 'IMMUTABLE'
  readonly repositories?: World['repositories']
}

/** What the repositories' URIs start with. */
export const REGISTRY = '123456789012.dkr.ecr.eu-west-1.amazonaws.com'

/** A service `web` in the cluster `prod`, running the image of commit 1; the image of commit 2 is there to be deployed. */
export function shop({
  service,
  images = [],
  mutability = 'IMMUTABLE',
  repositories = [],
  ...rest
}: ShopChanges = {}): World {
  const web: WorldService = {
    name: 'web',
    desiredCount: 2,
    loadBalanced: true,
    image: 'web:main-1111111',
    circuitBreaker: { enable: true, rollback: true },
    ...service
  }
  return {
    account: '123456789012',
    region: 'eu-west-1',
    registryHost: REGISTRY,
    repositories: [
      {
        name: 'web',
        imageTagMutability: mutability,
        images: [{ tags: ['main-1111111'] }, { tags: ['main-2222222'] }, ...images]
      },
      ...repositories
    ],
    clusters: [{ name: 'prod', services: [web] }],
    ...rest
  }
}

/** The shop with other settings of its repository. */
export function shopOf(repository: Partial<WorldRepository>): World {
  const world = shop()
  const [web = { name: 'web' }] = world.repositories ?? []
  return { ...world, repositories: [{ ...web, ...repository }] }
}

/** The image of commit 3, built for another platform: nothing heals that, so it is not waited for. */
export const FOREIGN = {
  tags: ['main-3333333'],
  behaviour: {
    stop: {
      stopCode: 'TaskFailedToStart',
      reason:
        "CannotPullContainerError: pull image manifest has been retried 1 time(s): image Manifest does not contain descriptor matching platform 'linux/amd64'"
    }
  }
} as const

/** The inputs that a deployment to the shop needs at least. */
export const WEB = { cluster: 'prod', service: 'web' } as const

/** A task definition without its containers. */
export const FARGATE = {
  family: 'web',
  requiresCompatibilities: ['FARGATE'],
  networkMode: 'awsvpc',
  cpu: '256',
  memory: '512',
  executionRoleArn: 'arn:aws:iam::123456789012:role/ecsTaskExecutionRole'
} as const

/** A task definition of two containers: `web` of the repository `web`, and `proxy` of the repository `proxy`. */
export const WITH_PROXY = {
  ...FARGATE,
  containerDefinitions: [
    { name: 'web', image: 'set by the service', portMappings: [{ containerPort: 8080 }] },
    { name: 'proxy', image: `${REGISTRY}/proxy:1.0.0` }
  ]
} as const

/** What the simulator tells about a service, as far as tests look into it. */
interface ServiceState {
  readonly name: string
  readonly desiredCount: number
  readonly taskDefinition: string
  readonly running: readonly { readonly container: string; readonly digest: string; readonly tasks: number }[]
  readonly deployments: readonly { readonly id: string; readonly rolloutState: string }[]
  readonly serviceDeployments: readonly { readonly arn: string; readonly status: string }[]
}

/** The service of the shop, whatever the API would say at this moment. */
export function serviceState(state: SimulatorState): ServiceState {
  const { clusters } = state.ecs as unknown as { clusters: readonly { readonly services: readonly ServiceState[] }[] }
  const service = clusters[0]?.services[0]
  if (service === undefined) throw new Error('there is no service')
  return service
}

/** What really runs: the digests of each container, one if all tasks agree. */
export function runningDigests(state: SimulatorState): Readonly<Record<string, string>> {
  const digests = new Map<string, string[]>()
  for (const { container, digest } of serviceState(state).running) {
    digests.set(container, [...(digests.get(container) ?? []), digest])
  }
  return Object.fromEntries([...digests].map(([container, all]) => [container, all.join(' and ')]))
}

/** Every tag of a repository and the digest it points to. */
export function tagsOf(state: SimulatorState, repository: string): Readonly<Record<string, string>> {
  const found = state.ecr.repositories.find(({ name }) => name === repository)
  return Object.fromEntries((found?.images ?? []).flatMap(({ tags, digest }) => tags.map(tag => [tag, digest])))
}

/** The digest that a tag points to; throws when there is none. */
export function digestOf(state: SimulatorState, repository: string, tag: string): string {
  const digest = tagsOf(state, repository)[tag]
  if (digest === undefined) throw new Error(`there is no ${repository}:${tag}`)
  return digest
}

/** How many revisions there are. */
export function revisionCount(state: SimulatorState): number {
  return (state.ecs['taskDefinitions'] as readonly unknown[]).length
}

/** Everything that a run could have changed, and nothing that changes by itself. */
export function whatThereIs(state: SimulatorState): unknown {
  const { name, desiredCount, taskDefinition, running, deployments } = serviceState(state)
  const service = { name, desiredCount, taskDefinition, running, deployments }
  return { service, revisions: state.ecs['taskDefinitions'], ecr: state.ecr, scaling: state.scaling }
}
