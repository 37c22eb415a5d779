import type { InputReader } from './reader.ts'

/** What can be asked of every mode. */
export interface CommonInputs {
  /** All the reads and none of the writes. */
  readonly dryRun: boolean
  /** How often a call to AWS is tried in all. */
  readonly attempts: number
  /** Whether the job summary is written. */
  readonly summary: boolean
}

/** Reads the inputs that every mode has. */
export function gatherCommonInputs(reader: InputReader): CommonInputs {
  return {
    dryRun: reader.flag('dry-run'),
    attempts: 1 + reader.number('max-retries', { least: 0, most: 100, isWhole: true }),
    summary: reader.flag('summary')
  }
}
