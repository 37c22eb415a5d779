import { lookup } from 'node:dns'
import { Agent as HttpAgent, request as requestHttp, type IncomingHttpHeaders } from 'node:http'
import { Agent as HttpsAgent, request as requestHttps, type RequestOptions } from 'node:https'
import { isIP, type LookupFunction, type Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { Failure } from '../../failure.ts'
import { isLoopbackHost, mayLeadTo, nearnessOf, type Nearness } from './address.ts'

/** One request; `body` is sent with its length, so that a cut one is known as such. */
export interface HttpRequest {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array | undefined
  readonly signal: AbortSignal
  /** How long the connection may be silent, in milliseconds. */
  readonly silenceMs: number
  /** Undefined for a host that the user named; else how near the registry is that sent us there. */
  readonly sentBy: Nearness | undefined
}

/** The head of an answer, and its body still to be read. */
export interface HttpAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Readable
  /** How near the host is that answered. */
  readonly nearness: Nearness
}

/** Carries requests of one registry, and keeps its connections. */
export interface Transport {
  /** Fails with `network` (a Silence or Node's own error as its cause), or with `registry-error` before it goes anywhere. */
  send(request: HttpRequest): Promise<HttpAnswer>
}

/** A host that does not take a connection within this time will not take it later. */
const CONNECT_MS = 10_000

/** Enough for four blobs and what is asked beside them; more only queue in the registry. */
const MOST_CONNECTIONS = 8

/** HTTP over Node's own sockets: `fetch` hides where a redirect leads and which address was reached. */
export function createTransport(): Transport {
  const options = { keepAlive: true, maxSockets: MOST_CONNECTIONS }
  const agents = { 'http:': new HttpAgent(options), 'https:': new HttpsAgent(options) }
  return {
    send(request) {
      const { url, sentBy } = request
      refuseUnsafe(url, sentBy)
      const { protocol } = url
      const begin = protocol === 'https:' ? requestHttps : requestHttp
      return exchange(request, options =>
        begin(url, {
          ...options,
          agent: protocol === 'https:' ? agents['https:'] : agents['http:'],
          ...(sentBy !== undefined && { lookup: guardedLookup(sentBy) })
        })
      )
    }
  }
}

/** A registry that sends a client where it has no business is broken or means ill. */
function refuseUnsafe(url: URL, sentBy: Nearness | undefined): void {
  const hostname = url.hostname.replace(/^\[(.*)\]$/, '$1')
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopbackHost(url.hostname))) {
    throw unsafe(url, 'it is not https')
  }
  if (url.username !== '' || url.password !== '') throw unsafe(url, 'it holds a password')
  if (sentBy !== undefined && isIP(hostname) !== 0 && !mayLeadTo(sentBy, hostname)) {
    throw unsafe(url, 'its address is not one of the Internet')
  }
}

/** Looks at the very addresses that are connected to, so that no name server can change its mind in between. */
function guardedLookup(sentBy: Nearness): LookupFunction {
  return (hostname, options, done) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      const allowed = error === null ? found.filter(({ address }) => mayLeadTo(sentBy, address)) : []
      const [first] = allowed
      if (error !== null) done(error, '')
      else if (first === undefined) done(new UnsafeAddress(hostname), '')
      else if (options.all === true) done(null, allowed)
      else done(null, first.address, first.family)
    })
  }
}

class UnsafeAddress extends Error {}

/** The connection was silent for too long. */
export class Silence extends Error {}

const CALMED = new WeakSet<Socket>()

/**
 * A connection that breaks under bytes still on their way, when their answer is read already, has no listener of Node's
 * any more: its error would end the process. Whoever asks on it next hears of it anyway.
 */
function calm(socket: Socket): void {
  if (CALMED.has(socket)) return
  CALMED.add(socket)
  socket.on('error', () => undefined)
}

type Begin = (options: RequestOptions) => ReturnType<typeof requestHttp>

function exchange(request: HttpRequest, begin: Begin): Promise<HttpAnswer> {
  const { method, url, body, signal, silenceMs } = request
  signal.throwIfAborted()
  const headers = { ...request.headers, ...(body !== undefined && { 'content-length': String(body.byteLength) }) }
  return new Promise((resolve, reject) => {
    const outgoing = begin({ method, headers, signal, timeout: Math.min(CONNECT_MS, silenceMs) })
    outgoing.on('socket', socket => {
      calm(socket)
      const wait = (): unknown => socket.setTimeout(silenceMs)
      if (socket.connecting) socket.once('connect', wait)
      else wait()
    })
    outgoing.on('timeout', () => outgoing.destroy(new Silence('it was silent for too long')))
    outgoing.on('error', error => {
      if (signal.aborted) reject(signal.reason as Error)
      else if (error instanceof UnsafeAddress) reject(unsafe(url, 'its address is not one of the Internet'))
      else reject(unreachable(url, error))
    })
    outgoing.on('response', incoming => {
      const nearness = nearnessOf(incoming.socket.remoteAddress ?? '')
      resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: incoming, nearness })
    })
    outgoing.end(body)
  })
}

/** Reads a body that should be short, and gives up on one that is not; undefined when it is longer than `most` bytes. */
export async function readShort(body: Readable, most: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > most) {
      body.destroy()
      return undefined
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** A host without what may be secret in a URL. */
function unsafe(url: URL, why: string): Failure {
  return new Failure('registry-error', `the registry sends its client on to ${url.protocol}//${url.host}, and ${why}`, {
    remedy: 'ask whoever runs the registry, and do not trust it until you know why'
  })
}

/** The failure of a connection that broke or never came about. */
export function unreachable(url: URL, cause: unknown): Failure {
  const said = cause instanceof Error ? cause.message : String(cause)
  return new Failure('network', `${url.host} gave no answer: ${said}`, {
    remedy: 'check the name of the registry and that this machine reaches it',
    cause
  })
}
