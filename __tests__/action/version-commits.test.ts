import { describe, expect, test } from '@jest/globals'
import { deploy, writes } from './harness.ts'
import { History } from './history.ts'
import { shop, WEB } from './shop.ts'

const AUTO = { ...WEB, version: 'auto' }

describe('version: auto', () => {
  test.concurrent('counts what belongs to one package of a monorepo', async () => {
    const history = new History(
      'api/a | feat: old',
      'web/a | feat!: other',
      'apis/a | feat!: other',
      'api/b | fix: own'
    )
    history.git('tag', 'api@1.0.0', history.at(0))
    history.git('tag', 'v7.0.0', history.at(1))
    history.git('tag', 'web@5.0.0', history.at(1))
    const inputs = { ...AUTO, 'tag-prefix': 'api' }
    const world = shop({ images: [history.image(-1)] })
    const limited = await deploy(world, { ...inputs, 'version-paths': './api/' }, history.job())
    expect(limited.outputs).toMatchObject({ version: '1.0.1' })
    const whole = await deploy(world, inputs, history.job())
    expect(whole.outputs).toMatchObject({ version: '2.0.0' })
  })

  test.concurrent('counts the package that its context is, wherever the clone lies', async () => {
    const history = new History('web/a | feat: old', 'web/b | fix: own', 'api/b | feat!: other')
    history.git('tag', 'web@1.0.0', history.at(0))
    const inputs = { ...AUTO, 'tag-prefix': 'web' }
    const world = shop({ images: [history.image(-1)] })
    for (const [below, context] of [
      ['', 'web'],
      ['app', 'app/web'],
      ['app', './app//web/']
    ] as const) {
      const run = await deploy(world, { ...inputs, context }, history.job(-1, below))
      expect(run.outputs).toMatchObject({ outcome: 'succeeded', version: '1.0.1', released: 'true' })
    }
  })

  test.concurrent('refuses paths at which nothing lies, and warns where it is only one of them', async () => {
    const history = new History('web/a | feat: old', 'web/b | fix: own')
    history.git('tag', 'v1.0.0', history.at(0))
    const world = shop({ images: [history.image(-1)] })
    const none = await deploy(world, { ...AUTO, 'version-paths': 'app/web' }, history.job(-1, 'app'))
    expect(none.outputs['reason-code']).toBe('history-missing')
    const refused = await deploy(world, { ...AUTO, 'version-paths': 'app/web' }, history.job())
    expect(refused.outputs).toMatchObject({ outcome: 'rejected', 'reason-code': 'invalid-input', released: 'false' })
    expect(refused.outputs['reason']).toContain("has nothing at 'app/web'")
    expect(writes(refused)).toEqual([])
    const warned = await deploy(world, { ...AUTO, 'version-paths': 'was, web' }, history.job())
    expect(warned.outputs).toMatchObject({ version: '1.0.1' })
    expect(warned.text).toContain("has nothing at 'was'")
  })

  test.concurrent('does not release what a reverted merge brought', async () => {
    const history = new History('feat: old')
    history.git('tag', 'v1.0.0')
    history.git('checkout', '-q', '-b', 'topic')
    history.commit('topic | feat: new')
    history.git('checkout', '-q', 'main')
    history.git('merge', '-q', '--no-ff', '-m', 'Merge pull request #1 from o/topic\n\nfeat: new', 'topic')
    // What GitHub's button does: a branch with the revert, and a merge with its title, all within a second here.
    history.git('checkout', '-q', '-b', 'revert-1-topic')
    history.git('revert', '-m', '1', '--no-edit', 'HEAD')
    const sentence = history.git('log', '-1', '--format=%b')
    history.git('commit', '-q', '--amend', '-m', `Revert "feat: new"\n\n${sentence}`)
    history.git('checkout', '-q', 'main')
    const title = 'Merge pull request #2 from o/revert-1-topic\n\nRevert "feat: new"'
    history.git('merge', '-q', '--no-ff', '-m', title, 'revert-1-topic')
    for (const reverted of ['main', 'main^2']) {
      history.git('checkout', '-q', '-B', 'tip', reverted)
      history.shas.push(history.git('rev-parse', 'HEAD'))
      const run = await deploy(shop({ images: [history.image(-1)] }), AUTO, history.job())
      expect(run.outputs).toMatchObject({ version: '1.0.0', released: 'false' })
    }
  })

  test.concurrent('believes the tags of an image whose labels are those of its base image', async () => {
    const history = new History('feat: old', 'fix: new')
    const labels = {
      'org.opencontainers.image.revision': '9'.repeat(40),
      'org.opencontainers.image.source': 'https://github.com/other/base'
    }
    const images = [history.image(0, '1.4.2'), history.image(-1)].map(image => ({ ...image, labels }))
    const run = await deploy(shop({ images }), AUTO, history.job())
    expect(run.outputs).toMatchObject({ version: '1.4.3', released: 'true' })
  })
})
