import type { Engine } from './engine.ts'
import type { Deployment, Service, Task } from './model.ts'
import { EVENT_SILENCE_SECONDS } from './timings.ts'

const MAX_EVENTS = 100

/** ECS starts and reports tasks in groups of at most ten. */
const BATCH = 10

/** Adds an event `(service NAME) message`; `afterMs` puts it that much later than now. */
export function say(engine: Engine, service: Service, message: string, afterMs = 0): void {
  add(engine, service, `(service ${service.name}) ${message}`, afterMs)
}

/** Adds an event unless the same was said less than six hours ago for the deployment under way. */
export function sayOnce(engine: Engine, service: Service, message: string): void {
  const now = engine.timeline.now()
  const last = service.said.get(message)
  if (last !== undefined && now - last < EVENT_SILENCE_SECONDS * 1000) return
  service.said.set(message, now)
  say(engine, service, message)
}

/** `has started 2 tasks: (task a) (task b).` */
export function sayStarted(engine: Engine, service: Service, tasks: readonly Task[], replaced: number): void {
  let left = replaced
  for (const batch of batches(tasks)) {
    const replacing = Math.min(left, batch.length)
    left -= replacing
    const why = replacing > 0 ? ` Amazon ECS replaced ${String(replacing)} tasks due to an unhealthy status.` : ''
    say(engine, service, `has started ${String(batch.length)} tasks: ${names(batch)}.${why}`)
  }
}

/** `has stopped 1 running tasks: (task a).` and `stopped 2 pending tasks.` */
export function sayStopped(engine: Engine, service: Service, tasks: readonly Task[]): void {
  for (const batch of batches(tasks.filter(task => task.lastStatus === 'RUNNING'))) {
    say(engine, service, `has stopped ${String(batch.length)} running tasks: ${names(batch)}.`)
  }
  const pending = tasks.filter(task => task.lastStatus !== 'RUNNING').length
  if (pending > 0) say(engine, service, `stopped ${String(pending)} pending tasks.`)
}

/** `(service S, taskSet ecs-svc/N) has begun draining connections on 2 tasks.` */
export function sayDraining(engine: Engine, service: Service, deployment: Deployment, count: number): void {
  const draining = `has begun draining connections on ${String(count)} tasks.`
  add(engine, service, `(service ${service.name}, taskSet ${deployment.id}) ${draining}`, 0)
}

function add(engine: Engine, service: Service, message: string, afterMs: number): void {
  const latest = service.events[0]?.createdAt ?? 0
  const createdAt = Math.max(latest, engine.timeline.now() + afterMs)
  service.events.unshift({ id: engine.random.uuid(), createdAt, message })
  if (service.events.length > MAX_EVENTS) service.events.pop()
}

function names(tasks: readonly Task[]): string {
  return tasks.map(task => `(task ${task.id})`).join(' ')
}

function batches(tasks: readonly Task[]): readonly (readonly Task[])[] {
  const groups: Task[][] = []
  for (let start = 0; start < tasks.length; start += BATCH) groups.push(tasks.slice(start, start + BATCH))
  return groups
}
