import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { digestOf } from '../../../simulator/cloud/ecr/digest.ts'
import type { Ecr } from '../../../simulator/cloud/ecr/ecr.ts'
import { readBody } from '../../../simulator/protocol/message.ts'
import { registryProtocol } from '../../../simulator/protocol/registry/registry.ts'
import { CALLER, call, cloudOf, imageOf, put, request, textOf } from './cloud.ts'

const KEPT_BYTES = 1024 * 1024

/** Pieces of a blob, now and then large enough for the blob to leave memory. */
const chunks = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.uint8Array({ maxLength: 300 }) },
    { weight: 1, arbitrary: fc.nat(255).map(byte => new Uint8Array(KEPT_BYTES).fill(byte)) }
  ),
  { maxLength: 6 }
)

test('storage never returns bytes that do not hash to the digest asked for', async () => {
  const property = fc.asyncProperty(fc.array(chunks, { minLength: 1, maxLength: 4 }), async uploads => {
    const { ecr } = cloudOf({ repositories: [{ name: 'web' }] })
    const writers = uploads.map(() => ecr.blobs.writer())
    // All at once, so that pieces of different blobs arrive in between each other.
    await Promise.all(
      uploads.flatMap((blob, index) => blob.map(chunk => writers[index]?.append(chunk) ?? Promise.resolve()))
    )
    const digests = await Promise.all(writers.map(writer => ecr.blobs.keep(writer)))
    for (const [index, digest] of digests.entries()) {
      const sent = Buffer.concat(uploads[index] ?? [])
      expect(digest).toBe(digestOf(sent))
      const stored = await ecr.blobs.read(digest)
      expect(digestOf(stored)).toBe(digest)
      expect(ecr.blobs.size(digest)).toBe(sent.length)
      if (sent.length < 2) continue
      const part = ecr.blobs.stream(digest, { first: 1, last: sent.length - 1 })
      const read = part instanceof Uint8Array ? Buffer.from(part) : await readBody(part)
      // Compared without expect(): Jest walks such arrays one byte at a time.
      expect(read.equals(sent.subarray(1))).toBe(true)
    }
    ecr.close()
  })
  await fc.assert(property, { numRuns: 40 })
})

const IMAGES = ['one', 'two', 'three'].map(text => imageOf(text))
const TAGS = ['v1', 'v2', 'latest', 'dev-1']

/** What clients and others can do to tags, everything except deleting one. */
const step = fc.record({
  how: fc.constantFrom('api' as const, 'registry' as const, 'others' as const, 'by digest' as const),
  image: fc.nat(IMAGES.length - 1),
  tag: fc.constantFrom(...TAGS)
})

async function take(ecr: Ecr, { how, image: index, tag }: { how: string; image: number; tag: string }): Promise<void> {
  const image = IMAGES[index]
  if (image === undefined) throw new Error('no such image')
  const body = [image.manifest]
  const headers = { 'content-type': image.mediaType }
  switch (how) {
    case 'api':
      await put(ecr, 'web', image, tag)
      break
    case 'registry':
      await registryProtocol(ecr)(request(ecr, 'PUT', `/v2/web/manifests/${tag}`, { body, headers }), CALLER)
      break
    case 'by digest':
      await registryProtocol(ecr)(request(ecr, 'PUT', `/v2/web/manifests/${image.digest}`, { body, headers }), CALLER)
      break
    default:
      try {
        ecr.moveTag('web', tag, image.digest)
      } catch {
        // Refused, as it has to be where the tag is taken.
      }
  }
}

test('an immutable tag never changes, whatever the sequence of operations', async () => {
  const property = fc.asyncProperty(
    fc.constantFrom('IMMUTABLE' as const, 'IMMUTABLE_WITH_EXCLUSION' as const, 'MUTABLE_WITH_EXCLUSION' as const),
    fc.array(step, { maxLength: 25 }),
    fc.boolean(),
    async (imageTagMutability, steps, atOnce) => {
      const exclusionFilters = {
        IMMUTABLE: [],
        IMMUTABLE_WITH_EXCLUSION: ['latest', 'dev-*'],
        MUTABLE_WITH_EXCLUSION: ['v*']
      }
      const fixed = imageTagMutability === 'IMMUTABLE' ? TAGS : ['v1', 'v2']
      const { ecr } = cloudOf({
        repositories: [{ name: 'web', imageTagMutability, exclusionFilters: exclusionFilters[imageTagMutability] }]
      })
      const seen = new Map<string, string>()
      const look = () => {
        for (const tag of fixed) {
          const digest = ecr.repository('web').find({ imageTag: tag })?.digest
          if (seen.has(tag)) expect(digest).toBe(seen.get(tag))
          else if (digest !== undefined) seen.set(tag, digest)
        }
      }
      const run = async (next: (typeof steps)[number]) => {
        await take(ecr, next)
        look()
      }
      if (atOnce) await Promise.all(steps.map(run))
      else for (const next of steps) await run(next)
    }
  )
  await fc.assert(property, { numRuns: 80 })
})

test('every manifest that is answered hashes to the digest it is answered under', async () => {
  const property = fc.asyncProperty(fc.string(), fc.boolean(), async (space, viaRegistry) => {
    const { ecr } = cloudOf({ repositories: [{ name: 'web' }] })
    const [image] = IMAGES
    if (image === undefined) throw new Error('no image')
    await put(ecr, 'web', image)
    const text = `${image.manifest.toString('utf8')}${space.replace(/\S/g, ' ')}`
    if (viaRegistry) {
      await registryProtocol(ecr)(request(ecr, 'PUT', '/v2/web/manifests/v1', { body: text }), CALLER)
    } else {
      await call(ecr, 'PutImage', { repositoryName: 'web', imageManifest: text, imageTag: 'v1' })
    }
    const answer = await registryProtocol(ecr)(request(ecr, 'GET', '/v2/web/manifests/v1'), CALLER)
    if (answer.status !== 200) return
    expect(digestOf(textOf(answer.body))).toBe(answer.headers['docker-content-digest'])
    expect(answer.body).toBe(text)
  })
  await fc.assert(property, { numRuns: 100 })
})
