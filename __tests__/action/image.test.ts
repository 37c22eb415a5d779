import { describe, expect, test } from '@jest/globals'
import { startSimulator } from '../../simulator/server.ts'
import { commit, deploy, deployTo, writes } from './harness.ts'
import { digestOf, FARGATE, REGISTRY, runningDigests, shop, shopOf, tagsOf, WEB } from './shop.ts'

const NIGHTLY = { tags: ['nightly-7'], labels: { 'org.opencontainers.image.revision': commit(7) } }
const UNCLAIMED = { tags: ['hand-made'] }

describe('an image that is named', () => {
  test.concurrent.each([
    ['by its tag', 'main-2222222'],
    ['by a full reference with a tag', `${REGISTRY}/web:main-2222222`],
    ['by a reference without a host', 'web:main-2222222']
  ])('%s is deployed', async (_, image) => {
    const run = await deploy(shop(), { ...WEB, image })
    expect(run.outputs['outcome']).toBe('succeeded')
    expect(run.outputs['image']).toBe(`${REGISTRY}/web:main-2222222`)
    expect(runningDigests(run.cloud)).toEqual({ web: digestOf(run.cloud, 'web', 'main-2222222') })
  })

  test.concurrent('by its digest, bare or in a reference, is deployed', async () => {
    const { cloud } = await deploy(shop(), WEB)
    const digest = digestOf(cloud, 'web', 'main-2222222')
    const named = [digest, `${REGISTRY}/web@${digest}`, `${REGISTRY}/web:main-2222222@${digest}`]
    const runs = await Promise.all(named.map(image => deploy(shop(), { ...WEB, image })))
    for (const run of runs) {
      expect(run.outputs).toMatchObject({ outcome: 'succeeded', 'image-digest': digest })
      expect(runningDigests(run.cloud)).toEqual({ web: digest })
    }
  })

  test.concurrent.each([
    ['tag@digest', (tag: string, digest: string) => `${tag}@${digest}`],
    ['tag', (tag: string) => tag],
    ['digest', (_: string, digest: string) => `@${digest}`]
  ])('by tag and digest is named by both or either (pin: %s)', async (pin, named) => {
    const { cloud } = await deploy(shop(), WEB)
    const digest = digestOf(cloud, 'web', 'main-2222222')
    const image = `${REGISTRY}/web:main-2222222@${digest}`
    const run = await deploy(shop(), { ...WEB, image, pin, 'tag-image': 'never' })
    expect(run.outputs['image']).toBe(`${REGISTRY}/web${pin === 'digest' ? '' : ':'}${named('main-2222222', digest)}`)
  })

  test.concurrent('by a digest beside the tag of another is that of the digest, and the log says so', async () => {
    const { cloud } = await deploy(shop(), WEB)
    const [digest, other] = [digestOf(cloud, 'web', 'main-2222222'), digestOf(cloud, 'web', 'main-1111111')]
    const image = `${REGISTRY}/web:main-1111111@${digest}`
    const run = await deploy(shop(), { ...WEB, image, 'tag-image': 'never' })
    expect(run.outputs).toMatchObject({ outcome: 'succeeded', image: `${REGISTRY}/web@${digest}` })
    expect(run.text).toContain(`the image is taken by its digest ${digest}: the tag web:main-1111111 is on ${other}`)
    const asked = await deploy(shop(), { ...WEB, image, 'tag-image': 'never', pin: 'tag' })
    expect(asked.outputs).toMatchObject({ outcome: 'rejected', 'reason-code': 'invalid-input' })
  })

  test.concurrent("gets this commit's tag when nothing says that it was built from another", async () => {
    const run = await deploy(shop({ images: [UNCLAIMED] }), { ...WEB, image: 'hand-made' }, { sha: commit(4) })
    expect(run.outputs).toMatchObject({ outcome: 'succeeded', 'image-tags': '["main-4444444"]' })
    expect(tagsOf(run.cloud, 'web')).toMatchObject({ 'main-4444444': digestOf(run.cloud, 'web', 'hand-made') })
  })

  test.concurrent("gets this commit's tag when its own ends in a date, which is no commit", async () => {
    const world = shop({ images: [{ tags: ['release-20260101'] }] })
    const run = await deploy(world, { ...WEB, image: 'release-20260101' }, { sha: commit(4) })
    expect(run.outputs).toMatchObject({ outcome: 'succeeded', 'image-tags': '["main-4444444"]' })
  })

  test.concurrent.each([
    ['its label', 'nightly-7', { images: [NIGHTLY] }],
    ['its tag', 'main-2222222', {}]
  ])('keeps its own tags when %s names another commit', async (_, image, changes) => {
    const run = await deploy(shop(changes), { ...WEB, image }, { sha: commit(4) })
    expect(run.outputs).toMatchObject({ outcome: 'succeeded', 'image-tags': `["${image}"]` })
    expect(writes(run)).not.toContain('PutImage')
    expect(run.text).toContain('the image keeps its own tags')
  })

  test.concurrent("with its base image's labels gets this commit's tag when its own names the commit", async () => {
    const labels = {
      'org.opencontainers.image.revision': commit(7),
      'org.opencontainers.image.source': 'https://github.com/other/base'
    }
    const world = shop({
      images: [
        { tags: [commit(4)], labels },
        { tags: ['1.27.3'], labels }
      ]
    })
    const own = await deploy(world, { ...WEB, image: commit(4) }, { sha: commit(4) })
    expect(own.outputs).toMatchObject({ outcome: 'succeeded', 'image-tags': '["main-4444444"]' })
    expect(own.text).toContain('a base image from https://github.com/other/base')
    const theirs = await deploy(world, { ...WEB, image: '1.27.3' }, { sha: commit(4) })
    expect(theirs.outputs['image-tags']).toBe('["1.27.3"]')
    expect(theirs.text).toContain('the image keeps its own tags')
  })

  test.concurrent('outside ECR must be exact', async () => {
    const run = await deploy(shop(), { ...WEB, image: 'docker.io/library/nginx:stable' })
    expect(run).toMatchObject({ exitCode: 1, outputs: { outcome: 'rejected', 'reason-code': 'invalid-input' } })
    expect(run.outputs['reason']).toContain('docker.io/library/nginx:stable')
    expect(writes(run)).toEqual([])
  })
})

describe("an image that has this commit's tag", () => {
  const other = `2222222${'f'.repeat(33)}`
  const labels = (revision: string, source?: string) => ({
    'org.opencontainers.image.revision': revision,
    ...(source !== undefined && { 'org.opencontainers.image.source': source })
  })
  const repository = (image: Readonly<Record<string, string>>, mutability: 'MUTABLE' | 'IMMUTABLE' = 'IMMUTABLE') =>
    shopOf({
      imageTagMutability: mutability,
      images: [{ tags: ['main-1111111'] }, { tags: ['main-2222222'], labels: image }]
    })

  test.concurrent.each([
    ['is found', {}],
    ['would be built otherwise', { context: '.' }],
    ['is found in a dry run', { 'dry-run': 'true' }]
  ])('and is of another with the same first digits is refused, when it %s', async (_, inputs) => {
    const run = await deploy(repository(labels(other)), { ...WEB, ...inputs })
    expect(run).toMatchObject({ exitCode: 1, outputs: { outcome: 'rejected', 'reason-code': 'tag-conflict' } })
    for (const sha of [other, commit(2)]) expect(run.outputs['reason']).toContain(sha)
    expect(run.annotations.at(-1)?.message).toContain("set 'sha-length' to 12")
    expect(writes(run)).toEqual([])
  })

  test.concurrent('and is of another because somebody moved it is refused, but not by its name', async () => {
    const world = repository(labels('7'.repeat(40)), 'MUTABLE')
    const [found, named] = await Promise.all([deploy(world, WEB), deploy(world, { ...WEB, image: 'main-2222222' })])
    expect(found.outputs).toMatchObject({ outcome: 'rejected', 'reason-code': 'tag-conflict' })
    expect(found.outputs['reason']).toContain(`built from commit ${'7'.repeat(40)}`)
    expect(named.outputs['outcome']).toBe('succeeded')
  })

  test.concurrent.each([
    ['says so', labels(commit(2)), []],
    ['has the labels of its base image', labels(other.replace('222', '777'), 'https://github.com/other/base'), []],
    ['shows no config', labels(other), [{ operation: 'ecr:GetDownloadUrlForLayer', error: 'AccessDeniedException' }]]
  ])('and %s is deployed, with its config read at most once', async (_, image, faults) => {
    const run = await deploy(repository(image), WEB, { faults: faults.map(fault => ({ ...fault, times: 'always' })) })
    expect(run.outputs['outcome']).toBe('succeeded')
    expect(run.calls.filter(({ operation }) => operation === 'GetDownloadUrlForLayer')).toHaveLength(1)
  })
})

describe('an image that is not there', () => {
  test.concurrent.each([
    ['of this commit', {}, `push the image as ${REGISTRY}/web:main-9999999 first`, 'main-9999999'],
    ['with a tag that is misspelt', { image: 'main-222222' }, "did you mean 'main-2222222'?", 'main-222222'],
    ['with a digest', { image: `sha256:${'0'.repeat(64)}` }, 'main-1111111', `sha256:${'0'.repeat(64)}`]
  ])('%s is missed before anything changes', async (_, inputs, remedy, named) => {
    const run = await deploy(shop(), { ...WEB, ...inputs }, { sha: commit(9) })
    expect(run).toMatchObject({ exitCode: 1, outputs: { outcome: 'rejected', 'reason-code': 'image-not-found' } })
    expect(run.outputs['reason']).toContain(named)
    expect(run.annotations).toMatchObject([{ level: 'error', message: expect.stringContaining(remedy) }])
    expect(writes(run)).toEqual([])
  })
})

describe('tags', () => {
  test.concurrent.each([
    ['is found', WEB],
    ['is found in a repository that would become immutable', { ...WEB, 'tag-immutability': 'enforce' }],
    ['is found in a dry run', { ...WEB, 'dry-run': 'true' }]
  ])('that belong to other images are all told before anything changes, when the image %s', async (_, inputs) => {
    const images = [UNCLAIMED, { tags: ['release'] }, { tags: ['stable'] }]
    const world = shop({ mutability: 'tag-immutability' in inputs ? 'MUTABLE' : 'IMMUTABLE', images })
    const asked = { ...inputs, image: 'hand-made', tags: 'fresh, release, stable' }
    const run = await deploy(world, asked, { sha: commit(4) })
    expect(run).toMatchObject({ exitCode: 1, outputs: { outcome: 'rejected', 'reason-code': 'tag-conflict' } })
    for (const tag of ['release', 'stable']) {
      expect(run.outputs['reason']).toContain(`the tag web:${tag} already points at ${digestOf(run.cloud, 'web', tag)}`)
      expect(run.annotations.at(-1)?.message).toContain(`deploy the image that is there with 'image: ${tag}'`)
    }
    expect(run.outputs['reason']).not.toContain('fresh')
    expect(writes(run)).toEqual([])
    // What is there, not what was meant to be.
    const digest = digestOf(run.cloud, 'web', 'hand-made')
    expect(run.outputs).toMatchObject({ 'image-tags': '[]', image: `${REGISTRY}/web@${digest}` })
  })

  test.concurrent('on an image that is there take three reads, however many they are, and a write each', async () => {
    const inputs = { 'task-definition-family': 'web', 'tag-image': 'always', tags: 'a,b,c' }
    // The platforms of an index are known without its config.
    const world = shop({ images: [{ ...UNCLAIMED, platforms: ['linux/amd64', 'linux/arm64'] }] })
    const run = await deploy(world, { ...inputs, image: `${REGISTRY}/web:hand-made` }, { sha: commit(4) })
    const calls = run.calls.filter(({ service }) => service === 'ecr').map(({ operation }) => operation)
    expect(calls).toEqual([
      'DescribeRepositories',
      'BatchGetImage',
      'BatchGetImage',
      ...Array<string>(4).fill('PutImage')
    ])
  })

  test.concurrent('are not moved in a mutable repository either, and the revision then names the digest', async () => {
    const world = shop({ mutability: 'MUTABLE', images: [UNCLAIMED, { tags: ['release'] }] })
    const [taken, free] = await Promise.all([
      deploy(world, { ...WEB, image: 'hand-made', tags: 'release' }, { sha: commit(4) }),
      deploy(world, { ...WEB, image: 'hand-made', tags: 'fresh' }, { sha: commit(4) })
    ])
    expect(taken.outputs['reason-code']).toBe('tag-conflict')
    expect(tagsOf(taken.cloud, 'web')['release']).toBe(digestOf(taken.cloudBefore, 'web', 'release'))
    const digest = digestOf(free.cloud, 'web', 'hand-made')
    expect(free.outputs).toMatchObject({ outcome: 'succeeded', image: `${REGISTRY}/web@${digest}` })
    expect(tagsOf(free.cloud, 'web')).toMatchObject({ fresh: digest, 'main-4444444': digest })
  })

  test.concurrent('of a pushed version go on the image of the commit, once', async () => {
    const server = await startSimulator({ world: shop(), speed: 300 })
    try {
      const circumstances = { ref: 'refs/tags/v1.4.2' }
      const first = await deployTo(server, WEB, circumstances)
      expect(first.outputs).toMatchObject({ outcome: 'succeeded', version: '1.4.2' })
      expect(JSON.parse(first.outputs['image-tags'] ?? '')).toContain('1.4.2')
      expect(tagsOf(first.cloud, 'web')['1.4.2']).toBe(digestOf(first.cloud, 'web', 'main-2222222'))
      const second = await deployTo(server, WEB, circumstances)
      expect(second.outputs).toMatchObject({ outcome: 'unchanged', version: '1.4.2' })
      expect(writes(second)).toEqual([])
      expect(tagsOf(second.cloud, 'web')).toEqual(tagsOf(first.cloud, 'web'))
    } finally {
      await server.close()
    }
  })

  test.concurrent.each([
    ['a label of another commit', [{ tags: ['main-4444444'], labels: NIGHTLY.labels }]],
    ['the tags of two images to choose from', [{ tags: ['main-4444444'] }, { tags: ['cache-4444444'] }]]
  ])('of a pushed version go on no image when there is only %s', async (_, images) => {
    const run = await deploy(shop({ images }), WEB, { sha: commit(4), ref: 'refs/tags/v1.4.2' })
    expect(run.outputs).toMatchObject({ outcome: 'rejected', 'reason-code': 'image-not-found' })
    expect(tagsOf(run.cloud, 'web')).toEqual(tagsOf(run.cloudBefore, 'web'))
  })

  test.concurrent('are the branch and the commit of a pull request, not of its merge', async () => {
    const repo = { full_name: 'octo-org/octo-app' }
    const head = { ref: 'fix/Täglich', sha: commit(4), repo }
    const pull_request = { number: 12, head, base: { ref: 'main', repo } }
    const run = await deploy(
      shop({ images: [UNCLAIMED] }),
      { ...WEB, image: 'hand-made' },
      {
        sha: commit(5),
        ref: 'refs/pull/12/merge',
        event: { name: 'pull_request', payload: { number: 12, pull_request } }
      }
    )
    expect(run.outputs).toMatchObject({ outcome: 'succeeded', 'image-tags': '["fix-Taglich-4444444"]' })
    expect(run.text).toContain("the commit is 444444444444 of 'fix/Täglich': the tag names the head of pr-12")
  })
})

describe('tags that can move', () => {
  const sidecar = (image: string) => ({
    service: {
      taskDefinition: {
        ...FARGATE,
        containerDefinitions: [
          { name: 'web', image: 'set by the service' },
          { name: 'proxy', image, essential: false }
        ]
      }
    },
    repositories: [{ name: 'proxy', imageTagMutability: 'MUTABLE', images: [{ tags: ['latest', '1.0.0'] }] }] as const
  })

  test.concurrent.each([
    ['latest', `${REGISTRY}/proxy:latest`],
    ['no tag', `${REGISTRY}/proxy`],
    ['a tag that its repository lets move', `${REGISTRY}/proxy:1.0.0`]
  ])('%s of a sidecar is refused before anything changes', async (_, image) => {
    const run = await deploy(shop(sidecar(image)), { ...WEB, 'container-name': 'web' })
    expect(run).toMatchObject({ exitCode: 1, outputs: { outcome: 'rejected', 'reason-code': 'mutable-tag' } })
    expect(run.outputs['reason']).toContain(`container proxy uses ${image}`)
    expect(writes(run)).toEqual([])
  })

  test.concurrent.each([
    ['allowed by name', { 'allowed-images': '*/proxy:*' }],
    ['warned of', { 'mutable-tags': 'warn' }],
    ['allowed', { 'mutable-tags': 'allow' }]
  ])('of a sidecar are deployed when %s', async (_, inputs) => {
    const run = await deploy(shop(sidecar(`${REGISTRY}/proxy:latest`)), { ...WEB, 'container-name': 'web', ...inputs })
    expect(run.outputs['outcome']).toBe('succeeded')
    const warnings = run.annotations.filter(({ level }) => level === 'warning')
    expect(warnings).toHaveLength('mutable-tags' in inputs && inputs['mutable-tags'] === 'warn' ? 1 : 0)
  })
})
