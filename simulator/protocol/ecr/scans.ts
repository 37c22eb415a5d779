import type { Ecr } from '../../cloud/ecr/ecr.ts'
import { EcrFault } from '../../cloud/ecr/fault.ts'
import type { ImageId, Repository } from '../../cloud/ecr/repository.ts'
import { readScan, startScan, type ScanReport } from '../../cloud/ecr/scan.ts'
import type { WorldFinding } from '../../cloud/world.ts'
import type { JsonObject, Operation } from '../operation.ts'
import { requiredImage, written } from './images.ts'
import { imageId, page, structure } from './input.ts'
import { repositoryOf } from './repositories.ts'

const MS_PER_SECOND = 1000

/** The operations on scans of images. */
export function scanOperations(ecr: Ecr): Record<string, Operation> {
  return {
    StartImageScan: input => startImageScan(ecr, input),
    DescribeImageScanFindings: input => describeImageScanFindings(ecr, input)
  }
}

function startImageScan(ecr: Ecr, input: JsonObject): JsonObject {
  const repository = repositoryOf(ecr, input)
  const id = imageId(structure(input, 'imageId'))
  startScan(ecr.scanner, requiredImage(repository, id), ecr.timeline.now())
  return { ...named(repository, id), imageScanStatus: { status: 'IN_PROGRESS' } }
}

function describeImageScanFindings(ecr: Ecr, input: JsonObject): JsonObject {
  const repository = repositoryOf(ecr, input)
  const id = imageId(structure(input, 'imageId'))
  const report = readScan(ecr.scanner, requiredImage(repository, id), ecr.timeline.now())
  if (report === undefined) {
    throw new EcrFault(
      'ScanNotFound',
      `Image scan does not exist for the image with '${written(id)}' in the repository with name '${repository.name}' in the registry with id '${repository.registryId}'`
    )
  }
  const { status } = report
  const head = { ...named(repository, id), imageScanStatus: { status, description: `the scan is ${status}` } }
  if (status !== 'COMPLETE' && status !== 'ACTIVE') return head
  const { items, ...next } = page(input, report.findings)
  const list = ecr.scanner.type === 'BASIC' ? { findings: items.map(basic) } : { enhancedFindings: items.map(enhanced) }
  return { ...head, imageScanFindings: { ...summary(report), ...list }, ...next }
}

function named(repository: Repository, id: ImageId): JsonObject {
  return { registryId: repository.registryId, repositoryName: repository.name, imageId: { ...id } }
}

function summary({ findings, completedAt }: ScanReport): JsonObject {
  const counts: Record<string, number> = {}
  for (const { severity } of findings) counts[severity] = (counts[severity] ?? 0) + 1
  return {
    imageScanCompletedAt: completedAt / MS_PER_SECOND,
    vulnerabilitySourceUpdatedAt: completedAt / MS_PER_SECOND,
    findingSeverityCounts: counts
  }
}

function basic({ name, severity, package: packageName }: WorldFinding): JsonObject {
  const attributes = packageName === undefined ? [] : [{ key: 'package_name', value: packageName }]
  return { name, severity, attributes }
}

function enhanced({ name, severity, package: packageName }: WorldFinding): JsonObject {
  const vulnerablePackages = packageName === undefined ? [] : [{ name: packageName }]
  return {
    title: packageName === undefined ? name : `${name} - ${packageName}`,
    severity,
    status: 'ACTIVE',
    packageVulnerabilityDetails: { vulnerabilityId: name, vulnerablePackages }
  }
}
