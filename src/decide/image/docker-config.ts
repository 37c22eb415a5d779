import { asString, isObject, textAt, type Json, type JsonObject } from '../json.ts'
import { parseImageReference } from './reference.ts'

/** Where Docker's configuration keeps the credentials of a registry. */
export type CredentialSource =
  | { readonly kind: 'login'; readonly username: string; readonly password: string }
  /** A refresh token that is exchanged at the registry's token service. */
  | { readonly kind: 'identity-token'; readonly token: string }
  /** The program `docker-credential-NAME` has them, under this server address. */
  | { readonly kind: 'helper'; readonly name: string; readonly server: string }

/** Docker Hub is filed under the address it had in 2014. */
const DOCKER_HUB_SERVER = 'https://index.docker.io/v1/'

/** A helper's name becomes part of a program's name: letters, digits, dashes and underscores, and nothing else. */
const HELPER_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_-]{0,63}$/

/**
 * The places to ask for the credentials of `registry`, best first: a helper of its own, the file, the general store.
 * What is malformed counts as not there, as it does for Docker.
 */
export function findCredentials(config: Json, registry: string): readonly CredentialSource[] {
  if (!isObject(config)) return []
  const server = registry === 'docker.io' ? DOCKER_HUB_SERVER : registry
  const own = entryOf(config['credHelpers'], registry)
  const entry = entryOf(config['auths'], registry)
  return [
    ...helper(asString(own), server),
    ...(isObject(entry) ? readEntry(entry) : []),
    ...helper(textAt(config, 'credsStore'), server)
  ]
}

/** The credentials that a helper printed; https://github.com/docker/docker-credential-helpers#development */
export function readHelperAnswer(answer: Json): CredentialSource | undefined {
  if (!isObject(answer)) return undefined
  const username = textAt(answer, 'Username')
  const secret = textAt(answer, 'Secret')
  if (username === undefined || secret === undefined || secret === '') return undefined
  return username === '<token>'
    ? { kind: 'identity-token', token: secret }
    : { kind: 'login', username, password: secret }
}

function helper(name: string | undefined, server: string): readonly CredentialSource[] {
  return name !== undefined && HELPER_NAME.test(name) ? [{ kind: 'helper', name, server }] : []
}

/** Entries are filed under a host or an old URL of its API; one for a path of the host is for that path alone. */
function entryOf(entries: Json | undefined, registry: string): Json | undefined {
  if (!isObject(entries)) return undefined
  for (const [key, entry] of Object.entries(entries)) {
    const host = /^(?:https?:\/\/)?([^/]+)(?:\/(?:v[12]\/?)?)?$/.exec(key)?.[1]
    if (host !== undefined && canonical(host) === registry) return entry
  }
  return undefined
}

function canonical(host: string): string {
  try {
    return parseImageReference(`${host}/x`).registry
  } catch {
    return host
  }
}

function readEntry(entry: JsonObject): readonly CredentialSource[] {
  const token = textAt(entry, 'identitytoken') ?? ''
  if (token !== '') return [{ kind: 'identity-token', token }]
  const decoded = decodeBase64(textAt(entry, 'auth') ?? '')
  const colon = decoded.indexOf(':')
  const username = colon < 0 ? textAt(entry, 'username') : decoded.slice(0, colon)
  // Docker pads what it writes with zero bytes.
  const password = colon < 0 ? textAt(entry, 'password') : decoded.slice(colon + 1).replace(/\0+$/, '')
  if (username === undefined || username === '' || password === undefined || password === '') return []
  return [{ kind: 'login', username, password }]
}

function decodeBase64(text: string): string {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(text), character => character.charCodeAt(0)))
  } catch {
    return ''
  }
}
