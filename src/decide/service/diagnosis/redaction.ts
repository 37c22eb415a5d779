import { mapMembers, objectsOf, textAt, type Json, type JsonObject } from '../../json.ts'

/** A value that must not be printed, and what stands in its place. */
export interface Redaction {
  readonly value: string
  /** `${NAME}` of the environment variable that has the value. */
  readonly shown: string
}

/** Shorter values are flags, ports and levels; hiding them would garble what is left. */
const SHORTEST_SECRET = 6

/**
 * The values of environment variables in a task definition: an application may log one, and AWS may quote one. What the
 * document also says elsewhere in the open, as a region in an image's name, is no secret.
 */
export function readRedactions(taskDefinition: JsonObject): readonly Redaction[] {
  const open = JSON.stringify(mapMembers(taskDefinition, withoutEnvironment))
  const redactions: Redaction[] = []
  for (const container of objectsOf(taskDefinition['containerDefinitions'])) {
    for (const variable of objectsOf(container['environment'])) {
      // A key in PEM is logged line by line.
      for (const value of (textAt(variable, 'value') ?? '').split(/[\r\n]+/)) {
        if (value.length < SHORTEST_SECRET || open.includes(value)) continue
        redactions.push({ value, shown: `\${${textAt(variable, 'name') ?? ''}}` })
      }
    }
  }
  // A value may hold another one.
  return redactions.sort((a, b) => b.value.length - a.value.length)
}

/** A text in which the names of variables stand for their values. */
export function redact(text: string, redactions: readonly Redaction[]): string {
  let redacted = text
  for (const { value, shown } of redactions) redacted = redacted.replaceAll(value, () => shown)
  return redacted
}

/** What a container runs may well be given a secret on its command line, so that is no open word either. */
const CLOSED: readonly string[] = ['environment', 'command', 'entryPoint', 'healthCheck', 'dockerLabels']

function withoutEnvironment(value: Json, member: string): Json | undefined {
  if (member !== 'containerDefinitions') return value
  return objectsOf(value).map(container =>
    mapMembers(container, (inner, name) => (CLOSED.includes(name) ? undefined : inner))
  )
}
