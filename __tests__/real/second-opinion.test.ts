import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createHash } from 'node:crypto'
import { type RunningSimulator, startSimulator } from '../../simulator/server.ts'
import { awsText, realPart } from './support/command.ts'
import { SHOP } from './support/worlds.ts'

interface Registry {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

interface Answer {
  readonly status: number
  readonly digest?: string | null
  readonly type?: string | null
  readonly code?: string | undefined
  readonly length?: number
}

const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json'
const NAME = 'shop/loose'
const OTHER = 'shop/pushed'
const MISSING = `sha256:${'0'.repeat(64)}`

const LAYER = Buffer.from('not really a layer, but a registry does not look inside')
const CONFIG = Buffer.from('{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}')
const MANIFEST = Buffer.from(
  JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digest(CONFIG), size: CONFIG.length },
    layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: digest(LAYER), size: LAYER.length }]
  })
)

function digest(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

async function call(registry: Registry, path: string, init: RequestInit = {}): Promise<Response> {
  const url = new URL(path, registry.url)
  return fetch(url, { ...init, headers: { ...registry.headers, ...(init.headers as Record<string, string>) } })
}

async function startUpload(registry: Registry, name: string): Promise<string> {
  const response = await call(registry, `/v2/${name}/blobs/uploads/`, { method: 'POST' })
  return response.headers.get('location') ?? ''
}

async function finishUpload(registry: Registry, location: string, body: Buffer, claim: string): Promise<Response> {
  const path = `${location}${location.includes('?') ? '&' : '?'}digest=${claim}`
  const headers = { 'content-type': 'application/octet-stream' }
  return call(registry, path, { method: 'PUT', body: new Uint8Array(body), headers })
}

/** Pushes one image the long way and reads it back, noting what a client goes by. */
async function converse(registry: Registry): Promise<Readonly<Record<string, Answer>>> {
  const answers: Record<string, Answer> = {}
  const note = async (what: string, response: Response): Promise<void> => {
    const text = await response.text()
    if (response.ok) {
      const type = response.headers.get('content-type')
      const stored = response.headers.get('docker-content-digest')
      answers[what] = { status: response.status, digest: stored, ...(what.startsWith('manifest') ? { type } : {}) }
      if (what.includes('get') || what.includes('range')) answers[what] = { ...answers[what], length: text.length }
    } else {
      const { errors } = (text === '' ? {} : JSON.parse(text)) as { readonly errors?: readonly { code: string }[] }
      answers[what] = { status: response.status, code: errors?.[0]?.code }
    }
  }

  await note('base', await call(registry, '/v2/'))
  await note('blob missing', await call(registry, `/v2/${NAME}/blobs/${MISSING}`))
  await note('blob missing head', await call(registry, `/v2/${NAME}/blobs/${MISSING}`, { method: 'HEAD' }))
  await note('manifest missing', await call(registry, `/v2/${NAME}/manifests/none`))

  const upload = await startUpload(registry, NAME)
  const headers = { 'content-type': 'application/octet-stream' }
  const patched = await call(registry, upload, { method: 'PATCH', body: new Uint8Array(LAYER), headers })
  await note('upload patch', patched)
  const next = patched.headers.get('location') ?? ''
  await note('upload put', await finishUpload(registry, next, Buffer.alloc(0), digest(LAYER)))
  await note('upload lie', await finishUpload(registry, await startUpload(registry, NAME), CONFIG, digest(LAYER)))
  await note('upload at once', await finishUpload(registry, await startUpload(registry, NAME), CONFIG, digest(CONFIG)))

  const blob = `/v2/${NAME}/blobs/${digest(LAYER)}`
  await note('blob head', await call(registry, blob, { method: 'HEAD' }))
  await note('blob get', await call(registry, blob))
  await note('blob range', await call(registry, blob, { headers: { range: 'bytes=4-9' } }))
  const mount = `/v2/${OTHER}/blobs/uploads/?mount=${digest(LAYER)}&from=${NAME}`
  await note('blob mount', await call(registry, mount, { method: 'POST' }))

  const body = new Uint8Array(MANIFEST)
  const put = { method: 'PUT', body, headers: { 'content-type': MANIFEST_TYPE } }
  await note('manifest put', await call(registry, `/v2/${NAME}/manifests/one`, put))
  await note('manifest put again', await call(registry, `/v2/${NAME}/manifests/one`, put))
  await note('manifest second tag', await call(registry, `/v2/${NAME}/manifests/two`, put))
  await note('manifest by digest', await call(registry, `/v2/${NAME}/manifests/${digest(MANIFEST)}`, put))
  const accept = { headers: { accept: MANIFEST_TYPE } }
  await note('manifest get', await call(registry, `/v2/${NAME}/manifests/two`, accept))
  await note('manifest head', await call(registry, `/v2/${NAME}/manifests/one`, { ...accept, method: 'HEAD' }))
  return answers
}

/** Where ECR is known to answer otherwise than the registry that the protocol comes from. */
function departures(real: Readonly<Record<string, Answer>>): Readonly<Record<string, Answer>> {
  return {
    'upload patch': { status: 201, digest: null },
    // Mounting is off: the upload begins as if nothing had been offered.
    'blob mount': { status: 202, digest: null },
    // A download link on another host leads to the bytes.
    'blob get': { status: 200, digest: null, length: LAYER.length },
    'blob range': { status: 206, digest: null, length: real['blob range']?.length ?? 0 }
  }
}

describe('a registry nobody here wrote', () => {
  let sim: RunningSimulator
  let simulated: Registry
  beforeAll(async () => {
    sim = await startSimulator({ world: SHOP })
    const password = (await awsText(sim.url, 'ecr', 'get-login-password')).trim()
    const authorization = `Basic ${Buffer.from(`AWS:${password}`).toString('base64')}`
    simulated = { url: sim.url, headers: { authorization } }
  })
  afterAll(() => sim.close())

  test('answers a whole push and pull as the simulator does, but for what is known of ECR', async () => {
    const real = await converse({ url: `http://${realPart('REAL_REGISTRY')}`, headers: {} })
    expect(real['manifest get']).toMatchObject({ status: 200, digest: digest(MANIFEST), length: MANIFEST.length })
    expect(await converse(simulated)).toEqual({ ...real, ...departures(real) })
  })
})
