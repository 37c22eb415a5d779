import { listed, quoted } from '../wording.ts'

/** Severities of findings, the worst first; https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageScanFinding.html */
export const SEVERITIES = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'INFORMATIONAL', 'UNDEFINED'] as const

/** What a severity that is not known here is taken for: it may be worse than all that are. */
export const WORST: Severity = 'CRITICAL'

/** How bad a finding is. */
export type Severity = (typeof SEVERITIES)[number]

/** The status of an image that is archived; some calls say it by an error. */
export const IMAGE_ARCHIVED = 'IMAGE_ARCHIVED'

/** One thing that a scan found. */
export interface ScanFinding {
  /** `CVE-2026-0001`, … */
  readonly name: string
  readonly severity: Severity
  readonly packageName: string | undefined
}

/** What ECR tells about the scan of one image. */
export interface ScanReport {
  /** ImageScanStatus, in ECR's word. */
  readonly status: string
  readonly description: string | undefined
  /** Whether ECR gave findings, be it that there are none: a scan can be over before they are there. */
  readonly isShown: boolean
  /** By severity; ECR may leave some out. */
  readonly counts: ReadonlyMap<Severity, number>
  readonly findings: readonly ScanFinding[]
  /** Severities that are not known here, as ECR spells them; what has one is counted and listed as `WORST`. */
  readonly unknown: readonly string[]
}

/** Where a scan stands: only `done` says something about the image. */
export type ScanStage =
  /** `stands` continues `the scan is`. */
  | { readonly kind: 'under-way'; readonly stands: string }
  | { readonly kind: 'done' }
  /** There will be no findings, and so nothing that could let the image pass. */
  | { readonly kind: 'never'; readonly why: string; readonly remedy: string }
  /** Nothing scans the image before it is restored. */
  | { readonly kind: 'archived' }

/** What the findings mean for the image. */
export interface ScanVerdict {
  readonly passes: boolean
  /** `1 critical, 3 low`, or `nothing`. */
  readonly found: string
  /** Names of what does not pass, with the package where it is known; at most ten. */
  readonly worst: readonly string[]
}

const MOST_NAMES = 10
const WITHOUT_SCAN = "or deploy without this gate ('scan: off')"

/** Reads ImageScanStatus. A status that is newer than this is waited for, within the limit of the wait. */
export function readStage({ status, description, isShown }: ScanReport): ScanStage {
  switch (status) {
    case 'COMPLETE':
    // Enhanced scanning never completes: it goes on watching an image that it has scanned.
    case 'ACTIVE':
      return isShown ? { kind: 'done' } : { kind: 'under-way', stands: `${status} without findings` }
    case 'FAILED':
      return never(`the scan failed: ${description ?? 'ECR does not say why'}`, 'scan the image again in the console')
    case 'UNSUPPORTED_IMAGE':
      return never('ECR cannot scan what the image is made of', 'base it on an operating system that ECR knows')
    case 'SCAN_ELIGIBILITY_EXPIRED':
      return never('Inspector watches it no longer', 'push it again, or lengthen the re-scan duration in Inspector')
    case 'FINDINGS_UNAVAILABLE':
      return never('its findings are not available', 'look at the scanner of the registry')
    case 'LIMIT_EXCEEDED':
      return never('the quota of scans is used up', 'wait for it, or ask AWS for more')
    case IMAGE_ARCHIVED:
      return { kind: 'archived' }
    default:
      return { kind: 'under-way', stands: quoted(status) }
  }
}

/** Judges findings: one of `threshold` or worse does not pass, be it counted, listed or both. */
export function judgeFindings({ counts, findings, unknown }: ScanReport, threshold: Severity): ScanVerdict {
  const failing = SEVERITIES.slice(0, SEVERITIES.indexOf(threshold) + 1)
  const found = SEVERITIES.map(severity => {
    const named = findings.filter(finding => finding.severity === severity).length
    return { severity, count: Math.max(counts.get(severity) ?? 0, named) }
  })
  const worst = SEVERITIES.flatMap(each => findings.filter(({ severity }) => severity === each))
    .filter(({ severity }) => failing.includes(severity))
    .map(describe)
  return {
    passes: found.every(({ severity, count }) => count === 0 || !failing.includes(severity)),
    found: `${describeCounts(found)}${describeUnknown(unknown)}`,
    worst: [...new Set(worst)].slice(0, MOST_NAMES)
  }
}

/** A severity as ECR or Inspector spells it, whatever its case; Inspector's UNTRIAGED is the same as not defined. */
export function parseSeverity(text: string): Severity | undefined {
  const name = text.toUpperCase()
  return name === 'UNTRIAGED' ? 'UNDEFINED' : SEVERITIES.find(severity => severity === name)
}

function describe({ name, packageName }: ScanFinding): string {
  return packageName === undefined ? listed([name]) : `${listed([name])} in ${listed([packageName])}`
}

function describeCounts(counts: readonly { readonly severity: Severity; readonly count: number }[]): string {
  const parts = counts.flatMap(({ severity, count }) =>
    count === 0 ? [] : [`${String(count)} ${severity.toLowerCase()}`]
  )
  return parts.length === 0 ? 'nothing' : parts.join(', ')
}

function describeUnknown(unknown: readonly string[]): string {
  if (unknown.length === 0) return ''
  const names = unknown.map(name => (name === '' ? 'none given' : quoted(name)))
  return ` (a severity that is not known here counts as ${WORST.toLowerCase()}: ${names.join(', ')})`
}

function never(why: string, remedy: string): ScanStage {
  return { kind: 'never', why, remedy: `${remedy}, ${WITHOUT_SCAN}` }
}
