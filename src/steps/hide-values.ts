import type { JsonObject } from '../decide/json.ts'
import { readRedactions, redact } from '../decide/service/diagnosis/redaction.ts'
import type { EcsPort, EcsReads } from '../io/aws/ecs.ts'

/** A port through which no event of a service shows a value of the task definition's environment variables. */
export function hideValues(ecs: EcsPort, taskDefinition: JsonObject): EcsPort {
  const redactions = readRedactions(taskDefinition).filter(({ isWord }) => !isWord)
  const describeThrough =
    (reads: EcsReads): EcsReads['describeService'] =>
    async (cluster, service) => {
      const found = await reads.describeService(cluster, service)
      if (typeof found === 'string') return found
      const events = found.events.map(event => ({ ...event, message: redact(event.message, redactions) }))
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
