import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** How a registry is made worse. */
export interface Trouble {
  /** After so many bytes of a blob each, connections are cut, one after the other. */
  readonly cutAfter?: readonly number[]
  /** One request of so many is answered 429. */
  readonly limitEvery?: number
  /** One byte of this blob is another one. */
  readonly corrupt?: string
}

/** A registry behind a network that it does not deserve. */
export interface FlakyRegistry {
  readonly host: string
  readonly cuts: () => number
  readonly limited: () => number
  /** Bytes of blobs that were sent, those among them that were cut off. */
  readonly blobBytes: () => number
  close(): void
}

/** Passes requests on to the registry at `upstream`, with trouble on the way. */
export async function startFlakyRegistry(upstream: string, trouble: Trouble = {}): Promise<FlakyRegistry> {
  const cutAfter = [...(trouble.cutAfter ?? [])]
  const count = { requests: 0, cuts: 0, limited: 0, blobBytes: 0 }

  function relay(answer: IncomingMessage, response: ServerResponse, path: string): void {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    const isBlob = path.includes('/blobs/')
    let sent = 0
    answer.on('data', (chunk: Buffer) => {
      if (isBlob && trouble.corrupt !== undefined && path.endsWith(trouble.corrupt) && sent === 0)
        chunk[0] = ~(chunk[0] ?? 0)
      sent += chunk.length
      if (isBlob) count.blobBytes += chunk.length
      const more = response.write(chunk)
      const [limit] = cutAfter
      if (isBlob && limit !== undefined && sent >= limit) {
        cutAfter.shift()
        count.cuts += 1
        answer.destroy()
        response.socket?.resetAndDestroy()
      } else if (!more) {
        answer.pause()
        response.once('drain', () => answer.resume())
      }
    })
    answer.on('end', () => response.end())
    answer.on('error', () => response.destroy())
    response.on('close', () => answer.destroy())
  }

  const server = createServer((incoming, response) => {
    count.requests += 1
    if (trouble.limitEvery !== undefined && count.requests % trouble.limitEvery === 0) {
      count.limited += 1
      response
        .writeHead(429, { 'retry-after': '0' })
        .end('{"errors":[{"code":"TOOMANYREQUESTS","message":"slow down"}]}')
      return
    }
    const { method, headers, url = '/' } = incoming
    const outgoing = request(
      `http://${upstream}${url}`,
      { method, headers: { ...headers, host: upstream } },
      answer => {
        relay(answer, response, url)
      }
    )
    outgoing.on('error', () => response.destroy())
    incoming.pipe(outgoing)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', () => resolve()))
  return {
    host: `127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    cuts: () => count.cuts,
    limited: () => count.limited,
    blobBytes: () => count.blobBytes,
    close() {
      server.close()
      server.closeAllConnections()
    }
  }
}
