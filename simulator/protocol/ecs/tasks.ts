import { lastSegment } from '../../cloud/ecs/arn.ts'
import type { Ecs } from '../../cloud/ecs/ecs.ts'
import { freePlaces, isForgotten } from '../../cloud/ecs/engine.ts'
import { numberOf, objectOf, textOf, textsOf } from '../../cloud/ecs/json.ts'
import { findCluster, findRunnable, lookUpService, lookUpTask } from '../../cloud/ecs/lookup.ts'
import type { Cluster, Task } from '../../cloud/ecs/model.ts'
import { stopTask } from '../../cloud/ecs/stop.ts'
import { requireNetwork } from '../../cloud/ecs/supported.ts'
import { startTask } from '../../cloud/ecs/task.ts'
import { AwsError, type JsonObject, type Operation } from '../operation.ts'
import { pageOf, requireCount } from './paging.ts'
import { renderTask } from './render-task.ts'
import { readTags } from './tags.ts'

const MAX_DESCRIBED = 100
const MAX_STARTED = 10
const PAGE_SIZE = 100
const NO_CAPACITY = 'Capacity is unavailable at this time. Please try again later or in a different availability zone'
/** What cannot stand beside `startedBy`; `desiredStatus` can, which the documentation does not say. */
const OTHER_FILTERS = ['containerInstance', 'daemonName', 'family', 'serviceName', 'launchType'] as const

/** Operations on tasks. */
export function taskOperations(ecs: Ecs): Readonly<Record<string, Operation>> {
  const { engine } = ecs
  return {
    RunTask: input => runTask(ecs, input),
    StopTask(input) {
      const cluster = findCluster(engine, textOf(input.cluster))
      const task = lookUpTask(engine, cluster, textOf(input.task) ?? '')
      if (task === undefined) throw new AwsError('InvalidParameterException', 'The referenced task was not found.')
      stopTask(engine, task, 'UserInitiated', textOf(input.reason) ?? 'Task stopped by user')
      if (task.service !== undefined) engine.changed(task.service)
      return { task: renderTask(engine, task) }
    },
    DescribeTasks(input) {
      const cluster = findCluster(engine, textOf(input.cluster))
      const references = textsOf(input.tasks)
      requireCount(references, 'Tasks', MAX_DESCRIBED)
      const tasks: JsonObject[] = []
      const failures: JsonObject[] = []
      for (const reference of references) {
        const task = lookUpTask(engine, cluster, reference)
        if (task === undefined) failures.push({ arn: missingArn(cluster, reference), reason: 'MISSING' })
        else tasks.push({ ...renderTask(engine, task), ...taskTags(ecs, task, input) })
      }
      return { tasks, failures }
    },
    ListTasks(input) {
      const page = pageOf(listTasks(ecs, input), input, PAGE_SIZE)
      return { taskArns: page.items.map(({ arn }) => arn), nextToken: page.nextToken }
    }
  }
}

function listTasks(ecs: Ecs, input: JsonObject): readonly Task[] {
  const { engine } = ecs
  const cluster = findCluster(engine, textOf(input.cluster))
  const startedBy = textOf(input.startedBy)
  if (startedBy !== undefined && OTHER_FILTERS.some(name => input[name] !== undefined)) {
    throw new AwsError('InvalidParameterException', 'cannot specify startedBy with other arguments')
  }
  const serviceName = textOf(input.serviceName)
  const service = serviceName === undefined ? undefined : lookUpService(cluster, serviceName)
  if (serviceName !== undefined && (service === undefined || service.status === 'INACTIVE')) {
    throw new AwsError('ServiceNotFoundException', 'Service not found.')
  }
  const desiredStatus = textOf(input.desiredStatus) ?? 'RUNNING'
  return [...cluster.tasks.values()].filter(
    task =>
      !isForgotten(engine, task) &&
      task.desiredStatus === desiredStatus &&
      (input.containerInstance === undefined || isOn(task, textOf(input.containerInstance) ?? '')) &&
      (service === undefined || task.service === service) &&
      (startedBy === undefined || task.startedBy === startedBy) &&
      (input.family === undefined || task.taskDefinition.family === input.family) &&
      (input.launchType === undefined || task.settings.launchType === input.launchType)
  )
}

/** Whether a task runs on an instance, given by id or ARN. */
function isOn(task: Task, instance: string): boolean {
  return task.instance !== undefined && lastSegment(task.instance) === lastSegment(instance)
}

function runTask(ecs: Ecs, input: JsonObject): JsonObject {
  const { engine } = ecs
  const cluster = findCluster(engine, textOf(input.cluster))
  const taskDefinition = findRunnable(engine, textOf(input.taskDefinition) ?? '', 'InvalidParameterException')
  const count = numberOf(input.count) ?? 1
  if (count < 1 || count > MAX_STARTED) {
    throw new AwsError('InvalidParameterException', `Count must be between 1 and ${String(MAX_STARTED)}.`)
  }
  const { networkConfiguration } = input
  const settings: JsonObject = {
    launchType: input.launchType ?? 'FARGATE',
    platformVersion: input.platformVersion ?? 'LATEST',
    ...(networkConfiguration === undefined ? {} : { networkConfiguration })
  }
  requireNetwork(taskDefinition, settings)
  const tags = readTags(input)
  const placed = Math.min(count, freePlaces(cluster))
  const tasks = Array.from({ length: placed }, () =>
    startTask(engine, {
      cluster,
      taskDefinition,
      group: textOf(input.group) ?? `family:${taskDefinition.family}`,
      startedBy: textOf(input.startedBy),
      settings,
      overrides: objectOf(input.overrides)
    })
  )
  if (tags.length > 0) for (const { arn } of tasks) engine.tags.set(arn, tags)
  const failures = Array.from({ length: count - placed }, () => ({ arn: cluster.arn, reason: NO_CAPACITY }))
  return { tasks: tasks.map(task => renderTask(engine, task)), failures }
}

function taskTags(ecs: Ecs, task: Task, input: JsonObject): JsonObject {
  if (!textsOf(input.include).includes('TAGS')) return {}
  return { tags: ecs.engine.tags.get(task.arn) ?? [] }
}

function missingArn(cluster: Cluster, reference: string): string {
  if (reference.startsWith('arn:')) return reference
  return `${cluster.arn.replace(':cluster/', ':task/')}/${reference}`
}
