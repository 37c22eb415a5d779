import type { Ecs } from '../../cloud/ecs/ecs.ts'
import { continueServiceDeployment } from '../../cloud/ecs/hooks.ts'
import { numberOf, objectOf, textOf, textsOf } from '../../cloud/ecs/json.ts'
import { findCluster, lookUpService } from '../../cloud/ecs/lookup.ts'
import type { Service, ServiceDeployment } from '../../cloud/ecs/model.ts'
import { stopServiceDeployment } from '../../cloud/ecs/rollback.ts'
import { AwsError, type JsonObject, type Operation } from '../operation.ts'
import { pageOf, requireCount } from './paging.ts'
import { renderBrief, renderRevision, renderServiceDeployment } from './render-service-deployment.ts'

const MAX_DESCRIBED = 20
const PAGE_SIZE = 20

/** Operations on service deployments and service revisions. */
export function serviceDeploymentOperations(ecs: Ecs): Readonly<Record<string, Operation>> {
  const { engine } = ecs
  return {
    ListServiceDeployments(input) {
      const cluster = findCluster(engine, textOf(input.cluster))
      const service = lookUpService(cluster, textOf(input.service) ?? '')
      if (service === undefined) throw new AwsError('ServiceNotFoundException', 'Service not found.')
      // ECS keeps service deployments only of the deployments that it makes itself.
      const own = service.controller === 'ECS' ? service.serviceDeployments : []
      const matching = own.filter(reported => isVisible(ecs, reported) && isWanted(input, reported))
      const page = pageOf(matching, input, PAGE_SIZE)
      return { serviceDeployments: page.items.map(item => renderBrief(service, item)), nextToken: page.nextToken }
    },
    DescribeServiceDeployments: input =>
      describe(input, 'serviceDeploymentArns', 'serviceDeployments', arn => {
        const found = findServiceDeployment(ecs, arn)
        return found && renderServiceDeployment(found.service, found.reported)
      }),
    DescribeServiceRevisions: input =>
      describe(input, 'serviceRevisionArns', 'serviceRevisions', arn => {
        for (const service of allServices(ecs)) {
          const revision = service.revisions.find(candidate => candidate.arn === arn)
          if (revision !== undefined && revision.visibleAt <= engine.timeline.now()) {
            return renderRevision(service, revision)
          }
        }
        return undefined
      }),
    StopServiceDeployment(input) {
      const arn = textOf(input.serviceDeploymentArn) ?? ''
      const found = requireServiceDeployment(ecs, arn)
      if ((textOf(input.stopType) ?? 'ROLLBACK') !== 'ROLLBACK') {
        throw new AwsError('InvalidParameterException', 'The valid value of stopType is ROLLBACK.')
      }
      stopServiceDeployment(engine, found.service, found.reported)
      engine.changed(found.service)
      return { serviceDeploymentArn: arn }
    },
    ContinueServiceDeployment(input) {
      const arn = textOf(input.serviceDeploymentArn) ?? ''
      const { service, reported } = requireServiceDeployment(ecs, arn)
      continueServiceDeployment(engine, service, reported, {
        hookId: textOf(input.hookId) ?? '',
        action: input.action === 'ROLLBACK' ? 'ROLLBACK' : 'CONTINUE'
      })
      engine.changed(service)
      return { serviceDeploymentArn: arn }
    }
  }
}

function describe(
  input: JsonObject,
  arnsMember: string,
  foundMember: string,
  find: (arn: string) => JsonObject | undefined
): JsonObject {
  const arns = textsOf(input[arnsMember])
  requireCount(arns, arnsMember, MAX_DESCRIBED)
  const found: JsonObject[] = []
  const failures: JsonObject[] = []
  for (const arn of arns) {
    const document = find(arn)
    if (document === undefined) failures.push({ arn, reason: 'MISSING' })
    else found.push(document)
  }
  return { [foundMember]: found, failures }
}

function isWanted(input: JsonObject, reported: ServiceDeployment): boolean {
  const statuses = textsOf(input.status)
  const { before, after } = objectOf(input.createdAt)
  const createdAt = reported.createdAt / 1000
  return (
    (statuses.length === 0 || statuses.includes(reported.status)) &&
    createdAt >= (numberOf(after) ?? -Infinity) &&
    createdAt <= (numberOf(before) ?? Infinity)
  )
}

function isVisible(ecs: Ecs, reported: ServiceDeployment): boolean {
  return reported.visibleAt <= ecs.engine.timeline.now()
}

function findServiceDeployment(
  ecs: Ecs,
  arn: string
): { readonly service: Service; readonly reported: ServiceDeployment } | undefined {
  for (const service of allServices(ecs)) {
    const reported = service.serviceDeployments.find(candidate => candidate.arn === arn)
    if (reported !== undefined && isVisible(ecs, reported)) return { service, reported }
  }
  return undefined
}

function requireServiceDeployment(ecs: Ecs, arn: string): NonNullable<ReturnType<typeof findServiceDeployment>> {
  const found = findServiceDeployment(ecs, arn)
  if (found === undefined) throw new AwsError('ServiceDeploymentNotFoundException', 'Service deployment not found.')
  return found
}

function allServices(ecs: Ecs): readonly Service[] {
  const services = [...ecs.engine.clusters.values()].flatMap(cluster => [...cluster.services.values()])
  return services.filter(({ controller }) => controller === 'ECS')
}
