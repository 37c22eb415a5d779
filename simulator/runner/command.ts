/** A workflow command found in a line of output. */
export interface WorkflowCommand {
  /** In lower case, as names are compared without regard to case. */
  readonly name: string
  /** Property names in lower case, values decoded. */
  readonly properties: Readonly<Record<string, string>>
  readonly value: string
}

/** The commands that the runner knows without being told; any other `::word::` is ordinary output. */
export const KNOWN_COMMANDS: readonly string[] = [
  'add-mask',
  'add-matcher',
  'add-path',
  'debug',
  'echo',
  'endgroup',
  'error',
  'group',
  'notice',
  'remove-matcher',
  'save-state',
  'set-env',
  'set-output',
  'stop-commands',
  'warning'
]

type Encoding = readonly (readonly [encoded: string, plain: string])[]

// `%25` is decoded last, so that `%250A` becomes the text `%0A` and no line break.
const VALUE: Encoding = [
  ['%0D', '\r'],
  ['%0A', '\n'],
  ['%25', '%']
]
const PROPERTY: Encoding = [
  ['%0D', '\r'],
  ['%0A', '\n'],
  ['%3A', ':'],
  ['%2C', ','],
  ['%25', '%']
]
const BRACKET: Encoding = [
  ['%3B', ';'],
  ['%0D', '\r'],
  ['%0A', '\n'],
  ['%5D', ']'],
  ['%25', '%']
]

/**
 * Reads a line as the runner does: `::name key=value,…::value` at its beginning, or the older
 * `##[name key=value;…]value` anywhere in it. `isKnown` is asked with the name in lower case.
 */
export function parseCommand(line: string, isKnown: (name: string) => boolean): WorkflowCommand | undefined {
  return parseColons(line, isKnown) ?? parseBrackets(line, isKnown)
}

function parseColons(line: string, isKnown: (name: string) => boolean): WorkflowCommand | undefined {
  const text = line.trimStart()
  if (!text.startsWith('::')) return undefined
  const end = text.indexOf('::', 2)
  if (end < 0) return undefined
  const [name, properties] = splitHead(text.slice(2, end))
  if (!isKnown(name)) return undefined
  return {
    name,
    properties: readProperties(properties.trim(), ',', PROPERTY),
    value: decode(text.slice(end + 2), VALUE)
  }
}

function parseBrackets(line: string, isKnown: (name: string) => boolean): WorkflowCommand | undefined {
  const start = line.indexOf('##[')
  const end = line.indexOf(']', start)
  if (start < 0 || end < 0) return undefined
  const [name, properties] = splitHead(line.slice(start + 3, end))
  if (!isKnown(name)) return undefined
  return {
    name,
    properties: readProperties(properties, ';', BRACKET),
    value: decode(line.slice(end + 1), BRACKET)
  }
}

function splitHead(head: string): [name: string, properties: string] {
  const space = head.indexOf(' ')
  return space < 0 ? [head.toLowerCase(), ''] : [head.slice(0, space).toLowerCase(), head.slice(space + 1)]
}

function readProperties(text: string, separator: string, encoding: Encoding): Record<string, string> {
  const properties: Record<string, string> = {}
  for (const property of text.split(separator)) {
    // Equal signs around an empty name or value are dropped, and so is a property without a value.
    const [, key, value] = /^=*([^=]+)=+(.+)$/s.exec(property) ?? []
    if (key !== undefined && value !== undefined) properties[key.toLowerCase()] = decode(value, encoding)
  }
  return properties
}

function decode(text: string, encoding: Encoding): string {
  let decoded = text
  for (const [encoded, plain] of encoding) decoded = decoded.replaceAll(encoded, plain)
  return decoded
}
