/** One request as the simulator sees it, whether it came over a socket or from a client in the same process. */
export interface SimRequest {
  readonly method: string
  /** Path without the query, percent-encoding kept. */
  readonly path: string
  readonly query: URLSearchParams
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** The body as it arrives, so that a large blob never has to fit in memory. */
  readonly body: AsyncIterable<Uint8Array>
}

/** What the simulator answers; a body that is an iterable is streamed. */
export interface SimResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array | AsyncIterable<Uint8Array>
}

/** The whole body as one buffer. */
export async function readBody(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks)
}
