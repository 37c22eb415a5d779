import { Failure } from '../../failure.ts'

/** The range of a scalable target. */
export interface CapacityRange {
  readonly resourceId: string
  readonly minCapacity: number
  readonly maxCapacity: number
}

/**
 * Fails when suspending would scale the service: each update of a scalable target moves a desired count that lies
 * outside its range into it, even if the update names neither end. A service parked at 0 would be started that way.
 * https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html
 */
export function refuseClamp({ resourceId, minCapacity, maxCapacity }: CapacityRange, desiredCount: number): void {
  if (desiredCount >= minCapacity && desiredCount <= maxCapacity) return
  const range = `${String(minCapacity)} to ${String(maxCapacity)}`
  const moved = String(desiredCount < minCapacity ? minCapacity : maxCapacity)
  throw new Failure(
    'auto-scaling-clamp',
    `the desired count ${String(desiredCount)} of ${resourceId} is outside its scalable target's range ${range}: suspending auto scaling would set it to ${moved}`,
    { remedy: "set 'auto-scaling' to 'keep', or scale the service or its target so that the count is in range" }
  )
}
