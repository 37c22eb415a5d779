import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { createServer as createTcpServer, type AddressInfo } from 'node:net'
import fc from 'fast-check'
import type { FaultRule } from '../../../simulator/control/faults.ts'
import { startSimulator, type RunningSimulator } from '../../../simulator/server.ts'
import { wallClock } from '../../../src/io/clock.ts'
import type { RemoteRepository } from '../../../src/io/registry/registry.ts'
import { PART_BYTES } from '../../../src/io/registry/upload.ts'
import { cutConnections, descriptorOf, loginTo, noise, open, readAll, serve, type Server } from './server.ts'

const WORLD = {
  account: '123456789012',
  region: 'eu-west-1',
  repositories: [{ name: 'to' }, { name: 'from' }],
  clusters: []
}

const LARGE = noise(2 * PART_BYTES + 1_234_567)
const SMALL = noise(10_000, 5)
/** Far more than the heads of a dozen requests. */
const HEADERS_BYTES = 100_000

let target: RunningSimulator
let login: { readonly username: string; readonly password: string }
const others: { close(): void }[] = []

beforeEach(async () => {
  target = await startSimulator({ world: WORLD })
  login = await loginTo(target.simulator)
})

afterEach(async () => {
  for (const other of others.splice(0)) other.close()
  await target.close()
})

/** The source: a registry that has these blobs, whatever they are called. */
async function sourceOf(...blobs: readonly Buffer[]): Promise<RemoteRepository> {
  const all = new Map(blobs.map(bytes => [descriptorOf(bytes).digest as string, bytes]))
  const server = await serve(({ url, headers }, response) => {
    const bytes = all.get(url.split('/').at(-1) ?? '')
    if (bytes === undefined) response.writeHead(404).end()
    else {
      const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0)
      response.writeHead(from > 0 ? 206 : 200, from > 0 ? { 'content-range': `bytes ${String(from)}-/*` } : {})
      response.end(bytes.subarray(from))
    }
  })
  others.push(server)
  return open(server.host, 'app')
}

function targetAt(host = `127.0.0.1:${String(target.port)}`, name = 'to'): RemoteRepository {
  return open(host, name, { login })
}

async function copy(bytes: Buffer, to: RemoteRepository): Promise<{ how: string; counted: number }> {
  let counted = 0
  const how = await to.copyBlob(await sourceOf(bytes), descriptorOf(bytes), more => (counted += more))
  return { how, counted }
}

/** Whether the target has these bytes. */
async function has(bytes: Buffer): Promise<boolean> {
  return (await readAll(targetAt().readBlob(descriptorOf(bytes)))).equals(bytes)
}

function uploads(operation: string): number {
  return target.simulator.calls().filter(made => made.operation === `${operation} uploads`).length
}

describe('an upload', () => {
  test.each([
    ['of a few bytes goes in one request', SMALL, 0],
    ['of more goes in parts', LARGE, 3],
    ['of exactly one part is one request', noise(PART_BYTES, 3), 0],
    ['of exactly two parts is two', noise(2 * PART_BYTES, 4), 2],
    ['of nothing is one', Buffer.alloc(0), 0]
  ])('%s', async (_, bytes, patches) => {
    expect(await copy(bytes, targetAt())).toEqual({ how: 'sent', counted: bytes.length })
    expect(uploads('PATCH')).toBe(patches)
    expect(await has(bytes)).toBe(true)
  })

  test('is spared when the blob is there', async () => {
    await copy(SMALL, targetAt())
    expect(await copy(SMALL, targetAt())).toEqual({ how: 'there', counted: 0 })
    expect(uploads('POST')).toBe(1)
  })

  test.each<readonly [string, readonly FaultRule[], number]>([
    [
      'a part that did not arrive is sent again',
      [{ operation: 'registry:PATCH uploads', drop: 'before', after: 1 }],
      1
    ],
    ['a part whose answer was lost is not', [{ operation: 'registry:PATCH uploads', drop: 'after', after: 1 }], 1],
    ['an overloaded registry is waited for', [{ operation: 'registry:PATCH uploads', status: 503, times: 2 }], 1],
    ['a lost end is looked for', [{ operation: 'registry:PUT uploads', drop: 'after' }], 1],
    ['an end that did not arrive is sent again', [{ operation: 'registry:PUT uploads', drop: 'before' }], 1]
  ])('%s', async (_, faults, begun) => {
    target.simulator.setFaults(faults)
    expect(await copy(LARGE, targetAt())).toEqual({ how: 'sent', counted: LARGE.length })
    target.simulator.setFaults([])
    expect(uploads('POST')).toBe(begun)
    expect(await has(LARGE)).toBe(true)
  })

  test('that was cut in the middle of a part goes on with the rest of that part', async () => {
    const proxy = await cutConnections(target.port, { up: [PART_BYTES + 2_000_000, 3_000_000] })
    others.push(proxy)
    const to = open(proxy.host, 'to', { login, clock: wallClock })
    expect(await copy(LARGE, to)).toEqual({ how: 'sent', counted: LARGE.length })
    expect(proxy.cuts()).toBe(2)
    expect(uploads('POST')).toBe(1)
    expect(await has(LARGE)).toBe(true)
    expect(proxy.sent()).toBeLessThan(LARGE.length + 2 * PART_BYTES + HEADERS_BYTES)
  })

  test('that is refused at its end after that begins anew, and is not continued like that again', async () => {
    const proxy = await cutConnections(target.port, { up: [PART_BYTES + 2_000_000] })
    others.push(proxy)
    const to = open(proxy.host, 'to', { login, clock: wallClock })
    target.simulator.setFaults([{ operation: 'registry:PUT uploads', status: 400, times: 1 }])
    expect(await copy(LARGE, to)).toEqual({ how: 'sent', counted: LARGE.length })
    expect(uploads('POST')).toBe(2)
    proxy.cutNext(PART_BYTES + 1_000_000)
    const other = noise(LARGE.length, 7)
    expect(await copy(other, to)).toEqual({ how: 'sent', counted: other.length })
    expect([proxy.cuts(), uploads('POST')]).toEqual([2, 4])
    expect([await has(LARGE), await has(other)]).toEqual([true, true])
  })

  test('of other bytes than promised is never completed', async () => {
    const blob = { ...descriptorOf(LARGE), digest: descriptorOf(SMALL).digest }
    const server = await serve((_request, response) => response.end(LARGE))
    others.push(server)
    const copying = targetAt().copyBlob(open(server.host, 'app'), blob, () => undefined)
    await expect(copying).rejects.toMatchObject({ code: 'digest-mismatch' })
    expect(uploads('PUT')).toBe(0)
    expect(server.received).toHaveLength(2)
  })

  test.each([
    ['large', LARGE],
    ['small', SMALL]
  ])('of other bytes on the way is begun once more: a %s blob', async (_, bytes) => {
    const server: Server = await serve((_request, response) =>
      response.end(server.received.length === 1 ? noise(bytes.length, 9) : bytes)
    )
    others.push(server)
    let counted = 0
    const source = open(server.host, 'app')
    expect(await targetAt().copyBlob(source, descriptorOf(bytes), more => (counted += more))).toBe('sent')
    expect([counted, uploads('PUT'), await has(bytes)]).toEqual([bytes.length, 1, true])
  })

  test('from another repository of the same registry asks for a mount and goes on without one', async () => {
    await copy(LARGE, targetAt(undefined, 'from'))
    const how = await targetAt().copyBlob(targetAt(undefined, 'from'), descriptorOf(LARGE), () => undefined)
    expect(how).toBe('sent')
    const begun = target.simulator
      .calls()
      .filter(({ operation }) => operation === 'POST uploads')
      .at(-1)
    expect(begun?.request).toMatchObject({ query: { mount: descriptorOf(LARGE).digest, from: 'from' } })
    expect(await has(LARGE)).toBe(true)
  })

  test('that the registry refuses says why', async () => {
    await expect(copy(SMALL, targetAt(undefined, 'nowhere'))).rejects.toMatchObject({
      code: 'image-not-found',
      message: expect.stringMatching(/NAME_UNKNOWN/)
    })
  })

  test('that is cancelled ends with the reason', async () => {
    const cancellation = new AbortController()
    const to = open(`127.0.0.1:${String(target.port)}`, 'to', { login, signal: cancellation.signal })
    const reason = new Error('enough')
    const copying = to.copyBlob(await sourceOf(LARGE), descriptorOf(LARGE), () => cancellation.abort(reason))
    await expect(copying).rejects.toBe(reason)
    expect(uploads('PUT')).toBe(0)
  })
})

const FAULT = fc.record({
  operation: fc.constantFrom(
    'registry:POST uploads',
    'registry:PATCH uploads',
    'registry:PUT uploads',
    'registry:* uploads'
  ),
  after: fc.integer({ min: 0, max: 4 }),
  times: fc.integer({ min: 1, max: 3 }),
  trouble: fc.constantFrom(
    { drop: 'before' },
    { drop: 'after' },
    { status: 500 },
    { status: 429 },
    { status: 404 },
    { status: 416 }
  )
})

describe('whatever is cut, lost or refused', () => {
  test('the target has the right bytes under a digest, or none', async () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 12_000_000 }), { maxLength: 3 })
    const bytes = LARGE.subarray(0, PART_BYTES + 777_777)
    const blob = descriptorOf(bytes)
    await fc.assert(
      fc.asyncProperty(cuts, cuts, fc.array(FAULT, { maxLength: 3 }), async (up, down, faults) => {
        target.simulator.reset(WORLD)
        login = await loginTo(target.simulator)
        target.simulator.setFaults(faults.map(({ trouble, ...rule }) => ({ ...rule, ...trouble })))
        const proxy = await cutConnections(target.port, { up })
        const source = await sourceOf(bytes)
        const sourceProxy = await cutConnections(Number(source.registry.split(':')[1]), { down })
        const from = open(sourceProxy.host, 'app')
        const outcome = await targetAt(proxy.host)
          .copyBlob(from, blob, () => undefined)
          .catch((error: unknown) => error)
        target.simulator.setFaults([])
        proxy.close()
        sourceProxy.close()
        const read = await readAll(targetAt().readBlob(blob)).catch(() => undefined)
        if (outcome === 'sent') expect(read?.equals(bytes)).toBe(true)
        else expect(outcome).toBeInstanceOf(Error)
        if (read !== undefined) expect(read.equals(bytes)).toBe(true)
      }),
      { numRuns: 25 }
    )
  }, 120_000)
})

test('a registry that answers early and hangs up while bytes are on their way ends the upload, and nothing else', async () => {
  const server = createTcpServer(socket => {
    socket.on('error', () => undefined)
    socket.once('data', (head: Buffer) => {
      const isUpload = head.toString('latin1').startsWith('PATCH')
      const answer = head.toString('latin1').startsWith('HEAD')
        ? 'HTTP/1.1 404 Not Found\r\ncontent-length: 0'
        : isUpload
          ? 'HTTP/1.1 418 Teapot\r\nconnection: close\r\ncontent-length: 0'
          : 'HTTP/1.1 202 Accepted\r\nlocation: /v2/to/blobs/uploads/1\r\ncontent-length: 0'
      if (isUpload) socket.pause()
      socket.write(`${answer}\r\n\r\n`)
      setTimeout(() => (isUpload ? socket.resetAndDestroy() : socket.destroy()), isUpload ? 20 : 5)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  for (let round = 0; round < 5; round++) {
    const copying = copy(LARGE, open(`127.0.0.1:${String(port)}`, 'to', { login }))
    await expect(copying).rejects.toMatchObject({ message: expect.stringMatching(/418|no answer/) })
  }
  await new Promise(resolve => setTimeout(resolve, 100))
  server.close()
})
