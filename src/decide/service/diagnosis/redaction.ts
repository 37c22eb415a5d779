import { mapMembers, objectsOf, textAt, type Json, type JsonObject } from '../../json.ts'

/** A value that must not be printed, and what stands in its place. */
export interface Redaction {
  readonly value: string
  /** `${NAME}` of the environment variable that has the value. */
  readonly shown: string
  /** A word or a region, as they also stand in names and ARNs: hidden in what containers log, not in what AWS says. */
  readonly isWord: boolean
}

/** Shorter values are flags, ports and levels; hiding them would garble what is left. */
const SHORTEST_SECRET = 6
/** `staging`, `eu-west-1`. */
const WORD = /^[a-z._-]{1,15}$|^[A-Z._-]{1,15}$|^[a-z]{2,4}(?:-[a-z]{2,12}){1,3}-\d$/

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
        const shown = `\${${textAt(variable, 'name') ?? ''}}`
        redactions.push({ value, shown, isWord: WORD.test(value) })
      }
    }
  }
  // A value may hold another one; the longest is looked for first.
  return redactions.sort((a, b) => b.value.length - a.value.length)
}

/** A text in which the names of variables stand for their values. */
export function redact(text: string, redactions: readonly Redaction[]): string {
  if (redactions.length === 0) return text
  const names = new Map(redactions.map(({ value, shown }) => [value, shown]))
  const anyValue = new RegExp([...names.keys()].map(literally).join('|'), 'g')
  return text.replace(anyValue, value => names.get(value) ?? '')
}

function literally(value: string): string {
  return value.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}

/** What a container runs may well be given a secret on its command line, so that is no open word either. */
const CLOSED: readonly string[] = ['environment', 'command', 'entryPoint', 'healthCheck', 'dockerLabels']

function withoutEnvironment(value: Json, member: string): Json | undefined {
  if (member !== 'containerDefinitions') return value
  return objectsOf(value).map(container =>
    mapMembers(container, (inner, name) => (CLOSED.includes(name) ? undefined : inner))
  )
}
