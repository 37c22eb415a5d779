import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a server was sent. */
export interface Received {
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** What a server answers; after `silence` it keeps the connection open. */
export type Answer =
  { readonly status?: number; readonly body: string; readonly headers?: Readonly<Record<string, string>> } | 'silence'

/** An HTTP server that gives these answers one after the other, the last one for ever. */
export async function serve(...answers: readonly Answer[]): Promise<{
  readonly url: string
  readonly received: readonly Received[]
  close(): void
}> {
  const received: Received[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const answer = answers[Math.min(received.length, answers.length - 1)]
      received.push({ headers: request.headers, body: Buffer.concat(chunks).toString('utf8') })
      if (answer !== undefined && answer !== 'silence')
        response.writeHead(answer.status ?? 200, { ...answer.headers }).end(answer.body)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    received,
    close() {
      server.close()
      server.closeAllConnections()
    }
  }
}

/** An AWS JSON error. */
export function refusal(
  name: string,
  status = 400,
  message = `${name}, it says`,
  headers: Readonly<Record<string, string>> = {}
): Answer {
  return { status, headers, body: JSON.stringify({ __type: `com.amazonaws.ecs#${name}`, message }) }
}
