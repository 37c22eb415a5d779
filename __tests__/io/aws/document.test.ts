import { afterEach, expect, test } from '@jest/globals'
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
  const client = new ECSClient({
    region: 'eu-west-1',
    maxAttempts: 1,
    endpoint: server.url,
    protocol: DocumentProtocol
  })
  try {
    const command = new RegisterTaskDefinitionCommand(document as never)
    const answered = await sendDocument(client, command, new AbortController().signal)
    const [received] = server.received
    if (received === undefined) throw new Error('nothing was sent')
    return { answered, received }
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
