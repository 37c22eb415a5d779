import { describe, expect, test } from '@jest/globals'
import type { World as SimulatedWorld, WorldRepository } from '../../simulator/cloud/world.ts'
import type { Change } from '../../simulator/control/change.ts'
import type { FaultRule } from '../../simulator/control/faults.ts'
import { deployVirtually, type VirtualScene } from '../action/virtual-run.ts'
import { shop } from '../action/shop.ts'

const FINDINGS = [{ name: 'CVE-2026-0001', severity: 'CRITICAL' as const }]

function scanned(repository: Partial<WorldRepository>, changes: Partial<SimulatedWorld> = {}): SimulatedWorld {
  const images = [{ tags: ['main-1111111'] }, { tags: ['main-2222222'], findings: FINDINGS }]
  return {
    ...shop(),
    repositories: [{ name: 'web', imageTagMutability: 'IMMUTABLE', images, ...repository }],
    ...changes
  }
}

const ARCHIVED: Change = { archiveImage: { repository: 'web', tag: 'main-2222222' } }

function archived(operation: string): FaultRule {
  return { operation: `ecr:${operation}`, error: 'ImageArchivedException', status: 400, times: 'always' }
}

const inputs = { scan: 'wait' }

describe('the wait for a scan', () => {
  test('lasts until it is done', async () => {
    const world = scanned({ scanOnPush: true }, { timings: { scanSeconds: 100 } })
    const { outputs, log } = await deployVirtually({ world, inputs })
    expect(outputs['reason-code']).toBe('vulnerabilities-found')
    expect(log).toContain('waiting for the scan of web@sha256:')
    expect(log).toMatch(/still waiting for the scan of web@sha256:\w+: IN_PROGRESS/)
  })

  test('asks for a scan where none begins by itself, once', async () => {
    const { outputs, log } = await deployVirtually({ world: scanned({}), inputs })
    expect(outputs['reason-code']).toBe('vulnerabilities-found')
    expect(log.match(/asked for a scan of web@sha256:\w+, which had none/g)).toHaveLength(1)
  })

  test('does not ask Inspector, which scans by itself', async () => {
    const { outputs, log } = await deployVirtually({ world: scanned({}, { scanType: 'ENHANCED' }), inputs })
    expect(outputs['reason-code']).toBe('vulnerabilities-found')
    expect(log).not.toContain('asked for a scan')
  })

  test('goes on when a scan cannot be asked for now', async () => {
    const limited = { operation: 'ecr:StartImageScan', error: 'LimitExceededException', status: 400 }
    const missing = {
      operation: 'ecr:DescribeImageScanFindings',
      error: 'ScanNotFoundException',
      status: 400,
      times: 6
    }
    const world = scanned({ scanOnPush: true })
    const { outputs, log } = await deployVirtually({ world, inputs, faults: [limited, missing] })
    expect(outputs['reason-code']).toBe('vulnerabilities-found')
    expect(log).toContain('can be asked for: ')
  })

  test.each([
    [
      'is not done',
      scanned({ scanOnPush: true }, { timings: { scanSeconds: 86_400 } }),
      /is 'IN_PROGRESS' after 15 min/
    ],
    ['does not begin', scanned({}), /no scan of web@sha256:\w+ has begun within 15 minutes/]
  ])('ends after a quarter of an hour when it %s', async (_, world, reason) => {
    const never = {
      operation: 'ecr:StartImageScan',
      error: 'ValidationException',
      status: 400,
      times: 'always' as const
    }
    const { outputs } = await deployVirtually({ world, inputs, faults: [never] })
    expect(outputs).toMatchObject({ outcome: 'rejected', 'reason-code': 'scan-incomplete' })
    expect(outputs['reason']).toMatch(reason)
  })

  test.each([
    ['an image of a kind that is not scanned', 'UnsupportedImageTypeException', 'scan-incomplete'],
    ['a role that may not ask for scans', 'AccessDeniedException', 'access-denied']
  ])('ends at once for %s', async (_, error, code) => {
    const refused = { operation: 'ecr:StartImageScan', error, status: 400, times: 'always' as const }
    const { outputs } = await deployVirtually({ world: scanned({}), inputs, faults: [refused] })
    expect(outputs['reason-code']).toBe(code)
  })

  test.each<[string, Partial<VirtualScene>]>([
    ['archived while it is waited for', { meanwhile: [{ atSeconds: 7, change: ARCHIVED }] }],
    ['said to be archived when its scan is read', { faults: [archived('DescribeImageScanFindings')] }],
    ['said to be archived when a scan is asked for', { faults: [archived('StartImageScan')] }]
  ])('ends at once for an image that is %s, with the whole command that restores it', async (_, scene) => {
    const { outputs, result } = await deployVirtually({ world: scanned({}), inputs, ...scene })
    expect(outputs).toMatchObject({ outcome: 'rejected', 'reason-code': 'image-archived' })
    expect(outputs['reason']).toMatch(/^web@sha256:\w{12} cannot be judged by its scan: it is archived$/)
    const place = '--region eu-west-1 --registry-id 123456789012 --repository-name web'
    const named = `--image-id imageDigest=${outputs['image-digest'] ?? ''}`
    expect(result.remedy).toContain(
      `aws ecr update-image-storage-class ${place} ${named} --target-storage-class STANDARD`
    )
  })

  test('says nothing of what is read only when it is asked', async () => {
    const denied = { operation: 'ecr:DescribeImageScanFindings', error: 'AccessDeniedException', status: 400 }
    expect((await deployVirtually({ world: scanned({}), faults: [denied] })).outputs['outcome']).toBe('succeeded')
    expect((await deployVirtually({ world: scanned({}), inputs, faults: [denied] })).outputs['reason-code']).toBe(
      'access-denied'
    )
  })
})
