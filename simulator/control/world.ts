import type { Behaviour, BehaviourDetails } from '../cloud/images.ts'
import type {
  Lag,
  Limits,
  Timings,
  World,
  WorldAlarm,
  WorldCircuitBreaker,
  WorldCluster,
  WorldCommit,
  WorldFinding,
  WorldGitHub,
  WorldGitHubRepository,
  WorldImage,
  WorldRepository,
  WorldScalableTarget,
  WorldService
} from '../cloud/world.ts'
import { anything, anyText, expected, flag, list, map, number, object, oneOf, text, whole, type Read } from './read.ts'

const details = object<BehaviourDetails>({
  crash: object({ exitCode: whole(0), afterSeconds: number(0) }, ['exitCode', 'afterSeconds']),
  unhealthy: object({ afterSeconds: number(0) }),
  neverHealthy: oneOf(true),
  outOfMemory: oneOf(true),
  stop: object<NonNullable<BehaviourDetails['stop']>>(
    {
      stopCode: text(),
      reason: text(),
      container: object<{ readonly exitCode?: number; readonly reason?: string }>({
        exitCode: whole(0),
        reason: text()
      })
    },
    ['stopCode', 'reason']
  ),
  failFirst: whole(1),
  logs: list(anyText)
})

const behaviour: Read<Behaviour> = (value, path) =>
  typeof value === 'string' ? oneOf('healthy', 'neverHealthy', 'outOfMemory')(value, path) : details(value, path)

type ExclusionFilter = NonNullable<WorldRepository['exclusionFilters']>[number]

const filterDetails = object<Exclude<ExclusionFilter, string>>({ filterType: oneOf('WILDCARD'), filter: text() }, [
  'filterType',
  'filter'
])

const exclusionFilter: Read<ExclusionFilter> = (value, path) =>
  typeof value === 'string' ? text()(value, path) : filterDetails(value, path)

const finding = object<WorldFinding>(
  {
    name: text(),
    severity: oneOf('INFORMATIONAL', 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL', 'UNDEFINED'),
    package: text()
  },
  ['name', 'severity']
)

const image = object<WorldImage>(
  {
    tags: list(text()),
    platforms: list(text(/^[^/]+\/[^/]+/)),
    behaviour,
    labels: map(anyText),
    findings: list(finding),
    scanResult: oneOf(
      'COMPLETE',
      'FAILED',
      'UNSUPPORTED_IMAGE',
      'SCAN_ELIGIBILITY_EXPIRED',
      'FINDINGS_UNAVAILABLE',
      'LIMIT_EXCEEDED'
    ),
    pushedDaysAgo: number(0)
  },
  ['tags']
)

const repository = object<WorldRepository>(
  {
    name: text(),
    imageTagMutability: oneOf('MUTABLE', 'IMMUTABLE', 'IMMUTABLE_WITH_EXCLUSION', 'MUTABLE_WITH_EXCLUSION'),
    exclusionFilters: list(exclusionFilter),
    images: list(image),
    scanOnPush: flag,
    lifecyclePolicy: map(anything)
  },
  ['name']
)

const circuitBreaker = object<WorldCircuitBreaker>(
  {
    enable: flag,
    rollback: flag,
    resetOnHealthyTask: flag,
    thresholdConfiguration: object({ type: oneOf('COUNT', 'BOUNDED_PERCENT', 'UNBOUNDED_PERCENT'), value: whole(1) }, [
      'type',
      'value'
    ])
  },
  ['enable', 'rollback']
)

const service = object<WorldService>(
  {
    name: text(),
    desiredCount: whole(0),
    image: text(),
    taskDefinition: map(anything),
    loadBalanced: flag,
    healthCheckGracePeriodSeconds: whole(0),
    deregistrationDelaySeconds: number(0),
    minimumHealthyPercent: whole(0),
    maximumPercent: whole(0),
    circuitBreaker,
    schedulingStrategy: oneOf('REPLICA', 'DAEMON'),
    deploymentController: oneOf('ECS', 'CODE_DEPLOY', 'EXTERNAL'),
    deploymentConfiguration: map(anything),
    strategy: oneOf('ROLLING', 'BLUE_GREEN', 'LINEAR', 'CANARY')
  },
  ['name']
)

const scalableTarget = object<WorldScalableTarget>(
  {
    cluster: text(),
    service: text(),
    min: whole(0),
    max: whole(0),
    suspended: object({ dynamicScalingIn: flag, dynamicScalingOut: flag, scheduledScaling: flag })
  },
  ['cluster', 'service', 'min', 'max']
)

const timings = object<Partial<Timings>>({
  // A pass of the scheduler that takes no time would never let time pass.
  schedulerSeconds: number(0.1),
  provisioningSeconds: number(0),
  pendingSeconds: number(0),
  pullSeconds: number(0),
  healthyAfterSeconds: number(0),
  targetHealthySeconds: number(0),
  drainSeconds: number(0),
  stopSeconds: number(0),
  deprovisioningSeconds: number(0),
  pullFailureSeconds: number(0),
  scanSeconds: number(0)
})

const gitHub = object<WorldGitHub>({
  repositories: list(
    object<WorldGitHubRepository>(
      {
        name: text(/^[^/]+\/[^/]+$/),
        commits: list(
          object<WorldCommit>({ sha: text(/^[\da-f]{40}$/), parents: list(text(/^[\da-f]{40}$/)), message: anyText }, [
            'sha'
          ])
        ),
        branches: map(text(/^[\da-f]{40}$/)),
        issues: list(whole(1))
      },
      ['name']
    )
  )
})

const readWorld = object<World>({
  account: text(/^\d{12}$/),
  region: text(/^[a-z]{2,4}(-[a-z]+)+-\d$/),
  repositories: list(repository),
  clusters: list(
    object<WorldCluster>({ name: text(), capacity: whole(0), instances: whole(0), services: list(service) }, ['name'])
  ),
  scalableTargets: list(scalableTarget),
  scanType: oneOf('BASIC', 'ENHANCED'),
  timings,
  lag: object<Partial<Lag>>({
    serviceDeploymentSeconds: number(0),
    serviceRevisionSeconds: number(0),
    staleReadSeconds: number(0),
    scalableTargetSeconds: number(0)
  }),
  alarms: list(
    object<WorldAlarm>({ name: text(), state: oneOf('OK', 'ALARM', 'INSUFFICIENT_DATA') }, ['name', 'state'])
  ),
  functions: map(oneOf('SUCCEEDED', 'FAILED', 'IN_PROGRESS')),
  limits: object<Partial<Limits>>({ throttling: flag }),
  registryHost: text(/^[\w.-]+(:\d+)?$/),
  imageDigest: oneOf('platform', 'index'),
  newMembers: list(text(/^[\w-]+:\w+\.[\w.*]+$/)),
  github: gitHub
})

/** A world from parsed JSON; throws InvalidInput with the path of what is unknown, missing or of the wrong type. */
export function parseWorld(value: unknown): World {
  const world = readWorld(value, 'world')
  refuseTwins(world.repositories, 'world.repositories')
  refuseTwins(world.clusters, 'world.clusters')
  for (const cluster of world.clusters ?? []) refuseTwins(cluster.services, `services of cluster ${cluster.name}`)
  return world
}

function refuseTwins(named: readonly { readonly name: string }[] | undefined, path: string): void {
  const seen = new Set<string>()
  for (const { name } of named ?? []) {
    if (seen.has(name)) throw expected('names that differ', name, path)
    seen.add(name)
  }
}
