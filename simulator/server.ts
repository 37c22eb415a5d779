import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { SimRequest, SimResponse } from './protocol/message.ts'
import { createSimulator, type Simulator, type SimulatorOptions } from './simulator.ts'

export interface ServerOptions extends Omit<SimulatorOptions, 'host'> {
  /** Default: any free port. */
  readonly port?: number
}

/** A simulator that listens on 127.0.0.1. */
export interface RunningSimulator {
  readonly url: string
  readonly port: number
  readonly simulator: Simulator
  /** Stops listening, cuts what is open and removes what is kept on disk. */
  close(): Promise<void>
}

const ADDRESS = '127.0.0.1'

/** Longer than SDK clients keep an idle connection, so that none of them writes into one that is being closed. */
const KEEP_ALIVE_MS = 120_000

/** Starts a simulator behind an HTTP server; rejects when the port is taken. */
export async function startSimulator(options: ServerOptions = {}): Promise<RunningSimulator> {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS })
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', reject)
    // Bound to a port, the address is an object: only pipes have a string.
    server.listen(options.port ?? 0, ADDRESS, () => {
      resolve((server.address() as AddressInfo).port)
    })
  })
  const host = `${ADDRESS}:${String(port)}`
  let simulator: Simulator
  try {
    simulator = createSimulator({ ...options, host })
  } catch (error) {
    server.close()
    throw error
  }
  server.on('request', (incoming, outgoing) => {
    void serve(incoming, outgoing, simulator)
  })
  return {
    url: `http://${host}`,
    port,
    simulator,
    close: () =>
      new Promise(resolve => {
        server.close(() => {
          simulator.close()
          resolve()
        })
        server.closeAllConnections()
      })
  }
}

/** Answers one request; an error, be it a fault's cut connection or a client that went away, ends the connection. */
async function serve(incoming: IncomingMessage, outgoing: ServerResponse, simulator: Simulator): Promise<void> {
  try {
    await send(await simulator.handle(readRequest(incoming)), incoming, outgoing)
  } catch {
    // The connection may be gone already, and then neither of them has a socket any more.
    incoming.destroy()
    outgoing.destroy()
  }
}

function readRequest(incoming: IncomingMessage): SimRequest {
  // Split by hand: URL would resolve dots and encode what the registry and signatures must see as it was sent.
  const [path = '/', query = ''] = (incoming.url ?? '/').split('?', 2)
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return { method: incoming.method ?? 'GET', path, query: new URLSearchParams(query), headers, body: incoming }
}

async function send(response: SimResponse, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const { status, body } = response
  const headers: Record<string, string> = { ...response.headers }
  const buffered = typeof body === 'string' || body instanceof Uint8Array
  const bodiless = incoming.method === 'HEAD' || status === 204 || status === 304
  if (buffered && !bodiless) headers['content-length'] ??= String(Buffer.byteLength(body))
  outgoing.writeHead(status, headers)
  if (bodiless) outgoing.end()
  else if (buffered) outgoing.end(body)
  else await pipeline(Readable.from(body, { objectMode: false }), outgoing)
}
