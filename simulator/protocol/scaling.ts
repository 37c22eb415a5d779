import { flagOf, numberOf, objectOf, textOf, textsOf } from '../cloud/ecs/json.ts'
import type { ScalableTarget, Scaling, SuspendedState } from '../cloud/scaling/scaling.ts'
import { AwsError, type Json, type JsonObject, type ServiceProtocol } from './operation.ts'

const NAMESPACE = 'ecs'
const DIMENSION = 'ecs:service:DesiredCount'
const MAX_PAGE_SIZE = 50

/** The Application Auto Scaling API over simulated scalable targets. */
export function scalingProtocol(scaling: Scaling): ServiceProtocol {
  return {
    service: 'application-autoscaling',
    targetPrefix: 'AnyScaleFrontendService',
    operations: {
      DescribeScalableTargets: input => describeTargets(scaling, input),
      RegisterScalableTarget(input) {
        const resourceId = requireResource(input)
        const target = scaling.register(resourceId, {
          min: numberOf(input.MinCapacity),
          max: numberOf(input.MaxCapacity),
          roleArn: textOf(input.RoleARN),
          suspended: readSuspendedState(input.SuspendedState)
        })
        return { ScalableTargetARN: target.arn }
      },
      DeregisterScalableTarget(input) {
        scaling.deregister(requireResource(input))
        return {}
      }
    }
  }
}

function describeTargets(scaling: Scaling, input: JsonObject): JsonObject {
  const wanted = textsOf(input.ResourceIds)
  const isOther = input.ServiceNamespace !== NAMESPACE || (input.ScalableDimension ?? DIMENSION) !== DIMENSION
  const matching = isOther
    ? []
    : scaling.targets().filter(target => wanted.length === 0 || wanted.includes(target.resourceId))
  const size = Math.min(numberOf(input.MaxResults) ?? MAX_PAGE_SIZE, MAX_PAGE_SIZE)
  const start = readToken(textOf(input.NextToken), matching.length)
  const end = start + size
  return {
    ScalableTargets: matching.slice(start, end).map(renderTarget),
    ...(end < matching.length ? { NextToken: String(end) } : {})
  }
}

/** Members that are left out count as false: the cautious reading of what the documentation leaves open. */
function readSuspendedState(value: Json | undefined): SuspendedState | undefined {
  if (value === undefined) return undefined
  const given = objectOf(value)
  return {
    dynamicScalingInSuspended: flagOf(given.DynamicScalingInSuspended) ?? false,
    dynamicScalingOutSuspended: flagOf(given.DynamicScalingOutSuspended) ?? false,
    scheduledScalingSuspended: flagOf(given.ScheduledScalingSuspended) ?? false
  }
}

function requireResource(input: JsonObject): string {
  if (input.ServiceNamespace !== NAMESPACE || input.ScalableDimension !== DIMENSION) {
    throw new AwsError(
      'ValidationException',
      `Unsupported service namespace, resource type or scalable dimension: ${textOf(input.ScalableDimension) ?? ''}`
    )
  }
  return textOf(input.ResourceId) ?? ''
}

function readToken(token: string | undefined, count: number): number {
  if (token === undefined) return 0
  const start = Number(token)
  if (Number.isInteger(start) && start > 0 && start < count) return start
  throw new AwsError('InvalidNextTokenException', 'The next token is not valid.')
}

function renderTarget(target: ScalableTarget): JsonObject {
  return {
    ServiceNamespace: NAMESPACE,
    ResourceId: target.resourceId,
    ScalableDimension: DIMENSION,
    MinCapacity: target.min,
    MaxCapacity: target.max,
    RoleARN: target.roleArn,
    CreationTime: target.createdAt / 1000,
    SuspendedState: {
      DynamicScalingInSuspended: target.suspended.dynamicScalingInSuspended,
      DynamicScalingOutSuspended: target.suspended.dynamicScalingOutSuspended,
      ScheduledScalingSuspended: target.suspended.scheduledScalingSuspended
    },
    ScalableTargetARN: target.arn
  }
}
