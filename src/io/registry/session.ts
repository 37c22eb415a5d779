import { parseChallenge } from '../../decide/image/challenge.ts'
import { redact, redactionsOf } from '../../decide/service/diagnosis/redaction.ts'
import { Failure } from '../../failure.ts'
import { isLoopbackHost, type Nearness } from './address.ts'
import type { Credentials } from './credentials.ts'
import { readShort, type HttpAnswer, type HttpRequest, type Transport } from './http.ts'
import { brokenBody, explainRefusal, Transient } from './refusal.ts'
import { withRetries, type RetryPolicy } from './retry.ts'
import { basicHeader, fetchToken, type Token } from './token.ts'

/** What is asked of a registry. */
export interface Order {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH'
  /** A path of the registry, or a full URL that it gave out. */
  readonly url: string
  /** What it is about, for sentences: `the manifest 1.2.3 of library/nginx`. */
  readonly what: string
  /** `repository:NAME:pull`, with `,push` where something is written. */
  readonly scope: string
  /** The statuses that are an answer; every other one is a failure. */
  readonly expects: readonly number[]
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  /** False for what must not be sent twice unasked. */
  readonly repeats?: boolean
  readonly silenceMs?: number
}

/** One registry and who we are to it. */
export interface SessionOptions extends RetryPolicy {
  /** By its name in image references. */
  readonly registry: string
  readonly transport: Transport
  /** Asked for once, when the registry wants to know. */
  readonly credentials: (signal: AbortSignal) => Promise<Credentials | undefined>
  /** Told of every password and token before anybody else is. */
  readonly onSecret?: ((secret: string) => void) | undefined
  /** How long a connection may be silent, in milliseconds. */
  readonly silenceMs: number
}

/** A conversation with one registry: it authenticates, follows redirects and tries again. */
export interface Session extends RetryPolicy {
  readonly registry: string
  /** Sends one request; fails with a sentence about what the registry said, or with `network`. */
  request(order: Order): Promise<HttpAnswer>
  /** Does the same and reads the answer; its body is undefined when it is longer than `most` bytes, or 64 KiB. */
  read(order: Order, most?: number): Promise<ShortAnswer>
}

/** An answer that was read to its end. */
export interface ShortAnswer {
  readonly status: number
  readonly headers: HttpAnswer['headers']
  readonly body: Buffer | undefined
}

/** Docker Hub answers under another name than the one in references. */
const DOCKER_HUB_HOST = 'registry-1.docker.io'

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
const MOST_REDIRECTS = 5
const LONGEST_DISCARDED_BYTES = 64 * 1024

/** An answer, and whether it is the registry's own or that of a host it sent us to. */
interface Followed {
  readonly answer: HttpAnswer
  readonly isOwn: boolean
}

/** Opens a conversation; nothing is sent yet. */
export function openSession(options: SessionOptions): Session {
  const { registry, transport, clock, signal } = options
  const host = registry === 'docker.io' ? DOCKER_HUB_HOST : registry
  const base = new URL(`https://${host}`)
  if (isLoopbackHost(base.hostname)) base.protocol = 'http:'
  const tokens = new Map<string, Promise<Token>>()
  let basic: string | undefined
  let credentials: Promise<Credentials | undefined> | undefined
  let nearness: Nearness | undefined
  const secrets = new Set<string>()

  function keepSecret(secret: string): void {
    if (secret === '' || secrets.has(secret)) return
    secrets.add(secret)
    options.onSecret?.(secret)
  }

  function hide(words: string): string {
    return redact(
      words,
      [...secrets].flatMap(secret => redactionsOf(secret, '***'))
    )
  }

  async function findCredentials(): Promise<Credentials | undefined> {
    const found = await options.credentials(signal)
    if (found?.kind === 'identity-token') keepSecret(found.token)
    if (found?.kind === 'login') {
      keepSecret(found.password)
      keepSecret(basicHeader(found).slice('Basic '.length))
    }
    return found
  }

  function send(
    request: Pick<HttpRequest, 'method' | 'url' | 'headers' | 'body'>,
    silenceMs?: number
  ): Promise<HttpAnswer> {
    const sentBy = request.url.host === base.host ? undefined : (nearness ?? 'public')
    return transport.send({ silenceMs: silenceMs ?? options.silenceMs, ...request, signal, sentBy }).catch(asTransient)
  }

  async function authorization(scope: string): Promise<string | undefined> {
    const token = await tokens.get(scope)?.catch(() => undefined)
    if (token !== undefined && token.expiresAtMs > clock.now()) return `Bearer ${token.value}`
    return basic
  }

  /** The header that answers a challenge; undefined when there is none but the one that was refused. */
  async function answerTo(header: string, { scope }: Order, refused: string | undefined): Promise<string | undefined> {
    const challenge = parseChallenge(header)
    if (challenge === undefined) return undefined
    const known = await (credentials ??= findCredentials())
    if (challenge.scheme === 'basic') {
      if (known?.kind !== 'login') return undefined
      basic = basicHeader(known)
      return basic === refused ? undefined : basic
    }
    // Of several requests that were refused together, one fetches the token for all.
    const current = await authorization(scope)
    if (current !== undefined && current !== refused) return current
    const fetched = fetchToken({ challenge, scope, registry, credentials: known, hide, clock, send })
    tokens.set(scope, fetched)
    const { value } = await fetched
    keepSecret(value)
    return `Bearer ${value}`
  }

  /** One request and where it leads, each as it is allowed to know us: credentials go to the registry alone. */
  async function follow(order: Order, own: string | undefined): Promise<Followed> {
    let url = new URL(order.url, base)
    for (let redirects = 0; ; redirects++) {
      const headers: Record<string, string> = { 'user-agent': 'ecs-deploy-action', ...order.headers }
      if (own !== undefined && url.origin === base.origin) headers['authorization'] = own
      const answer = await send({ method: order.method, url, headers, body: order.body }, order.silenceMs)
      if (url.host === base.host) nearness = answer.nearness
      const { location } = answer.headers
      const isRead = order.method === 'GET' || order.method === 'HEAD'
      if (!isRead || !REDIRECTS.has(answer.status) || location === undefined) {
        return { answer, isOwn: url.origin === base.origin }
      }
      await discard(answer)
      if (redirects === MOST_REDIRECTS) {
        throw new Failure(
          'registry-error',
          `${registry} redirects ${order.what} more than ${String(MOST_REDIRECTS)} times`
        )
      }
      url = resolve(location, url, registry)
    }
  }

  async function attempt(order: Order): Promise<HttpAnswer> {
    const first = await authorization(order.scope)
    const { answer: found, isOwn } = await follow(order, first)
    let answer = found
    // A store that downloads are redirected to has no business asking who we are.
    if (answer.status === 401 && isOwn) {
      const header = answer.headers['www-authenticate'] ?? ''
      // Read first: an answer that nobody reads keeps its connection, and with it the process, when no token comes.
      const refusal = await explain(answer, order)
      const next = await answerTo(header, order, first)
      if (next === undefined) throw refusal
      answer = (await follow(order, next)).answer
    }
    if (order.expects.includes(answer.status)) return answer
    throw await explain(answer, order)
  }

  function explain(answer: HttpAnswer, { what }: Order): Promise<Failure> {
    return explainRefusal(answer, { registry, what, hide }, clock.now())
  }

  return {
    registry,
    clock,
    signal,
    attempts: options.attempts,
    longestPauseMs: options.longestPauseMs,
    onRetry: options.onRetry,
    request: order => repeated(options, order, () => attempt(order)),
    read: (order, most = LONGEST_DISCARDED_BYTES) =>
      repeated(options, order, async () => {
        const { status, headers, body } = await attempt(order)
        return { status, headers, body: await readShort(body, most).catch(brokenBody(base)) }
      })
  }
}

function repeated<T>(policy: RetryPolicy, { method, what, repeats }: Order, once: () => Promise<T>): Promise<T> {
  return repeats === false ? once() : withRetries(policy, `${method} ${what}`, once)
}

/** Reads what nobody needs, so that the connection can be used again. */
async function discard({ body }: HttpAnswer): Promise<void> {
  await readShort(body, LONGEST_DISCARDED_BYTES).catch(() => undefined)
}

function resolve(location: string, from: URL, registry: string): URL {
  try {
    return new URL(location, from)
  } catch (cause) {
    throw new Failure('registry-error', `${registry} redirects to something that is no URL`, { cause })
  }
}

/** A broken connection may be gone in a moment; a name that nobody has is not. */
function asTransient(error: unknown): never {
  if (!(error instanceof Failure) || error.code !== 'network') throw error
  const { code } = error.cause as { code?: unknown }
  throw code === 'ENOTFOUND' ? error : new Transient(error)
}
