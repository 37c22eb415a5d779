import { asObject, type JsonObject } from '../json.ts'
import type { ServiceSnapshot } from './snapshot.ts'

/** Whether ECS will fail a deployment that cannot start its tasks, and take it back. */
export function breakerIsOn(service: ServiceSnapshot): boolean {
  const breaker = asObject(service.deploymentConfiguration['deploymentCircuitBreaker'])
  return breaker?.['enable'] === true && breaker['rollback'] === true
}

/**
 * The service's deployment configuration with the circuit breaker and its rollback switched on. UpdateService takes the
 * structure as a whole, so everything else in it is sent back as it was read, members newer than the SDK included.
 */
export function withBreakerOn(configuration: JsonObject): JsonObject {
  const breaker = asObject(configuration['deploymentCircuitBreaker']) ?? {}
  return { ...configuration, deploymentCircuitBreaker: { ...breaker, enable: true, rollback: true } }
}
