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
export function refuseClamp(range: CapacityRange, desiredCount: number): void {
  const moved = clamped(range, desiredCount)
  if (moved === desiredCount) return
  throw new Failure(
    'auto-scaling-clamp',
    `${outside(range, desiredCount)}: suspending auto scaling would set it to ${String(moved)}`,
    { remedy: "set 'auto-scaling' to 'keep', or scale the service or its target so that the count is in range" }
  )
}

/** Fails when the count that the deployment is asked to set would not outlast it, for auto scaling is put back by an update, too. */
export function refuseClampOfWish(range: CapacityRange, desiredCount: number): void {
  const moved = clamped(range, desiredCount)
  if (moved === desiredCount) return
  throw new Failure(
    'auto-scaling-clamp',
    `input desired-count asks for ${String(desiredCount)} of ${range.resourceId}, outside its scalable target's range ${rangeOf(range)}: putting auto scaling back after the deployment would set it to ${String(moved)}`,
    {
      remedy:
        "set 'auto-scaling' to 'keep', or give a desired-count in the range, or change the range of the target first"
    }
  )
}

/** What the update that puts auto scaling back does to the desired count; undefined when it does nothing to it. */
export function clampOf(range: CapacityRange, desiredCount: number): Clamp | undefined {
  const to = clamped(range, desiredCount)
  if (to === desiredCount) return undefined
  return { from: desiredCount, to, why: outside(range, desiredCount) }
}

/** A desired count that an update of its scalable target moves. */
export interface Clamp {
  readonly from: number
  readonly to: number
  /** The first half of a sentence. */
  readonly why: string
}

function clamped({ minCapacity, maxCapacity }: CapacityRange, desiredCount: number): number {
  return Math.min(maxCapacity, Math.max(minCapacity, desiredCount))
}

function outside(range: CapacityRange, desiredCount: number): string {
  return `the desired count ${String(desiredCount)} of ${range.resourceId} is outside its scalable target's range ${rangeOf(range)}`
}

function rangeOf({ minCapacity, maxCapacity }: CapacityRange): string {
  return `${String(minCapacity)} to ${String(maxCapacity)}`
}
