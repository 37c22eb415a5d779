import type { RunResult } from '../outcome.ts'
import { oneLine } from './text.ts'

/** What stands at the top of the run's page. */
export interface Annotation {
  readonly kind: 'error' | 'warning'
  readonly title: string
  /** One or several lines. */
  readonly message: string
}

/** GitHub shows the first lines of an annotation, and drops what is larger than 64 KiB. */
const MOST_SENTENCES = 10

/** The annotation of a run that failed or proved nothing; undefined for one that went well. */
export function annotationOf(result: RunResult): Annotation | undefined {
  if (!result.failed && result.outcome !== 'unproven') return undefined
  const sentences = result.reason.split('\n')
  const lines = sentences.slice(0, MOST_SENTENCES).map(oneLine)
  if (sentences.length > MOST_SENTENCES) lines.push(`…and ${String(sentences.length - MOST_SENTENCES)} more`)
  if (result.remedy !== undefined) lines.push(`What to do: ${oneLine(result.remedy)}`)
  return {
    kind: result.failed ? 'error' : 'warning',
    title: `ECS deploy: ${result.outcome}`,
    message: lines.join('\n')
  }
}
