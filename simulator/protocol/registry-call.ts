import type { Ecr } from '../cloud/ecr/ecr.ts'
import { jsonResponse, type Answer, type Call } from './call.ts'
import type { SimRequest, SimResponse } from './message.ts'
import type { Caller } from './operation.ts'
import { registryProtocol } from './registry/registry.ts'

/** What a request to the registry is about, as fault rules and the call log name it after the method. */
const NOUNS: readonly (readonly [string, RegExp])[] = [
  ['ping', /^\/v2\/?$/],
  ['manifests', /^\/v2\/.+\/manifests\/[^/]+$/],
  ['uploads', /^\/v2\/.+\/blobs\/uploads\/[^/]*$/],
  ['blobs', /^\/v2\/.+\/blobs\/[^/]+$/],
  ['tags', /^\/v2\/.+\/tags\/list$/],
  ['referrers', /^\/v2\/.+\/referrers\/[^/]+$/],
  ['layers', /^\/_layers\//]
]

/** Whether the registry answers this path: the OCI endpoint or a download link of GetDownloadUrlForLayer. */
export function isRegistryPath(path: string): boolean {
  return /^\/(v2|_layers)(\/|$)/.test(path)
}

/** Reads one request to the registry as far as it says what is wanted; its body stays where it is. */
export function readRegistryCall(request: SimRequest, ecr: Ecr, caller: Caller): Call {
  const noun = NOUNS.find(([, pattern]) => pattern.test(request.path))?.[0] ?? request.path
  return {
    service: 'registry',
    operation: `${request.method} ${noun}`,
    request: { path: request.path, query: Object.fromEntries(request.query) },
    async run() {
      return withError(await registryProtocol(ecr)(request, caller))
    },
    refuse: ({ code, message, status }) => ({
      response: jsonResponse(status, { errors: [{ code, message }] }),
      error: code
    })
  }
}

/** Names the error of an answer by the code in its body, which an answer to HEAD lacks. */
function withError(response: SimResponse): Answer {
  if (response.status < 400) return { response }
  const text = typeof response.body === 'string' ? response.body : ''
  const code = /"code":"(\w+)"/.exec(text)?.[1]
  return { response, error: code ?? String(response.status) }
}
