import { DIGEST } from '../../cloud/ecr/digest.ts'
import type { Ecr } from '../../cloud/ecr/ecr.ts'
import type { ByteRange } from '../../cloud/ecr/blobs.ts'
import type { Repository } from '../../cloud/ecr/repository.ts'
import { layerLink, LAYER_LINKS } from '../ecr/layers.ts'
import type { SimRequest, SimResponse } from '../message.ts'
import { answer, RegistryError } from './answer.ts'
import type { RegistryContext } from './registry.ts'

/** HEAD of a blob says that it is there; GET sends the client on to a link that needs no credentials, as ECR does. */
export function serveBlob(
  { ecr, host }: RegistryContext,
  repository: Repository,
  digest: string,
  request: SimRequest
): SimResponse {
  if (!DIGEST.test(digest)) throw new RegistryError(400, 'DIGEST_INVALID', `'${digest}' is no digest`)
  const size = ecr.blobs.size(digest)
  if (size === undefined || !repository.layers.has(digest)) {
    throw new RegistryError(404, 'BLOB_UNKNOWN', 'blob unknown to registry')
  }
  if (request.method === 'GET') return answer(307, { location: layerLink(ecr, digest, host) })
  return answer(200, {
    'content-type': 'application/octet-stream',
    'content-length': String(size),
    'docker-content-digest': digest
  })
}

/** Serves a link of GetDownloadUrlForLayer or of a blob redirect: the bytes of a layer, or a range of them. */
export function downloadLayer(ecr: Ecr, request: SimRequest): SimResponse {
  const digest = request.path.slice(LAYER_LINKS.length).replace(/%3A/gi, ':')
  if (!ecr.credentials.checkLink(digest, request.query)) return plain(403, 'Request has expired or is not signed\n')
  const size = ecr.blobs.size(digest)
  if (size === undefined) return plain(404, 'The layer does not exist any more\n')
  const range = readRange(request.headers.range, size)
  if (range === 'unsatisfiable') return { ...plain(416, ''), headers: { 'content-range': `bytes */${size}` } }
  const length = range === undefined ? size : range.last - range.first + 1
  const headers = {
    'content-type': 'application/octet-stream',
    'content-length': String(length),
    'accept-ranges': 'bytes',
    ...(range && { 'content-range': `bytes ${range.first}-${range.last}/${size}` })
  }
  const body = request.method === 'HEAD' ? '' : ecr.blobs.stream(digest, range)
  return { status: range === undefined ? 200 : 206, headers, body }
}

/** The one range that a Range header asks for; what is no such header is ignored, as HTTP has it. */
export function readRange(header: string | undefined, size: number): ByteRange | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '')
  if (match === null) return undefined
  const [, from = '', to = ''] = match
  if (from === '' && to === '') return undefined
  const first = from === '' ? Math.max(0, size - Number(to)) : Number(from)
  const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1)
  return first > last ? 'unsatisfiable' : { first, last }
}

function plain(status: number, body: string): SimResponse {
  return { status, headers: { 'content-type': 'text/plain', 'content-length': String(body.length) }, body }
}
