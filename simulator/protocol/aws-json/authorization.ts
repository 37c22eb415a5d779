import { AwsError } from '../operation.ts'

/** What the simulator reads of a signature: it holds no secret keys, so it checks who signed for what, not the hash. */
export interface Signature {
  readonly region: string
}

/**
 * Reads the credential scope of a SigV4 `Authorization` header; refuses a request without one, a header it cannot read
 * and a scope for another service than `signingName`.
 */
export function readSignature(authorization: string | undefined, signingName: string): Signature {
  if (authorization === undefined || authorization === '') {
    throw new AwsError('MissingAuthenticationTokenException', 'Missing Authentication Token')
  }
  const scope = /^AWS4-HMAC-SHA256 .*Credential=[^/\s]+\/\d{8}\/([^/\s,]+)\/([^/\s,]+)\/aws4_request\b/.exec(
    authorization
  )
  const [, region, service] = scope ?? []
  if (region === undefined || !/\bSignature=[0-9a-f]+/.test(authorization)) {
    throw new AwsError(
      'IncompleteSignatureException',
      "Authorization header requires 'Credential', 'SignedHeaders' and 'Signature' parameters."
    )
  }
  if (service !== signingName) {
    throw new AwsError('InvalidSignatureException', `Credential should be scoped to correct service: '${signingName}'.`)
  }
  return { region }
}
