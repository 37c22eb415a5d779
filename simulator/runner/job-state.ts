import type { JobStatus } from './expression.ts'
import { SecretMasker } from './masker.ts'

/** What the stages of an action hand on to each other, and at last to whoever ran it. */
export interface JobState {
  readonly masker: SecretMasker
  readonly outputs: Map<string, string>
  /** What main saved for post. */
  readonly state: Map<string, string>
  /** Exported variables. */
  readonly env: Map<string, string>
  /** Directories to look for programs in, in the order they were added: the last one comes first in PATH. */
  readonly path: string[]
  status: JobStatus
}

/** A job before its first step, with secrets to hide. */
export function startJob(secrets: readonly string[]): JobState {
  const masker = new SecretMasker()
  for (const secret of secrets) masker.add(secret)
  return { masker, outputs: new Map(), state: new Map(), env: new Map(), path: [], status: 'success' }
}
