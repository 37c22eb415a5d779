import { describe, expect, test } from '@jest/globals'
import { rmSync } from 'node:fs'
import { startSimulator } from '../../simulator/server.ts'
import type { Simulator } from '../../simulator/simulator.ts'
import { deploy, deployTo, requests, writes } from './harness.ts'
import { History } from './history.ts'
import { digestOf, REGISTRY, runningDigests, shop, tagsOf, WEB } from './shop.ts'

const AUTO = { ...WEB, version: 'auto' }

describe('version: auto', () => {
  test.concurrent('gives the first version, and the image keeps it however often the job runs', async () => {
    const history = new History('chore: start', 'docs: more')
    const server = await startSimulator({ world: shop({ images: [history.image(-1)] }), speed: 300 })
    try {
      const first = await deployTo(server, AUTO, history.job())
      expect(first.outputs).toMatchObject({ outcome: 'succeeded', version: '1.0.0', released: 'true' })
      const own = `main-${history.at(-1).slice(0, 7)}`
      expect(first.outputs['image-tags']).toBe(JSON.stringify([own, '1.0.0']))
      expect(tagsOf(first.cloud, 'web')['1.0.0']).toBe(digestOf(first.cloud, 'web', own))
      const second = await deployTo(server, AUTO, history.job())
      expect(second.outputs).toMatchObject({ outcome: 'unchanged', version: '1.0.0', released: 'false' })
      expect(writes(second)).toEqual([])
    } finally {
      await server.close()
    }
  })

  test.concurrent.each([
    ['feat: a', {}, '1.5.0'],
    ['fix: a', {}, '1.4.3'],
    ['feat!: a', {}, '2.0.0'],
    ['fix: a\n\nBREAKING-CHANGE: b', {}, '2.0.0'],
    ['feat: a', { prerelease: 'true' }, '1.5.0-rc.1']
  ])('after 1.4.2 in the registry, %j with %j makes %s', async (message, inputs, version) => {
    const history = new History('feat: old', message, 'docs: x')
    const images = [history.image(0, '1.4.2', 'v1.3.0'), history.image(-1), { tags: ['9.0.0-rc.1'] }]
    const run = await deploy(
      shop({ images: 'prerelease' in inputs ? images.slice(0, 2) : images }),
      { ...AUTO, ...inputs },
      history.job()
    )
    expect(run.outputs).toMatchObject({ outcome: 'succeeded', version, released: 'true' })
    expect(tagsOf(run.cloud, 'web')[version]).toBe(run.outputs['image-digest'])
    expect(run.text).toContain(`version ${version} after 1.4.2`)
  })

  test.concurrent('finds the commit of the last version by the tags of its image, too', async () => {
    const history = new History('feat: old', 'fix: new')
    const unlabelled = { tags: [`main-${history.at(0).slice(0, 7)}`, '1.4.2'] }
    const run = await deploy(shop({ images: [unlabelled, history.image(-1)] }), AUTO, history.job())
    expect(run.outputs).toMatchObject({ version: '1.4.3', released: 'true' })
  })

  test.concurrent('makes none when nothing asks for it, and the image gets only its own tag', async () => {
    const history = new History('feat: old', 'docs: new', 'feat: a', 'Revert "feat: a"')
    const run = await deploy(shop({ images: [history.image(0, '1.4.2'), history.image(-1)] }), AUTO, history.job())
    expect(run.outputs).toMatchObject({ outcome: 'succeeded', version: '1.4.2', released: 'false' })
    expect(run.outputs['image-tags']).toBe(`["main-${history.at(-1).slice(0, 7)}"]`)
    expect(writes(run)).not.toContain('PutImage')
  })

  test.concurrent('counts from the higher of git and registry', async () => {
    const history = new History('feat: old', 'feat: a', 'fix: b')
    history.git('tag', 'v2.3.0', history.at(1))
    history.git('tag', 'other@8.0.0', history.at(1))
    const images = [history.image(0, '1.4.2'), history.image(-1)]
    const run = await deploy(shop({ images }), AUTO, history.job())
    expect(run.outputs).toMatchObject({ version: '2.3.1', released: 'true' })
    history.git('tag', 'v3.0.0')
    const tagged = await deploy(shop({ images }), AUTO, history.job())
    expect(tagged.outputs).toMatchObject({ version: '3.0.0', released: 'true' })
  })

  test.concurrent('is the git tag when one was pushed, also on an image that has a version', async () => {
    const history = new History('feat: old', 'feat: new')
    const images = [history.image(0, '1.4.2'), history.image(-1, '1.5.0')]
    const push = { ...history.job(), ref: 'refs/tags/v2.0.0-rc.1' }
    const run = await deploy(shop({ images }), AUTO, push)
    expect(run.outputs).toMatchObject({ outcome: 'succeeded', version: '2.0.0-rc.1', released: 'true' })
    expect(tagsOf(run.cloud, 'web')['2.0.0-rc.1']).toBe(digestOf(run.cloud, 'web', '1.5.0'))
    const other = { ...history.job(), ref: 'refs/tags/api@2.0.0' }
    const refused = await deploy(shop({ images }), { ...AUTO, 'tag-prefix': 'web' }, other)
    expect(refused.outputs).toMatchObject({ outcome: 'rejected', 'reason-code': 'invalid-input' })
    expect(refused.outputs['reason']).toContain('another package')
  })

  test.concurrent('below 1.0.0 a breaking change raises minor, and that is said', async () => {
    const history = new History('feat: old', 'feat!: new')
    const world = shop({ images: [history.image(0, '0.4.2'), history.image(-1)] })
    const kept = await deploy(world, AUTO, history.job())
    expect(kept.outputs['version']).toBe('0.5.0')
    expect(kept.text).toContain('major-zero')
    const strict = await deploy(world, { ...AUTO, 'major-zero': 'strict' }, history.job())
    expect(strict.outputs['version']).toBe('1.0.0')
  })

  test.concurrent('refuses a shallow clone with the remedy, and what is no clone', async () => {
    const history = new History('feat: old', 'feat: new')
    const world = shop({ images: [history.image(-1)] })
    const cut = (_: Simulator, workspace: string) => {
      rmSync(workspace, { recursive: true })
      history.git('clone', '-q', '--depth', '1', `file://${history.directory}`, workspace)
    }
    const shallow = await deploy(world, AUTO, { sha: history.at(-1), before: cut })
    const none = await deploy(world, AUTO, { sha: history.at(-1) })
    for (const run of [shallow, none]) {
      expect(run).toMatchObject({ exitCode: 1, outputs: { outcome: 'rejected', 'reason-code': 'history-missing' } })
      expect(run.text).toContain('fetch-depth: 0')
      expect(writes(run)).toEqual([])
    }
  })

  test.concurrent('refuses to count from a version whose commit is not known', async () => {
    const history = new History('feat: old', 'feat: new')
    const world = shop({ images: [{ tags: ['1.4.2'] }, history.image(-1)] })
    const run = await deploy(world, AUTO, history.job())
    expect(run.outputs).toMatchObject({ outcome: 'rejected', 'reason-code': 'history-missing', released: 'false' })
    expect(run.outputs['reason']).toContain('1.4.2')
  })

  test.concurrent('does not take a version from somebody who was faster', async () => {
    const history = new History('feat: old', 'fix: new')
    const world = shop({ images: [history.image(0, '1.4.2'), history.image(-1), { tags: ['theirs'] }] })
    const run = await deploy(world, AUTO, {
      ...history.job(),
      when: {
        says: 'Tagging the image',
        then: ({ simulator }) => {
          const digest = digestOf(simulator.state(), 'web', 'theirs')
          simulator.change({ moveTag: { repository: 'web', tag: '1.4.3', to: digest } })
        }
      },
      faults: [{ operation: 'ecr:PutImage', times: 1, delayMs: 500 }]
    })
    expect(run.outputs['released']).toBe('false')
    expect(run.outputs['reason-code']).toBe('tag-conflict')
    expect(run.text).toContain('run this job again, which then counts from it')
    expect(tagsOf(run.cloud, 'web')['1.4.3']).toBe(digestOf(run.cloud, 'web', 'theirs'))
  })

  test.concurrent('a dry run says what it would be', async () => {
    const history = new History('feat: old', 'fix: new')
    const world = shop({ images: [history.image(0, '1.4.2'), history.image(-1)] })
    const run = await deploy(world, { ...AUTO, 'dry-run': 'true' }, history.job())
    expect(run.outputs).toMatchObject({ outcome: 'planned', version: '1.4.3', released: 'false' })
    expect(writes(run)).toEqual([])
  })
})

describe('version: highest', () => {
  const images = [
    { tags: ['1.4.0'] },
    { tags: ['1.10.0', 'main-aaaaaaa'] },
    { tags: ['2.0.0-rc.1'] },
    { tags: ['v1.9.0'] },
    { tags: ['latest', '2024.01.02', '01.99.0', '1.99'] }
  ]

  test.concurrent.each([
    [{}, '1.10.0', '1.10.0'],
    [{ 'version-range': '~1.4' }, '1.4.0', '1.4.0'],
    [{ 'version-range': '<1.10' }, 'v1.9.0', '1.9.0'],
    [{ prerelease: 'true' }, '2.0.0-rc.1', '2.0.0-rc.1']
  ])('with %j deploys %s and leaves its tags alone', async (inputs, tag, version) => {
    const run = await deploy(shop({ images }), { ...WEB, version: 'highest', ...inputs })
    expect(run.outputs).toMatchObject({ outcome: 'succeeded', version, released: 'false' })
    expect(run.outputs['image']).toBe(`${REGISTRY}/web:${tag}`)
    expect(runningDigests(run.cloud)).toEqual({ web: digestOf(run.cloud, 'web', tag) })
    expect(writes(run)).not.toContain('PutImage')
  })

  test.concurrent("gets this commit's tag when that is asked for", async () => {
    const run = await deploy(
      shop({ images }),
      { ...WEB, version: 'highest', 'tag-image': 'always' },
      { sha: 'c'.repeat(40) }
    )
    expect(run.outputs).toMatchObject({ outcome: 'succeeded', version: '1.10.0' })
    expect(tagsOf(run.cloud, 'web')['main-ccccccc']).toBe(digestOf(run.cloud, 'web', '1.10.0'))
  })

  test.concurrent('passes over the tags of commits that are called like versions', async () => {
    const sha = '1234567'.padEnd(40, 'a')
    const labelled = { tags: ['3.0.0-1234567'], labels: { 'org.opencontainers.image.revision': sha } }
    const world = shop({
      images: [{ tags: ['v1.5.0-rc.1-9f8e7d6', '1.5.0-rc.1'] }, { tags: ['1.5.0-rc.2'] }, labelled]
    })
    const run = await deploy(world, { ...WEB, version: 'highest', prerelease: 'true' })
    expect(run.outputs).toMatchObject({ outcome: 'succeeded', version: '1.5.0-rc.2' })
  })

  test.concurrent('says what was there when nothing counts', async () => {
    const run = await deploy(shop({ images }), { ...WEB, version: 'highest', 'version-range': '^3' })
    expect(run).toMatchObject({ exitCode: 1, outputs: { outcome: 'rejected', 'reason-code': 'image-not-found' } })
    expect(run.outputs['reason']).toContain('no version within ^3; it has 4 versions up to 2.0.0-rc.1')
    expect(writes(run)).toEqual([])
  })

  test.concurrent('looks through ten thousand tags', async () => {
    const many = Array.from({ length: 10 }, (_, image) => ({
      tags: Array.from({ length: 1000 }, (__, tag) => `1.${String(image)}.${String(tag)}`)
    }))
    const run = await deploy(shop({ images: many }), { ...WEB, version: 'highest' })
    expect(run.outputs).toMatchObject({ outcome: 'succeeded', version: '1.9.999' })
    expect(requests(run, 'ListImages')).toHaveLength(11)
  })
})

describe('a version given by hand', () => {
  test.concurrent.each([
    [{ image: 'main-2222222' }, 'it was left as it is'],
    [{ context: '.' }, 'nothing is built']
  ])('is refused with %j when another image has it with a v', async (inputs, says) => {
    const world = shop({ images: [{ tags: ['v1.4.2'] }] })
    const run = await deploy(world, { ...WEB, ...inputs, version: '1.4.2' }, { sha: '4'.repeat(40) })
    expect(run.outputs).toMatchObject({ outcome: 'rejected', 'reason-code': 'tag-conflict' })
    expect(run.outputs['reason']).toContain('1.4.2 is taken, written the other way: the tag web:v1.4.2')
    expect(run.outputs['reason']).toContain(says)
    expect(writes(run)).toEqual([])
  })

  test.concurrent('goes beside the same one with a v, and stays where it is', async () => {
    const both = { tags: ['main-4444444', 'v1.4.2'] }
    const beside = await deploy(shop({ images: [both] }), { ...WEB, version: '1.4.2' }, { sha: '4'.repeat(40) })
    expect(beside.outputs).toMatchObject({ outcome: 'succeeded', version: '1.4.2' })
    const images = [{ tags: ['main-4444444', '1.4.2'] }, { tags: ['v1.4.2'] }]
    const stays = await deploy(shop({ images }), { ...WEB, version: '1.4.2' }, { sha: '4'.repeat(40) })
    expect(stays.outputs).toMatchObject({ outcome: 'succeeded', version: '1.4.2' })
  })

  test.concurrent('goes on an image that was built from another commit', async () => {
    const run = await deploy(shop(), { ...WEB, image: 'main-2222222', version: 'v1.4.2' }, { sha: '4'.repeat(40) })
    expect(run.outputs).toMatchObject({ outcome: 'succeeded', version: '1.4.2', released: 'false' })
    const { 'main-2222222': digest, ...tags } = tagsOf(run.cloud, 'web')
    expect(tags).toMatchObject({ '1.4.2': digest })
    expect(tags).not.toHaveProperty('main-4444444')
  })

  test.concurrent('is known of an image that is named by it', async () => {
    const run = await deploy(shop({ images: [{ tags: ['1.4.2'] }] }), {
      ...WEB,
      image: '1.4.2',
      'tag-image': 'never',
      'version-variable': 'APP_VERSION'
    })
    expect(run.outputs).toMatchObject({ outcome: 'succeeded', version: '1.4.2' })
    expect(run.revision?.containerDefinitions[0]).toMatchObject({
      environment: [{ name: 'APP_VERSION', value: '1.4.2' }]
    })
  })
})
