import {
  ApplicationAutoScalingClient,
  DescribeScalableTargetsCommand,
  RegisterScalableTargetCommand,
  type ScalableTarget as AwsScalableTarget
} from '@aws-sdk/client-application-auto-scaling'
import type { SuspendedState } from '../../decide/scaling/suspension.ts'
import { call, clientConfiguration, type CallPolicy } from './call.ts'
import { UnusableAnswer } from './unusable-answer.ts'

/** The auto scaling of one service's desired count. */
export interface ScalableTarget {
  readonly resourceId: string
  readonly minCapacity: number
  readonly maxCapacity: number
  readonly suspended: SuspendedState
}

/** The Application Auto Scaling calls that suspending and restoring need; every method throws AwsFailure. */
export interface ScalingPort {
  /** `undefined` when the service is not auto scaled. */
  describeTarget(resourceId: string): Promise<ScalableTarget | undefined>
  /** Sets all three flags; minimum, maximum and role stay as they are. */
  setSuspended(resourceId: string, suspended: SuspendedState): Promise<Settling>
}

/** Whether an attempt at the same before the one that was answered was not, and may act at any moment. */
export type Settling = 'settled' | 'unsettled'

const DIMENSION = { ServiceNamespace: 'ecs', ScalableDimension: 'ecs:service:DesiredCount' } as const

/**
 * The target of a resource; undefined when AWS knows none. All of it is put back and reckoned with as it is read here, so
 * what AWS always says is not made up when it is missing.
 */
function readTarget(targets: readonly AwsScalableTarget[] | undefined, resourceId: string): ScalableTarget | undefined {
  // The SDK takes an empty body for an answer; that a target is gone is believed only when AWS says so.
  if (targets === undefined) throw new UnusableAnswer('without ScalableTargets')
  const target = targets.find(candidate => candidate.ResourceId === resourceId)
  if (target === undefined) return undefined
  const { MinCapacity: minCapacity, MaxCapacity: maxCapacity, SuspendedState: state } = target
  const suspended = {
    dynamicScalingIn: state?.DynamicScalingInSuspended,
    dynamicScalingOut: state?.DynamicScalingOutSuspended,
    scheduledScaling: state?.ScheduledScalingSuspended
  }
  if (minCapacity === undefined || maxCapacity === undefined || !areFlags(suspended)) {
    throw new UnusableAnswer(`without the range or the flags of ${resourceId}`)
  }
  return { resourceId, minCapacity, maxCapacity, suspended }
}

/** The SDK lets texts through in the place of flags. */
function areFlags(state: { readonly [Flag in keyof SuspendedState]: unknown }): state is SuspendedState {
  return Object.values(state).every(flag => typeof flag === 'boolean')
}

/** The ScalingPort over the AWS SDK. */
export function createScaling(policy: CallPolicy): ScalingPort {
  const client = new ApplicationAutoScalingClient(clientConfiguration(policy))
  return {
    async describeTarget(resourceId) {
      const command = new DescribeScalableTargetsCommand({ ...DIMENSION, ResourceIds: [resourceId] })
      return call(policy, 'application-autoscaling:DescribeScalableTargets', 'safe', async abortSignal => {
        const answer = await client.send(command, { abortSignal })
        return readTarget(answer.ScalableTargets, resourceId)
      })
    },

    async setSuspended(resourceId, suspended) {
      const command = new RegisterScalableTargetCommand({
        ...DIMENSION,
        ResourceId: resourceId,
        // All three: whether AWS keeps or resets a flag that is left out is not documented.
        SuspendedState: {
          DynamicScalingInSuspended: suspended.dynamicScalingIn,
          DynamicScalingOutSuspended: suspended.dynamicScalingOut,
          ScheduledScalingSuspended: suspended.scheduledScaling
        }
      })
      const look = `aws application-autoscaling describe-scalable-targets --region ${policy.region} --service-namespace ecs --resource-ids ${resourceId}`
      let settling: Settling = 'settled'
      const onDoubt = (): void => {
        settling = 'unsettled'
      }
      await call(
        policy,
        'application-autoscaling:RegisterScalableTarget',
        { repeat: 'idempotent', look, onDoubt },
        async abortSignal => {
          const answer = await client.send(command, { abortSignal })
          // The SDK takes an empty body for an answer; AWS took the call when it names what the call was about.
          if (answer.ScalableTargetARN === undefined) throw new UnusableAnswer('without ScalableTargetARN')
        }
      )
      return settling
    }
  }
}
