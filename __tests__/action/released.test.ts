import { describe, expect, test } from '@jest/globals'
import { startSimulator } from '../../simulator/server.ts'
import { deploy, deployTo } from './harness.ts'
import { History } from './history.ts'
import { shop, tagsOf, WEB } from './shop.ts'

const AUTO = { ...WEB, version: 'auto' }

describe('a version that auto makes', () => {
  test.concurrent('is told as released, also when the run had to start again after it', async () => {
    const history = new History('feat: old', 'fix: new')
    const images = [history.image(0, '1.4.2'), history.image(-1), { tags: ['theirs'] }]
    const server = await startSimulator({ world: shop({ images }), speed: 50 })
    try {
      const theirs = { image: 'theirs', 'tag-image': 'never', 'wait-for-service-stability': 'false' }
      await deployTo(server, { ...WEB, ...theirs })
      const run = await deployTo(server, AUTO, history.job())
      expect(run.text).toContain('starting again from what is deployed now')
      expect(run.outputs).toMatchObject({ outcome: 'succeeded', version: '1.4.3', released: 'true' })
      expect(JSON.parse(run.outputs['services'] ?? '')).toMatchObject([{ version: '1.4.3', released: true }])
    } finally {
      await server.close()
    }
  })

  test.concurrent('is told as released when another tag is refused after it', async () => {
    const history = new History('feat: old', 'fix: new')
    const images = [history.image(0, '1.4.2'), history.image(-1), { tags: ['theirs'] }]
    const run = await deploy(shop({ images }), { ...AUTO, tags: 'theirs' }, history.job())
    expect(run.outputs).toMatchObject({ outcome: 'rejected', 'reason-code': 'tag-conflict', version: '1.4.3' })
    expect(run.outputs['released']).toBe(String('1.4.3' in tagsOf(run.cloud, 'web')))
  })

  test.concurrent('is not made for a pull request, whose history need not be there', async () => {
    const history = new History('feat: old', 'feat: new')
    const sha = history.at(-1)
    const own = `next-${sha.slice(0, 7)}`
    const repo = { full_name: 'octo-org/octo-app' }
    const pull_request = { number: 12, head: { ref: 'next', sha, repo }, base: { ref: 'main', repo } }
    const run = await deploy(shop({ images: [history.image(0, '1.4.2'), { tags: [own] }] }), AUTO, {
      sha: '5'.repeat(40),
      ref: 'refs/pull/12/merge',
      event: { name: 'pull_request', payload: { number: 12, pull_request } }
    })
    expect(run.outputs).toMatchObject({ outcome: 'succeeded', version: '1.4.2', released: 'false' })
    expect(run.outputs['image-tags']).toBe(JSON.stringify([own]))
    expect(run.text).toContain('no new version: the commit is not merged yet')
    expect(tagsOf(run.cloud, 'web')).toEqual(tagsOf(run.cloudBefore, 'web'))
  })
})
