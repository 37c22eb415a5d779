import { DescribeImageScanFindingsCommand, ECRClient, StartImageScanCommand } from '@aws-sdk/client-ecr'
import { parseSeverity, type ScanFinding, type ScanReport, type Severity } from '../../decide/image/scan.ts'
import { asObject, isObject, objectsOf, textAt, type Json, type JsonObject } from '../../decide/json.ts'
import { isAwsError } from '../../failure.ts'
import { call, clientConfiguration, type CallPolicy } from './call.ts'
import { DocumentProtocol, sendDocument } from './document.ts'

/** What became of the wish for a scan. */
export type ScanStart =
  | { readonly kind: 'started' }
  /** Not now: the registry scans by itself, or it scanned this image within the last 24 hours. */
  | { readonly kind: 'declined'; readonly why: string }
  | { readonly kind: 'unsupported'; readonly why: string }

/** The ECR calls about scans; every method throws AwsFailure. */
export interface ScanPort {
  /** The scan of an image as it stands; `undefined` when there has been none. Findings: the first thousand. */
  readScan(repository: string, digest: string): Promise<ScanReport | undefined>
  /** Asks for a scan, which only basic scanning grants. */
  startScan(repository: string, digest: string): Promise<ScanStart>
}

/** The ScanPort over the AWS SDK, for the registry of `registryId` (the caller's own when undefined). */
export function createScans(policy: CallPolicy, registryId: string | undefined): ScanPort {
  const client = new ECRClient({ ...clientConfiguration(policy), protocol: DocumentProtocol })
  const registry = registryId === undefined ? {} : { registryId }

  return {
    async readScan(repositoryName, imageDigest) {
      const imageId = { imageDigest }
      const command = new DescribeImageScanFindingsCommand({ ...registry, repositoryName, imageId, maxResults: 1000 })
      try {
        const answer = await call(policy, 'ecr:DescribeImageScanFindings', 'safe', signal =>
          sendDocument(client, command, signal)
        )
        return readReport(answer)
      } catch (error) {
        if (isAwsError(error, 'ScanNotFoundException')) return undefined
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
        if (isAwsError(error, 'UnsupportedImageTypeException')) return { kind: 'unsupported', why: error.message }
        throw error
      }
    }
  }
}

function readReport(answer: JsonObject): ScanReport {
  const status = asObject(answer['imageScanStatus']) ?? {}
  const found = asObject(answer['imageScanFindings']) ?? {}
  const findings = [
    ...objectsOf(found['findings']).map(readBasic),
    ...objectsOf(found['enhancedFindings']).map(readEnhanced)
  ]
  return {
    status: textAt(status, 'status') ?? '',
    description: textAt(status, 'description'),
    counts: readCounts(found['findingSeverityCounts']),
    findings
  }
}

function readCounts(value: Json | undefined): ReadonlyMap<Severity, number> {
  const counts = new Map<Severity, number>()
  for (const [name, count] of Object.entries(isObject(value) ? value : {})) {
    const severity = parseSeverity(name)
    if (typeof count === 'number') counts.set(severity, (counts.get(severity) ?? 0) + count)
  }
  return counts
}

/** Basic scanning names the package in an attribute. */
function readBasic(finding: JsonObject): ScanFinding {
  const attribute = objectsOf(finding['attributes']).find(({ key }) => key === 'package_name')
  return {
    name: textAt(finding, 'name') ?? 'a finding without a name',
    severity: parseSeverity(textAt(finding, 'severity') ?? ''),
    packageName: attribute && textAt(attribute, 'value')
  }
}

/** Enhanced scanning tells about packages, and about code, which has a title only. */
function readEnhanced(finding: JsonObject): ScanFinding {
  const details = asObject(finding['packageVulnerabilityDetails']) ?? {}
  const [vulnerable] = objectsOf(details['vulnerablePackages'])
  return {
    name: textAt(details, 'vulnerabilityId') ?? textAt(finding, 'title') ?? 'a finding without a name',
    severity: parseSeverity(textAt(finding, 'severity') ?? ''),
    packageName: vulnerable && textAt(vulnerable, 'name')
  }
}
