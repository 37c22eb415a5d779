import { describe, expect, test } from '@jest/globals'
import { describeCommit } from '../../src/decide/image/commit.ts'
import type { Event } from '../../src/event.ts'
import type { Git, GitTag } from '../../src/io/git.ts'
import type { DeployRun } from '../../src/modes/deploy.ts'
import { givenVersion, requireTaggedCommit, versionOf } from '../../src/modes/version.ts'
import { findImage } from '../../src/steps/find-image.ts'
import { locateRepository } from '../../src/steps/locate-repository.ts'
import { environmentOf, readDeployInputs } from '../inputs/environment.ts'
import { virtualWorld } from '../properties/virtual-world.ts'

process.env['AWS_ACCESS_KEY_ID'] = 'AKIDEXAMPLE'
process.env['AWS_SECRET_ACCESS_KEY'] = 'secret'
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true'

const [ONE, TWO] = ['1'.repeat(40), '2'.repeat(40)]
const TAG = 'refs/tags/v1.4.2'

interface Scene {
  readonly inputs?: Readonly<Record<string, string>>
  /** What started the run, about commit 1. */
  readonly ref?: string
  /** What is checked out. */
  readonly head?: string
  /** The tags of the clone; undefined where there is none. */
  readonly tags?: readonly GitTag[]
}

/** The version that the image to be built, one that has it, one that does not, and none get, or why none does. */
async function versions({ inputs = {}, ref = TAG, head = TWO, tags }: Scene) {
  const images = [{ tags: ['without'] }, { tags: ['with', '1.4.2'] }]
  const { world: plain, close } = virtualWorld({ repositories: [{ name: 'web', images }] }, [])
  const git: Pick<Git, 'depth' | 'tags'> = {
    depth: () => Promise.resolve(tags === undefined ? 'none' : 'shallow'),
    tags: () => Promise.resolve(tags ?? [])
  }
  const events: Event[] = []
  const run: DeployRun = {
    inputs: readDeployInputs(environmentOf({ cluster: 'prod', service: 'web', context: '.', ...inputs })),
    world: { ...plain, git: () => Promise.resolve(git as Git) },
    event: { name: 'push', ref, sha: ONE, payload: {} },
    known: {},
    source: undefined,
    emit: event => events.push(event)
  }
  const commit = () => describeCommit(run.event, run.inputs.image.commit, head)
  const said = (promise: Promise<unknown>) => promise.catch((error: unknown) => error)
  try {
    const located = await locateRepository(plain, { registry: undefined, repository: 'web' })
    if (located === undefined) throw new Error('the repository is not there')
    const ofImage = async (tag?: string) => {
      const image = tag === undefined ? undefined : await findImage(located, { tag })
      return (await versionOf(run, commit)(located, image)).own
    }
    return {
      before: await said(requireTaggedCommit(run, commit)),
      built: await said(ofImage()),
      without: await said(ofImage('without')),
      has: await said(ofImage('with')),
      none: await said(givenVersion(run, commit)),
      warnings: events.flatMap(event => (event.kind === 'warning' ? [event.text] : []))
    }
  } finally {
    close()
  }
}

const GIVEN = { built: '1.4.2', without: '1.4.2', has: '1.4.2', none: '1.4.2' }

describe('the version of a git tag', () => {
  const elsewhere = { code: 'invalid-input', message: expect.stringContaining(`is on commit ${ONE}, and this run`) }

  test.each([
    ['', undefined],
    [TAG, undefined],
    [TAG, []],
    [TAG, [{ name: 'v1.4.2', sha: TWO }]]
  ])('that started the run is for the commit of the event, with ref %j and a clone with %j', async (ref, tags) => {
    const scene = { inputs: { ref }, ...(tags && { tags }) }
    const refused = await versions(scene)
    for (const said of [refused.before, refused.built, refused.without, refused.has, refused.none])
      expect(said).toMatchObject(elsewhere)
    expect(await versions({ ...scene, head: ONE })).toEqual({ ...GIVEN, before: undefined, warnings: [] })
  })

  test('that is named by hand is for the commit that the clone has it on', async () => {
    const scene = { inputs: { ref: TAG }, ref: 'refs/heads/main', tags: [{ name: 'v1.4.2', sha: ONE }] }
    expect((await versions(scene)).built).toMatchObject(elsewhere)
    expect(await versions({ ...scene, head: ONE })).toEqual({ ...GIVEN, before: undefined, warnings: [] })
  })

  test('that is named by hand and not in the clone is put on no image', async () => {
    const missing = {
      code: 'history-missing',
      message: expect.stringContaining(`whether the git tag v1.4.2 is on commit ${TWO} is not known: the clone`),
      remedy: expect.stringMatching(/ref: refs\/tags\/v1\.4\.2.*fetch-tags: true.*by hand/)
    }
    const scene = { ref: 'refs/heads/main', tags: [{ name: 'v1.4.1', sha: TWO }] }
    const { before, built, without, has, none, warnings } = await versions({ ...scene, inputs: { ref: TAG } })
    for (const said of [before, built, without]) expect(said).toMatchObject(missing)
    expect([has, none]).toEqual(['1.4.2', '1.4.2'])
    expect(warnings).toEqual([expect.stringContaining('is not known: the clone does not have the tag')])
    const counted = await versions({ ...scene, inputs: { ref: TAG, version: 'auto', 'dry-run': 'true' } })
    for (const said of [counted.before, counted.built, counted.without]) expect(said).toMatchObject(missing)
    const given = await versions({ ...scene, inputs: { ref: TAG, version: '1.4.2' } })
    expect(given).toEqual({ ...GIVEN, before: undefined, warnings: [] })
  })

  test('that is named by hand is taken with a warning where there is no clone', async () => {
    const { warnings, ...given } = await versions({ inputs: { ref: TAG }, ref: 'refs/heads/main' })
    expect(given).toEqual({ ...GIVEN, before: undefined })
    // The image that has the version does not get it.
    expect(warnings).toEqual(Array(3).fill(expect.stringContaining('there is no git clone that could tell')))
  })
})
