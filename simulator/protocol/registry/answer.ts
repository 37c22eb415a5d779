import { EcrFault, type FaultKind } from '../../cloud/ecr/fault.ts'
import type { SimResponse } from '../message.ts'

/** A refusal in the words of the OCI distribution specification: HTTP status and code, with ECR's sentence. */
export class RegistryError extends Error {
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message)
    this.name = 'RegistryError'
    this.status = status
    this.code = code
  }
}

/** How ECR's refusals look over the registry endpoint; what is not listed is UNSUPPORTED, as ECR says there. */
const CODES: Partial<Record<FaultKind, { readonly status: number; readonly code: string }>> = {
  ImageDigestDoesNotMatch: { status: 400, code: 'DIGEST_INVALID' },
  ImageNotFound: { status: 404, code: 'MANIFEST_UNKNOWN' },
  ImageTagAlreadyExists: { status: 400, code: 'TAG_INVALID' },
  InvalidLayer: { status: 400, code: 'DIGEST_INVALID' },
  LayersNotFound: { status: 400, code: 'MANIFEST_BLOB_UNKNOWN' },
  LimitExceeded: { status: 403, code: 'DENIED' },
  ReferencedImagesNotFound: { status: 400, code: 'MANIFEST_UNKNOWN' },
  RepositoryNotFound: { status: 404, code: 'NAME_UNKNOWN' },
  UploadNotFound: { status: 404, code: 'BLOB_UPLOAD_UNKNOWN' }
}

/** An answer with the headers that every answer of a registry has. */
export function answer(
  status: number,
  headers: Readonly<Record<string, string>> = {},
  body: SimResponse['body'] = ''
): SimResponse {
  const length = typeof body === 'string' || body instanceof Uint8Array ? Buffer.byteLength(body) : undefined
  return {
    status,
    headers: {
      'docker-distribution-api-version': 'registry/2.0',
      // HTTP forbids a length beside 204; an answer to HEAD names the length of the body it leaves out.
      ...(length === undefined || status === 204 ? {} : { 'content-length': String(length) }),
      ...headers
    },
    body
  }
}

/** What a refusal looks like on the wire, or undefined for an error that is no refusal. */
export function refusal(error: unknown): SimResponse | undefined {
  if (error instanceof EcrFault) {
    const { status, code } = CODES[error.kind] ?? { status: 405, code: 'UNSUPPORTED' }
    return refusal(new RegistryError(status, code, error.message))
  }
  if (!(error instanceof RegistryError)) return undefined
  const body = JSON.stringify({ errors: [{ code: error.code, message: error.message }] })
  return answer(error.status, { 'content-type': 'application/json; charset=utf-8' }, body)
}
