import { HttpRequest, parseUrl } from '@smithy/core/transport'
import { addAbortSignal, Readable } from 'node:stream'
import { Failure } from '../../failure.ts'

/** Configs are a few kilobytes; anything near this is none. */
const LARGEST_BYTES = 4 * 1024 * 1024

/** A deployment goes on without what a config says, so nobody should wait long for one. */
const TIME_LIMIT_MS = 5_000

/** What carries the requests of an SDK client. */
export interface Carrier {
  handle(
    request: HttpRequest,
    options: { abortSignal: AbortSignal }
  ): Promise<{ response: { statusCode: number; body?: unknown } }>
}

/**
 * The bytes of a small blob, at most 4 MiB, under a link that needs no credentials. The client's own carrier brings them:
 * `fetch` would first load a second HTTP client. Fails with `network` when they are not there within five seconds.
 */
export async function readSmallBlob(carrier: Carrier, url: string, signal: AbortSignal): Promise<Uint8Array> {
  const abortSignal = AbortSignal.any([signal, AbortSignal.timeout(TIME_LIMIT_MS)])
  const { protocol, hostname, port, path, query } = parseUrl(url)
  const request = new HttpRequest({
    method: 'GET',
    protocol,
    hostname,
    path,
    headers: { host: port === undefined ? hostname : `${hostname}:${String(port)}` },
    ...(port !== undefined && { port }),
    ...(query !== undefined && { query })
  })
  try {
    const { response } = await carrier.handle(request, { abortSignal })
    if (response.statusCode === 200) return await collect(response.body, abortSignal)
    // What nobody reads would keep the connection, and the process with it.
    if (response.body instanceof Readable) response.body.destroy()
    throw new Failure('aws-error', `${hostname} answered ${String(response.statusCode)}`)
  } catch (cause) {
    signal.throwIfAborted()
    if (cause instanceof Failure) throw cause
    const said = abortSignal.aborted ? 'it took longer than five seconds' : String(cause)
    throw new Failure('network', `nothing could be downloaded from ${hostname}: ${said}`, {
      remedy: `let this machine reach ${hostname}`,
      cause
    })
  }
}

async function collect(body: unknown, signal: AbortSignal): Promise<Uint8Array> {
  if (body instanceof Readable) addAbortSignal(signal, body)
  const source = body instanceof Uint8Array ? [body] : (body as AsyncIterable<Uint8Array>)
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of source) {
    size += chunk.length
    // Leaving the loop closes the connection.
    if (size > LARGEST_BYTES) throw new Failure('aws-error', 'the image config is larger than 4 MiB')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
