import { breakerSettings } from './bounds.ts'
import { later, requestPass, type Engine } from './engine.ts'
import { say } from './events.ts'
import { fateOf } from './fate.ts'
import { numberOf, objectsOf, textOf } from './json.ts'
import type { ContainerDefinition, Service, Task } from './model.ts'
import { REGISTRATION_SECONDS, UNHEALTHY_TARGET_FACTOR } from './timings.ts'

type HealthCheck = NonNullable<ContainerDefinition['healthCheck']>

/** How a container is checked whose image answers badly where nobody asks it: the defaults of a health check. */
const IMPLICIT_CHECK: HealthCheck = { interval: 30, retries: 3, startPeriod: 0 }

/** The target group of a service; undefined without a load balancer. */
export function targetGroupOf(service: Service): string | undefined {
  const [balancer] = objectsOf(service.deployments[0].revision.settings.loadBalancers)
  return textOf(balancer?.targetGroupArn)
}

/**
 * Plans what the health checks of a task that just reached RUNNING will say. Load balancer first: with one, its word
 * decides when a task is bad; the grace period only silences bad news. A task that was there before the simulation
 * is healthy already.
 */
export function watchHealth(engine: Engine, task: Task): void {
  const { service } = task
  const balanced = service !== undefined && targetGroupOf(service) !== undefined
  const badFrom = failsChecksAfter(task)
  const check = slowestCheck(task) ?? (badFrom !== undefined && !balanced ? IMPLICIT_CHECK : undefined)
  const { healthyAfterSeconds, targetHealthySeconds } = engine.timings
  const good = Math.max(
    balanced ? REGISTRATION_SECONDS + targetHealthySeconds : 0,
    check === undefined ? 0 : check.interval,
    balanced || check !== undefined ? 0 : healthyAfterSeconds
  )
  if (task.health === 'healthy') task.target = balanced ? 'registered' : 'none'
  else if (balanced)
    plan(engine, task, REGISTRATION_SECONDS, () => {
      register(engine, service, task)
    })
  if (task.health !== 'healthy' && (badFrom === undefined || badFrom >= good)) {
    plan(engine, task, good, () => {
      becomeHealthy(engine, task, check !== undefined)
    })
  }
  if (badFrom === undefined) return
  const noticed = balanced
    ? REGISTRATION_SECONDS + UNHEALTHY_TARGET_FACTOR * targetHealthySeconds
    : (check?.startPeriod ?? 0) + (check?.interval ?? 0) * (check?.retries ?? 0)
  const grace = service?.healthCheckGracePeriodSeconds ?? 0
  plan(engine, task, Math.max(badFrom + noticed, grace), () => {
    becomeUnhealthy(engine, task, balanced)
  })
}

/** Whether a load balancer or a health check failed the task. */
export function healthFailureReason(service: Service): string {
  const group = targetGroupOf(service)
  return group === undefined
    ? 'Task failed container health checks'
    : `Task failed ELB health checks in (target-group ${group})`
}

function plan(engine: Engine, task: Task, seconds: number, run: () => void): void {
  task.plans.push(later(engine, task.service, seconds, run))
}

function failsChecksAfter(task: Task): number | undefined {
  const moments = task.containers.flatMap(container => {
    const fate = fateOf(container.behaviour, task.ordinal)
    return fate.kind === 'fails-checks' ? [fate.afterSeconds] : []
  })
  return moments.length === 0 ? undefined : Math.min(...moments)
}

function slowestCheck(task: Task): HealthCheck | undefined {
  return task.containers
    .filter(container => container.definition.essential)
    .flatMap(container => container.definition.healthCheck ?? [])
    .toSorted((a, b) => b.interval - a.interval)[0]
}

function register(engine: Engine, service: Service, task: Task): void {
  task.target = 'registered'
  service.registering.push(task)
  if (service.registering.length > 1) return
  later(engine, service, 0, () => {
    const count = service.registering.splice(0).length
    say(engine, service, `registered ${String(count)} targets in (target-group ${targetGroupOf(service) ?? ''})`)
  })
}

function becomeHealthy(engine: Engine, task: Task, checked: boolean): void {
  const { service, deployment } = task
  task.health = 'healthy'
  task.wasHealthy = true
  task.version += 1
  if (checked) showHealth(task, 'HEALTHY')
  if (service === undefined || deployment === undefined) return
  if (breakerSettings(service.configuration).resetOnHealthyTask) deployment.failures = 0
  requestPass(engine, service)
}

function becomeUnhealthy(engine: Engine, task: Task, balanced: boolean): void {
  const { service } = task
  task.health = 'unhealthy'
  task.version += 1
  if (!balanced) showHealth(task, 'UNHEALTHY')
  if (service === undefined) return
  const [balancer] = objectsOf(service.deployments[0].revision.settings.loadBalancers)
  const port = numberOf(balancer?.containerPort) ?? 80
  say(
    engine,
    service,
    balanced
      ? `(task ${task.id}) (port ${String(port)}) is unhealthy in (target-group ${targetGroupOf(service) ?? ''}) due to ` +
          '(reason Health checks failed with these codes: [503]).'
      : `(task ${task.id}) failed container health checks.`
  )
  requestPass(engine, service)
}

function showHealth(task: Task, status: 'HEALTHY' | 'UNHEALTHY'): void {
  const checked = task.containers.filter(container => container.definition.healthCheck !== undefined)
  const shown = checked.length > 0 ? checked : task.containers
  for (const container of shown) container.healthStatus = status
}
