import { describe, expect, test } from '@jest/globals'
import type { ServerResponse } from 'node:http'
import type { Credentials } from '../../../src/io/registry/credentials.ts'
import { closedAfterEach } from '../../support/closing.ts'
import { open, serve, type Answer, type Server } from './server.ts'

const closing = closedAfterEach()

async function start(answer: Answer): Promise<Server> {
  return closing(await serve(answer))
}

/** Sends the client to the token service at `/token` of the same server. */
function challenge(response: ServerResponse, host = ''): void {
  response.writeHead(401, { 'www-authenticate': `Bearer realm="http://${host}/token",service="reg"` }).end('{}')
}

describe('a registry that quotes what it was told', () => {
  test.each<[string, Credentials, string]>([
    ['a password', { kind: 'login', username: 'joe', password: 'pass"word' }, 'pass"word'],
    ['an identity token', { kind: 'identity-token', token: 'refresh/me' }, 'refresh/me']
  ])('does not have it print %s that it quotes', async (_, known, secret) => {
    const masked: string[] = []
    const server = await start(({ url, headers, body }, response) => {
      if (!url.startsWith('/token')) {
        challenge(response, headers.host)
        return
      }
      const basic = headers.authorization ?? ''
      const decoded = Buffer.from(basic.replace('Basic ', ''), 'base64').toString()
      const words = `${'-'.repeat(290)} ${decoded} ${basic} ${body.toString()} ${secret}`
      response.writeHead(400).end(JSON.stringify({ message: words }))
    })
    const onSecret = (found: string): unknown => masked.push(found)
    const read = open(server.host, 'app', { findCredentials: async () => known, onSecret }).readManifest('1.0.0')
    const said = String(await read.catch((error: unknown) => error))
    expect(said).toContain('answered 400')
    for (const form of [secret, encodeURIComponent(secret), ...masked]) {
      for (const length of [form.length, 4]) expect(said).not.toContain(form.slice(0, length))
    }
    expect(masked).toContain(secret)
  })

  test('masks the token, and does not print it when the registry quotes it', async () => {
    const masked: string[] = []
    const server = await start(({ url, headers }, response) => {
      if (url.startsWith('/token')) response.end('{"token":"bearer-of-all"}')
      else if (headers.authorization !== undefined) response.writeHead(403).end(`no: ${headers.authorization}`)
      else challenge(response, headers.host)
    })
    const onSecret = (found: string): unknown => masked.push(found)
    await expect(open(server.host, 'app', { onSecret }).readManifest('1.0.0')).rejects.toThrow('no: Bearer ***')
    expect(masked).toEqual(['bearer-of-all'])
  })
})
