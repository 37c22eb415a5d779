import { describe, expect, test } from '@jest/globals'
import type { ServerResponse } from 'node:http'
import type { Credentials } from '../../../src/io/registry/credentials.ts'
import { createTransport, type HttpAnswer } from '../../../src/io/registry/http.ts'
import { closedAfterEach } from '../../support/closing.ts'
import { descriptorOf, noise, open, readAll, serve, type Answer, type Received, type Server } from './server.ts'

const MANIFEST = Buffer.from('{"schemaVersion":2,"config":{}}\n')
const { digest: DIGEST } = descriptorOf(MANIFEST)

const closing = closedAfterEach()

async function start(answer: Answer): Promise<Server> {
  return closing(await serve(answer))
}

function giveManifest(response: ServerResponse, headers: Record<string, string> = {}): void {
  response.writeHead(200, { 'content-type': 'application/vnd.oci.image.manifest.v1+json', ...headers }).end(MANIFEST)
}

/** A registry with a token service at `/token` of the same server. */
async function startWithTokens(answerToken: (received: Received, response: ServerResponse) => void): Promise<Server> {
  const server: Server = await start((received, response) => {
    const { url, headers } = received
    if (url.startsWith('/token')) answerToken(received, response)
    else if (headers.authorization === 'Bearer good') giveManifest(response)
    else {
      const challenge = `Bearer realm="http://${server.host}/token",service="reg",scope="repository:app:pull"`
      response.writeHead(401, { 'www-authenticate': challenge }).end('{"errors":[{"code":"UNAUTHORIZED"}]}')
    }
  })
  return server
}

test('a registry that calls a manifest plain text is not taken at its word', async () => {
  const server = await start((_, response) => {
    giveManifest(response, { 'content-type': 'text/plain; charset=utf-8' })
  })
  expect(await open(server.host, 'app').readManifest('1.0.0')).toMatchObject({
    mediaType: 'application/vnd.oci.image.manifest.v1+json'
  })
})

test.each(['<html>', '[]', '{"schemaVersion":2}', '{"schemaVersion":2,"manifests":[{"digest":"md5:x"}]}'])(
  'a list of referrers that is none is called so: %s',
  async list => {
    const server = await start((_, response) => response.end(list))
    await expect(open(server.host, 'app').referrers(DIGEST)).rejects.toMatchObject({
      code: 'registry-error',
      message: `${server.host} lists what is attached to ${DIGEST} in a form that cannot be read`
    })
  }
)

describe('a registry that wants a token', () => {
  test('gets one, once for several questions', async () => {
    const server = await startWithTokens((_, response) => response.end('{"token":"good","expires_in":300}'))
    const repository = open(server.host, 'app')
    expect(await repository.readManifest('1.0.0')).toEqual({
      digest: DIGEST,
      text: MANIFEST.toString(),
      mediaType: 'application/vnd.oci.image.manifest.v1+json'
    })
    await repository.readManifest('1.0.0')
    const tokens = server.received.filter(({ url }) => url.startsWith('/token'))
    expect(tokens.map(({ url, headers }) => [url, headers.authorization])).toEqual([
      ['/token?service=reg&scope=repository%3Aapp%3Apull', undefined]
    ])
  })

  test.each(['{"token":"","access_token":"good"}', '{"token":null,"access_token":"good"}'])(
    'gets the one that the service gives under either name: %s',
    async answer => {
      const server = await startWithTokens((_, response) => response.end(answer))
      expect(await open(server.host, 'app').readManifest('1.0.0')).toMatchObject({ digest: DIGEST })
    }
  )

  test('gets a new one when the old one has expired', async () => {
    const server = await startWithTokens((_, response) => response.end('{"access_token":"good","expires_in":5}'))
    const repository = open(server.host, 'app')
    await repository.readManifest('1.0.0')
    await repository.readManifest('1.0.0')
    expect(server.received.filter(({ url }) => url.startsWith('/token'))).toHaveLength(2)
  })

  test('is told who asks', async () => {
    const server = await startWithTokens((_, response) => response.end('{"token":"good"}'))
    await open(server.host, 'app', { login: { username: 'me', password: 'p:w' } }).readManifest('1.0.0')
    const asked = server.received.find(({ url }) => url.startsWith('/token'))
    expect(asked?.headers.authorization).toBe(`Basic ${Buffer.from('me:p:w').toString('base64')}`)
  })

  test('exchanges an identity token', async () => {
    const server = await startWithTokens((_, response) => response.end('{"access_token":"good"}'))
    const known: Credentials = { kind: 'identity-token', token: 'refresh me' }
    await open(server.host, 'app', { findCredentials: async () => known }).readManifest('1.0.0')
    const asked = server.received.find(({ url }) => url.startsWith('/token'))
    expect([asked?.method, new URLSearchParams(asked?.body.toString()).get('refresh_token')]).toEqual([
      'POST',
      'refresh me'
    ])
  })

  test.each([
    ['refuses', 401, '{"details":"incorrect username or password"}', 'access-denied', 'incorrect username or password'],
    ['gives none', 200, '{}', 'registry-error', 'gave no token'],
    ['gives one that is no header', 200, '{"token":"a\\r\\nx: y"}', 'registry-error', 'gave no token'],
    ['talks for ever', 200, 'x'.repeat(100_000), 'registry-error', 'gave no token'],
    ['is broken', 500, '', 'registry-error', 'answered 500']
  ])('and whose service %s is given up', async (_, status, body, code, said) => {
    const server = await startWithTokens((_received, response) => response.writeHead(status).end(body))
    await expect(open(server.host, 'app').readManifest('1.0.0')).rejects.toMatchObject({
      code,
      message: expect.stringContaining(said)
    })
  })

  test.each([
    ['the metadata service', 'http://169.254.169.254/token'],
    ['an unencrypted page', 'http://tokens.example/token'],
    ['something that is no URL', 'token'],
    ['a file', 'file:///etc/passwd']
  ])('and sends us to %s is not believed', async (_, realm) => {
    const server = await start((_received, response) =>
      response.writeHead(401, { 'www-authenticate': `Bearer realm="${realm}"` }).end()
    )
    const login = { username: 'me', password: 'secret' }
    await expect(open(server.host, 'app', { login }).readManifest('1.0.0')).rejects.toMatchObject({
      code: 'registry-error'
    })
  })
})

test.each([
  ['refuses', (host: string) => `Bearer realm="http://${host}/token"`],
  ['is no URL', () => 'Bearer realm="token"'],
  ['is not safe', () => 'Bearer realm="https://169.254.169.254/token"'],
  ['is not named', () => 'Negotiate']
])('no answer is left unread, and keeps the process alive, where the token service %s', async (_, challenge) => {
  const server: Server = await start(({ url }, response) => {
    const headers = { 'www-authenticate': challenge(server.host) }
    response.writeHead(401, url.startsWith('/token') ? {} : headers).end('{"errors":[]}')
  })
  const answers: HttpAnswer[] = []
  const sockets = createTransport()
  const transport: typeof sockets = {
    async send(request) {
      const answer = await sockets.send(request)
      answers.push(answer)
      return answer
    }
  }
  await expect(open(server.host, 'app', { transport }).findDigest('1.0.0')).rejects.toThrow()
  expect(answers.map(({ body }) => body.readableEnded || body.destroyed)).not.toContain(false)
})

describe('a manifest', () => {
  test('of other bytes than its digest is asked for once more, and refused with both digests', async () => {
    const server = await start((_, response) => giveManifest(response))
    const other = descriptorOf(noise(5)).digest
    const refused = {
      code: 'digest-mismatch',
      message: expect.stringContaining(`should be ${other} and are ${DIGEST}`)
    }
    await expect(open(server.host, 'app').readManifest(other)).rejects.toMatchObject(refused)
    expect(server.received).toHaveLength(2)
  })

  test.each(['1.0.0', DIGEST])(
    'of other bytes on the way is read when it is asked for once more: %s',
    async reference => {
      const server: Server = await start((_, response) => {
        const headers = { 'docker-content-digest': DIGEST }
        if (server.received.length > 1) giveManifest(response, headers)
        else response.writeHead(200, headers).end(Buffer.from([0xff, 0xfe]))
      })
      expect(await open(server.host, 'app').readManifest(reference)).toMatchObject({ digest: DIGEST })
      expect(server.received).toHaveLength(2)
    }
  )

  test('of other bytes than the registry says is refused', async () => {
    const server = await start((_, response) =>
      giveManifest(response, { 'docker-content-digest': descriptorOf(noise(5)).digest })
    )
    await expect(open(server.host, 'app').readManifest('1.0.0')).rejects.toMatchObject({ code: 'digest-mismatch' })
  })

  test('that is larger than ECR takes is not read to its end', async () => {
    const server = await start((_, response) => response.end(Buffer.alloc(5_000_000)))
    await expect(open(server.host, 'app').readManifest('1.0.0')).rejects.toMatchObject({ code: 'registry-error' })
  })

  test('that breaks off is asked for again', async () => {
    let asked = 0
    const server = await start((_, response) => {
      asked += 1
      if (asked > 1) giveManifest(response)
      else {
        response.writeHead(200, { 'content-length': '5000' }).write('{')
        setTimeout(() => response.destroy(), 20)
      }
    })
    expect((await open(server.host, 'app').readManifest('1.0.0'))?.digest).toBe(DIGEST)
  })

  test('is found without being read, unless the registry leaves its digest out', async () => {
    const server = await start(({ method }, response) =>
      giveManifest(response, method === 'HEAD' ? { 'docker-content-digest': DIGEST } : {})
    )
    expect(await open(server.host, 'app').findDigest('1.0.0')).toBe(DIGEST)
    expect(server.received.map(({ method }) => method)).toEqual(['HEAD'])
    const silent = await start((_, response) => giveManifest(response))
    expect(await open(silent.host, 'app').findDigest('1.0.0')).toBe(DIGEST)
  })

  test.each([405, 501])('is read where the registry answers %d to HEAD', async status => {
    const server = await start(({ method }, response) =>
      method === 'HEAD' ? response.writeHead(status).end() : giveManifest(response)
    )
    expect(await open(server.host, 'app').findDigest('1.0.0')).toBe(DIGEST)
    expect(server.received.map(({ method }) => method)).toEqual(['HEAD', 'GET'])
  })
})

describe('referrers', () => {
  const index = { schemaVersion: 2, manifests: [{ digest: DIGEST, size: 7, mediaType: 'x' }] }

  test('come from the API, or from the tag that clients used before', async () => {
    const server = await start(({ url }, response) =>
      url.includes('/referrers/') ? response.end(JSON.stringify(index)) : response.writeHead(404).end()
    )
    expect(await open(server.host, 'app').referrers(DIGEST)).toEqual([{ digest: DIGEST, size: 7, mediaType: 'x' }])
    const old = await start(({ url }, response) =>
      url.endsWith(`/manifests/${DIGEST.replace(':', '-')}`)
        ? response.end(JSON.stringify(index))
        : response.writeHead(404).end()
    )
    expect(await open(old.host, 'app').referrers(DIGEST)).toHaveLength(1)
    const none = await start((_, response) => response.writeHead(404).end())
    expect(await open(none.host, 'app').referrers(DIGEST)).toEqual([])
  })
})

test('a registry that nobody runs is a failure of the network', async () => {
  const server = await start((_, response) => response.end())
  server.close()
  await expect(open(server.host, 'app').readManifest('1.0.0')).rejects.toMatchObject({
    code: 'network',
    message: expect.stringContaining('ECONNREFUSED')
  })
})

test('a cancelled question ends with the reason, also while a body is read', async () => {
  const cancellation = new AbortController()
  const bytes = noise(100)
  const server = await start((_, response) => {
    response.writeHead(200, { 'content-length': '100' }).write(bytes.subarray(0, 50))
    setTimeout(() => cancellation.abort(new Error('enough')), 20)
  })
  const repository = open(server.host, 'app', { signal: cancellation.signal })
  await expect(readAll(repository.readBlob(descriptorOf(bytes)))).rejects.toThrow('enough')
})
