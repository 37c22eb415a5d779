import { afterEach, describe, expect, test } from '@jest/globals'
import type { ServerResponse } from 'node:http'
import { impatientClock, open, serve, type Received, type Server } from './server.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

async function start(answer: (received: Received, response: ServerResponse) => void): Promise<Server> {
  const server = await serve(answer)
  servers.push(server)
  return server
}

describe('a registry that refuses', () => {
  test.each([
    [403, '{"errors":[{"code":"DENIED","message":"not yours"}]}', 'access-denied', 'not yours (DENIED)'],
    [401, '', 'access-denied', 'answered 401'],
    [400, 'bad', 'registry-error', 'answered 400'],
    [418, '<html>teapot</html>', 'registry-error', 'answered 418 to the manifest 1.0.0 of app']
  ])('with %d says why', async (status, body, code, said) => {
    const server = await start((_, response) => response.writeHead(status).end(body))
    const failure = open(server.host, 'app').readManifest('1.0.0')
    await expect(failure).rejects.toMatchObject({ code, message: expect.stringContaining(said) })
    expect(server.received).toHaveLength(1)
  })

  test('with 404 has no such image', async () => {
    const server = await start((_, response) => response.writeHead(404).end())
    expect(await open(server.host, 'app').readManifest('1.0.0')).toBeUndefined()
    expect(await open(server.host, 'app').findDigest('1.0.0')).toBeUndefined()
  })
})

test('a right that is missing in ECR is named in the remedy', async () => {
  const message =
    'User: arn:aws:sts::123456789012:assumed-role/x is not authorized to perform: ecr:BatchGetImage on resource: y'
  const body = JSON.stringify({ errors: [{ code: 'DENIED', message }] })
  const server = await start((_, response) => response.writeHead(403).end(body))
  await expect(open(server.host, 'app').readManifest('1.0.0')).rejects.toMatchObject({
    code: 'access-denied',
    remedy: 'allow ecr:BatchGetImage in the policy of the role that this job assumes'
  })
})

describe('a registry that asks to be left alone', () => {
  async function refused(
    status: number,
    headers: Record<string, string>,
    options: Parameters<typeof open>[2] = {}
  ): Promise<{ server: Server; slept: readonly number[]; failure: unknown }> {
    const server = await start((_, response) =>
      response
        .writeHead(status, headers)
        .end('{"errors":[{"code":"TOOMANYREQUESTS","message":"You have reached your limit."}]}')
    )
    const clock = impatientClock()
    const failure = await open(server.host, 'app', { clock, ...options })
      .readManifest('1.0.0')
      .catch((error: unknown) => error)
    return { server, slept: clock.slept, failure }
  }

  test.each([
    [429, 'pull-rate-limited'],
    [503, 'registry-error']
  ])('for seconds by a %d is waited for as long as it asks', async (status, code) => {
    const { slept, failure } = await refused(status, { 'retry-after': '7' })
    expect(slept).toEqual([7000, 7000, 7000])
    expect(failure).toMatchObject({ code, message: expect.stringContaining('it asks to wait 7 s') })
  })

  test.each([
    [429, '3600', 'pull-rate-limited'],
    ...[408, 425, 500, 502, 503, 504].map(status => [status, '61', 'registry-error'] as const),
    [503, 'Thu, 31 Dec 2099 23:59:59 GMT', 'registry-error']
  ])('for longer than a minute by a %d is not waited for, and is said in its words', async (status, after, code) => {
    const { slept, failure, server } = await refused(status, { 'retry-after': after })
    expect([slept, server.received.length]).toEqual([[], 1])
    expect(failure).toMatchObject({
      code,
      message: expect.stringMatching(/You have reached your limit.*asks to wait/),
      remedy: expect.stringContaining(status === 429 ? 'log in to' : 'run this job again when that time is over')
    })
  })

  test('is not waited for longer than its caller has patience', async () => {
    const { slept } = await refused(503, { 'retry-after': '11' }, { longestPauseMs: 10_000 })
    expect(slept).toEqual([])
  })

  test('because the limit is used up says how much was allowed', async () => {
    const headers = { 'ratelimit-limit': '100;w=21600', 'ratelimit-remaining': '0;w=21600' }
    const { slept, failure } = await refused(429, headers)
    expect(slept).toEqual([])
    expect(failure).toMatchObject({ message: expect.stringContaining('allows 100 pulls in 6 h, and 0 are left') })
    expect(failure).toMatchObject({ remedy: expect.stringContaining('source-username') })
  })
})
