import type { JsonObject } from '../../protocol/operation.ts'
import { later, type Engine } from './engine.ts'
import { flagOf, numberOf, objectOf, textsOf } from './json.ts'
import type { AlarmWatch, Service, ServiceDeployment } from './model.ts'
import { currentServiceDeployment } from './revisions.ts'
import { failDeployment } from './rollback.ts'
import { ALARM_BAKE_SECONDS } from './timings.ts'

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA'

/** The alarms a new service deployment watches; one that is in ALARM from the start makes ECS ignore them all. */
export function watchAlarms(engine: Engine, configuration: JsonObject): AlarmWatch {
  const { enable, names } = alarmSettings(configuration)
  const ignored = names.some(name => engine.alarms.get(name) === 'ALARM')
  return { status: enable && !ignored ? 'MONITORING' : 'DISABLED', names: enable ? names : [], triggered: [] }
}

/** Puts a CloudWatch alarm into a state; ECS sees it when it looks next, if it is still in that state by then. */
export function setAlarm(engine: Engine, name: string, state: AlarmState): void {
  engine.alarms.set(name, state)
  if (state !== 'ALARM') return
  for (const cluster of engine.clusters.values()) {
    for (const service of cluster.services.values()) {
      const under = currentServiceDeployment(service)
      if (under === undefined || !isWatching(under, name)) continue
      later(engine, service, engine.timings.schedulerSeconds, () => {
        if (isWatching(under, name) && engine.alarms.get(name) === 'ALARM') trigger(engine, service, under)
      })
    }
  }
}

/** How long a deployment bakes once its tasks are healthy and the former ones gone, in seconds. */
export function bakeSeconds(service: Service): number {
  const configured = (numberOf(service.configuration.bakeTimeInMinutes) ?? 0) * 60
  if (configured > 0) return configured
  return currentServiceDeployment(service)?.alarms.status === 'MONITORING' ? ALARM_BAKE_SECONDS : 0
}

function isWatching(under: ServiceDeployment, name: string): boolean {
  const open = under.status === 'PENDING' || under.status === 'IN_PROGRESS'
  return open && under.alarms.status === 'MONITORING' && under.alarms.names.includes(name)
}

function trigger(engine: Engine, service: Service, under: ServiceDeployment): void {
  const triggered = under.alarms.names.filter(name => engine.alarms.get(name) === 'ALARM')
  under.alarms = { ...under.alarms, status: 'TRIGGERED', triggered }
  failDeployment(engine, service, {
    rolloutReason: 'ECS deployment failed: alarm detected.',
    event: 'deployment failed: alarm detected.',
    rollback: alarmSettings(service.configuration).rollback,
    statusReason: 'Service deployment rolled back because of a CloudWatch alarm.',
    returnReason: 'ECS deployment alarm: rolling back to deploymentId'
  })
}

function alarmSettings(configuration: JsonObject): {
  readonly enable: boolean
  readonly rollback: boolean
  readonly names: readonly string[]
} {
  const alarms = objectOf(configuration.alarms)
  return {
    enable: flagOf(alarms.enable) ?? false,
    rollback: flagOf(alarms.rollback) ?? false,
    names: textsOf(alarms.alarmNames)
  }
}
