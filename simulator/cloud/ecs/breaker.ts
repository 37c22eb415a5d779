import { breakerSettings, breakerThreshold } from './bounds.ts'
import { later, type Engine } from './engine.ts'
import type { Service } from './model.ts'
import { currentServiceDeployment, refreshMonitors } from './revisions.ts'
import { failDeployment } from './rollback.ts'
import { VERDICT_SECONDS } from './timings.ts'

/** Starts that may fail for want of a digest before the circuit breaker gives up, whatever its threshold. */
const MAX_UNRESOLVED = 3

/** Has the circuit breaker speak a moment later when the PRIMARY deployment has failed often enough. */
export function considerVerdict(engine: Engine, service: Service): void {
  const [deployment] = service.deployments
  if (deployment.verdict !== undefined || !isFailing(service)) return
  deployment.verdict = later(engine, service, VERDICT_SECONDS, () => {
    deployment.verdict = undefined
    if (service.deployments[0] === deployment && isFailing(service)) trip(engine, service)
  })
}

function isFailing(service: Service): boolean {
  const [deployment] = service.deployments
  const settings = breakerSettings(service.configuration)
  if (!settings.enable || deployment.rolloutState !== 'IN_PROGRESS' || service.controller !== 'ECS') return false
  const enough = deployment.failures >= breakerThreshold(settings, service.desiredCount)
  return deployment.failures > 0 && (enough || deployment.unresolved >= MAX_UNRESOLVED)
}

function trip(engine: Engine, service: Service): void {
  const under = currentServiceDeployment(service)
  if (under !== undefined && under.status !== 'ROLLBACK_IN_PROGRESS') {
    refreshMonitors(service, under)
    under.breaker = { ...under.breaker, status: 'TRIGGERED' }
  }
  failDeployment(engine, service, {
    rolloutReason: 'ECS deployment circuit breaker: tasks failed to start.',
    event: 'deployment failed: tasks failed to start.',
    rollback: breakerSettings(service.configuration).rollback,
    statusReason: 'Service deployment rolled back because the circuit breaker threshold was exceeded.',
    returnReason: 'ECS deployment circuit breaker: rolling back to deploymentId'
  })
}
