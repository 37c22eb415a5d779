import { bakeSeconds } from './alarms.ts'
import { aliveTasks, isHealthy, requestPass, type Engine } from './engine.ts'
import { flagOf, numberOf, objectOf, textOf } from './json.ts'
import type { Service } from './model.ts'
import { currentServiceDeployment } from './revisions.ts'
import { advanceShift } from './shift.ts'

/** Whether the PRIMARY deployment has exactly its tasks, all healthy, and is alone. */
export function isSettled(service: Service): boolean {
  return service.deployments.length === 1 && isScaled(service)
}

function isScaled(service: Service): boolean {
  const alive = aliveTasks(service, service.deployments[0])
  return alive.length === service.desiredCount && alive.every(isHealthy)
}

/** Whether the PRIMARY deployment may be called a success now: it is settled, or far enough, and has baked. */
export function isComplete(engine: Engine, service: Service): boolean {
  const [primary] = service.deployments
  // A rollback goes all the way and does not bake: that was proven when the deployment gone back to completed.
  const under = currentServiceDeployment(service)
  if (under?.status === 'ROLLBACK_IN_PROGRESS') return isSettled(service)
  if (under?.shift !== undefined) {
    const isAlone = service.deployments.length === 1
    return advanceShift(engine, service, under, { isScaled: isScaled(service), isAlone })
  }
  if (!isSettled(service) && !isEarlySuccess(service)) return false
  const seconds = bakeSeconds(service)
  const now = engine.timeline.now()
  primary.bakeEndsAt ??= now + seconds * 1000
  if (now >= primary.bakeEndsAt) return true
  requestPass(engine, service, (primary.bakeEndsAt - now) / 1000)
  return false
}

function isEarlySuccess(service: Service): boolean {
  const criteria = objectOf(service.configuration.earlySuccessCriteria)
  if (flagOf(criteria.enable) !== true) return false
  const [primary, ...former] = service.deployments
  const enough = Math.ceil((service.desiredCount * (numberOf(criteria.healthyPercent) ?? 100)) / 100)
  const healthy = aliveTasks(service, primary).filter(isHealthy).length
  return healthy >= enough && (former.length === 0 || textOf(criteria.sourceServiceRevisionCleanup) === 'DEFERRED')
}
