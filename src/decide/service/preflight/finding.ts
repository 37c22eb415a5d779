import type { FailureCode } from '../../../failure.ts'

/** Something that is known to go wrong, or to be missing, before anything has changed. */
export interface Finding {
  readonly code: FailureCode
  /** An `error` refuses the deployment, a `warning` stands on the run's page, a `hint` in the log alone. */
  readonly severity: 'error' | 'warning' | 'hint'
  readonly sentence: string
  readonly remedy: string
}

/**
 * What findings mean for a service that is set to the revision already: where nothing is started, nothing is refused for
 * what would go wrong with it. Only a tag that may have moved since remains an error, for then nobody can say that the
 * service runs exactly this.
 */
export function withoutDeployment(findings: readonly Finding[]): readonly Finding[] {
  return findings.map(finding =>
    finding.severity === 'error' && finding.code !== 'mutable-tag' ? { ...finding, severity: 'warning' } : finding
  )
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
