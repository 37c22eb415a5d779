import { createHash } from 'node:crypto'

/** A digest as OCI writes it; ECR and every client of this simulator use sha256 and nothing else. */
export const DIGEST = /^sha256:[a-f0-9]{64}$/

/** The digest of some bytes, `sha256:` and 64 hex digits. */
export function digestOf(bytes: Uint8Array | string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}
