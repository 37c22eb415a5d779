import { DIGEST } from '../../cloud/ecr/digest.ts'
import type { Repository } from '../../cloud/ecr/repository.ts'
import type { Upload } from '../../cloud/ecr/uploads.ts'
import type { SimRequest, SimResponse } from '../message.ts'
import { answer, RegistryError } from './answer.ts'
import type { RegistryContext } from './registry.ts'

/**
 * POST: begins an upload, or with `?digest=` does all of it. A wish to mount a blob from another repository is not
 * granted but answered with an ordinary upload, as ECR does unless an account turns mounting on.
 */
export async function startUpload(
  context: RegistryContext,
  repository: Repository,
  request: SimRequest
): Promise<SimResponse> {
  const upload = context.ecr.uploads.start(repository)
  const digest = request.query.get('digest')
  if (digest !== null) return finish(context, upload, digest, request)
  return answer(202, { ...uploadHeaders(context, upload), range: '0-0' })
}

/** What follows a POST: PATCH with bytes, PUT with the digest and perhaps the last bytes, GET to ask, DELETE to give up. */
export async function continueUpload(
  context: RegistryContext,
  repository: Repository,
  id: string,
  request: SimRequest
): Promise<SimResponse> {
  const upload = context.ecr.uploads.find(repository, id)
  switch (request.method) {
    case 'PATCH':
      checkStart(upload, request.headers['content-range'])
      await context.ecr.uploads.receive(upload, request.body)
      // The specification says 202.
      return answer(201, { ...uploadHeaders(context, upload), range: stuckRange(upload) })
    case 'PUT':
      return finish(context, upload, request.query.get('digest') ?? '', request)
    case 'GET':
      return answer(204, { ...uploadHeaders(context, upload), range: stuckRange(upload) })
    case 'DELETE':
      await context.ecr.uploads.cancel(upload)
      return answer(204)
    default:
      throw new RegistryError(405, 'UNSUPPORTED', 'The operation is unsupported.')
  }
}

async function finish(
  context: RegistryContext,
  upload: Upload,
  digest: string,
  request: SimRequest
): Promise<SimResponse> {
  if (!DIGEST.test(digest)) throw new RegistryError(400, 'DIGEST_INVALID', `'${digest}' is no digest`)
  checkStart(upload, request.headers['content-range'])
  await context.ecr.uploads.receive(upload, request.body)
  await context.ecr.uploads.complete(upload, [digest])
  const location = `http://${context.host}/v2/${upload.repository.name}/blobs/${digest}`
  return answer(201, { location, 'docker-content-digest': digest })
}

/** A chunk has to begin where the last one ended; the sentence is ECR's, and says where that is. */
function checkStart(upload: Upload, contentRange: string | undefined): void {
  const start = /^(?:bytes )?(\d+)-\d+/.exec(contentRange ?? '')?.[1]
  if (start === undefined || Number(start) === upload.writer.size) return
  const message = `First byte of the layer part is ${start} instead of ${upload.writer.size}`
  throw new RegistryError(416, 'BLOB_UPLOAD_INVALID', message)
}

/** ECR goes on naming the end of the first chunk although it has stored the later ones. */
function stuckRange(upload: Upload): string {
  return `0-${Math.max(0, (upload.parts[0] ?? 0) - 1)}`
}

function uploadHeaders({ host }: RegistryContext, { id, repository }: Upload): Readonly<Record<string, string>> {
  return { location: `http://${host}/v2/${repository.name}/blobs/uploads/${id}`, 'docker-upload-uuid': id }
}
