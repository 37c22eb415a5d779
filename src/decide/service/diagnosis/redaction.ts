import { asObject, mapMembers, objectsOf, textAt, type Json, type JsonObject } from '../../json.ts'
import { secretsInReference, withoutLogin } from '../../login.ts'
import { replacerOf } from '../../occurrences.ts'
import { withoutAnsi } from '../../text.ts'

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
/** Options of log drivers that hold what opens a door: `splunk-token`, `apikey`, `http_passwd`. */
const SECRET_OPTION = /token|key|pass|secret|credential|auth|header/i

/**
 * What a task definition holds that an application may log and AWS may quote: the values of environment variables, of
 * options such as `splunk-token`, the login in an image, and what stands where the ARN of a secret should. What the
 * document also says elsewhere in the open, as a region in an image's name, is no secret.
 */
export function readRedactions(taskDefinition: JsonObject): readonly Redaction[] {
  const open = JSON.stringify(mapMembers(taskDefinition, withoutClosed))
  const found = objectsOf(taskDefinition['containerDefinitions']).flatMap(container => {
    const variables = objectsOf(container['environment']).flatMap(variable =>
      redactionsOf(textAt(variable, 'value') ?? '', `\${${textAt(variable, 'name') ?? ''}}`)
    )
    const options = Object.entries(logOptions(container)).flatMap(([name, value]) =>
      SECRET_OPTION.test(name) && typeof value === 'string' ? redactionsOf(value, `\${${name}}`) : []
    )
    const logins = secretsInReference(textAt(container, 'image') ?? '').flatMap(login => alsoWords(login, '***'))
    return [...variables, ...options, ...logins, ...misplacedIn(container)]
  })
  return found.filter(({ value }) => value.length >= SHORTEST_SECRET && !open.includes(value))
}

/** What stands where an ARN or the path of a parameter should: it may be the secret itself. */
export function misplacedSecrets(taskDefinition: JsonObject): readonly Redaction[] {
  return objectsOf(taskDefinition['containerDefinitions']).flatMap(misplacedIn)
}

function misplacedIn(container: JsonObject): readonly Redaction[] {
  const options = objectsOf(asObject(container['logConfiguration'])?.['secretOptions'])
  return [...objectsOf(container['secrets']), ...options]
    .filter(isMisplaced)
    .flatMap(secret => alsoWords(textAt(secret, 'valueFrom') ?? '', `\${${textAt(secret, 'name') ?? ''}}`))
}

/** The redactions of what may be a password even when it is a word. */
function alsoWords(value: string, shown: string): readonly Redaction[] {
  return redactionsOf(value, shown).map(redaction => ({ ...redaction, isWord: false }))
}

function isMisplaced(secret: JsonObject): boolean {
  return !/^(?:arn:|\/)/.test(textAt(secret, 'valueFrom') ?? '')
}

/** A value line by line, for a key in PEM is logged so. */
export function redactionsOf(value: string, shown: string): readonly Redaction[] {
  const lines = new Set(value.split(/[\r\n]+/).map(line => line.trim()))
  return [...lines].filter(line => line !== '').map(line => ({ value: line, shown, isWord: WORD.test(line) }))
}

/** A text in which the names of variables stand for their values. */
export function redact(text: string, redactions: readonly Redaction[]): string {
  return redactor(redactions)(text)
}

/** The same for many texts; colours that interrupt a value do not keep it from being found. */
export function redactor(redactions: readonly Redaction[]): (text: string) => string {
  if (redactions.length === 0) return text => text
  const hide = replacerOf(redactions)
  return text => {
    const hidden = hide(text)
    return hidden.includes('\u001b') ? hide(withoutAnsi(hidden)) : hidden
  }
}

/** What a container runs may well be given a secret on its command line, so that is no open word either. */
const CLOSED: readonly string[] = ['environment', 'command', 'entryPoint', 'healthCheck', 'dockerLabels']

function withoutClosed(value: Json, member: string): Json | undefined {
  if (member !== 'containerDefinitions') return value
  return objectsOf(value).map(container =>
    mapMembers(container, (inner, name) => {
      if (name === 'image' && typeof inner === 'string') return withoutLogin(inner)
      if (name === 'secrets') return objectsOf(inner).filter(secret => !isMisplaced(secret))
      if (name !== 'logConfiguration') return CLOSED.includes(name) ? undefined : inner
      return mapMembers(logOptions(container), (option, of) => (SECRET_OPTION.test(of) ? undefined : option))
    })
  )
}

function logOptions(container: JsonObject): JsonObject {
  return asObject(asObject(container['logConfiguration'])?.['options']) ?? {}
}
