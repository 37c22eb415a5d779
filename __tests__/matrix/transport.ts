import { Readable } from 'node:stream'
import type { SimRequest, SimResponse } from '../../simulator/protocol/message.ts'
import { unreachable, type HttpRequest, type Transport } from '../../src/io/registry/http.ts'
import { unlessAborted } from '../properties/line.ts'

/** Answers a request to a host. */
type Answer = (host: string, request: SimRequest) => Promise<SimResponse>

/** Carries the requests of registries to whoever answers for their host, without a socket. */
export function inProcessTransport(answer: Answer): Transport {
  return {
    async send(request) {
      const { url, signal } = request
      signal.throwIfAborted()
      try {
        const { status, headers, body } = await unlessAborted(signal, answer(url.host, asSeenByTheSimulator(request)))
        const bytes = typeof body === 'string' ? Buffer.from(body) : body
        return {
          status,
          headers: secure(headers),
          body: Readable.from(bytes instanceof Uint8Array ? [bytes] : bytes, { objectMode: false }),
          nearness: 'public'
        }
      } catch (error) {
        signal.throwIfAborted()
        throw unreachable(url, error)
      }
    }
  }
}

/** The simulator's links say http, for it never speaks anything else. */
function secure(headers: SimResponse['headers']): SimResponse['headers'] {
  const { location } = headers
  return location === undefined ? headers : { ...headers, location: location.replace(/^http:/, 'https:') }
}

function asSeenByTheSimulator({ method, url, headers, body = new Uint8Array() }: HttpRequest): SimRequest {
  const lowerCase = Object.entries(headers).map(([name, value]): [string, string] => [name.toLowerCase(), value])
  return {
    method,
    path: url.pathname,
    query: url.searchParams,
    headers: { ...Object.fromEntries(lowerCase), host: url.host, 'content-length': String(body.byteLength) },
    body: Readable.from([body])
  }
}
