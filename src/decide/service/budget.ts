import { asList, asNumber, asObject, objectsOf, type JsonObject } from '../json.ts'

const MINUTE_MS = 60_000

/** What ECS takes where nothing is configured, as the API reference has it. */
const DEFAULT_LINEAR_PERCENT = 10
const DEFAULT_LINEAR_BAKE_MINUTES = 6
const DEFAULT_CANARY_BAKE_MINUTES = 10
const DEFAULT_HOOK_MINUTES = 24 * 60

/** With alarms and no bake time configured ECS chooses one, which it documents as less than this. */
const BAKE_MINUTES_WITH_ALARMS = 5

/**
 * How long a deployment may take, in milliseconds: what the user allows for the work, and on top of it what the service
 * is configured to wait for: bake time, the steps of a traffic shift, and approvals.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
 */
export function watchBudgetMs(waitMs: number, configuration: JsonObject): number {
  const { steps, bakeMinutes: shiftBake } = trafficShift(configuration)
  // There is no wait after the step that reaches 100 percent.
  const minutes = bakeMinutes(configuration) + (steps - 1) * shiftBake + approvalMinutes(configuration, steps)
  return waitMs + minutes * MINUTE_MS
}

/** How long ECS watches a deployment whose tasks are all up before it calls it successful, in minutes at most. */
export function bakeMinutes(configuration: JsonObject): number {
  const configured = asNumber(configuration['bakeTimeInMinutes'])
  if (configured !== undefined) return configured
  return asObject(configuration['alarms'])?.['enable'] === true ? BAKE_MINUTES_WITH_ALARMS : 0
}

interface TrafficShift {
  readonly steps: number
  /** The wait between two steps. */
  readonly bakeMinutes: number
}

/** In how many steps production traffic goes over to the new tasks. */
function trafficShift(configuration: JsonObject): TrafficShift {
  if (configuration['strategy'] === 'LINEAR') {
    const { stepPercent, stepBakeTimeInMinutes } = asObject(configuration['linearConfiguration']) ?? {}
    return {
      steps: Math.ceil(100 / (asNumber(stepPercent) ?? DEFAULT_LINEAR_PERCENT)),
      bakeMinutes: asNumber(stepBakeTimeInMinutes) ?? DEFAULT_LINEAR_BAKE_MINUTES
    }
  }
  if (configuration['strategy'] === 'CANARY') {
    const { canaryBakeTimeInMinutes } = asObject(configuration['canaryConfiguration']) ?? {}
    return { steps: 2, bakeMinutes: asNumber(canaryBakeTimeInMinutes) ?? DEFAULT_CANARY_BAKE_MINUTES }
  }
  return { steps: 1, bakeMinutes: 0 }
}

/** A PAUSE hook waits for somebody in each of its stages, and in one of them before every step of the shift. */
function approvalMinutes(configuration: JsonObject, steps: number): number {
  let minutes = 0
  for (const hook of objectsOf(configuration['lifecycleHooks'])) {
    if (hook['targetType'] !== 'PAUSE') continue
    const timeout = asNumber(asObject(hook['timeoutConfiguration'])?.['timeoutInMinutes']) ?? DEFAULT_HOOK_MINUTES
    for (const stage of asList(hook['lifecycleStages'])) {
      minutes += timeout * (stage === 'PRE_PRODUCTION_TRAFFIC_SHIFT' ? steps : 1)
    }
  }
  return minutes
}
