import { describe, expect, test } from '@jest/globals'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { Failure } from '../../../src/failure.ts'
import { readSmallBlob, type Carrier } from '../../../src/io/aws/blob.ts'

const NEVER = new AbortController().signal
const MIB = 1024 * 1024

async function listen(answer: (response: ServerResponse, url: string) => void): Promise<Server> {
  const server = createServer((request, response) => {
    answer(response, request.url ?? '')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return server
}

function* endless(): Generator<Buffer> {
  for (;;) yield Buffer.alloc(MIB)
}

/** What came of reading a blob from a server that answers like this. */
async function read(answer: (response: ServerResponse, url: string) => void, signal = NEVER): Promise<unknown> {
  const server = await listen(answer)
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/_layers/sha256:1?X-Sig=a%2Fb&n=1`
  try {
    return await readSmallBlob(new NodeHttpHandler(), url, signal).catch((error: unknown) => error)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

describe('a blob', () => {
  test('is fetched by its link, signature and all', async () => {
    let asked = ''
    const bytes = await read((response, url) => {
      asked = url
      response.end('{"os":"linux"}')
    })
    expect(Buffer.from(bytes as Uint8Array).toString()).toBe('{"os":"linux"}')
    expect(asked).toBe('/_layers/sha256:1?X-Sig=a%2Fb&n=1')
  })

  test.each([
    ['refused', (response: ServerResponse) => response.writeHead(403).end('no'), 'aws-error', 'answered 403'],
    [
      'too large',
      (response: ServerResponse) => {
        for (let count = 0; count < 6; count++) response.write(Buffer.alloc(MIB))
        response.end()
      },
      'aws-error',
      'larger than 4 MiB'
    ],
    [
      'endless',
      (response: ServerResponse) => Readable.from(endless()).pipe(response),
      'aws-error',
      'larger than 4 MiB'
    ],
    ['cut off', (response: ServerResponse) => response.socket?.destroy(), 'network', 'nothing could be downloaded']
  ] as const)('that is %s fails as that', async (_, answer, code, said) => {
    const failure = await read(response => void answer(response))
    expect(failure).toBeInstanceOf(Failure)
    expect(failure).toMatchObject({ code, message: expect.stringContaining(said) })
  })

  test.concurrent.each([
    ['that never begins', () => undefined],
    ['that stops in the middle', (response: ServerResponse) => response.write('{')]
  ])(
    '%s is not waited for for long',
    async (_, answer) => {
      const startedAt = performance.now()
      const failure = await read(response => void answer(response))
      expect(failure).toMatchObject({ code: 'network', message: expect.stringContaining('longer than five seconds') })
      expect(performance.now() - startedAt).toBeLessThan(7_000)
    },
    10_000
  )

  test('is given up when the job is cancelled, with the reason for that', async () => {
    const cancellation = new AbortController()
    const reason = new Failure('cancelled', 'the job was cancelled')
    const failure = await read(response => {
      response.write('{')
      cancellation.abort(reason)
    }, cancellation.signal)
    expect(failure).toBe(reason)
  })

  test('that is refused keeps no connection', async () => {
    const body = Readable.from(endless())
    const carrier: Carrier = { handle: () => Promise.resolve({ response: { statusCode: 403, body } }) }
    await expect(readSmallBlob(carrier, 'https://bucket.s3.amazonaws.com/x', NEVER)).rejects.toThrow('answered 403')
    expect(body.destroyed).toBe(true)
  })

  test('may also come as bytes', async () => {
    const body = Buffer.from('{}')
    const carrier: Carrier = { handle: () => Promise.resolve({ response: { statusCode: 200, body } }) }
    expect(Buffer.from(await readSmallBlob(carrier, 'https://bucket.s3.amazonaws.com/x', NEVER)).toString()).toBe('{}')
  })
})
