import { describe, expect, test } from '@jest/globals'
import type { WorldRepository } from '../../simulator/cloud/world.ts'
import { commit, deploy, requests, warnings, writes } from './harness.ts'
import { History } from './history.ts'
import { digestOf, runningDigests, shop, shopOf, WEB } from './shop.ts'

describe('scan', () => {
  const FINDINGS = [
    { name: 'CVE-2026-0001', severity: 'CRITICAL' as const, package: 'openssl' },
    { name: 'CVE-2026-0002', severity: 'HIGH' as const }
  ]
  const WAIT = { ...WEB, scan: 'wait' }
  const scanned = (image: object, repository: Partial<WorldRepository> = { scanOnPush: true }) =>
    shopOf({ ...repository, images: [{ tags: ['main-1111111'] }, { tags: ['main-2222222'], ...image }] })

  test.concurrent('lets an image pass in which nothing bad was found, and says what was', async () => {
    const run = await deploy(scanned({ findings: FINDINGS.slice(1) }), WAIT)
    expect(run.outputs['outcome']).toBe('succeeded')
    expect(runningDigests(run.cloud)).toEqual({ web: digestOf(run.cloud, 'web', 'main-2222222') })
    expect(run.text).toMatch(/the scan of web@sha256:\w{12} found 1 high/)
    expect(run.summary).toContain('found 1 high')
  })

  test.concurrent.each(['BASIC', 'ENHANCED'] as const)(
    '%s: refuses an image before anything changes',
    async scanType => {
      const run = await deploy({ ...scanned({ findings: FINDINGS }), scanType }, WAIT)
      expect(run.outputs).toMatchObject({ outcome: 'rejected', 'reason-code': 'vulnerabilities-found' })
      expect(run.outputs['reason']).toMatch(/found 1 critical, 1 high: CVE-2026-0001 in openssl$/)
      expect(writes(run)).toEqual([])
    }
  )

  test.concurrent('judges by scan-severity', async () => {
    const run = await deploy(scanned({ findings: FINDINGS.slice(1) }), { ...WAIT, 'scan-severity': 'HIGH' })
    expect(run.outputs['reason-code']).toBe('vulnerabilities-found')
  })

  test.concurrent('asks for the scans of the platforms of an index', async () => {
    const run = await deploy(scanned({ platforms: ['linux/amd64', 'linux/arm64'], findings: FINDINGS }), WAIT)
    expect(run.outputs['reason-code']).toBe('vulnerabilities-found')
    expect(run.outputs['reason']?.split('\n')).toHaveLength(2)
  })

  test.concurrent.each([
    'FAILED',
    'UNSUPPORTED_IMAGE',
    'LIMIT_EXCEEDED',
    'FINDINGS_UNAVAILABLE',
    'SCAN_ELIGIBILITY_EXPIRED'
  ] as const)('stays shut when it ends %s', async scanResult => {
    const run = await deploy(scanned({ scanResult }), WAIT)
    expect(run.outputs).toMatchObject({ outcome: 'rejected', 'reason-code': 'scan-incomplete' })
    expect(writes(run)).not.toContain('RegisterTaskDefinition')
  })

  test.concurrent('is only looked at by a dry run', async () => {
    const run = await deploy(scanned({}, {}), { ...WAIT, 'dry-run': 'true' })
    expect(run.outputs['outcome']).toBe('planned')
    expect(run.text).toContain('the run would wait for it')
    expect(writes(run)).toEqual([])
  })
})

describe('a lifecycle policy', () => {
  const expiring = (countType: string, countNumber: number, more: object = {}) => ({
    rules: [
      {
        rulePriority: 7,
        selection: { tagStatus: 'any', countType, countNumber, ...more },
        action: { type: 'expire' }
      }
    ]
  })

  test.concurrent(
    'that will soon take the image or the one before it is a warning, with the rule that would keep it',
    async () => {
      const images = [
        { tags: ['main-1111111'], pushedDaysAgo: 29 },
        { tags: ['main-2222222'], pushedDaysAgo: 28 }
      ]
      const lifecyclePolicy = expiring('sinceImagePushed', 30, { countUnit: 'days' })
      const run = await deploy(shopOf({ images, lifecyclePolicy }), WEB)
      expect(run.outputs['outcome']).toBe('succeeded')
      expect(warnings(run)).toEqual([
        expect.stringMatching(/^rule 7 .* deletes the image deployed here \(main-2222222\) in 2 days.*"main-\*"/),
        expect.stringMatching(/^rule 7 .* deletes the image to go back to in web \(main-1111111\) in 1 days/)
      ])
    }
  )

  test.concurrent(
    'with a rule that keeps the marker says nothing of what gets it, and warns of what loses it',
    async () => {
      const keep = {
        rulePriority: 1,
        selection: {
          tagStatus: 'tagged',
          tagPatternList: ['prod-current'],
          countType: 'imageCountMoreThan',
          countNumber: 1
        },
        action: { type: 'expire' }
      }
      const [expire] = expiring('sinceImagePushed', 1, { countUnit: 'days' }).rules
      const world = shopOf({
        imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
        exclusionFilters: ['prod-current'],
        images: [
          { tags: ['main-1111111', 'prod-current'], pushedDaysAgo: 2 },
          { tags: ['main-2222222'], pushedDaysAgo: 3 }
        ],
        lifecyclePolicy: { rules: [keep, expire] }
      })
      const run = await deploy(world, { ...WEB, 'marker-tag': 'prod-current' })
      expect(run.outputs['outcome']).toBe('succeeded')
      expect(warnings(run)).toEqual([expect.stringContaining('deletes the image to go back to in web (main-1111111)')])
    }
  )

  test.concurrent('that keeps enough says nothing', async () => {
    const run = await deploy(shopOf({ lifecyclePolicy: expiring('imageCountMoreThan', 50) }), WEB)
    expect(run.outputs['outcome']).toBe('succeeded')
    expect(warnings(run)).toEqual([])
  })

  test.concurrent('that may not be read is a note', async () => {
    const denied = { operation: 'ecr:GetLifecyclePolicy', error: 'AccessDeniedException', status: 400 }
    const run = await deploy(shop(), WEB, { faults: [denied] })
    expect(run.outputs['outcome']).toBe('succeeded')
    expect(run.text).toContain('what the lifecycle policy will do is not known')
  })
})

describe('the thousand tags of an image', () => {
  const many = Array.from({ length: 905 }, (_, index) => `t${String(index)}`)
  const worldOf = (tag: string, more: Partial<WorldRepository> = {}) =>
    shopOf({ ...more, images: [{ tags: ['main-1111111'] }, { tags: [tag, ...many] }] })
  const days = { countType: 'sinceImagePushed', countUnit: 'days', countNumber: 900 }
  const keeping = {
    rules: [{ rulePriority: 1, selection: { tagStatus: 'any', ...days }, action: { type: 'expire' } }]
  }
  const WARNED = ['the image deployed here has 907 tags, and ECR takes 1,000 on one image']

  test.concurrent.each([
    ['without a lifecycle policy', {}, 1],
    ['with one, for which two images are read anyway', { lifecyclePolicy: keeping }, 2]
  ])('are warned of from 900 on, %s', async (_, repository, reads) => {
    const run = await deploy(worldOf('hand-made', repository), { ...WEB, image: 'hand-made' }, { sha: commit(4) })
    expect(run.outputs['outcome']).toBe('succeeded')
    expect(warnings(run)).toEqual(WARNED)
    expect(requests(run, 'DescribeImages')).toHaveLength(reads)
  })

  test.concurrent('are counted when the version asks for the tags, and told once', async () => {
    const history = new History('feat: old', 'fix: new')
    const image = { ...history.image(-1), tags: ['hand-made', ...many] }
    const inputs = { ...WEB, version: 'auto', image: 'hand-made', 'tag-image': 'always' }
    const world = shopOf({
      lifecyclePolicy: keeping,
      images: [history.image(0, '1.0.0', 'main-1111111'), image]
    })
    const run = await deploy(world, inputs, history.job())
    expect(run.outputs['outcome']).toBe('succeeded')
    expect(warnings(run)).toEqual([expect.stringMatching(/^the image deployed here has 906 tags/)])
  })

  test.concurrent('are not asked for when the image gets none', async () => {
    const run = await deploy(worldOf('main-2222222'), WEB)
    expect(run.outputs['outcome']).toBe('succeeded')
    expect(warnings(run)).toEqual([])
    expect(requests(run, 'DescribeImages')).toEqual([])
  })

  test.concurrent('that may not be read are a note', async () => {
    const denied = { operation: 'ecr:DescribeImages', error: 'AccessDeniedException', status: 400 }
    const run = await deploy(worldOf('hand-made'), { ...WEB, image: 'hand-made' }, { sha: commit(4), faults: [denied] })
    expect(run.outputs['outcome']).toBe('succeeded')
    expect(run.text).toContain('how many tags the image has is not known')
    expect(warnings(run)).toEqual([])
  })
})
