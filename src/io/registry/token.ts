import type { Challenge } from '../../decide/image/challenge.ts'
import { asNumber, asObject, textAt, type Json } from '../../decide/json.ts'
import { Failure } from '../../failure.ts'
import type { Clock } from '../clock.ts'
import type { Credentials } from './credentials.ts'
import { readShort, type HttpAnswer, type HttpRequest } from './http.ts'
import { brokenBody, explainRefusal, Transient, type Subject } from './refusal.ts'

/** A token and until when it is good, in epoch milliseconds. */
export interface Token {
  readonly value: string
  readonly expiresAtMs: number
}

/** What a token service has to be told, and how it is reached. */
export interface TokenOrder {
  readonly challenge: Extract<Challenge, { scheme: 'bearer' }>
  /** `repository:NAME:pull`, when the challenge names none. */
  readonly scope: string
  readonly registry: string
  readonly credentials: Credentials | undefined
  readonly hide: Subject['hide']
  readonly clock: Clock
  readonly send: (request: Pick<HttpRequest, 'method' | 'url' | 'headers' | 'body'>) => Promise<HttpAnswer>
}

/** The specification's default, in seconds. */
const DEFAULT_LIFETIME_SECONDS = 60
/** A token is not used in its last seconds: the request takes its time, too. */
const MARGIN_SECONDS = 10
const TOKEN_NAMES = ['token', 'access_token']
const LONGEST_ANSWER_BYTES = 64 * 1024

/** Fetches a token as https://distribution.github.io/distribution/spec/auth/token/ says; fails with `access-denied`. */
export async function fetchToken(order: TokenOrder): Promise<Token> {
  const { registry, clock, hide } = order
  const request = requestFor(order)
  const answer = await order.send(request)
  const subject = { registry: `the token service of ${registry}`, what: `the request for ${order.scope}`, hide }
  if (answer.status !== 200) {
    const failure = await explainRefusal(answer, subject, clock.now())
    if (answer.status !== 400 && answer.status !== 401 && answer.status !== 403) throw failure
    throw new Failure('access-denied', failure.message, {
      remedy:
        order.credentials === undefined
          ? `log in to ${registry} before this step, e.g. with docker/login-action`
          : `check the user name and the password for ${registry}`
    })
  }
  const body = await readShort(answer.body, LONGEST_ANSWER_BYTES).catch(brokenBody(request.url))
  const document = body === undefined ? undefined : parse(body.toString('utf8'))
  // Either name may hold it, and some services fill in the other one with nothing.
  const value =
    document && TOKEN_NAMES.map(name => textAt(document, name)).find(text => text !== undefined && text !== '')
  if (document === undefined || value === undefined || !/^[\x21-\x7e]+$/.test(value)) {
    throw new Transient(new Failure('registry-error', `the token service of ${registry} gave no token`))
  }
  const seconds = asNumber(document['expires_in']) ?? DEFAULT_LIFETIME_SECONDS
  return { value, expiresAtMs: clock.now() + Math.max(0, seconds - MARGIN_SECONDS) * 1000 }
}

/** The Authorization header of a user name and a password. */
export function basicHeader({ username, password }: { readonly username: string; readonly password: string }): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}

function requestFor(order: TokenOrder): Pick<HttpRequest, 'method' | 'url' | 'headers' | 'body'> {
  const { challenge, credentials } = order
  const url = realmOf(challenge.realm, order.registry)
  const scope = challenge.scope ?? order.scope
  if (credentials?.kind === 'identity-token') {
    const form = new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: credentials.token,
      client_id: 'ecs-deploy-action',
      scope,
      ...(challenge.service !== undefined && { service: challenge.service })
    })
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    return { method: 'POST', url, headers, body: Buffer.from(form.toString()) }
  }
  if (challenge.service !== undefined) url.searchParams.set('service', challenge.service)
  url.searchParams.set('scope', scope)
  const headers: Record<string, string> = credentials === undefined ? {} : { authorization: basicHeader(credentials) }
  return { method: 'GET', url, headers }
}

function realmOf(realm: string, registry: string): URL {
  try {
    return new URL(realm)
  } catch (cause) {
    throw new Failure('registry-error', `${registry} names a token service that is no URL`, { cause })
  }
}

function parse(text: string): ReturnType<typeof asObject> {
  try {
    return asObject(JSON.parse(text) as Json)
  } catch {
    return undefined
  }
}
