import { ranked, type Finding } from '../decide/service/preflight/finding.ts'
import type { Emit } from '../event.ts'
import { Failure } from '../failure.ts'

/** Takes findings: tells what was not told before, and throws one Failure for all errors. */
export type TellFindings = (findings: readonly Finding[]) => void

/** Tells findings as they come; those of a later check only where they are new, except that an error is always one. */
export function findingsTo(emit: Emit): TellFindings {
  const told = new Set<string>()
  return findings => {
    const fresh = ranked(findings).filter(({ severity, sentence }) => severity === 'error' || !told.has(sentence))
    for (const { severity, sentence, remedy } of fresh) {
      told.add(sentence)
      const kind = severity === 'warning' ? 'warning' : 'note'
      if (severity !== 'error') emit({ kind, text: `${sentence} (${remedy})` })
    }
    const [first, ...others] = fresh.filter(isError)
    if (first !== undefined) throw asFailure(first, others)
  }
}

/** A failure with what else is known to be wrong, so that one run shows everything there is to mend. */
export function withFindings(error: unknown, findings: readonly Finding[]): unknown {
  if (!(error instanceof Failure)) return error
  const told = error.message.split('\n')
  const others = ranked(findings).filter(finding => isError(finding) && !told.includes(finding.sentence))
  if (others.length === 0) return error
  const { code, message, remedy = '' } = error
  return asFailure({ code, severity: 'error', sentence: message, remedy }, others, error)
}

function asFailure(first: Finding, others: readonly Finding[], cause?: Failure): Failure {
  const all = [first, ...others]
  const remedies = all.map(({ remedy }) => remedy).filter(remedy => remedy !== '')
  return new Failure(first.code, all.map(({ sentence }) => sentence).join('\n'), {
    ...(remedies.length > 0 && { remedy: remedies.join('; ') }),
    ...(cause !== undefined && { cause })
  })
}

function isError({ severity }: Finding): boolean {
  return severity === 'error'
}
