import type { FailureCode } from '../../../failure.ts'

/** Something that is known to go wrong, or to be missing, before anything has changed. */
export interface Finding {
  readonly code: FailureCode
  /** An `error` refuses the deployment, a `warning` stands on the run's page, a `hint` in the log alone. */
  readonly severity: 'error' | 'warning' | 'hint'
  readonly sentence: string
  readonly remedy: string
}

/** What matters most first. */
const SEVERITIES: readonly Finding['severity'][] = ['error', 'warning', 'hint']

/** Findings with the errors first, each sentence once. */
export function ranked(findings: readonly Finding[]): readonly Finding[] {
  const bySentence = new Map<string, Finding>()
  for (const finding of findings) {
    if (!bySentence.has(finding.sentence)) bySentence.set(finding.sentence, finding)
  }
  return [...bySentence.values()].sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity))
}
