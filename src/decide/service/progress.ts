import type { ServiceDeploymentSnapshot, ServiceSnapshot } from './snapshot.ts'

/** How far a deployment is, in the numbers people look for. */
export interface Progress {
  readonly desired: number
  readonly running: number
  readonly starting: number
  readonly failed: number
  /** Tasks of other deployments that still run or stop. */
  readonly old: number
  /** Failures after which the circuit breaker trips; undefined when nobody says. */
  readonly breakerThreshold: number | undefined
  readonly lifecycleStage: string | undefined
}

/** Reads the progress of the deployment `id` out of one poll. */
export function readProgress(
  id: string,
  service: ServiceSnapshot,
  serviceDeployment: ServiceDeploymentSnapshot | undefined
): Progress {
  const own = service.deployments.find(deployment => deployment.id === id)
  const others = service.deployments.filter(deployment => deployment.id !== id)
  const breaker = serviceDeployment?.circuitBreaker
  return {
    // Right after UpdateService the deployment's own count still reads 0.
    desired: Math.max(own?.desiredCount ?? 0, service.desiredCount),
    running: own?.runningCount ?? 0,
    starting: own?.pendingCount ?? 0,
    failed: Math.max(own?.failedTasks ?? 0, breaker?.failureCount ?? 0),
    old: others.reduce((sum, deployment) => sum + deployment.runningCount + deployment.pendingCount, 0),
    breakerThreshold: breaker !== undefined && breaker.threshold > 0 ? breaker.threshold : undefined,
    lifecycleStage: serviceDeployment?.lifecycleStage
  }
}

/** The progress in words, e.g. `2/4 running, 1 starting, 2 old`. */
export function describeProgress(progress: Progress): string {
  const parts = [`${String(progress.running)}/${String(progress.desired)} running`]
  if (progress.starting > 0) parts.push(`${String(progress.starting)} starting`)
  if (progress.old > 0) parts.push(`${String(progress.old)} old left`)
  if (progress.failed > 0) {
    parts.push(describeFailures(progress.failed, progress.breakerThreshold))
  }
  if (progress.lifecycleStage !== undefined) parts.push(`stage ${progress.lifecycleStage}`)
  return parts.join(', ')
}

function describeFailures(failed: number, threshold: number | undefined): string {
  if (threshold === undefined) return `${String(failed)} failed`
  if (failed >= threshold) return `${String(failed)} tasks failed: the circuit breaker trips at ${String(threshold)}`
  return `failed tasks ${String(failed)} of ${String(threshold)} before the circuit breaker trips`
}
