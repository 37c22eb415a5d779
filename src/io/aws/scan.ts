import { DescribeImageScanFindingsCommand, ECRClient, StartImageScanCommand } from '@aws-sdk/client-ecr'
import {
  IMAGE_ARCHIVED,
  parseSeverity,
  WORST,
  type ScanFinding,
  type ScanReport,
  type Severity
} from '../../decide/image/scan.ts'
import { asObject, isList, isObject, objectsOf, textAt, type Json, type JsonObject } from '../../decide/json.ts'
import { isAwsError } from '../../failure.ts'
import { call, clientConfiguration, type CallPolicy } from './call.ts'
import { DocumentProtocol, sendDocument } from './document.ts'

/** What became of the wish for a scan. */
export type ScanStart =
  | { readonly kind: 'started' }
  /** Not now: the registry scans by itself, or it scanned this image within the last 24 hours. */
  | { readonly kind: 'declined'; readonly why: string }
  | { readonly kind: 'unsupported'; readonly why: string }
  | { readonly kind: 'archived' }

/** The ECR calls about scans; every method throws AwsFailure. */
export interface ScanPort {
  /** The scan of an image as it stands; `undefined` when there has been none. */
  readScan(repository: string, digest: string): Promise<ScanReport | undefined>
  /** Asks for a scan, which only basic scanning grants. */
  startScan(repository: string, digest: string): Promise<ScanStart>
}

/** ECR gives no more at once. */
const PAGE = 1000

/** The ScanPort over the AWS SDK, for the registry of `registryId` (the caller's own when undefined). */
export function createScans(policy: CallPolicy, registryId: string | undefined): ScanPort {
  const client = new ECRClient({ ...clientConfiguration(policy), protocol: DocumentProtocol })
  const registry = registryId === undefined ? {} : { registryId }

  return {
    async readScan(repositoryName, imageDigest) {
      const order = { ...registry, repositoryName, imageId: { imageDigest }, maxResults: PAGE }
      const pages: JsonObject[] = []
      try {
        for (let nextToken: string | undefined; ;) {
          const command = new DescribeImageScanFindingsCommand({ ...order, ...(nextToken && { nextToken }) })
          const answer = await call(policy, 'ecr:DescribeImageScanFindings', 'safe', signal =>
            sendDocument(client, command, signal)
          )
          pages.push(answer)
          nextToken = textAt(answer, 'nextToken')
          if (nextToken === undefined || nextToken === '') return readReport(answer, pages)
        }
      } catch (error) {
        if (isAwsError(error, 'ScanNotFoundException')) return undefined
        if (isAwsError(error, 'ImageArchivedException')) return unread(IMAGE_ARCHIVED)
        throw error
      }
    },

    async startScan(repositoryName, imageDigest) {
      const command = new StartImageScanCommand({ ...registry, repositoryName, imageId: { imageDigest } })
      try {
        await call(policy, 'ecr:StartImageScan', 'safe', signal => sendDocument(client, command, signal))
        return { kind: 'started' }
      } catch (error) {
        if (isAwsError(error, 'ValidationException', 'LimitExceededException')) {
          return { kind: 'declined', why: error.message }
        }
        if (isAwsError(error, 'ImageArchivedException')) return { kind: 'archived' }
        if (isAwsError(error, 'UnsupportedImageTypeException')) return { kind: 'unsupported', why: error.message }
        throw error
      }
    }
  }
}

/** What an error says in place of a report. */
function unread(status: string): ScanReport {
  return { status, description: undefined, isShown: false, counts: new Map(), findings: [], unknown: [] }
}

/** Every page repeats the status and, as far as AWS says, the counts: one that leaves them out clears no image. */
function readReport(last: JsonObject, pages: readonly JsonObject[]): ScanReport {
  const status = asObject(last['imageScanStatus']) ?? {}
  const found = pages.map(page => asObject(page['imageScanFindings']) ?? {})
  const unknown = new Set<string>()
  const severityOf = (text: string): Severity => {
    const severity = parseSeverity(text)
    if (severity === undefined) unknown.add(text)
    return severity ?? WORST
  }
  const counts = highest(found.map(page => readCounts(page['findingSeverityCounts'], severityOf)))
  const findings = found.flatMap(page => [
    ...objectsOf(page['findings']).map(finding => readBasic(finding, severityOf)),
    ...objectsOf(page['enhancedFindings']).map(finding => readEnhanced(finding, severityOf))
  ])
  return {
    status: textAt(status, 'status') ?? '',
    description: textAt(status, 'description'),
    isShown: found.some(
      page => isObject(page['findingSeverityCounts']) || isList(page['findings']) || isList(page['enhancedFindings'])
    ),
    counts,
    findings,
    unknown: [...unknown]
  }
}

type SeverityOf = (text: string) => Severity

function readCounts(value: Json | undefined, severityOf: SeverityOf): ReadonlyMap<Severity, number> {
  const counts = new Map<Severity, number>()
  for (const [name, count] of Object.entries(isObject(value) ? value : {})) {
    if (typeof count !== 'number' || count === 0) continue
    const severity = severityOf(name)
    counts.set(severity, (counts.get(severity) ?? 0) + count)
  }
  return counts
}

function highest(all: readonly ReadonlyMap<Severity, number>[]): ReadonlyMap<Severity, number> {
  const most = new Map<Severity, number>()
  for (const [severity, count] of all.flatMap(counts => [...counts])) {
    most.set(severity, Math.max(count, most.get(severity) ?? 0))
  }
  return most
}

/** Basic scanning names the package in an attribute. */
function readBasic(finding: JsonObject, severityOf: SeverityOf): ScanFinding {
  const attribute = objectsOf(finding['attributes']).find(({ key }) => key === 'package_name')
  return {
    name: textAt(finding, 'name') ?? 'a finding without a name',
    severity: severityOf(textAt(finding, 'severity') ?? ''),
    packageName: attribute && textAt(attribute, 'value')
  }
}

/** Enhanced scanning tells about packages, and about code, which has a title only. */
function readEnhanced(finding: JsonObject, severityOf: SeverityOf): ScanFinding {
  const details = asObject(finding['packageVulnerabilityDetails']) ?? {}
  const [vulnerable] = objectsOf(details['vulnerablePackages'])
  return {
    name: textAt(details, 'vulnerabilityId') ?? textAt(finding, 'title') ?? 'a finding without a name',
    severity: severityOf(textAt(finding, 'severity') ?? ''),
    packageName: vulnerable && textAt(vulnerable, 'name')
  }
}
