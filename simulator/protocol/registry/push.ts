import type { AssembledImage } from '../../cloud/ecr/assemble.ts'
import { digestOf } from '../../cloud/ecr/digest.ts'

interface PushTarget {
  /** Where the registry is, e.g. `http://127.0.0.1:4321`. */
  readonly baseUrl: string
  /** The Authorization header for it. */
  readonly authorization: string
  readonly repository: string
}

/**
 * Pushes an assembled image to any OCI registry: blobs that are missing, the children of an index by digest, and last
 * the image itself under `tag`, or by digest alone. Returns its digest; throws when the registry refuses.
 */
export async function pushImage(
  baseUrl: string,
  authorization: string,
  repository: string,
  image: AssembledImage,
  options: { readonly tag?: string } = {}
): Promise<string> {
  const target = { baseUrl, authorization, repository }
  for (const child of image.children) await pushImage(baseUrl, authorization, repository, child)
  for (const blob of image.blobs) await pushBlob(target, blob)
  await call(target, 'PUT', `manifests/${options.tag ?? image.digest}`, image.manifest, image.mediaType)
  return image.digest
}

async function pushBlob(target: PushTarget, blob: Buffer): Promise<void> {
  const digest = digestOf(blob)
  const present = await send(target, 'HEAD', `blobs/${digest}`)
  if (present.ok) return
  const started = await call(target, 'POST', 'blobs/uploads/')
  const location = new URL(started.headers.get('location') ?? '', target.baseUrl)
  location.searchParams.set('digest', digest)
  await call(target, 'PUT', location.href, blob, 'application/octet-stream')
}

async function call(
  target: PushTarget,
  method: string,
  page: string,
  body?: Buffer,
  contentType?: string
): Promise<Response> {
  const response = await send(target, method, page, body, contentType)
  if (response.ok) return response
  throw new Error(`${method} ${response.url}: ${response.status} ${await response.text()}`)
}

async function send(
  target: PushTarget,
  method: string,
  page: string,
  body?: Buffer,
  contentType?: string
): Promise<Response> {
  const url = new URL(page, `${target.baseUrl}/v2/${target.repository}/`)
  const headers = {
    authorization: target.authorization,
    ...(contentType !== undefined && { 'content-type': contentType })
  }
  const response = await fetch(url, { method, headers, ...(body && { body: new Uint8Array(body) }) })
  if (method === 'HEAD') await response.body?.cancel()
  return response
}
