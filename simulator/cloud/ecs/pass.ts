import { considerVerdict } from './breaker.ts'
import { isComplete, isSettled } from './completion.ts'
import { aliveTasks, isForgotten, isHealthy, requestPass, type Engine } from './engine.ts'
import { say, sayOnce, sayStopped } from './events.ts'
import { startMissing } from './launch.ts'
import { limitsOf } from './limits.ts'
import type { Deployment, Service, Task } from './model.ts'
import { completeDeployment, dropReplaced } from './rollout.ts'
import { holdsFormer, shiftUnderWay } from './shift.ts'
import { stopTask } from './stop.ts'
import { replaceUnhealthy } from './unhealthy.ts'

const DEADLOCKED =
  'was unable to stop or start tasks during a deployment because of the service deployment configuration. Update the ' +
  'minimumHealthyPercent or maximumPercent value and try again.'

const REPLACED_REASON = 'Scaling activity initiated by (deployment '

/**
 * One pass of the service scheduler: what is failed goes, what is replaced goes as far as the lower limit allows, what is
 * missing starts as far as the upper limit allows, and a deployment that has become what it should be is completed.
 */
export function runPass(engine: Engine, service: Service): void {
  if (service.status === 'INACTIVE') return
  service.passes += 1
  forgetStoppedTasks(engine, service)
  const [primary] = service.deployments
  if (!primary.planned && service.status === 'ACTIVE') {
    // The first look only plans: DescribeServices shows 0/0/0 until now, and tasks start a pass later.
    primary.planned = true
    primary.desiredCount = service.desiredCount
    requestPass(engine, service)
    return
  }
  if (primary.rolloutState !== 'FAILED') primary.desiredCount = service.desiredCount
  retireFailed(engine, service)
  const keepsFormer = primary.rolloutState === 'FAILED' || holdsFormer(service)
  const stopped = keepsFormer ? 0 : reduceFormer(engine, service)
  const started = startMissing(engine, service)
  replaceUnhealthy(engine, service)
  stopSurplus(engine, service)
  dropReplaced(service)
  settle(engine, service)
  if (started.throttledUntil !== undefined) {
    requestPass(engine, service, (started.throttledUntil - engine.timeline.now()) / 1000)
  } else {
    considerVerdict(engine, service)
  }
  if (stopped + started.count === 0) reportDeadlock(engine, service)
}

/** Failed deployments lose what is not healthy at once; unproven ones that were superseded lose what is pending. */
function retireFailed(engine: Engine, service: Service): void {
  const keeper = keptWhileShifting(service)
  for (const deployment of service.deployments) {
    const isPrimary = deployment === service.deployments[0]
    const failed = deployment.rolloutState === 'FAILED'
    const leaves = !isPrimary && keeper !== undefined && deployment !== keeper
    if (!leaves && (deployment.rolloutState === 'COMPLETED' || (isPrimary && !failed))) continue
    const retired = aliveTasks(service, deployment).filter(task => {
      if (leaves) return true
      if (isPrimary || !failed) return task.lastStatus !== 'RUNNING'
      return !isHealthy(task)
    })
    stopAll(engine, service, retired)
    if (!isPrimary) deployment.desiredCount = aliveTasks(service, deployment).length
  }
  // One that was superseded while it was being scaled in must not take the room of its successor.
  if (keeper !== undefined) keeper.desiredCount = Math.min(keeper.desiredCount, service.desiredCount)
}

/** Traffic is only ever shifted between two revisions: every former one but the proven one makes room. */
function keptWhileShifting(service: Service): Deployment | undefined {
  if (shiftUnderWay(service) === undefined) return undefined
  const [, ...former] = service.deployments
  const completed = former.find(({ rolloutState }) => rolloutState === 'COMPLETED')
  return completed ?? former.find(deployment => deployment === service.lastCompleted) ?? former.at(-1)
}

/** Takes from the former deployments what the PRIMARY one already stands in for. Returns how many tasks it stopped. */
function reduceFormer(engine: Engine, service: Service): number {
  const [primary, ...former] = service.deployments
  const { minimum } = limitsOf(service)
  const replaced = aliveTasks(service, primary).filter(isHealthy).length
  const keep = Math.max(0, minimum - replaced)
  let surplus = former.reduce((sum, deployment) => sum + deployment.desiredCount, 0) - keep
  for (const deployment of former) {
    const missing = Math.max(0, deployment.desiredCount - aliveTasks(service, deployment).length)
    const cut = Math.max(0, Math.min(missing, surplus))
    deployment.desiredCount -= cut
    surplus -= cut
  }
  if (surplus <= 0) return 0
  const candidates = former
    .flatMap(deployment => aliveTasks(service, deployment))
    .toSorted((a, b) => dispensability(b) - dispensability(a))
  const going = candidates.slice(0, surplus)
  for (const task of going) if (task.deployment !== undefined) task.deployment.desiredCount -= 1
  stopAll(engine, service, going)
  return going.length
}

/** Higher goes first: what is pending, then what is not healthy, then what never proved itself. */
function dispensability(task: Task): number {
  if (task.lastStatus !== 'RUNNING') return 3
  if (!isHealthy(task)) return 2
  return task.deployment?.rolloutState === 'COMPLETED' ? 0 : 1
}

/** Scale-in: what exceeds the desired count of its deployment and is no replacement under way. */
function stopSurplus(engine: Engine, service: Service): void {
  const { minimum } = limitsOf(service)
  for (const deployment of service.deployments) {
    const alive = aliveTasks(service, deployment)
    const replacements = alive.some(task => task.health === 'unhealthy')
      ? alive.filter(task => task.health === 'undetermined').length
      : 0
    const surplus = alive.length - deployment.desiredCount - replacements
    const going: Task[] = []
    let healthy = [...service.tasks].filter(isHealthy).length
    for (const task of alive.toSorted((a, b) => dispensability(b) - dispensability(a))) {
      if (going.length >= surplus) break
      if (isHealthy(task) && healthy - 1 < minimum) break
      if (isHealthy(task)) healthy -= 1
      going.push(task)
    }
    stopAll(engine, service, going)
  }
}

function stopAll(engine: Engine, service: Service, tasks: readonly Task[]): void {
  const reason = `${REPLACED_REASON}${service.deployments[0].id})`
  sayStopped(engine, service, tasks)
  for (const task of tasks) stopTask(engine, task, 'ServiceSchedulerInitiated', reason)
}

/** Completes the PRIMARY deployment, notes a steady state, or ends a service that is being deleted. */
function settle(engine: Engine, service: Service): void {
  const [primary] = service.deployments
  if (service.status === 'DRAINING') {
    if ([...service.tasks].every(task => task.lastStatus === 'STOPPED')) service.status = 'INACTIVE'
    return
  }
  if (primary.rolloutState === 'IN_PROGRESS' && isComplete(engine, service)) completeDeployment(engine, service)
  if (primary.rolloutState !== 'COMPLETED' || service.steady || !isSettled(service)) return
  service.steady = true
  say(engine, service, 'has reached a steady state.')
}

function reportDeadlock(engine: Engine, service: Service): void {
  const [primary, ...former] = service.deployments
  const missing = service.desiredCount - aliveTasks(service, primary).length
  if (holdsFormer(service) || former.length === 0 || missing <= 0 || primary.rolloutState !== 'IN_PROGRESS') return
  const moving = [...service.tasks].some(task => task.lastStatus !== 'STOPPED' && !isHealthy(task))
  if (!moving && primary.nextStartAt <= engine.timeline.now()) sayOnce(engine, service, DEADLOCKED)
}

function forgetStoppedTasks(engine: Engine, service: Service): void {
  for (const task of service.tasks) {
    if (!isForgotten(engine, task)) continue
    service.tasks.delete(task)
    service.cluster.tasks.delete(task.id)
  }
}
