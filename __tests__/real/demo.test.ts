import { expect, test } from '@jest/globals'
import { gunzipSync } from 'node:zlib'
import type { Commit } from '../../simulator/demo/commits.ts'
import { buildWithDocker, hasDocker } from '../../simulator/demo/docker.ts'
import { readConfig } from '../../simulator/cloud/ecr/config.ts'
import { readManifest } from '../../simulator/cloud/ecr/manifest.ts'

const COMMIT: Commit = {
  message: 'Add a file',
  sha: '1f2e3d4c5b6a79880123456789abcdef01234567',
  // Nothing to fetch: no registry is asked.
  files: { Dockerfile: 'FROM scratch\nCOPY server.mjs /\nCMD ["/server.mjs"]\n', 'server.mjs': 'hello\n' },
  behaviour: { crash: { exitCode: 3, afterSeconds: 2 } }
}

test('the demo takes an image that Docker built out of the engine', async () => {
  expect(await hasDocker()).toBe(true)
  const image = await buildWithDocker(COMMIT, new AbortController().signal)
  const [config = Buffer.alloc(0), ...layers] = image.blobs
  expect(readConfig(config)).toEqual({
    platform: { os: 'linux', architecture: 'amd64' },
    behaviour: COMMIT.behaviour
  })
  expect(readManifest(image.manifest.toString('utf8'), image.mediaType).kind).toBe('image')
  // Engines differ in whether they keep layers zipped.
  const archives = layers.map(layer => (layer[0] === 0x1f ? gunzipSync(layer) : layer))
  expect(archives.map(archive => archive.includes('hello\n'))).toEqual([true])
})

test('the demo learns from Docker why a build failed', async () => {
  const files = { Dockerfile: 'FROM scratch\nCOPY missing /\n' }
  await expect(buildWithDocker({ ...COMMIT, files }, new AbortController().signal)).rejects.toThrow('missing')
})
