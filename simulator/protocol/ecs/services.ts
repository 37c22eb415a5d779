import { ecsArn, lastSegment } from '../../cloud/ecs/arn.ts'
import type { Ecs } from '../../cloud/ecs/ecs.ts'
import { textOf, textsOf } from '../../cloud/ecs/json.ts'
import { findActiveService, findCluster, findRunnable, lookUpService } from '../../cloud/ecs/lookup.ts'
import type { Service } from '../../cloud/ecs/model.ts'
import { createDeployment } from '../../cloud/ecs/revisions.ts'
import { assembleService, deleteService, launchService, planService, updateService } from '../../cloud/ecs/services.ts'
import { requireNetwork } from '../../cloud/ecs/supported.ts'
import { AwsError, type JsonObject, type Operation } from '../operation.ts'
import { pageOf, requireCount } from './paging.ts'
import { createServiceReader } from './stale-reads.ts'
import { readTags } from './tags.ts'
import { renderService } from './render-service.ts'

const MAX_DESCRIBED = 10
const PAGE_SIZE = 10

/** Operations on services. */
export function serviceOperations(ecs: Ecs): Readonly<Record<string, Operation>> {
  const { engine } = ecs
  const read = createServiceReader(ecs)
  return {
    CreateService: input => createService(ecs, input),
    UpdateService(input) {
      const cluster = findCluster(engine, textOf(input.cluster))
      const service = findActiveService(cluster, textOf(input.service) ?? '')
      updateService(engine, service, input)
      engine.changed(service)
      return { service: withoutCurrent(renderService(engine, service)) }
    },
    DeleteService(input) {
      const cluster = findCluster(engine, textOf(input.cluster))
      const service = lookUpService(cluster, textOf(input.service) ?? '')
      if (service === undefined) throw new AwsError('ServiceNotFoundException', 'Service not found.')
      deleteService(engine, service, input.force === true)
      engine.changed(service)
      return { service: renderService(engine, service) }
    },
    DescribeServices(input) {
      const cluster = findCluster(engine, textOf(input.cluster))
      const names = textsOf(input.services)
      requireCount(names, 'Services', MAX_DESCRIBED)
      const withTags = textsOf(input.include).includes('TAGS')
      const services: JsonObject[] = []
      const failures: JsonObject[] = []
      for (const name of names) {
        const service = lookUpService(cluster, name)
        if (service === undefined) failures.push({ arn: missingArn(ecs, cluster.name, name), reason: 'MISSING' })
        else services.push({ ...read(service), ...(withTags ? tagsOf(ecs, service) : {}) })
      }
      return { services, failures }
    },
    ListServices(input) {
      const cluster = findCluster(engine, textOf(input.cluster))
      const matching = [...cluster.services.values()].filter(
        service =>
          service.status !== 'INACTIVE' &&
          hasValue(input.launchType, service.deployments[0].revision.settings.launchType) &&
          hasValue(input.schedulingStrategy, service.attributes.schedulingStrategy)
      )
      const page = pageOf(matching, input, PAGE_SIZE)
      return { serviceArns: page.items.map(({ arn }) => arn), nextToken: page.nextToken }
    }
  }
}

function createService(ecs: Ecs, input: JsonObject): JsonObject {
  const { engine } = ecs
  const cluster = findCluster(engine, textOf(input.cluster))
  const { settings, ...plan } = planService(engine, cluster, input)
  const definition = findRunnable(engine, textOf(input.taskDefinition) ?? '', 'ClientException')
  requireNetwork(definition, settings)
  const owner = { clusterName: cluster.name, serviceName: plan.name }
  const service = assembleService(engine, cluster, plan, createDeployment(engine, owner, definition, settings))
  const tags = readTags(input)
  if (tags.length > 0) engine.tags.set(service.arn, tags)
  launchService(engine, service)
  engine.changed(service)
  return { service: { ...withoutCurrent(renderService(engine, service)), ...tagsOf(ecs, service) } }
}

/** Answers to writes never name the service deployment that they started. */
function withoutCurrent(service: JsonObject): JsonObject {
  const { currentServiceDeployment: _, ...rest } = service
  return rest
}

function tagsOf(ecs: Ecs, service: Service): JsonObject {
  const tags = ecs.engine.tags.get(service.arn) ?? []
  return tags.length === 0 ? {} : { tags: tags }
}

function missingArn(ecs: Ecs, cluster: string, name: string): string {
  return name.startsWith('arn:') ? name : ecsArn(ecs.engine, 'service', cluster, lastSegment(name))
}

function hasValue(wanted: unknown, actual: unknown): boolean {
  return wanted === undefined || wanted === actual
}
