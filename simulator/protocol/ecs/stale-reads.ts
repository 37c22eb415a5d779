import type { Ecs } from '../../cloud/ecs/ecs.ts'
import type { Service } from '../../cloud/ecs/model.ts'
import type { JsonObject } from '../operation.ts'
import { renderService } from './render-service.ts'

interface Version {
  readonly at: number
  readonly document: JsonObject
}

/** Services as DescribeServices shows them: as they are now, or as they were `staleReadSeconds` ago. */
export function createServiceReader(ecs: Ecs): (service: Service) => JsonObject {
  const { engine } = ecs
  const lagMs = engine.lag.staleReadSeconds * 1000
  if (lagMs <= 0) return service => renderService(engine, service)

  const versions = new Map<Service, Version[]>()
  const record = (service: Service): void => {
    const now = engine.timeline.now()
    const kept = versions.get(service) ?? []
    while (kept[1] !== undefined && kept[1].at <= now - lagMs) kept.shift()
    kept.push({ at: now, document: renderService(engine, service) })
    versions.set(service, kept)
  }
  for (const cluster of engine.clusters.values()) for (const service of cluster.services.values()) record(service)
  ecs.onChange(record)
  return service => {
    const horizon = engine.timeline.now() - lagMs
    const kept = versions.get(service) ?? []
    const seen = kept.findLast(version => version.at <= horizon) ?? kept[0]
    return seen?.document ?? renderService(engine, service)
  }
}
