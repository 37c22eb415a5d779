import { clip } from '../decide/text.ts'
import type { RunResult } from '../outcome.ts'
import { oneLine, sentencesOf } from './text.ts'

/** What stands at the top of the run's page. */
export interface Annotation {
  readonly kind: 'error' | 'warning'
  readonly title: string
  /** One or several lines. */
  readonly message: string
}

/** The runner cuts a message off at 4096 characters, and what to do stands last. */
const LONGEST_REASON = 3000
const LONGEST_REMEDY = 1000

/** The annotation of a run that failed or proved nothing; undefined for one that went well. */
export function annotationOf(result: RunResult): Annotation | undefined {
  if (!result.failed && result.outcome !== 'unproven') return undefined
  const lines = [clip(sentencesOf(result.reason).join('\n'), LONGEST_REASON)]
  if (result.remedy !== undefined) lines.push(`What to do: ${clip(oneLine(result.remedy), LONGEST_REMEDY)}`)
  return {
    kind: result.failed ? 'error' : 'warning',
    title: `ECS deploy: ${result.outcome}`,
    message: lines.join('\n')
  }
}
