import { describe, expect, test } from '@jest/globals'
import type { Change } from '../../simulator/control/change.ts'
import type { Simulator } from '../../simulator/simulator.ts'
import type { World } from '../../src/world.ts'
import { digestOf, REGISTRY, revisionCount, shopOf, tagsOf } from '../action/shop.ts'
import { deployVirtually, type Told } from '../action/virtual-run.ts'

const LABEL = 'org.opencontainers.image.revision'
const TAG = 'main-2222222'
const MINE = { tags: [TAG, 'mine', '1.2.0'], labels: { [LABEL]: '2'.repeat(40) } }
const THEIRS = { tags: ['theirs'], labels: { [LABEL]: '3'.repeat(40) } }

interface Enforced extends Told {
  readonly tags: Readonly<Record<string, string>>
  readonly digests: { readonly mine: string; readonly theirs: string }
  readonly revisions: number
  /** About images, from the change of the settings on. */
  readonly calls: readonly string[]
}

/** Deploys with `enforce`, and lets somebody do something right before the repository becomes immutable. */
async function enforce(inputs: Readonly<Record<string, string>>, change?: Change): Promise<Enforced> {
  let seen: Omit<Enforced, keyof Told> | undefined
  const images = [{ tags: ['main-1111111'] }, MINE, THEIRS]
  const told = await deployVirtually({
    world: shopOf({ imageTagMutability: 'MUTABLE', images }),
    inputs: { 'tag-immutability': 'enforce', ...inputs },
    through: (world, simulator) => (change === undefined ? world : interrupted(world, simulator, change)),
    after: simulator => {
      const state = simulator.state()
      const calls = simulator.calls().map(({ operation }) => operation)
      seen = {
        tags: tagsOf(state, 'web'),
        digests: { mine: digestOf(state, 'web', 'mine'), theirs: digestOf(state, 'web', 'theirs') },
        revisions: revisionCount(state),
        calls: calls.slice(calls.indexOf('PutImageTagMutability')).filter(name => name.includes('Image'))
      }
    }
  })
  if (seen === undefined) throw new Error('the run has not ended')
  return { ...told, ...seen }
}

function interrupted(world: World, simulator: Simulator, change: Change): World {
  return {
    ...world,
    async repositories(region, account) {
      const port = await world.repositories(region, account)
      return {
        ...port,
        setImmutability(name, settings) {
          simulator.change(change)
          return port.setImmutability(name, settings)
        }
      }
    }
  }
}

/** How a tag can be on the image already when the run looks for the first time. */
const WAYS: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
  ['by which the image was found', {}, TAG],
  ['that was seen on the image', { image: 'mine' }, TAG],
  ['that was asked for and names the image', { image: '1.2.0', tags: '1.2.0', 'tag-image': 'never' }, '1.2.0'],
  ['beside others that were free', { image: 'mine', tags: 'fresh' }, TAG]
]

test('a tag that somebody took off before the repository became immutable is refused', async () => {
  const run = await enforce({}, { deleteImage: { repository: 'web', tag: TAG } })
  expect(run.outputs).toMatchObject({ outcome: 'rejected', 'reason-code': 'tag-moved' })
  expect(run.outputs['reason']).toContain('is on none any more')
})

describe.each(WAYS)('a tag %s, in a repository that becomes immutable', (_, inputs, tag) => {
  test('is refused with both digests when somebody moved it while it could be moved', async () => {
    const run = await enforce(inputs, { moveTag: { repository: 'web', tag, to: 'theirs' } })
    const { mine, theirs } = run.digests
    expect(run.outputs).toMatchObject({
      outcome: 'rejected',
      'reason-code': 'tag-moved',
      image: `${REGISTRY}/web@${mine}`,
      'image-tags': '[]'
    })
    expect(run.outputs['reason']).toContain(`web:${tag} already points at ${theirs}, built from commit 3333`)
    expect(run.outputs['reason']).toContain(mine)
    expect(run.outputs['reason']).toContain("it was on this run's image")
    expect(run.tags[tag]).toBe(theirs)
    expect(run.revisions).toBe(1)
    expect(run.calls).not.toContain('PutImage')
  })

  test('is read once more, by one call for all, and deployed', async () => {
    const run = await enforce(inputs)
    expect(run.outputs).toMatchObject({ outcome: 'succeeded', image: `${REGISTRY}/web:${tag}` })
    expect(run.calls.filter(name => name === 'BatchGetImage')).toHaveLength(1)
  })
})
