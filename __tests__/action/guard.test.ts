import { describe, expect, test } from '@jest/globals'
import type { World, WorldRepository } from '../../simulator/cloud/world.ts'
import { startSimulator } from '../../simulator/server.ts'
import { commit, deploy, deployTo, writes, type Deployed } from './harness.ts'
import { digestOf, FARGATE, REGISTRY, runningDigests, shop, tagsOf, WEB, whatThereIs } from './shop.ts'

/** The shop with other settings of its repository. */
function shopWith(repository: Partial<WorldRepository>, changes: Partial<World> = {}): World {
  const world = shop()
  const [web = { name: 'web' }] = world.repositories ?? []
  return { ...world, repositories: [{ ...web, ...repository }], ...changes }
}

const MUTABLE: Partial<WorldRepository> = { imageTagMutability: 'MUTABLE' }

function mutabilityOf({ cloud }: Deployed): unknown {
  const { imageTagMutability, exclusionFilters } = cloud.ecr.repositories[0] ?? {}
  return [imageTagMutability, ...(exclusionFilters ?? []).map(({ filter }) => filter)]
}

function warnings({ annotations }: Deployed): readonly string[] {
  return annotations.filter(({ level }) => level === 'warning').map(({ message }) => message)
}

describe('tag-immutability', () => {
  test.concurrent('warns, and what is deployed is a digest', async () => {
    const run = await deploy(shopWith(MUTABLE), WEB)
    expect(run.outputs).toMatchObject({
      outcome: 'succeeded',
      image: expect.stringContaining('web@sha256:') as unknown
    })
    expect(warnings(run)).toEqual([expect.stringContaining("repository 'web' lets main-2222222 be moved (MUTABLE)")])
  })

  test.concurrent('ignore keeps quiet', async () => {
    const run = await deploy(shopWith(MUTABLE), { ...WEB, 'tag-immutability': 'ignore' })
    expect(run.outputs['outcome']).toBe('succeeded')
    expect(warnings(run)).toEqual([])
  })

  test.concurrent('require refuses before anything changes, and says what would help', async () => {
    const run = await deploy(shopWith(MUTABLE), { ...WEB, 'tag-immutability': 'require' })
    expect(run.outputs).toMatchObject({ outcome: 'rejected', 'reason-code': 'mutable-repository' })
    expect(run.text).toContain(
      'aws ecr put-image-tag-mutability --repository-name web --image-tag-mutability IMMUTABLE'
    )
    expect(writes(run)).toEqual([])
    expect((await deploy(shop(), { ...WEB, 'tag-immutability': 'require' })).outputs['outcome']).toBe('succeeded')
  })

  test.concurrent('enforce turns it on, and the tag that cannot move any more is what is deployed', async () => {
    const run = await deploy(shopWith(MUTABLE), { ...WEB, 'tag-immutability': 'enforce' })
    expect(run.outputs).toMatchObject({ outcome: 'succeeded', image: `${REGISTRY}/web:main-2222222` })
    expect(mutabilityOf(run)).toEqual(['IMMUTABLE'])
    expect(run.text).toContain('it becomes IMMUTABLE')
    const again = await deploy(shop(), { ...WEB, 'tag-immutability': 'enforce' })
    expect(writes(again)).not.toContain('PutImageTagMutability')
  })

  test.concurrent('enforce changes nothing in a dry run', async () => {
    const run = await deploy(shopWith(MUTABLE), { ...WEB, 'tag-immutability': 'enforce', 'dry-run': 'true' })
    expect(run.outputs['outcome']).toBe('planned')
    expect(run.text).toContain('it becomes IMMUTABLE')
    expect(whatThereIs(run.cloud)).toEqual(whatThereIs(run.cloudBefore))
  })

  test.concurrent('enforce fails before a deployment when it is not allowed', async () => {
    const denied = { operation: 'ecr:PutImageTagMutability', error: 'AccessDeniedException', status: 400 }
    const run = await deploy(shopWith(MUTABLE), { ...WEB, 'tag-immutability': 'enforce' }, { faults: [denied] })
    expect(run.outputs).toMatchObject({ outcome: 'rejected', 'reason-code': 'access-denied' })
    expect(writes(run)).not.toContain('RegisterTaskDefinition')
  })
})

describe('marker-tag', () => {
  const excluded: Partial<WorldRepository> = {
    imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
    exclusionFilters: ['prod-current']
  }
  const MARKED = { ...WEB, 'marker-tag': 'prod-current' }

  test.concurrent('is put on what was proven to run, and moves with it', async () => {
    const server = await startSimulator({ world: shopWith(excluded), speed: 300 })
    try {
      const first = await deployTo(server, MARKED)
      expect(first.outputs).toMatchObject({ outcome: 'succeeded', image: `${REGISTRY}/web:main-2222222` })
      expect(tagsOf(first.cloud, 'web')['prod-current']).toBe(digestOf(first.cloud, 'web', 'main-2222222'))
      const unchanged = await deployTo(server, MARKED)
      expect(unchanged.outputs['outcome']).toBe('unchanged')
      expect(writes(unchanged)).toEqual([])
      server.simulator.change({ moveTag: { repository: 'web', tag: 'prod-current', to: 'main-1111111' } })
      const back = await deployTo(server, MARKED)
      expect(back.outputs['outcome']).toBe('unchanged')
      expect(tagsOf(back.cloud, 'web')['prod-current']).toBe(digestOf(back.cloud, 'web', 'main-2222222'))
    } finally {
      await server.close()
    }
  })

  test.concurrent('stays where it is when the deployment fails', async () => {
    const images = [
      { tags: ['main-1111111', 'prod-current'] },
      { tags: ['main-2222222'], behaviour: 'neverHealthy' as const }
    ]
    const run = await deploy(shopWith({ ...excluded, images }), MARKED)
    expect(run.outputs['outcome']).toBe('rolled-back')
    expect(tagsOf(run.cloud, 'web')['prod-current']).toBe(digestOf(run.cloud, 'web', 'main-1111111'))
  })

  test.concurrent('that cannot be moved is refused before anything changes', async () => {
    const run = await deploy(shop(), MARKED)
    expect(run.outputs).toMatchObject({ outcome: 'rejected', 'reason-code': 'marker-tag' })
    expect(run.text).toContain("'filterType=WILDCARD,filter=prod-current'")
    expect(writes(run)).toEqual([])
  })

  test.concurrent('that a sidecar runs is refused', async () => {
    const containerDefinitions = [
      { name: 'web', image: 'set by the service' },
      { name: 'worker', image: `${REGISTRY}/web:prod-current`, essential: false }
    ]
    const world = shopWith({
      ...excluded,
      images: [{ tags: ['main-1111111', 'prod-current'] }, { tags: ['main-2222222'] }]
    })
    const files = { 'task.json': JSON.stringify({ ...FARGATE, containerDefinitions }) }
    const inputs = { ...MARKED, 'task-definition': 'task.json', 'container-name': 'web', 'mutable-tags': 'allow' }
    const run = await deploy(world, inputs, { files })
    expect(run.outputs).toMatchObject({ outcome: 'rejected', 'reason-code': 'marker-tag' })
    expect(run.outputs['reason']).toContain('worker would run')
  })

  test.concurrent('that may not be put is a warning: the deployment is as good as it was', async () => {
    const denied = { operation: 'ecr:PutImage', error: 'AccessDeniedException', status: 400, times: 'always' as const }
    const run = await deploy(shopWith(excluded), MARKED, { faults: [denied] })
    expect(run).toMatchObject({ exitCode: 0, outputs: { outcome: 'succeeded' } })
    expect(warnings(run)).toEqual([expect.stringContaining('the marker prod-current was not moved')])
  })

  test.concurrent('with enforce becomes the one tag that can move', async () => {
    const run = await deploy(shopWith(MUTABLE), { ...MARKED, 'tag-immutability': 'enforce' })
    expect(run.outputs['outcome']).toBe('succeeded')
    expect(mutabilityOf(run)).toEqual(['IMMUTABLE_WITH_EXCLUSION', 'prod-current'])
    expect(tagsOf(run.cloud, 'web')['prod-current']).toBe(digestOf(run.cloud, 'web', 'main-2222222'))
  })
})

describe('scan', () => {
  const FINDINGS = [
    { name: 'CVE-2026-0001', severity: 'CRITICAL' as const, package: 'openssl' },
    { name: 'CVE-2026-0002', severity: 'HIGH' as const }
  ]
  const WAIT = { ...WEB, scan: 'wait' }
  const scanned = (image: object, repository: Partial<WorldRepository> = { scanOnPush: true }) =>
    shopWith({ ...repository, images: [{ tags: ['main-1111111'] }, { tags: ['main-2222222'], ...image }] })

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
      const run = await deploy(shopWith({ images, lifecyclePolicy }), WEB)
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
      const world = shopWith({
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
    const run = await deploy(shopWith({ lifecyclePolicy: expiring('imageCountMoreThan', 50) }), WEB)
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

describe('tags in a dry run', () => {
  test.concurrent('are told, and refused where they are another image', async () => {
    const world = shop({ images: [{ tags: ['hand-made'] }, { tags: ['release'] }] })
    const circumstances = { sha: commit(4) }
    const inputs = { ...WEB, image: 'hand-made', 'dry-run': 'true' }
    const [planned, refused] = await Promise.all([
      deploy(world, { ...inputs, tags: 'fresh' }, circumstances),
      deploy(world, { ...inputs, tags: 'release' }, circumstances)
    ])
    expect(planned.outputs).toMatchObject({ outcome: 'planned', 'image-tags': '[]' })
    expect(planned.text).toContain(`would tag ${REGISTRY}/web:main-4444444`)
    expect(planned.text).toContain(`would tag ${REGISTRY}/web:fresh`)
    expect(refused.outputs).toMatchObject({ outcome: 'rejected', 'reason-code': 'tag-conflict' })
  })
})
