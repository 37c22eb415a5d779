import type { WorldFinding } from '../world.ts'
import { EcrFault } from './fault.ts'
import type { Image } from './repository.ts'

/** Which scanner a registry uses: basic on push or on request, enhanced (Amazon Inspector) all the time. */
export type ScanType = 'BASIC' | 'ENHANCED'

/** How a scan can end, in the words of ImageScanStatus. */
export type ScanResult =
  'COMPLETE' | 'FAILED' | 'UNSUPPORTED_IMAGE' | 'SCAN_ELIGIBILITY_EXPIRED' | 'FINDINGS_UNAVAILABLE' | 'LIMIT_EXCEEDED'

/** What a scan of an image finds, and how it ends. */
export interface ScanTraits {
  readonly findings: readonly WorldFinding[]
  readonly result: ScanResult
}

/** What there is to tell of an image's scan at one moment. */
export interface ScanReport extends ScanTraits {
  /** As DescribeImageScanFindings words it; findings are told only when it is COMPLETE or ACTIVE. */
  readonly status: string
  /** Epoch milliseconds. */
  readonly completedAt: number
}

/** An image is scanned on request once in so long. */
const QUOTA_MS = 24 * 60 * 60 * 1000

/** How a registry scans. */
export interface Scanner {
  readonly type: ScanType
  /** How long a scan takes. */
  readonly durationMs: number
}

/** What becomes of a new image: a registry with enhanced scanning scans it at once, as does a repository that says so. */
export function scanPushed(scanner: Scanner, image: Image, scanOnPush: boolean, now: number): void {
  if (image.manifest.kind === 'image' && (scanner.type === 'ENHANCED' || scanOnPush)) image.scannedAt ??= now
}

/** Begins a scan that somebody asks for, or refuses as ECR does. */
export function startScan(scanner: Scanner, image: Image, now: number): void {
  if (scanner.type === 'ENHANCED') throw new EcrFault('Validation', 'This feature is disabled')
  if (image.status === 'ARCHIVED') throw new EcrFault('ImageArchived', 'The image is archived and cannot be scanned')
  if (image.manifest.kind === 'index') {
    throw new EcrFault(
      'UnsupportedImageType',
      `An artifact with media type '${image.manifest.mediaType}' cannot be scanned`
    )
  }
  if (image.scannedAt !== undefined && now - image.scannedAt < QUOTA_MS) {
    throw new EcrFault('LimitExceeded', 'The scan quota per image has been exceeded. Wait and try again.')
  }
  image.scannedAt = now
}

/** The image's scan as it stands; undefined when there has been none. */
export function readScan(scanner: Scanner, image: Image, now: number): ScanReport | undefined {
  const { scannedAt, scan = { findings: [], result: 'COMPLETE' } } = image
  if (scannedAt === undefined) return undefined
  const completedAt = scannedAt + scanner.durationMs
  return { ...scan, status: statusOf(scanner, image, now < completedAt, scan.result), completedAt }
}

function statusOf({ type }: Scanner, image: Image, isUnderWay: boolean, result: ScanResult): string {
  if (image.status === 'ARCHIVED') return 'IMAGE_ARCHIVED'
  if (isUnderWay) return type === 'ENHANCED' ? 'PENDING' : 'IN_PROGRESS'
  return result === 'COMPLETE' && type === 'ENHANCED' ? 'ACTIVE' : result
}
