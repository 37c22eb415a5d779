import { expect, test } from '@jest/globals'
import { createRegistry } from '../../src/io/registry/registry.ts'
import { resolveForeign, type ForeignImage } from '../../src/steps/resolve-foreign.ts'
import { descriptorOf, serve, type Answer } from '../io/registry/server.ts'
import { virtualWorld } from '../properties/virtual-world.ts'

const CONFIG = { digest: descriptorOf(Buffer.from('{}')).digest, size: 2 }
const MANIFEST = Buffer.from(JSON.stringify({ schemaVersion: 2, config: CONFIG, layers: [] }))
const { digest: DIGEST } = descriptorOf(MANIFEST)

interface Resolved {
  readonly outcome: ForeignImage | { readonly code: string; readonly message: string; readonly remedy?: string }
  readonly seconds: number
  readonly asked: number
}

/** Resolves an image of a registry that answers like this, in virtual time. */
async function resolve(name: string, answer: Answer): Promise<Resolved> {
  const server = await serve(answer)
  const { world, close } = virtualWorld({}, [])
  const { clock } = world
  const startedAt = clock.now()
  const registry = createRegistry({ clock, findCredentials: async () => undefined })
  try {
    const outcome = await resolveForeign(
      { ...world, registry: () => Promise.resolve(registry) },
      `${server.host}/${name}`,
      () => undefined
    ).catch((error: unknown) => error as Resolved['outcome'])
    return { outcome, seconds: (clock.now() - startedAt) / 1000, asked: server.received.length }
  } finally {
    server.close()
    close()
  }
}

/** Refuses so many requests, and then gives the manifest. */
function downFor(times: number, headers: Record<string, string> = {}): Answer {
  let left = times
  return (_, response) => {
    if (left-- > 0) response.writeHead(503, headers).end()
    else response.writeHead(200, { 'content-type': 'application/vnd.oci.image.manifest.v1+json' }).end(MANIFEST)
  }
}

test('a registry that is down for some seconds is asked again for a tag, which nobody else knows', async () => {
  expect(await resolve('app:1.2.3', downFor(5))).toMatchObject({ outcome: { digest: DIGEST }, asked: 6 })
})

test.each([{}, { 'retry-after': '30' }])(
  'one that stays down (%j) ends the wait with the way round it',
  async headers => {
    const { outcome, seconds } = await resolve('app:1.2.3', downFor(Infinity, headers))
    expect(outcome).toMatchObject({
      code: 'registry-error',
      message: expect.stringContaining('answered 503') as unknown
    })
    expect(outcome).toMatchObject({
      remedy: expect.stringMatching(/^run this job again when .*\/app:1\.2\.3@sha256:…$/)
    })
    expect(seconds).toBeLessThan(180)
  }
)

test('a digest does without the answer within seconds', async () => {
  const { outcome, seconds } = await resolve(`app@${DIGEST}`, downFor(Infinity))
  expect(outcome).toMatchObject({ digest: DIGEST, manifest: undefined })
  expect(seconds).toBeLessThan(5)
})
