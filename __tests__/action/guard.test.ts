import { describe, expect, test } from '@jest/globals'
import type { WorldRepository } from '../../simulator/cloud/world.ts'
import { startSimulator } from '../../simulator/server.ts'
import { commit, deploy, deployTo, warnings, writes, type Deployed, type Scene } from './harness.ts'
import { digestOf, FARGATE, REGISTRY, shop, shopOf, tagsOf, WEB, whatThereIs } from './shop.ts'

const MUTABLE: Partial<WorldRepository> = { imageTagMutability: 'MUTABLE' }

function mutabilityOf({ cloud }: Deployed): unknown {
  const { imageTagMutability, exclusionFilters } = cloud.ecr.repositories[0] ?? {}
  return [imageTagMutability, ...(exclusionFilters ?? []).map(({ filter }) => filter)]
}

describe('tag-immutability', () => {
  test.concurrent('warns, and what is deployed is a digest', async () => {
    const run = await deploy(shopOf(MUTABLE), WEB)
    expect(run.outputs).toMatchObject({
      outcome: 'succeeded',
      image: expect.stringContaining('web@sha256:') as unknown
    })
    expect(warnings(run)).toEqual([expect.stringContaining("repository 'web' lets main-2222222 be moved (MUTABLE)")])
  })

  test.concurrent('ignore keeps quiet', async () => {
    const run = await deploy(shopOf(MUTABLE), { ...WEB, 'tag-immutability': 'ignore' })
    expect(run.outputs['outcome']).toBe('succeeded')
    expect(warnings(run)).toEqual([])
  })

  test.concurrent('require refuses before anything changes, and says what would help', async () => {
    const run = await deploy(shopOf(MUTABLE), { ...WEB, 'tag-immutability': 'require' })
    expect(run.outputs).toMatchObject({ outcome: 'rejected', 'reason-code': 'mutable-repository' })
    expect(run.text).toContain(
      '--region eu-west-1 --registry-id 123456789012 --repository-name web --image-tag-mutability IMMUTABLE'
    )
    expect(writes(run)).toEqual([])
    expect((await deploy(shop(), { ...WEB, 'tag-immutability': 'require' })).outputs['outcome']).toBe('succeeded')
  })

  test.concurrent('enforce turns it on, and the tag that cannot move any more is what is deployed', async () => {
    const run = await deploy(shopOf(MUTABLE), { ...WEB, 'tag-immutability': 'enforce' })
    expect(run.outputs).toMatchObject({ outcome: 'succeeded', image: `${REGISTRY}/web:main-2222222` })
    expect(mutabilityOf(run)).toEqual(['IMMUTABLE'])
    expect(run.text).toContain('it becomes IMMUTABLE')
    const again = await deploy(shop(), { ...WEB, 'tag-immutability': 'enforce' })
    expect(writes(again)).not.toContain('PutImageTagMutability')
  })

  test.concurrent('enforce changes nothing in a dry run', async () => {
    const run = await deploy(shopOf(MUTABLE), { ...WEB, 'tag-immutability': 'enforce', 'dry-run': 'true' })
    expect(run.outputs['outcome']).toBe('planned')
    expect(run.text).toContain('it would become IMMUTABLE')
    expect(run.text).not.toContain('it becomes')
    expect(whatThereIs(run.cloud)).toEqual(whatThereIs(run.cloudBefore))
  })

  test.concurrent('enforce fails before a deployment when it is not allowed', async () => {
    const denied = { operation: 'ecr:PutImageTagMutability', error: 'AccessDeniedException', status: 400 }
    const run = await deploy(shopOf(MUTABLE), { ...WEB, 'tag-immutability': 'enforce' }, { faults: [denied] })
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
    const server = await startSimulator({ world: shopOf(excluded), speed: 300 })
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

  test.concurrent('may be what is looked for: what it is on is deployed by its digest', async () => {
    const images = [{ tags: ['main-1111111'] }, { tags: ['main-2222222', 'prod-current'] }]
    const inputs = { ...MARKED, image: 'prod-current', 'tag-image': 'never', 'tag-immutability': 'require' }
    const run = await deploy(shopOf({ ...excluded, images }), inputs)
    const digest = digestOf(run.cloud, 'web', 'main-2222222')
    expect(run.outputs).toMatchObject({ outcome: 'succeeded', image: `${REGISTRY}/web@${digest}` })
  })

  test.concurrent('that cannot be moved any more because the job is cancelled leaves the verdict', async () => {
    const slow = { operation: 'ecr:PutImage', error: 'ThrottlingException', status: 400, times: 'always' as const }
    const when = { says: 'ecr:PutImage is repeated', then: ({ cancel }: Scene) => cancel() }
    const run = await deploy(shopOf(excluded), MARKED, { faults: [slow], when })
    expect(run.outputs['outcome']).toBe('succeeded')
    expect(warnings(run)).toEqual([expect.stringContaining('the marker prod-current was not moved')])
  })

  test.concurrent('stays where it is when the deployment fails', async () => {
    const images = [
      { tags: ['main-1111111', 'prod-current'] },
      { tags: ['main-2222222'], behaviour: 'neverHealthy' as const }
    ]
    const run = await deploy(shopOf({ ...excluded, images }), MARKED)
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
    const world = shopOf({
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
    const run = await deploy(shopOf(excluded), MARKED, { faults: [denied] })
    expect(run).toMatchObject({ exitCode: 0, outputs: { outcome: 'succeeded' } })
    expect(warnings(run)).toEqual([expect.stringContaining('the marker prod-current was not moved')])
  })

  test.concurrent('with enforce becomes the one tag that can move', async () => {
    const run = await deploy(shopOf(MUTABLE), { ...MARKED, 'tag-immutability': 'enforce' })
    expect(run.outputs['outcome']).toBe('succeeded')
    expect(mutabilityOf(run)).toEqual(['IMMUTABLE_WITH_EXCLUSION', 'prod-current'])
    expect(tagsOf(run.cloud, 'web')['prod-current']).toBe(digestOf(run.cloud, 'web', 'main-2222222'))
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
