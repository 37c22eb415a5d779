import { asObject, objectsOf, textAt, type JsonObject } from '../../json.ts'
import { readRedactions, type Redaction } from './redaction.ts'

/** Where awslogs writes the output of a container. */
export interface AwsLogs {
  readonly group: string
  /** Undefined only on container instances: there a stream may be named after the Docker id of the container. */
  readonly streamPrefix: string | undefined
  readonly region: string | undefined
}

/** What a diagnosis needs to know of the containers in a task definition. */
export interface ContainerFacts {
  readonly essential: readonly string[]
  readonly logs: ReadonlyMap<string, AwsLogs>
  /** What secrets are read from (valueFrom): ARNs and names of parameters. */
  readonly secrets: readonly string[]
  /** What must not be printed when a container or AWS says it. */
  readonly redactions: readonly Redaction[]
}

/** Reads which containers are essential (those that do not say otherwise), where each one logs to, and what is secret. */
export function readContainerFacts(taskDefinition: JsonObject): ContainerFacts {
  const essential: string[] = []
  const logs = new Map<string, AwsLogs>()
  const secrets: string[] = []
  for (const container of objectsOf(taskDefinition['containerDefinitions'])) {
    const name = textAt(container, 'name') ?? ''
    if (container['essential'] !== false) essential.push(name)
    secrets.push(...objectsOf(container['secrets']).flatMap(secret => textAt(secret, 'valueFrom') ?? []))
    const configuration = asObject(container['logConfiguration']) ?? {}
    const options = asObject(configuration['options']) ?? {}
    const group = textAt(options, 'awslogs-group')
    if (textAt(configuration, 'logDriver') !== 'awslogs' || group === undefined) continue
    const region = textAt(options, 'awslogs-region')
    logs.set(name, { group, streamPrefix: textAt(options, 'awslogs-stream-prefix'), region })
  }
  return { essential, logs, secrets, redactions: readRedactions(taskDefinition) }
}
