import { afterEach, expect, test } from '@jest/globals'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ECSClient, RegisterTaskDefinitionCommand } from '@aws-sdk/client-ecs'
import type { JsonObject } from '../../../src/decide/json.ts'
import { DocumentProtocol, sendDocument } from '../../../src/io/aws/document.ts'
import { refusal, serve, type Answer, type Received } from './server.ts'

process.env['AWS_ACCESS_KEY_ID'] = 'AKIDEXAMPLE'
process.env['AWS_SECRET_ACCESS_KEY'] = 'example'
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true'

const servers: { close(): void }[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

async function exchange(document: JsonObject, answer: Answer): Promise<{ answered: JsonObject; received: Received }> {
  const server = await serve(answer)
  servers.push(server)
  const answered = await send(document, server.url)
  const [received] = server.received
  if (received === undefined) throw new Error('nothing was sent')
  return { answered, received }
}

async function send(document: JsonObject, endpoint: string): Promise<JsonObject> {
  const client = new ECSClient({ region: 'eu-west-1', maxAttempts: 1, endpoint, protocol: DocumentProtocol })
  try {
    const command = new RegisterTaskDefinitionCommand(document as never)
    return await sendDocument(client, command, new AbortController().signal)
  } finally {
    client.destroy()
  }
}

/** Members that the SDK's model does not know, and values that it would turn into something else. */
const DOCUMENT: JsonObject = {
  family: 'web',
  novelty: { deep: [{ er: true }, null, ''] },
  containerDefinitions: [
    { name: 'web', command: ['', '-x'], entryPoint: [], dockerLabels: {}, novelty: 0, image: 'ünïcode' }
  ]
}

test('what is sent is the document as it is', async () => {
  const { received } = await exchange(DOCUMENT, { body: '{}' })
  expect(JSON.parse(received.body)).toEqual(DOCUMENT)
  expect(received.headers['content-length']).toBe(String(Buffer.byteLength(received.body)))
  expect(received.headers['x-amz-target']).toBe('AmazonEC2ContainerServiceV20141113.RegisterTaskDefinition')
})

test('what comes back is the document as it was sent', async () => {
  const taskDefinition = { ...DOCUMENT, registeredAt: 1_767_571_200.123, revision: 7 }
  const { answered } = await exchange(DOCUMENT, { body: JSON.stringify({ taskDefinition, novelty: [1] }) })
  expect(answered).toEqual({ taskDefinition, novelty: [1] })
})

test('an error keeps its name and its message', async () => {
  const name = 'ClientException'
  await expect(exchange(DOCUMENT, refusal(name))).rejects.toMatchObject({ name, message: 'ClientException, it says' })
})

test.each(['', '[]', '"text"', '<html>'])('an answer of %j is an error', async body => {
  await expect(exchange(DOCUMENT, { body })).rejects.toThrow(SyntaxError)
})

const MIB = 1024 * 1024

test('an answer of 32 MiB is read', async () => {
  const { answered } = await exchange(DOCUMENT, { body: `{"a":"${'x'.repeat(32 * MIB - 8)}"}` })
  expect(answered['a']).toHaveLength(32 * MIB - 8)
})

test.each([200, 500])('an endless answer with the status %s is read no further, and is none', async status => {
  const [chunk, limit] = ['x'.repeat(MIB), 200 * MIB]
  let sent = 0
  const server = createServer((_, response) => {
    response.writeHead(status)
    const goOn = (): void => {
      sent += chunk.length
      if (sent >= limit) response.end()
      else response.write(chunk, goOn)
    }
    goOn()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  servers.push({
    close() {
      server.close()
      server.closeAllConnections()
    }
  })
  await expect(send(DOCUMENT, `http://127.0.0.1:${String(port)}`)).rejects.toMatchObject({
    flaw: 'of more than 32 MiB',
    $metadata: { httpStatusCode: status }
  })
  expect(sent).toBeLessThan(100 * MIB)
})
