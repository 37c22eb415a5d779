import { DIGEST } from '../../cloud/ecr/digest.ts'
import { EcrFault } from '../../cloud/ecr/fault.ts'
import { deleteImage as deleteFrom, findImage, negotiate } from '../../cloud/ecr/find-image.ts'
import { isManifestType, readManifest } from '../../cloud/ecr/manifest.ts'
import { TAG } from '../../cloud/ecr/put-image.ts'
import type { ImageId, Repository } from '../../cloud/ecr/repository.ts'
import { readBody, type SimRequest, type SimResponse } from '../message.ts'
import { answer, RegistryError } from './answer.ts'
import type { RegistryContext } from './registry.ts'

const MAX_MANIFEST_BYTES = 4 * 1024 * 1024
const MAX_TAGS_PER_PAGE = 1000

/** GET and HEAD of a manifest by tag or digest. */
export function serveManifest(
  { ecr }: RegistryContext,
  repository: Repository,
  reference: string,
  request: SimRequest
): SimResponse {
  const id = imageIdOf(reference)
  const search = findImage(repository, id)
  if (search.kind === 'failed' || search.image.status === 'ARCHIVED') {
    throw new RegistryError(404, 'MANIFEST_UNKNOWN', 'Requested image not found')
  }
  const accepted = (request.headers.accept ?? '').split(',').map(type => type.split(';')[0]?.trim() ?? '')
  const image = negotiate(
    repository,
    search.image,
    id,
    accepted.filter(type => type !== '')
  )
  if (request.method === 'GET') image.lastPulledAt = ecr.timeline.now()
  const headers = { 'content-type': image.manifest.mediaType, 'docker-content-digest': image.digest }
  return answer(200, headers, image.text)
}

/** PUT of a manifest under a tag or digest. The same bytes again are welcome unless the tag is immutable. */
export async function putManifest(
  { ecr, host }: RegistryContext,
  repository: Repository,
  reference: string,
  request: SimRequest
): Promise<SimResponse> {
  const id = imageIdOf(reference)
  const body = await readBody(request.body)
  if (body.length > MAX_MANIFEST_BYTES) {
    throw new RegistryError(
      405,
      'UNSUPPORTED',
      `Invalid parameter at 'imageManifest' failed to satisfy constraint: 'Member must have length less than or equal to ${MAX_MANIFEST_BYTES}'`
    )
  }
  const text = body.toString('utf8')
  const declared = request.headers['content-type']?.split(';')[0]?.trim()
  const mediaType = declared !== undefined && isManifestType(declared) ? declared : undefined
  const manifest = readManifest(text, mediaType)
  if (manifest.subject !== undefined)
    throw new RegistryError(405, 'UNSUPPORTED', 'artifacts with a subject are not supported')
  const put = {
    text,
    mediaType: manifest.mediaType,
    ...(id.imageTag !== undefined && { tag: id.imageTag }),
    ...(id.imageDigest !== undefined && { digest: id.imageDigest })
  }
  const digest = await ecr.putImage(repository, put).then(
    image => image.digest,
    (error: unknown) => digestOfExisting(repository, id, text, error)
  )
  const location = `http://${host}/v2/${repository.name}/manifests/${digest}`
  return answer(201, { location, 'docker-content-digest': digest })
}

/** DELETE of a manifest: by digest only, and not one that an index needs. */
export function deleteManifest(repository: Repository, reference: string): SimResponse {
  const id = imageIdOf(reference)
  if (id.imageDigest === undefined) throw new RegistryError(405, 'UNSUPPORTED', 'The operation is unsupported.')
  const outcome = deleteFrom(repository, id)
  if ('deleted' in outcome) return answer(202)
  if (outcome.code === 'ImageNotFound') throw new RegistryError(404, 'MANIFEST_UNKNOWN', outcome.reason)
  throw new RegistryError(405, 'UNSUPPORTED', outcome.reason)
}

/** The tags of a repository in pages, in the order of their names. */
export function listTags(repository: Repository, query: URLSearchParams): SimResponse {
  const size = query.has('n') ? Number(query.get('n')) : MAX_TAGS_PER_PAGE
  if (!Number.isInteger(size) || size < 1 || size > MAX_TAGS_PER_PAGE) {
    throw new RegistryError(
      405,
      'UNSUPPORTED',
      `Invalid parameter at 'maxResults' failed to satisfy constraint: 'Member must have value between 1 and ${MAX_TAGS_PER_PAGE}'`
    )
  }
  const last = query.get('last') ?? ''
  const rest = [...repository.tags().keys()].sort().filter(tag => tag > last)
  const tags = rest.slice(0, size)
  const next = rest.length > size ? `/v2/${repository.name}/tags/list?n=${size}&last=${tags.at(-1) ?? ''}` : undefined
  return answer(
    200,
    { 'content-type': 'application/json', ...(next !== undefined && { link: `<${next}>; rel="next"` }) },
    JSON.stringify({ name: repository.name, tags })
  )
}

/** Pushing what is there already is no failure over the registry endpoint: docker does it all the time. */
function digestOfExisting(repository: Repository, id: ImageId, text: string, error: unknown): string {
  const image = error instanceof EcrFault && error.kind === 'ImageAlreadyExists' ? repository.find(id) : undefined
  if (image?.text === text) return image.digest
  throw error
}

function imageIdOf(reference: string): ImageId {
  if (DIGEST.test(reference)) return { imageDigest: reference }
  if (TAG.test(reference)) return { imageTag: reference }
  throw new RegistryError(400, 'TAG_INVALID', `'${reference}' is neither a tag nor a digest`)
}
