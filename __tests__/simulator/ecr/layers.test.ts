import { randomFillSync } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { describe, expect, test } from '@jest/globals'
import { digestOf } from '../../../simulator/cloud/ecr/digest.ts'
import type { Ecr } from '../../../simulator/cloud/ecr/ecr.ts'
import { registryProtocol } from '../../../simulator/protocol/registry/registry.ts'
import { readBody } from '../../../simulator/protocol/message.ts'
import { ask, call, CALLER, cloudOf, request, textOf } from './cloud.ts'

const world = { repositories: [{ name: 'web' }, { name: 'other' }] }
const MIB = 1024 * 1024

async function begin(ecr: Ecr): Promise<string> {
  const { uploadId } = await ask(ecr, 'InitiateLayerUpload', { repositoryName: 'web' })
  return textOf(uploadId)
}

function uploadPart(ecr: Ecr, uploadId: string, first: number, part: Buffer) {
  return call(ecr, 'UploadLayerPart', {
    repositoryName: 'web',
    uploadId,
    partFirstByte: first,
    partLastByte: first + part.length - 1,
    layerPartBlob: part.toString('base64')
  })
}

function complete(ecr: Ecr, uploadId: string, digest: string) {
  return call(ecr, 'CompleteLayerUpload', { repositoryName: 'web', uploadId, layerDigests: [digest] })
}

describe('the layer API', () => {
  test('takes a layer in parts and hands it back by link, range by range', async () => {
    const { ecr } = cloudOf(world)
    const layer = randomFillSync(Buffer.alloc(5 * MIB + 7))
    const digest = digestOf(layer)
    const id = await begin(ecr)
    expect(await uploadPart(ecr, id, 0, layer.subarray(0, 5 * MIB))).toMatchObject({ lastByteReceived: 5 * MIB - 1 })
    await uploadPart(ecr, id, 5 * MIB, layer.subarray(5 * MIB))
    expect(await complete(ecr, id, digest)).toMatchObject({ layerDigest: digest })

    const input = { repositoryName: 'web', layerDigests: [digest, digestOf('absent'), 'nonsense'] }
    expect(await ask(ecr, 'BatchCheckLayerAvailability', input)).toMatchObject({
      layers: [
        { layerDigest: digest, layerAvailability: 'AVAILABLE', layerSize: layer.length },
        { layerAvailability: 'UNAVAILABLE' }
      ],
      failures: [{ layerDigest: 'nonsense', failureCode: 'InvalidLayerDigest' }]
    })

    const link = await ask(ecr, 'GetDownloadUrlForLayer', { repositoryName: 'web', layerDigest: digest })
    const { pathname, search } = new URL(textOf(link.downloadUrl))
    const download = (headers: Readonly<Record<string, string>> = {}) =>
      registryProtocol(ecr)({ ...request(ecr, 'GET', `${pathname}${search}`), headers }, CALLER)
    const whole = await download()
    expect(digestOf(await bytesOf(whole.body))).toBe(digest)
    const part = await download({ range: `bytes=${layer.length - 3}-` })
    expect(part).toMatchObject({ status: 206, headers: { 'content-length': '3' } })
    expect(await bytesOf(part.body)).toEqual(layer.subarray(-3))
    expect(await download({ range: `bytes=${layer.length}-` })).toMatchObject({ status: 416 })
    ecr.close()
  })

  test('says where to continue after a part that does not fit', async () => {
    const { ecr } = cloudOf(world)
    const id = await begin(ecr)
    await uploadPart(ecr, id, 0, Buffer.from('abc'))
    expect(await uploadPart(ecr, id, 5, Buffer.from('f'))).toMatch(
      /^InvalidLayerPartException: .*Last valid byte received: '2'$/
    )
  })

  test('counts a part before the next call is looked at', async () => {
    const { ecr } = cloudOf(world)
    const id = await begin(ecr)
    const answers = await Promise.all([1, 2].map(() => uploadPart(ecr, id, 0, Buffer.from('abc'))))
    expect(answers.filter(answer => typeof answer === 'string')).toHaveLength(1)
  })

  test('refuses empty uploads, small parts, wrong digests, and layers that are there', async () => {
    const { ecr } = cloudOf(world)
    const digest = digestOf('abcdef')
    const empty = await begin(ecr)
    expect(await complete(ecr, empty, digest)).toMatch(/^EmptyUploadException: /)
    const small = await begin(ecr)
    await uploadPart(ecr, small, 0, Buffer.from('abc'))
    await uploadPart(ecr, small, 3, Buffer.from('def'))
    expect(await complete(ecr, small, digest)).toMatch(/^LayerPartTooSmallException: /)
    const send = async (wanted: string) => {
      const id = await begin(ecr)
      await uploadPart(ecr, id, 0, Buffer.from('abcdef'))
      return complete(ecr, id, wanted)
    }
    expect(await send(digestOf('other'))).toMatch(/^InvalidLayerException: /)
    expect(await send(digest)).toMatchObject({ layerDigest: digest })
    expect(await send(digest)).toMatch(/^LayerAlreadyExistsException: /)
    expect(await complete(ecr, 'gone', digest)).toMatch(/^UploadNotFoundException: /)
  })

  test('keeps the layers of repositories apart', async () => {
    const { ecr } = cloudOf(world)
    ecr.repository('web').layers.add(ecr.blobs.put(Buffer.from('layer')))
    const input = { repositoryName: 'other', layerDigest: digestOf('layer') }
    expect(await call(ecr, 'GetDownloadUrlForLayer', input)).toBe(
      `LayersNotFoundException: The layer with digest ${digestOf('layer')} does not exist within the repository with name 'other' in the registry with id '111122223333'`
    )
  })
})

test('a large layer lies on disk, and close() removes it', async () => {
  const { ecr } = cloudOf(world)
  const before = directories()
  const upload = ecr.uploads.start(ecr.repository('web'))
  for (let number = 0; number < 8; number++) await upload.writer.append(Buffer.alloc(MIB, number))
  const digest = await ecr.blobs.keep(upload.writer)
  const [directory] = directories().filter(name => !before.includes(name))
  expect(readdirSync(`${tmpdir()}/${directory}`)).toEqual([digest.slice('sha256:'.length)])
  ecr.close()
  expect(existsSync(`${tmpdir()}/${directory}`)).toBe(false)
})

function directories(): string[] {
  return readdirSync(tmpdir()).filter(name => name.startsWith('simulated-layers-'))
}

function bytesOf(body: string | Uint8Array | AsyncIterable<Uint8Array>): Promise<Buffer> | Buffer {
  return typeof body === 'string' || body instanceof Uint8Array ? Buffer.from(body) : readBody(body)
}
