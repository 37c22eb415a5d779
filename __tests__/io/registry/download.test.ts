import { describe, expect, test } from '@jest/globals'
import type { ServerResponse } from 'node:http'
import { closedAfterEach } from '../../support/closing.ts'
import {
  cutConnections,
  descriptorOf,
  impatientClock,
  noise,
  open,
  readAll,
  serve,
  type Answer,
  type Received,
  type Server
} from './server.ts'

const BYTES = noise(3_000_000)
const BLOB = descriptorOf(BYTES)

const closing = closedAfterEach()

async function start(answer: Answer, address?: string): Promise<Server> {
  return closing(await serve(answer, address))
}

/** Serves bytes, and the range that was asked for. */
function serveRange(bytes: Buffer, { headers }: Received, response: ServerResponse): void {
  const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0)
  const rest = bytes.subarray(from)
  const range =
    from > 0 ? { 'content-range': `bytes ${String(from)}-${String(bytes.length - 1)}/${String(bytes.length)}` } : {}
  response.writeHead(from > 0 ? 206 : 200, { 'content-length': rest.length, ...range }).end(rest)
}

describe('a download', () => {
  test('that breaks goes on where it broke', async () => {
    const server = await start((received, response) => serveRange(BYTES, received, response))
    const proxy = closing(
      await cutConnections(Number(server.host.split(':')[1]), { down: [500_000, 1_200_000, 10_000] })
    )
    const bytes = await readAll(open(proxy.host, 'app').readBlob(BLOB))
    expect(bytes.equals(BYTES)).toBe(true)
    expect(proxy.cuts()).toBe(3)
    const starts = server.received.map(({ headers }) => Number(/\d+/.exec(headers.range ?? 'bytes=0-')?.[0]))
    expect(starts).toEqual(starts.toSorted((a, b) => a - b))
    expect(starts[1]).toBeGreaterThan(400_000)
    expect(starts[2]).toBeGreaterThan(1_500_000)
  })

  test('from a server that knows no ranges begins anew and passes over what is there', async () => {
    const server = await start((_, response) => response.writeHead(200).end(BYTES))
    const proxy = closing(await cutConnections(Number(server.host.split(':')[1]), { down: [1_000_000] }))
    expect((await readAll(open(proxy.host, 'app').readBlob(BLOB))).equals(BYTES)).toBe(true)
  })

  test.each([
    ['of other bytes', noise(BYTES.length, 2), 'its bytes are those of sha256:'],
    ['of too many bytes', Buffer.concat([BYTES, BYTES]), 'it has more than the 3000000 bytes promised']
  ])('%s is worth nothing', async (_, bytes, why) => {
    const server = await start((received, response) => serveRange(bytes, received, response))
    const reading = readAll(open(server.host, 'app').readBlob(BLOB))
    await expect(reading).rejects.toMatchObject({ code: 'digest-mismatch', message: expect.stringContaining(why) })
  })

  test('of a whole blob of other bytes on the way is begun once more', async () => {
    for (const lasts of [false, true]) {
      const server: Server = await start((received, response) => {
        serveRange(lasts || server.received.length === 1 ? noise(BYTES.length, 2) : BYTES, received, response)
      })
      const reading = open(server.host, 'app').readWhole(BLOB)
      if (lasts) await expect(reading).rejects.toMatchObject({ code: 'digest-mismatch' })
      else expect(BYTES.equals(await reading)).toBe(true)
      expect(server.received).toHaveLength(2)
    }
  })

  test('that goes on elsewhere than asked is refused', async () => {
    const server = await start((_, response) => {
      response.writeHead(206, { 'content-range': 'bytes 7-2999999/3000000' }).end(BYTES.subarray(7))
    })
    const proxy = closing(await cutConnections(Number(server.host.split(':')[1]), { down: [1_000_000] }))
    await expect(readAll(open(proxy.host, 'app').readBlob(BLOB))).rejects.toMatchObject({ code: 'registry-error' })
  })

  test('without any progress is given up', async () => {
    const server = await start((_, response) => {
      response.writeHead(200, { 'content-length': BLOB.size }).flushHeaders()
      response.socket?.destroy()
    })
    const clock = impatientClock()
    await expect(readAll(open(server.host, 'app', { clock }).readBlob(BLOB))).rejects.toMatchObject({ code: 'network' })
    expect(clock.slept).toEqual([500, 1000, 2000])
  })

  test('from a server that falls silent is broken off and resumed', async () => {
    let asked = 0
    const server = await start((received, response) => {
      asked += 1
      if (asked > 1) serveRange(BYTES, received, response)
      else response.writeHead(200, { 'content-length': BLOB.size }).write(BYTES.subarray(0, 1_100_000))
    })
    const bytes = await readAll(open(server.host, 'app', { silenceMs: 100 }).readBlob(BLOB))
    expect(bytes.equals(BYTES)).toBe(true)
  })

  test('of nothing is nothing', async () => {
    const nothing = Buffer.alloc(0)
    const server = await start((_, response) => response.writeHead(200).end())
    expect(await readAll(open(server.host, 'app').readBlob(descriptorOf(nothing)))).toEqual(nothing)
  })
})

describe('a redirect', () => {
  test('is followed without the credentials of the registry', async () => {
    const store = await start((received, response) => serveRange(BYTES, received, response))
    const server = await start(({ headers }, response) => {
      if (headers.authorization === undefined) response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end()
      else response.writeHead(307, { location: `http://${store.host}/data?signature=abc` }).end()
    })
    const login = { username: 'me', password: 'secret' }
    expect((await readAll(open(server.host, 'app', { login }).readBlob(BLOB))).equals(BYTES)).toBe(true)
    expect(server.received.at(-1)?.headers.authorization).toBe(`Basic ${Buffer.from('me:secret').toString('base64')}`)
    expect(store.received.map(({ headers }) => headers.authorization)).toEqual([undefined])
  })

  test('to a host that asks for credentials gets none', async () => {
    const asked: string[] = []
    const store = await start(({ url }, response) => {
      asked.push(url)
      const challenge = `Bearer realm="http://${store.host}/token"`
      response.writeHead(401, { 'www-authenticate': challenge }).end()
    })
    const server = await start((_, response) =>
      response.writeHead(307, { location: `http://${store.host}/data` }).end()
    )
    const login = { username: 'me', password: 'secret' }
    await expect(readAll(open(server.host, 'app', { login }).readBlob(BLOB))).rejects.toMatchObject({
      code: 'access-denied'
    })
    expect(asked).toEqual(['/data'])
  })

  test.each([
    ['to a metadata service', 'http://169.254.169.254/latest/meta-data'],
    ['to a metadata service over https', 'https://169.254.169.254/latest/meta-data'],
    ['to one as an IPv6 address', 'https://[::ffff:169.254.169.254]/'],
    ['without encryption', 'http://example.com/blob'],
    ['to a file', 'file:///etc/passwd'],
    ['with a password in it', 'https://user:password@127.0.0.1/blob']
  ])('%s is refused', async (_, location) => {
    const server = await start((_request, response) => response.writeHead(302, { location }).end())
    await expect(readAll(open(server.host, 'app').readBlob(BLOB))).rejects.toMatchObject({
      code: 'registry-error',
      message: expect.stringContaining('sends its client on to')
    })
  })

  test('in a circle is left', async () => {
    const server = await start(({ url }, response) => response.writeHead(302, { location: url }).end())
    await expect(readAll(open(server.host, 'app').readBlob(BLOB))).rejects.toMatchObject({ code: 'registry-error' })
    expect(server.received).toHaveLength(6)
  })
})
