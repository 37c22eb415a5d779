import { describe, expect, test } from '@jest/globals'
import type { World } from '../../../simulator/cloud/world.ts'
import { ask, call, cloudOf, imageOf, listOf, put, START_MS, textOf } from './cloud.ts'

const FINDINGS = [
  { name: 'CVE-2026-0001', severity: 'CRITICAL', package: 'openssl' },
  { name: 'CVE-2026-0002', severity: 'LOW' }
] as const

function scanned(changes: Partial<World> = {}, scanOnPush = true): World {
  const images = [
    { tags: ['v1'], findings: FINDINGS },
    { tags: ['multi'], platforms: ['linux/amd64', 'linux/arm64'] }
  ]
  return { repositories: [{ name: 'web', scanOnPush, images }], ...changes }
}

const V1 = { repositoryName: 'web', imageId: { imageTag: 'v1' } }

function after(seconds: number): number {
  return START_MS + seconds * 1000
}

describe('basic scanning', () => {
  test('of a pushed image takes its time, and then tells what it found', async () => {
    const { ecr, timeline } = cloudOf(scanned())
    expect(await ask(ecr, 'DescribeImageScanFindings', V1)).toMatchObject({
      imageId: { imageTag: 'v1' },
      imageScanStatus: { status: 'IN_PROGRESS' }
    })
    timeline.advanceTo(after(20))
    const first = await ask(ecr, 'DescribeImageScanFindings', { ...V1, maxResults: 1 })
    expect(first).toMatchObject({
      imageScanStatus: { status: 'COMPLETE' },
      imageScanFindings: {
        findingSeverityCounts: { CRITICAL: 1, LOW: 1 },
        findings: [
          { name: 'CVE-2026-0001', severity: 'CRITICAL', attributes: [{ key: 'package_name', value: 'openssl' }] }
        ]
      }
    })
    const rest = await ask(ecr, 'DescribeImageScanFindings', { ...V1, maxResults: 1, nextToken: first.nextToken })
    expect(rest).toMatchObject({ imageScanFindings: { findings: [{ name: 'CVE-2026-0002' }] } })
    expect(rest).not.toHaveProperty('nextToken')
  })

  test('begins on request where a push does not begin it, once in 24 hours', async () => {
    const { ecr, timeline } = cloudOf(scanned({}, false))
    expect(await call(ecr, 'DescribeImageScanFindings', V1)).toMatch(/^ScanNotFoundException: /)
    expect(await ask(ecr, 'StartImageScan', V1)).toMatchObject({ imageScanStatus: { status: 'IN_PROGRESS' } })
    timeline.advanceTo(after(60))
    expect(await call(ecr, 'StartImageScan', V1)).toMatch(/^LimitExceededException: The scan quota per image/)
    timeline.advanceTo(after(24 * 3600))
    expect(await ask(ecr, 'StartImageScan', V1)).toMatchObject({ imageScanStatus: { status: 'IN_PROGRESS' } })
  })

  test('reads platform images, and no index', async () => {
    const { ecr, timeline } = cloudOf(scanned())
    const index = { repositoryName: 'web', imageId: { imageTag: 'multi' } }
    expect(await call(ecr, 'StartImageScan', index)).toMatch(/^UnsupportedImageTypeException: .*cannot be scanned$/)
    expect(await call(ecr, 'DescribeImageScanFindings', index)).toMatch(/^ScanNotFoundException: /)
    timeline.advanceTo(after(20))
    const { imageDetails } = await ask(ecr, 'DescribeImages', {
      repositoryName: 'web',
      filter: { tagStatus: 'UNTAGGED' }
    })
    for (const { imageDigest } of listOf(imageDetails)) {
      const imageId = { imageDigest: textOf(imageDigest) }
      expect(await ask(ecr, 'DescribeImageScanFindings', { repositoryName: 'web', imageId })).toMatchObject({
        imageScanStatus: { status: 'COMPLETE' }
      })
    }
  })

  test('of an archived image is refused', async () => {
    const { ecr } = cloudOf(scanned())
    ecr.archiveImage('web', 'v1')
    expect(await call(ecr, 'StartImageScan', V1)).toMatch(/^ImageArchivedException: /)
    expect(await ask(ecr, 'DescribeImageScanFindings', V1)).toMatchObject({
      imageScanStatus: { status: 'IMAGE_ARCHIVED' }
    })
  })

  test('scans what is pushed later, in a repository that says so', async () => {
    const { ecr } = cloudOf(scanned())
    await put(ecr, 'web', imageOf('new'), 'v2')
    expect(
      await ask(ecr, 'DescribeImageScanFindings', { repositoryName: 'web', imageId: { imageTag: 'v2' } })
    ).toMatchObject({ imageScanStatus: { status: 'IN_PROGRESS' } })
  })

  test.each(['FAILED', 'UNSUPPORTED_IMAGE', 'LIMIT_EXCEEDED'] as const)(
    'that ends %s tells no findings',
    async result => {
      const images = [{ tags: ['v1'], findings: FINDINGS, scanResult: result }]
      const { ecr, timeline } = cloudOf({ repositories: [{ name: 'web', scanOnPush: true, images }] })
      timeline.advanceTo(after(20))
      const answer = await ask(ecr, 'DescribeImageScanFindings', V1)
      expect(answer).toMatchObject({ imageScanStatus: { status: result } })
      expect(answer).not.toHaveProperty('imageScanFindings')
    }
  )
})

describe('enhanced scanning', () => {
  test('watches every image, has findings of its own form, and cannot be asked for', async () => {
    const { ecr, timeline } = cloudOf(scanned({ scanType: 'ENHANCED', timings: { scanSeconds: 90 } }, false))
    expect(await ask(ecr, 'DescribeImageScanFindings', V1)).toMatchObject({ imageScanStatus: { status: 'PENDING' } })
    timeline.advanceTo(after(90))
    const answer = await ask(ecr, 'DescribeImageScanFindings', V1)
    expect(answer).toMatchObject({
      imageScanStatus: { status: 'ACTIVE' },
      imageScanFindings: {
        findingSeverityCounts: { CRITICAL: 1, LOW: 1 },
        enhancedFindings: [
          {
            title: 'CVE-2026-0001 - openssl',
            severity: 'CRITICAL',
            packageVulnerabilityDetails: { vulnerabilityId: 'CVE-2026-0001' }
          },
          { title: 'CVE-2026-0002', severity: 'LOW' }
        ]
      }
    })
    expect(answer).not.toHaveProperty('imageScanFindings.findings')
    expect(await call(ecr, 'StartImageScan', V1)).toBe('ValidationException: This feature is disabled')
  })
})

test('a lifecycle policy is told as it was given, and the age of images with it', async () => {
  const policy = { rules: [{ rulePriority: 1 }] }
  const images = [{ tags: ['old'], pushedDaysAgo: 40 }]
  const { ecr } = cloudOf({ repositories: [{ name: 'web', lifecyclePolicy: policy, images }] })
  const answer = await ask(ecr, 'GetLifecyclePolicy', { repositoryName: 'web' })
  expect(JSON.parse(textOf(answer.lifecyclePolicyText))).toEqual(policy)
  const { imageDetails } = await ask(ecr, 'DescribeImages', { repositoryName: 'web' })
  expect(imageDetails).toMatchObject([{ imagePushedAt: START_MS / 1000 - 40 * 24 * 3600 }])
})
