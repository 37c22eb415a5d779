import { createCipheriv, createHash } from 'node:crypto'
import { request } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** An image whose layers hold one file of noise each, with their sizes in bytes (multiples of 512), one list a platform. */
export interface LargeImage {
  readonly platforms: Readonly<Record<string, readonly number[]>>
}

/** What was pushed. */
export interface PushedImage {
  /** Digest of the index. */
  readonly digest: string
  /** Layers by digest, with their sizes in bytes. */
  readonly layers: ReadonlyMap<string, number>
}

interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
}

const INDEX = 'application/vnd.oci.image.index.v1+json'
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
const CONFIG = 'application/vnd.oci.image.config.v1+json'
const LAYER = 'application/vnd.oci.image.layer.v1.tar'
const TAR_BLOCK = 512
const CHUNK = Buffer.alloc(1024 * 1024)

/** Pushes an index of images, whose bytes no compression makes smaller, to a registry at `host` without credentials. */
export async function pushLargeImage(host: string, name: string, tag: string, image: LargeImage): Promise<PushedImage> {
  const layers = new Map<string, number>()
  const children: object[] = []
  for (const [platform, sizes] of Object.entries(image.platforms)) {
    const [os = '', architecture = ''] = platform.split('/')
    const own: Descriptor[] = []
    for (const [index, size] of sizes.entries()) {
      const seed = `${name}:${tag} ${platform} ${String(index)}`
      const digest = await digestOf(layer(seed, size))
      await pushBlob(host, name, { mediaType: LAYER, digest, size }, layer(seed, size))
      layers.set(digest, size)
      own.push({ mediaType: LAYER, digest, size })
    }
    const rootfs = { type: 'layers', diff_ids: own.map(({ digest }) => digest) }
    const config = Buffer.from(JSON.stringify({ os, architecture, config: {}, rootfs }))
    const descriptor = { mediaType: CONFIG, digest: sha256(config), size: config.length }
    await pushBlob(host, name, descriptor, [config])
    const manifest = { schemaVersion: 2, mediaType: MANIFEST, config: descriptor, layers: own }
    const child = await pushManifest(host, name, undefined, manifest)
    children.push({ ...child, platform: { os, architecture } })
  }
  const { digest } = await pushManifest(host, name, tag, { schemaVersion: 2, mediaType: INDEX, manifests: children })
  return { digest, layers }
}

/** An archive of one file, which an engine can unpack; https://www.gnu.org/software/tar/manual/html_node/Standard.html */
function* layer(seed: string, size: number): Generator<Buffer> {
  const content = size - 3 * TAR_BLOCK
  const header = Buffer.alloc(TAR_BLOCK)
  header.write(`noise-${createHash('md5').update(seed).digest('hex')}`, 0)
  header.write(`0000644\0${'0000000\0'.repeat(2)}${content.toString(8).padStart(11, '0')}\0${'0'.repeat(11)}\0`, 100)
  header.write('        0', 148)
  header.write('ustar\x0000', 257)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  yield header
  yield* noise(seed, content)
  yield Buffer.alloc(2 * TAR_BLOCK)
}

/** The same noise for the same seed, as fast as the processor encrypts. */
function* noise(seed: string, size: number): Generator<Buffer> {
  const cipher = createCipheriv('aes-128-ctr', createHash('md5').update(seed).digest(), Buffer.alloc(16))
  for (let left = size; left > 0; left -= CHUNK.length) {
    yield cipher.update(left < CHUNK.length ? CHUNK.subarray(0, left) : CHUNK)
  }
}

async function digestOf(chunks: Iterable<Buffer>): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(Readable.from(chunks), hash)
  return `sha256:${hash.digest('hex')}`
}

function sha256(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

async function pushBlob(host: string, name: string, blob: Descriptor, chunks: Iterable<Buffer>): Promise<void> {
  const begun = await fetch(`http://${host}/v2/${name}/blobs/uploads/`, { method: 'POST' })
  const location = new URL(begun.headers.get('location') ?? '', `http://${host}`)
  location.searchParams.set('digest', blob.digest)
  const headers = { 'content-type': 'application/octet-stream', 'content-length': String(blob.size) }
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const sending = request(location, { method: 'PUT', headers }, answer => {
      answer.resume()
      resolve(answer.statusCode)
    })
    pipeline(Readable.from(chunks), sending).catch(reject)
  })
  if (status !== 201) throw new Error(`the registry at ${host} answered ${String(status)} to a blob`)
}

async function pushManifest(
  host: string,
  name: string,
  tag: string | undefined,
  manifest: { readonly mediaType: string; readonly [member: string]: unknown }
): Promise<Descriptor> {
  const body = JSON.stringify(manifest)
  const digest = sha256(Buffer.from(body))
  const headers = { 'content-type': manifest.mediaType }
  const put = await fetch(`http://${host}/v2/${name}/manifests/${tag ?? digest}`, { method: 'PUT', headers, body })
  if (!put.ok)
    throw new Error(`the registry at ${host} answered ${String(put.status)} to a manifest: ${await put.text()}`)
  return { mediaType: manifest.mediaType, digest, size: Buffer.byteLength(body) }
}
