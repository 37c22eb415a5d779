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
  const once = new Map(findings.toReversed().map(finding => [finding.sentence, finding]))
  return findings
    .filter(finding => once.get(finding.sentence) === finding)
    .sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity))
}
