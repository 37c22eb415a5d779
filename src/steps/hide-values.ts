import type { JsonObject } from '../decide/json.ts'
import { readRedactions, redactor } from '../decide/service/diagnosis/redaction.ts'
import type { EcsPort, EcsReads } from '../io/aws/ecs.ts'

/** A port through which no event of a service shows a value of the environment variables in these task definitions. */
export function hideValues(ecs: EcsPort, taskDefinitions: readonly JsonObject[]): EcsPort {
  const hide = redactor(taskDefinitions.flatMap(readRedactions).filter(({ isWord }) => !isWord))
  const describeThrough =
    (reads: EcsReads): EcsReads['describeService'] =>
    async (cluster, service) => {
      const found = await reads.describeService(cluster, service)
      if (typeof found === 'string') return found
      const events = found.events.map(event => ({ ...event, message: hide(event.message) }))
      return { ...found, events }
    }
  return {
    ...ecs,
    describeService: describeThrough(ecs),
    polling() {
      const reads = ecs.polling()
      return { ...reads, describeService: describeThrough(reads) }
    }
  }
}
