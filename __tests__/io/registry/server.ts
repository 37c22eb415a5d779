import { createCipheriv, createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect, createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net'
import type { Simulator } from '../../../simulator/simulator.ts'
import type { Descriptor } from '../../../src/decide/image/contents.ts'
import type { Digest } from '../../../src/decide/image/reference.ts'
import type { Clock } from '../../../src/io/clock.ts'
import { createRegistry, type RegistryOptions, type RemoteRepository } from '../../../src/io/registry/registry.ts'
import { call, signedFor } from '../../simulator/in-process.ts'

/** A request that a server got. */
export interface Received {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

/** How a server of a test answers. */
export type Answer = (received: Received, response: ServerResponse) => void

/** A server that a test makes up. */
export interface Server {
  readonly host: string
  readonly received: readonly Received[]
  close(): void
}

/** Starts a server that answers as `answer` says, at an address of this machine. */
export async function serve(answer: Answer, address = '127.0.0.1'): Promise<Server> {
  const received: Received[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('error', () => undefined)
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      const one = { method, url, headers, body: Buffer.concat(chunks) }
      received.push(one)
      answer(one, response)
    })
  })
  await new Promise<void>(resolve => server.listen(0, address, resolve))
  return {
    host: `${address}:${String((server.address() as AddressInfo).port)}`,
    received,
    close() {
      server.close()
      server.closeAllConnections()
    }
  }
}

/** Stands between a client and a server. */
interface CuttingProxy {
  readonly host: string
  readonly cuts: () => number
  /** How many bytes went up. */
  readonly sent: () => number
  /** Cuts one more connection after so many bytes up, which no open one has behind it. */
  cutNext(bytes: number): void
  close(): void
}

/** Passes connections on to another port, and cuts each after so many bytes in one direction; undefined never cuts. */
export async function cutConnections(
  port: number,
  limits: { readonly down?: readonly number[]; readonly up?: readonly number[] }
): Promise<CuttingProxy> {
  const [down, up] = [[...(limits.down ?? [])], [...(limits.up ?? [])]]
  const open = new Set<Socket>()
  let cuts = 0
  let sent = 0
  const server = createTcpServer(client => {
    const upstream = connect(port, '127.0.0.1')
    for (const socket of [client, upstream]) {
      open.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => open.delete(socket))
    }
    const cut = (): void => {
      cuts += 1
      client.destroy()
      upstream.destroy()
    }
    pass(upstream, client, down, cut)
    pass(client, upstream, up, cut)
    client.on('data', (chunk: Buffer) => (sent += chunk.length))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    host: `127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    cuts: () => cuts,
    sent: () => sent,
    cutNext(bytes) {
      up.push(bytes)
      for (const socket of open) socket.destroy()
    },
    close() {
      server.close()
      for (const socket of open) socket.destroy()
    }
  }
}

/** A connection is cut once it has carried more than the first of `limits`, which then is used up. */
function pass(from: Socket, to: Socket, limits: number[], cut: () => void): void {
  let carried = 0
  from.on('data', (chunk: Buffer) => {
    carried += chunk.length
    const [limit] = limits
    if (limit !== undefined && carried > limit) {
      limits.shift()
      to.write(chunk.subarray(0, Math.max(0, chunk.length - (carried - limit))))
      cut()
    } else if (!to.write(chunk)) {
      from.pause()
      to.once('drain', () => from.resume())
    }
  })
  from.on('end', () => to.end())
  from.on('close', () => to.destroy())
}

/** A clock that does not wait, and remembers how long it should have. */
export function impatientClock(): Clock & { readonly slept: readonly number[] } {
  const slept: number[] = []
  return {
    slept,
    now: () => Date.now(),
    async sleep(ms, signal) {
      signal?.throwIfAborted()
      slept.push(ms)
    }
  }
}

/** Opens a repository without waiting between attempts. */
export function open(
  registry: string,
  repository: string,
  options: Partial<RegistryOptions> & {
    readonly login?: { readonly username: string; readonly password: string }
    readonly signal?: AbortSignal
    readonly longestPauseMs?: number
  } = {}
): RemoteRepository {
  const { login, signal = new AbortController().signal, longestPauseMs, ...rest } = options
  const port = createRegistry({ clock: impatientClock(), findCredentials: async () => undefined, attempts: 4, ...rest })
  return port.open({ registry, repository, login, signal, ...(longestPauseMs !== undefined && { longestPauseMs }) })
}

/** What a Docker client logs in to a simulated registry with. */
export async function loginTo(simulator: Simulator): Promise<{ readonly username: string; readonly password: string }> {
  const authorization = signedFor('eu-west-1', 'ecr')
  const { body } = await call(simulator, 'ecr:GetAuthorizationToken', {}, { authorization })
  const [first] = body['authorizationData'] as readonly { readonly authorizationToken: string }[]
  const [username = '', password = ''] = Buffer.from(first?.authorizationToken ?? '', 'base64')
    .toString()
    .split(':')
  return { username, password }
}

/** The descriptor of some bytes. */
export function descriptorOf(bytes: Uint8Array): Descriptor {
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}` as Digest
  return { digest, size: bytes.length, mediaType: 'application/vnd.oci.image.layer.v1.tar' }
}

/** Bytes that look random and are the same every time. */
export function noise(length: number, seed = 1): Buffer {
  // A cipher, as a loop over megabytes takes seconds in the sandbox of jest.
  return createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16)).update(Buffer.alloc(length))
}

/** Reads a blob to its end. */
export async function readAll(blob: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of blob) chunks.push(chunk)
  return Buffer.concat(chunks)
}
