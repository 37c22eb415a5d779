import { readDenial, remedyForDenial, saysDenied } from '../../decide/denial.ts'
import type { FailureCode } from '../../failure.ts'

/** What an error of AWS means for the run. */
interface Meaning {
  readonly code: FailureCode
  /** Undefined where nothing helps that goes for every call. */
  readonly remedy?: string
}

const CREDENTIAL_ERRORS = new Set([
  'ExpiredTokenException',
  'ExpiredToken',
  'UnrecognizedClientException',
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
  'InvalidClientTokenId',
  'MissingAuthenticationTokenException',
  'IncompleteSignatureException'
])
const DENIALS = new Set(['AccessDeniedException', 'AccessDenied', 'NotAuthorized'])

/**
 * Reads the code of an AWS error, and of one that ECS calls a mistake of the client its sentence too: in that way it says
 * at times that a role may not be passed.
 */
export function meaningOf(awsCode: string, operation: string, said: string): Meaning {
  if (DENIALS.has(awsCode) || (awsCode === 'ClientException' && saysDenied(said))) {
    return { code: 'access-denied', remedy: remedyForDenial(readDenial(operation, said)) }
  }
  if (CREDENTIAL_ERRORS.has(awsCode)) {
    const remedy = 'let aws-actions/configure-aws-credentials fetch fresh credentials right before this step'
    return { code: 'credentials', remedy }
  }
  if (/throttl|toomanyrequests|requestlimitexceeded/i.test(awsCode)) {
    const remedy = 'run fewer jobs at once against this account, or ask AWS for a higher rate'
    return { code: 'throttled', remedy }
  }
  return { code: 'aws-error' }
}
