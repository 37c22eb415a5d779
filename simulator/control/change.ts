import type { Cloud } from '../cloud.ts'
import { findActiveService, findCluster } from '../cloud/ecs/lookup.ts'
import type { WorldAlarm } from '../cloud/world.ts'
import { anyText, InvalidInput, object, oneOf, text, whole, type Read } from './read.ts'

interface ServiceName {
  readonly cluster: string
  readonly service: string
}

/** Why a task is stopped, verbatim. */
interface Stop {
  readonly stopCode?: string
  readonly reason?: string
}

interface Changes {
  readonly scale: ServiceName & { readonly desiredCount: number }
  readonly deploy: ServiceName & { readonly image?: string; readonly taskDefinition?: string }
  readonly stopTask: Stop & ({ readonly task: string } | ServiceName)
  readonly rollBack: ServiceName
  readonly answerHook: ServiceName & { readonly action: 'CONTINUE' | 'ROLLBACK' }
  readonly alarm: WorldAlarm
  readonly instances: { readonly cluster: string; readonly count: number }
  readonly capacity: { readonly cluster: string; readonly tasks: number }
  readonly deleteImage: { readonly repository: string; readonly tag?: string; readonly digest?: string }
  readonly archiveImage: { readonly repository: string; readonly tag?: string; readonly digest?: string }
  readonly moveTag: { readonly repository: string; readonly tag: string; readonly to: string }
}

/** What somebody else does meanwhile: exactly one of the changes (contract §6, `POST /_sim/change`). */
export type Change = Partial<Changes>

const SERVICE: readonly ['cluster', 'service'] = ['cluster', 'service']
const name = text()

const byTask = object<Stop & { readonly task: string }>({ task: name, stopCode: name, reason: anyText }, ['task'])
const byService = object<Stop & ServiceName>({ cluster: name, service: name, stopCode: name, reason: anyText }, SERVICE)

const readStopTask: Read<Changes['stopTask']> = (value, path) =>
  typeof value === 'object' && value !== null && 'task' in value ? byTask(value, path) : byService(value, path)

const readChange: Read<Change> = object<Change>({
  scale: object<Changes['scale']>({ cluster: name, service: name, desiredCount: whole(0) }, [
    ...SERVICE,
    'desiredCount'
  ]),
  deploy: object<Changes['deploy']>({ cluster: name, service: name, image: name, taskDefinition: name }, SERVICE),
  stopTask: readStopTask,
  deleteImage: object<Changes['deleteImage']>({ repository: name, tag: name, digest: name }, ['repository']),
  archiveImage: object<Changes['archiveImage']>({ repository: name, tag: name, digest: name }, ['repository']),
  moveTag: object<Changes['moveTag']>({ repository: name, tag: name, to: name }, ['repository', 'tag', 'to']),
  rollBack: object<Changes['rollBack']>({ cluster: name, service: name }, SERVICE),
  answerHook: object<Changes['answerHook']>({ cluster: name, service: name, action: oneOf('CONTINUE', 'ROLLBACK') }, [
    ...SERVICE,
    'action'
  ]),
  capacity: object<Changes['capacity']>({ cluster: name, tasks: whole(0) }, ['cluster', 'tasks']),
  instances: object<Changes['instances']>({ cluster: name, count: whole(0) }, ['cluster', 'count']),
  alarm: object<Changes['alarm']>({ name, state: oneOf('OK', 'ALARM', 'INSUFFICIENT_DATA') }, ['name', 'state'])
})

/** A change from parsed JSON; throws InvalidInput. */
export function parseChange(value: unknown): Change {
  const change = readChange(value, 'change')
  const kinds = Object.keys(change)
  if (kinds.length !== 1) {
    throw new InvalidInput(`change: expected exactly one change, got ${kinds.length === 0 ? 'none' : kinds.join(', ')}`)
  }
  const { deploy } = change
  if (deploy !== undefined && (deploy.image === undefined) === (deploy.taskDefinition === undefined)) {
    throw new InvalidInput('change.deploy: expected either image or taskDefinition')
  }
  for (const kind of ['deleteImage', 'archiveImage'] as const) {
    const image = change[kind]
    if (image !== undefined && (image.tag === undefined) === (image.digest === undefined)) {
      throw new InvalidInput(`change.${kind}: expected either tag or digest`)
    }
  }
  return change
}

/** Carries out a change and tells what came of it; throws when what it names does not exist. */
export function applyChange({ ecs, ecr }: Cloud, change: Change): Readonly<Record<string, string>> {
  changeRegistry(ecr, change)
  return changeServices(ecs, change)
}

function changeServices(ecs: Cloud['ecs'], change: Change): Readonly<Record<string, string>> {
  const { scale, deploy, stopTask, rollBack, answerHook, capacity, instances, alarm } = change
  if (scale !== undefined) ecs.scale(scale.cluster, scale.service, scale.desiredCount)
  if (deploy !== undefined) return { deploymentId: ecs.deploy(deploy.cluster, deploy.service, deploy) }
  if (stopTask !== undefined) {
    const task = 'task' in stopTask ? stopTask.task : oldestTask(ecs, stopTask)
    ecs.stopTask(task, stopTask.reason ?? 'Task stopped by user', stopTask.stopCode)
    return { task }
  }
  if (capacity !== undefined) ecs.setCapacity(capacity.cluster, capacity.tasks)
  if (instances !== undefined) ecs.setInstances(instances.cluster, instances.count)
  if (rollBack !== undefined) ecs.rollBack(rollBack.cluster, rollBack.service)
  if (answerHook !== undefined) ecs.answerHook(answerHook.cluster, answerHook.service, answerHook.action)
  if (alarm !== undefined) ecs.setAlarm(alarm.name, alarm.state)
  return {}
}

function changeRegistry(ecr: Cloud['ecr'], { deleteImage, archiveImage, moveTag }: Change): void {
  if (deleteImage !== undefined) ecr.deleteImage(deleteImage.repository, deleteImage.tag ?? deleteImage.digest ?? '')
  if (archiveImage !== undefined) {
    ecr.archiveImage(archiveImage.repository, archiveImage.tag ?? archiveImage.digest ?? '')
  }
  if (moveTag !== undefined) ecr.moveTag(moveTag.repository, moveTag.tag, moveTag.to)
}

function oldestTask(ecs: Cloud['ecs'], of: ServiceName): string {
  const service = findActiveService(findCluster(ecs.engine, of.cluster), of.service)
  const running = [...service.tasks].find(task => task.lastStatus === 'RUNNING')
  if (running === undefined) throw new InvalidInput(`service ${of.service} has no running task`)
  return running.id
}
