import { AwsError, type JsonObject } from '../../protocol/operation.ts'
import { iamArn, scalableTargetArn } from '../ecs/arn.ts'
import type { Ecs } from '../ecs/ecs.ts'
import type { Service } from '../ecs/model.ts'
import { Random } from '../ecs/random.ts'
import type { Timeline } from '../timeline.ts'
import type { World } from '../world.ts'

/** Apart from the seed of ECS, so that a world with scalable targets deploys exactly like one without. */
const SEED = 7

const SERVICE_LINKED_ROLE =
  'role/aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService'

/** What of its work Application Auto Scaling leaves undone for a target. */
export interface SuspendedState {
  readonly dynamicScalingInSuspended: boolean
  readonly dynamicScalingOutSuspended: boolean
  readonly scheduledScalingSuspended: boolean
}

/** A service whose desired count Application Auto Scaling may set. */
export interface ScalableTarget {
  /** `service/cluster/name`. */
  readonly resourceId: string
  readonly arn: string
  readonly roleArn: string
  /** Epoch milliseconds. */
  readonly createdAt: number
  readonly min: number
  readonly max: number
  readonly suspended: SuspendedState
}

/** What a registration gives; what is left out keeps its value. */
export interface Registration {
  readonly min: number | undefined
  readonly max: number | undefined
  readonly roleArn: string | undefined
  readonly suspended: SuspendedState | undefined
}

export interface ScalingOptions {
  readonly world: World
  readonly account: string
  readonly region: string
  readonly timeline: Timeline
  readonly ecs: Ecs
}

/** Application Auto Scaling for ECS services: the targets, not the policies that would move them. */
export interface Scaling {
  /** As DescribeScalableTargets shows them: as they were `scalableTargetSeconds` ago. */
  targets(): readonly ScalableTarget[]
  /** Makes or changes a target, then brings the desired count of its service into the range; ValidationException. */
  register(resourceId: string, registration: Registration): ScalableTarget
  /** ObjectNotFoundException. */
  deregister(resourceId: string): void
  state(): JsonObject
}

const NOT_SUSPENDED: SuspendedState = {
  dynamicScalingInSuspended: false,
  dynamicScalingOutSuspended: false,
  scheduledScalingSuspended: false
}

/** Builds the scalable targets of a world. A target of the world clamps nothing until it is registered again. */
export function createScaling(options: ScalingOptions): Scaling {
  const { world, timeline, ecs } = options
  const random = new Random(SEED)
  const targets = new Map<string, ScalableTarget>()
  const lagMs = ecs.engine.lag.scalableTargetSeconds * 1000
  /** What there was and since when, oldest first; what nobody can see any more is forgotten. */
  const versions: { readonly at: number; readonly targets: readonly ScalableTarget[] }[] = []

  for (const { cluster, service, min, max, suspended = {} } of world.scalableTargets ?? []) {
    const resourceId = `service/${cluster}/${service}`
    findService(ecs, resourceId)
    store(
      resourceId,
      { min, max, roleArn: undefined, suspended: undefined },
      {
        dynamicScalingInSuspended: suspended.dynamicScalingIn ?? false,
        dynamicScalingOutSuspended: suspended.dynamicScalingOut ?? false,
        scheduledScalingSuspended: suspended.scheduledScaling ?? false
      }
    )
  }

  remember()

  function remember(): void {
    versions.push({ at: timeline.now(), targets: [...targets.values()] })
  }

  function seen(): readonly ScalableTarget[] {
    while (versions[1] !== undefined && versions[1].at <= timeline.now() - lagMs) versions.shift()
    return versions[0]?.targets ?? []
  }

  function store(resourceId: string, given: Registration, suspended: SuspendedState): ScalableTarget {
    const before = targets.get(resourceId)
    const min = given.min ?? before?.min
    const max = given.max ?? before?.max
    if (min === undefined || max === undefined) {
      throw new AwsError(
        'ValidationException',
        'MinCapacity and MaxCapacity are required parameters to register a new scalable target.'
      )
    }
    if (min > max) throw new AwsError('ValidationException', 'Maximum capacity cannot be less than minimum capacity')
    const target: ScalableTarget = {
      resourceId,
      arn: before?.arn ?? scalableTargetArn(options, random.hex(26)),
      roleArn: given.roleArn ?? before?.roleArn ?? iamArn(options, SERVICE_LINKED_ROLE),
      createdAt: before?.createdAt ?? timeline.now(),
      min,
      max,
      suspended
    }
    targets.set(resourceId, target)
    return target
  }

  return {
    targets: seen,
    register(resourceId, registration) {
      const service = findService(ecs, resourceId)
      const suspended = registration.suspended ?? targets.get(resourceId)?.suspended ?? NOT_SUSPENDED
      const target = store(resourceId, registration, suspended)
      remember()
      const clamped = Math.min(target.max, Math.max(target.min, service.desiredCount))
      if (clamped !== service.desiredCount) ecs.scale(service.cluster.name, service.name, clamped)
      return target
    },
    deregister(resourceId) {
      if (targets.delete(resourceId)) {
        remember()
        return
      }
      throw new AwsError(
        'ObjectNotFoundException',
        'No scalable target registered for service namespace: ecs, ' +
          `resource ID: ${resourceId}, scalable dimension: ecs:service:DesiredCount`
      )
    },
    state: () => ({
      scalableTargets: [...targets.values()].map(({ resourceId, min, max, suspended }) => ({
        resourceId,
        min,
        max,
        suspended: { ...suspended }
      }))
    })
  }
}

function findService(ecs: Ecs, resourceId: string): Service {
  const [kind, cluster = '', name = ''] = resourceId.split('/')
  const service = ecs.engine.clusters.get(cluster)?.services.get(name)
  if (kind !== 'service' || service?.status !== 'ACTIVE') {
    throw new AwsError('ValidationException', `ECS service doesn't exist: ${resourceId}`)
  }
  return service
}
