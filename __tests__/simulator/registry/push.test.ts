import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { assembleImage } from '../../../simulator/cloud/ecr/assemble.ts'
import { digestOf } from '../../../simulator/cloud/ecr/digest.ts'
import { pushImage } from '../../../simulator/protocol/registry/push.ts'
import { startSimulator, type RunningSimulator } from '../../../simulator/server.ts'

let simulator: RunningSimulator

beforeAll(async () => {
  const world = { account: '111122223333', repositories: [{ name: 'app', imageTagMutability: 'IMMUTABLE' as const }] }
  simulator = await startSimulator({ clock: 'manual', world })
})

afterAll(() => simulator.close())

async function authorization(): Promise<string> {
  const response = await fetch(simulator.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken',
      authorization: 'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/ecr/aws4_request, Signature=0'
    },
    body: '{}'
  })
  const answer = (await response.json()) as { authorizationData: { authorizationToken: string }[] }
  return `Basic ${answer.authorizationData[0]?.authorizationToken ?? ''}`
}

test('an image assembled from the example service is pushed and pulled over HTTP', async () => {
  const server = await readFile('examples/app/server.mjs')
  const image = assembleImage({
    files: [{ path: 'app/server.mjs', content: server }],
    platforms: [
      { os: 'linux', architecture: 'amd64' },
      { os: 'linux', architecture: 'arm64' }
    ],
    command: ['node', '/app/server.mjs']
  })
  const token = await authorization()
  expect(await pushImage(simulator.url, token, 'app', image, { tag: 'main-1234567' })).toBe(image.digest)

  const headers = { authorization: token }
  const pulled = await fetch(`${simulator.url}/v2/app/manifests/main-1234567`, { headers })
  expect(digestOf(Buffer.from(await pulled.arrayBuffer()))).toBe(image.digest)
  const layer = digestOf(image.children[0]?.blobs[1] ?? '')
  const blob = await fetch(`${simulator.url}/v2/app/blobs/${layer}`, { headers })
  expect(digestOf(Buffer.from(await blob.arrayBuffer()))).toBe(layer)

  await expect(pushImage(simulator.url, token, 'app', image, { tag: 'main-1234567' })).rejects.toThrow(/TAG_INVALID/)
})
