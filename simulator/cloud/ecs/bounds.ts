import type { JsonObject } from '../../protocol/operation.ts'
import { flagOf, numberOf, objectOf, textOf } from './json.ts'

const DEFAULT_MINIMUM_PERCENT = 100
const DEFAULT_MAXIMUM_PERCENT = 200
const BOUNDED_THRESHOLD = { least: 3, most: 200, percent: 50 } as const

/** How many tasks of a service must stay healthy and how many may be up, for its current desired count. */
export interface Bounds {
  readonly minimum: number
  readonly maximum: number
}

/** What the circuit breaker of a service is set to. */
export interface BreakerSettings {
  readonly enable: boolean
  readonly rollback: boolean
  readonly resetOnHealthyTask: boolean
  readonly threshold: { readonly type: string; readonly value: number }
}

/** The limits of a rolling deployment: the lower one rounds up, the upper one down. */
export function boundsOf(configuration: JsonObject, desired: number): Bounds {
  const minimumPercent = numberOf(configuration.minimumHealthyPercent) ?? DEFAULT_MINIMUM_PERCENT
  const maximumPercent = numberOf(configuration.maximumPercent) ?? DEFAULT_MAXIMUM_PERCENT
  return {
    minimum: Math.ceil((desired * minimumPercent) / 100),
    maximum: Math.floor((desired * maximumPercent) / 100)
  }
}

/** The circuit breaker of a deployment configuration, defaults filled in. */
export function breakerSettings(configuration: JsonObject): BreakerSettings {
  const breaker = objectOf(configuration.deploymentCircuitBreaker)
  const threshold = objectOf(breaker.thresholdConfiguration)
  return {
    enable: flagOf(breaker.enable) ?? false,
    rollback: flagOf(breaker.rollback) ?? false,
    resetOnHealthyTask: flagOf(breaker.resetOnHealthyTask) ?? true,
    threshold: {
      type: textOf(threshold.type) ?? 'BOUNDED_PERCENT',
      value: numberOf(threshold.value) ?? BOUNDED_THRESHOLD.percent
    }
  }
}

/** The number of failed tasks at which the circuit breaker gives up, for the current desired count. */
export function breakerThreshold(settings: BreakerSettings, desired: number): number {
  const { type, value } = settings.threshold
  if (type === 'COUNT') return value
  const share = Math.ceil((value / 100) * desired)
  if (type === 'UNBOUNDED_PERCENT') return share
  return Math.min(BOUNDED_THRESHOLD.most, Math.max(BOUNDED_THRESHOLD.least, share))
}

/** A deployment configuration as the API shows it; what a caller leaves out is at its default. */
export function fillConfiguration(given: JsonObject, isDaemon: boolean): JsonObject {
  const breaker = objectOf(given.deploymentCircuitBreaker)
  return {
    strategy: 'ROLLING',
    bakeTimeInMinutes: 0,
    ...given,
    deploymentCircuitBreaker: { enable: false, rollback: false, ...breaker },
    maximumPercent: numberOf(given.maximumPercent) ?? (isDaemon ? 100 : DEFAULT_MAXIMUM_PERCENT),
    minimumHealthyPercent: numberOf(given.minimumHealthyPercent) ?? (isDaemon ? 0 : DEFAULT_MINIMUM_PERCENT)
  }
}
