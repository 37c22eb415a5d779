import type { Lag, Timings } from '../world.ts'

/** How long things take unless the world says otherwise, in seconds; `spec/ecs.md` says where each was observed. */
export const DEFAULT_TIMINGS: Timings = {
  schedulerSeconds: 5,
  provisioningSeconds: 10,
  pendingSeconds: 5,
  pullSeconds: 15,
  healthyAfterSeconds: 40,
  targetHealthySeconds: 35,
  drainSeconds: 50,
  stopSeconds: 2,
  deprovisioningSeconds: 10,
  pullFailureSeconds: 75,
  scanSeconds: 20
}

/** Eventual consistency unless the world says otherwise, in seconds. */
export const DEFAULT_LAG: Lag = {
  serviceDeploymentSeconds: 2,
  serviceRevisionSeconds: 1,
  staleReadSeconds: 0,
  scalableTargetSeconds: 0
}

/** From creation to IN_PROGRESS of a service deployment; 130 ms to 1.6 s were seen. */
export const SERVICE_DEPLOYMENT_PENDING_SECONDS = 0.15

/** From STOP_REQUESTED to STOPPED of a superseded service deployment; 0.3 s was seen. */
export const SERVICE_DEPLOYMENT_STOP_SECONDS = 0.3

/** The circuit breaker speaks this long after the scheduler's pass that saw the threshold: 3 s and 5 s were seen. */
export const VERDICT_SECONDS = 4

/** From a running task to its registered target, and from the decision to stop it to its deregistration. */
export const REGISTRATION_SECONDS = 1
export const DEREGISTRATION_SECONDS = 2

/** A target that answers badly is declared unhealthy after this many times the seconds that make a good one healthy. */
export const UNHEALTHY_TARGET_FACTOR = 2

/** What a container lives before it is killed for its memory, or stopped for a reason the world gave. */
export const SHORT_LIFE_SECONDS = 5

/** A deployment that watches alarms bakes this long unless it is told otherwise: AWS says less than five minutes. */
export const ALARM_BAKE_SECONDS = 180

/** A stage of a deployment that shifts traffic lasts this long, and a function answers after so long. */
export const STAGE_SECONDS = 10
export const LAMBDA_SECONDS = 2

/** Stopped tasks stay visible for so long. */
export const STOPPED_TASK_SECONDS = 3600

/** A scheduler that only repeats itself keeps quiet for so long. */
export const EVENT_SILENCE_SECONDS = 6 * 3600

/**
 * Waits between rounds of tasks that never reach RUNNING, in seconds. AWS lengthens them up to 27 minutes; the first
 * ones are the 30 to 45 seconds seen between pull failures.
 */
const START_THROTTLE_SECONDS = [30, 40, 45, 300, 600, 1200, 1620] as const

/** The wait before the next start after `rounds` rounds of failed starts, in seconds. */
export function startThrottleSeconds(rounds: number): number {
  return START_THROTTLE_SECONDS[Math.min(rounds, START_THROTTLE_SECONDS.length) - 1] ?? 0
}
