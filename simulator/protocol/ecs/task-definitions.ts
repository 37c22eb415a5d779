import { iamArn } from '../../cloud/ecs/arn.ts'
import { registerDefinition, type Ecs } from '../../cloud/ecs/ecs.ts'
import { objectsOf, textOf, textsOf } from '../../cloud/ecs/json.ts'
import type { TaskDefinition } from '../../cloud/ecs/model.ts'
import { AwsError, type JsonObject, type Operation } from '../operation.ts'
import { pageOf, seconds } from './paging.ts'
import { readTags } from './tags.ts'

const PAGE_SIZE = 100

/** Operations on task definitions and their families. */
export function taskDefinitionOperations(ecs: Ecs): Readonly<Record<string, Operation>> {
  const { engine } = ecs
  return {
    RegisterTaskDefinition(input) {
      const definition = registerDefinition(engine, input)
      const tags = readTags(input)
      if (tags.length > 0) engine.tags.set(definition.arn, tags)
      return { taskDefinition: renderTaskDefinition(ecs, definition), ...(tags.length > 0 ? { tags } : {}) }
    },
    DescribeTaskDefinition(input) {
      const definition = engine.definitions.find(textOf(input.taskDefinition) ?? '')
      if (definition === undefined) throw new AwsError('ClientException', 'Unable to describe task definition.')
      const withTags = textsOf(input.include).includes('TAGS')
      return {
        taskDefinition: renderTaskDefinition(ecs, definition),
        ...(withTags ? { tags: engine.tags.get(definition.arn) ?? [] } : {})
      }
    },
    DeregisterTaskDefinition(input) {
      const definition = engine.definitions.deregister(textOf(input.taskDefinition) ?? '', engine.timeline.now())
      return { taskDefinition: renderTaskDefinition(ecs, definition) }
    },
    ListTaskDefinitions(input) {
      const family = textOf(input.familyPrefix)
      const status = textOf(input.status) ?? 'ACTIVE'
      const matching = engine.definitions
        .all()
        .filter(definition => (family === undefined || definition.family === family) && definition.status === status)
      const sorted = input.sort === 'DESC' ? matching.toReversed() : matching
      const page = pageOf(sorted, input, PAGE_SIZE)
      return { taskDefinitionArns: page.items.map(({ arn }) => arn), nextToken: page.nextToken }
    },
    ListTaskDefinitionFamilies(input) {
      const prefix = textOf(input.familyPrefix) ?? ''
      const status = textOf(input.status) ?? 'ALL'
      const all = engine.definitions.all()
      const active = new Set(all.filter(definition => definition.status === 'ACTIVE').map(({ family }) => family))
      const families = [...new Set(all.map(({ family }) => family))].filter(
        family => family.startsWith(prefix) && (status === 'ALL' || active.has(family) === (status === 'ACTIVE'))
      )
      const page = pageOf(families, input, PAGE_SIZE)
      return { families: page.items, nextToken: page.nextToken }
    }
  }
}

function renderTaskDefinition(ecs: Ecs, definition: TaskDefinition): JsonObject {
  const { document } = definition
  const awsvpc = document.networkMode === 'awsvpc'
  return {
    ...document,
    taskDefinitionArn: definition.arn,
    revision: definition.revision,
    status: definition.status,
    requiresAttributes: requiredAttributes(document),
    compatibilities: awsvpc ? ['EC2', 'FARGATE'] : ['EC2'],
    registeredAt: seconds(definition.registeredAt),
    registeredBy: iamArn(ecs.engine, 'role/deployer'),
    deregisteredAt: seconds(definition.deregisteredAt)
  }
}

function requiredAttributes(document: JsonObject): readonly JsonObject[] {
  const containers = objectsOf(document.containerDefinitions)
  const names = [
    ...(containers.some(container => container.logConfiguration !== undefined)
      ? ['com.amazonaws.ecs.capability.logging-driver.awslogs', 'ecs.capability.execution-role-awslogs']
      : []),
    ...(document.taskRoleArn === undefined ? [] : ['com.amazonaws.ecs.capability.task-iam-role']),
    'com.amazonaws.ecs.capability.docker-remote-api.1.18',
    ...(document.networkMode === 'awsvpc' ? ['ecs.capability.task-eni'] : [])
  ]
  return names.map(name => ({ name }))
}
