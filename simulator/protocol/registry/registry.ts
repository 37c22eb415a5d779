import type { Ecr } from '../../cloud/ecr/ecr.ts'
import { LAYER_LINKS } from '../ecr/layers.ts'
import type { SimRequest, SimResponse } from '../message.ts'
import type { Caller } from '../operation.ts'
import { answer, refusal, RegistryError } from './answer.ts'
import { downloadLayer, serveBlob } from './blobs.ts'
import { deleteManifest, listTags, putManifest, serveManifest } from './manifests.ts'
import { continueUpload, startUpload } from './uploads.ts'

/** Where requests of one registry go: what they need besides the request itself. */
export interface RegistryContext {
  readonly ecr: Ecr
  /** The host by which the client reaches the simulator; links in answers start with it. */
  readonly host: string
}

/** `/v2/NAME/KIND/REST`; names have slashes themselves, so the kind is looked for from the end. */
const ROUTE = /^\/v2\/(?<name>.+)\/(?<kind>manifests|blobs\/uploads|blobs|tags|referrers)\/(?<rest>[^/]*)$/

/** The OCI distribution endpoint of a registry, as ECR answers it, and the layer links that it hands out. */
export function registryProtocol(ecr: Ecr): (request: SimRequest, caller: Caller) => Promise<SimResponse> {
  return async (request, caller) => {
    if (request.path.startsWith(LAYER_LINKS)) return downloadLayer(ecr, request)
    const context = { ecr, host: request.headers.host ?? caller.host }
    try {
      const denied = deny(context, request.headers.authorization)
      const response = denied ?? (await route(context, request))
      return request.method === 'HEAD' ? { ...response, body: '' } : response
    } catch (error) {
      const response = refusal(error)
      if (response === undefined) throw error
      return request.method === 'HEAD' ? { ...response, body: '' } : response
    }
  }
}

/** ECR takes the user AWS with a password from GetAuthorizationToken, and nothing else. */
function deny({ ecr }: RegistryContext, authorization = ''): SimResponse | undefined {
  const [scheme, credentials = ''] = authorization.split(' ')
  const [user, password = ''] = Buffer.from(credentials, 'base64').toString('utf8').split(/:(.*)/s)
  const isBasic = scheme?.toLowerCase() === 'basic' && user === 'AWS'
  switch (isBasic ? ecr.credentials.checkPassword(password) : 'unknown') {
    case 'valid':
      return undefined
    case 'expired':
      throw new RegistryError(403, 'DENIED', 'Your authorization token has expired. Reauthenticate and try again.')
    case 'unknown':
      return answer(
        401,
        {
          'content-type': 'text/plain; charset=utf-8',
          'www-authenticate': `Basic realm="http://${ecr.registryHost}/",service="ecr.amazonaws.com"`
        },
        'Not Authorized\n'
      )
  }
}

function route(context: RegistryContext, request: SimRequest): SimResponse | Promise<SimResponse> {
  if (request.path === '/v2/' || request.path === '/v2') {
    return answer(200, { 'content-type': 'application/json; charset=utf-8' }, '{}')
  }
  const match = ROUTE.exec(request.path.replace(/%3A/gi, ':'))?.groups
  if (match === undefined) throw new RegistryError(404, 'UNSUPPORTED', `no such page: ${request.path}`)
  const { name = '', kind = '', rest = '' } = match
  const repository = context.ecr.repository(name)
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  switch (kind) {
    case 'manifests':
      if (isRead) return serveManifest(context, repository, rest, request)
      if (request.method === 'PUT') return putManifest(context, repository, rest, request)
      if (request.method === 'DELETE') return deleteManifest(repository, rest)
      break
    case 'blobs':
      if (isRead) return serveBlob(context, repository, rest, request)
      break
    case 'blobs/uploads':
      if (rest !== '') return continueUpload(context, repository, rest, request)
      if (request.method === 'POST') return startUpload(context, repository, request)
      break
    case 'tags':
      if (isRead && rest === 'list') return listTags(repository, request.query)
      break
    case 'referrers':
      // Clients fall back to the tag scheme of the specification, as they had to with ECR for years.
      throw new RegistryError(404, 'UNSUPPORTED', 'the referrers API is not supported')
  }
  throw new RegistryError(405, 'UNSUPPORTED', 'The operation is unsupported.')
}
