import type { JsonObject } from '../decide/json.ts'
import { readRedactions, redact } from '../decide/service/diagnosis/redaction.ts'
import type { EcsPort } from '../io/aws/ecs.ts'

/** A port through which no event of a service shows a value of the task definition's environment variables. */
export function hideValues(ecs: EcsPort, taskDefinition: JsonObject): EcsPort {
  const redactions = readRedactions(taskDefinition).filter(({ isWord }) => !isWord)
  return {
    ...ecs,
    async describeService(cluster, service) {
      const found = await ecs.describeService(cluster, service)
      if (typeof found === 'string') return found
      const events = found.events.map(event => ({ ...event, message: redact(event.message, redactions) }))
      return { ...found, events }
    }
  }
}
