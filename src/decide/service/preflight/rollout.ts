import { asList, asObject, asString } from '../../json.ts'
import { listed } from '../../wording.ts'
import type { ServiceSnapshot } from '../snapshot.ts'
import type { Finding } from './finding.ts'

/**
 * With these percentages ECS may neither start a new task nor stop an old one, and the deployment stays in progress for
 * ever. The lower limit rounds up, the upper one down; a daemon never has a place beside the one it replaces.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
 */
export function deadlock(service: ServiceSnapshot, desiredCount: number | undefined): readonly Finding[] {
  const { minimumHealthyPercent: minimum, maximumPercent: maximum, strategy } = service.deploymentConfiguration
  // Blue/green and its kin start a whole second set of tasks beside the first.
  if (strategy !== undefined && strategy !== 'ROLLING') return []
  if (typeof minimum !== 'number' || typeof maximum !== 'number') return []
  const isDaemon = service.schedulingStrategy === 'DAEMON'
  const desired = desiredCount ?? service.desiredCount
  const canStart = !isDaemon && Math.floor((desired * maximum) / 100) > desired
  const canStop = Math.ceil((desired * minimum) / 100) < desired
  // Where no old task is left, new ones have all the room there is: such a deployment is what mends the service.
  if (desired === 0 || service.runningCount === 0 || canStart || canStop) return []
  const enough = Math.ceil(((desired + 1) * 100) / desired)
  const lowEnough = Math.floor(((desired - 1) * 100) / desired)
  const raise = isDaemon ? '' : `maximumPercent to ${String(enough)} or more, or `
  return [
    {
      code: 'deployment-deadlock',
      severity: 'error',
      sentence:
        `with minimumHealthyPercent ${String(minimum)} and maximumPercent ${String(maximum)} ECS can neither start a ` +
        `new task nor stop an old one while ${String(desired)} are desired`,
      remedy: `set ${raise}minimumHealthyPercent to ${String(lowEnough)} or less, in the deployment configuration of the service`
    }
  ]
}

/** Nothing but this run's own watch would notice a revision whose tasks cannot start. */
export function breakerOff(
  service: ServiceSnapshot,
  circuitBreaker: 'enable' | 'require' | 'ignore'
): readonly Finding[] {
  const isOn = asObject(service.deploymentConfiguration['deploymentCircuitBreaker'])?.['enable'] === true
  if (isOn || circuitBreaker === 'enable') return []
  return [
    {
      code: 'circuit-breaker-off',
      severity: circuitBreaker === 'require' ? 'error' : 'warning',
      sentence: `the service ${service.name} has no deployment circuit breaker: a bad image would be restarted for ever`,
      remedy: "switch it on for the service, or set 'circuit-breaker' to 'enable'"
    }
  ]
}

/** A deployment that starts no task cannot be proven. */
export function noTasks(service: ServiceSnapshot, desiredCount: number | undefined): readonly Finding[] {
  if ((desiredCount ?? service.desiredCount) > 0) return []
  const isDaemon = service.schedulingStrategy === 'DAEMON'
  return [
    {
      code: 'nothing-ran',
      severity: 'hint',
      sentence: `the desired count of ${service.name} is 0: no task will run, so nothing can be proven`,
      remedy: isDaemon ? 'add a container instance to the cluster' : 'scale the service up, and deploy then'
    }
  ]
}

/** Names of the alarms that are to stop a bad deployment; none when the service does not watch them. */
export function watchedAlarms(service: ServiceSnapshot): readonly string[] {
  const alarms = asObject(service.deploymentConfiguration['alarms'])
  if (alarms?.['enable'] !== true) return []
  return asList(alarms['alarmNames']).flatMap(name => asString(name) ?? [])
}

/**
 * Alarms that will not stop a bad deployment: when one of them is in ALARM as it begins, ECS ignores them all for that
 * deployment. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html
 * `states` has the alarms that exist, by name.
 */
export function blindAlarms(service: ServiceSnapshot, states: ReadonlyMap<string, string>): readonly Finding[] {
  const names = watchedAlarms(service)
  const findings: Finding[] = []
  const firing = names.filter(name => states.get(name) === 'ALARM')
  if (firing.length > 0) {
    const others = names.length > 1 ? ` and with ${firing.length > 1 ? 'them' : 'it'} all alarms of the service` : ''
    findings.push({
      code: 'alarm-triggered',
      severity: 'warning',
      sentence: `in ALARM already: ${listed(firing)}; ECS ignores ${firing.length > 1 ? 'them' : 'it'}${others} for this deployment of ${service.name}`,
      remedy: 'find out what is wrong with the service first, or watch this deployment yourself'
    })
  }
  const missing = names.filter(name => !states.has(name))
  if (missing.length > 0) {
    findings.push({
      code: 'alarm-missing',
      severity: 'warning',
      sentence: `${service.name} is to be watched by alarms that do not exist: ${listed(missing)}`,
      remedy: 'create them, or take them out of the deployment configuration of the service'
    })
  }
  return findings
}
