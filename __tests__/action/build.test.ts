import { describe, expect, test } from '@jest/globals'
import type { World as SimulatedWorld } from '../../simulator/cloud/world.ts'
import type { Simulator } from '../../simulator/simulator.ts'
import type { Event } from '../../src/event.ts'
import { Failure } from '../../src/failure.ts'
import { deploy } from '../../src/modes/deploy.ts'
import type { Ending } from '../../src/modes/ending.ts'
import type { Knowledge } from '../../src/outcome.ts'
import type { EcrPort } from '../../src/io/aws/ecr.ts'
import type { GitTag } from '../../src/io/git.ts'
import { logLines } from '../../src/report/log.ts'
import type { World } from '../../src/world.ts'
import { environmentOf, readDeployInputs } from '../inputs/environment.ts'
import { virtualWorld } from '../properties/virtual-world.ts'
import { REGISTRY, shop, shopOf, tagsOf, WEB } from './shop.ts'
import { virtualDocker, type VirtualBuild, type VirtualDocker } from './virtual-docker.ts'

process.env['AWS_ACCESS_KEY_ID'] = 'AKIDEXAMPLE'
process.env['AWS_SECRET_ACCESS_KEY'] = 'secret'
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true'

const SHA = '9'.repeat(40)
const TAG = 'main-9999999'

interface Scene {
  readonly world?: SimulatedWorld
  readonly inputs?: Readonly<Record<string, string>>
  readonly build?: (simulator: Simulator) => VirtualBuild
  /** How often ECR does not find yet what was just pushed. */
  readonly misses?: number
  /** The commits that are checked out, by directory. */
  readonly clones?: Readonly<Record<string, string>>
  /** What the clones have for tags. */
  readonly tags?: readonly GitTag[]
  readonly ref?: string
}

interface Built {
  readonly ending: Ending
  readonly known: Knowledge
  readonly log: string
  readonly docker: VirtualDocker
  readonly simulator: Simulator
  readonly operations: readonly string[]
}

/** Builds the commit 9 and deploys it to the shop, in virtual time. */
async function build({
  world: simulated = shop(),
  inputs = {},
  build: how,
  misses = 0,
  clones = {},
  tags = [],
  ref = 'refs/heads/main'
}: Scene = {}): Promise<Built> {
  const { world: plain, simulator, close } = virtualWorld(simulated, [])
  const docker = virtualDocker(simulator, how?.(simulator))
  const git = {
    depth: () => Promise.resolve(tags.length > 0 ? ('whole' as const) : ('none' as const)),
    tags: () => Promise.resolve(tags),
    findCommit: () => Promise.resolve(undefined),
    committedAt: () => Promise.resolve('2026-03-02T09:14:07+01:00'),
    commits: () => Promise.resolve([]),
    parents: () => Promise.resolve(new Map()),
    findPaths: () => Promise.resolve([])
  }
  const ecr: World['ecr'] = async (region, account) => missing(await plain.ecr(region, account), misses)
  const world: World = {
    ...plain,
    ecr,
    docker: () => Promise.resolve(docker),
    git: () => Promise.resolve(git),
    checkout: path => Promise.resolve({ head: clones[path], place: path })
  }
  const known: Knowledge = {}
  const log: string[] = []
  const emit = (event: Event): void => {
    log.push(...logLines(event).map(({ text }) => text))
  }
  const event = { name: 'push', ref, sha: SHA, payload: {} }
  const asked = { ...WEB, context: '.', repository: 'web', 'poll-seconds': '10', ...inputs }
  const source = 'https://github.com/octo-org/shop'
  try {
    const ending = await deploy({
      inputs: readDeployInputs(environmentOf(asked)),
      world,
      known,
      event,
      source,
      emit
    }).catch(rejected)
    const operations = simulator.calls().map(({ operation }) => operation)
    return { ending, known, log: log.join('\n'), docker, simulator, operations }
  } finally {
    close()
  }
}

/** ECR that does not find what is asked for by digest, so many times. */
function missing(port: EcrPort, times: number): EcrPort {
  let left = times
  return {
    ...port,
    findImage: (name, image) => {
      if ('digest' in image && left-- > 0) return Promise.resolve(undefined)
      return port.findImage(name, image)
    }
  }
}

function rejected(error: unknown): Ending {
  if (!(error instanceof Failure)) throw error
  return { outcome: 'rejected', reasonCode: error.code, reason: error.message, remedy: error.remedy ?? '' }
}

/** The service runs an image of `web`; the new one goes into `api`, which is not there. */
const NEW = { repository: 'api', 'create-repository': 'true', 'container-name': 'web' }

describe('a build', () => {
  test('is tagged by its digest, and says where it comes from', async () => {
    const { ending, known, docker, simulator } = await build({ inputs: { version: '1.4.2' } })
    expect(ending.outcome).toBe('succeeded')
    expect(tagsOf(simulator.state(), 'web')).toMatchObject({ [TAG]: known.imageDigest, '1.4.2': known.imageDigest })
    expect(docker.orders[0]?.labels).toEqual([
      `org.opencontainers.image.revision=${SHA}`,
      'org.opencontainers.image.source=https://github.com/octo-org/shop',
      'org.opencontainers.image.version=1.4.2',
      'org.opencontainers.image.created=2026-03-02T09:14:07+01:00',
      'org.opencontainers.image.ref.name=main'
    ])
  })

  const other = '7'.repeat(40)
  const url = 'https://github.com/octo-org/shop.git'

  test.each([
    ['what is checked out in its context', { context: 'repo/app' }, other],
    ['what it fetches', { context: `${url}#${other}:app` }, other],
    ['what it is said to fetch', { context: `${url}#release`, sha: other }, other],
    ['the commit of the event when it fetches that', { context: `${url}#${SHA}` }, SHA]
  ])('names %s', async (_, inputs, sha) => {
    const clones = { '.': SHA, 'repo/app': other }
    const { known, docker, log, simulator } = await build({ inputs, clones })
    expect(docker.orders[0]?.labels).toContain(`org.opencontainers.image.revision=${sha}`)
    expect(tagsOf(simulator.state(), 'web')[`main-${sha.slice(0, 7)}`]).toBe(known.imageDigest)
    if (sha === SHA) expect(log).not.toContain('the commit is')
    else expect(log).toContain(`the commit is ${sha.slice(0, 12)} of 'main'`)
  })

  test('of a remote context names the repository that it fetches, and no branch', async () => {
    const own = await build({ inputs: { context: `git@github.com:octo-org/shop.git#${other}` } })
    expect(own.docker.orders[0]?.labels).toContain('org.opencontainers.image.source=https://github.com/octo-org/shop')
    const { docker, log } = await build({ inputs: { context: `https://github.com/o/theirs.git#${other}:app` } })
    const labels = docker.orders[0]?.labels ?? []
    expect(labels).toContain('org.opencontainers.image.source=https://github.com/o/theirs.git')
    expect(labels.join()).not.toContain('ref.name')
    expect(log).toContain(`${other.slice(0, 10)} is what the context names, not ${SHA.slice(0, 10)}`)
  })

  test.each([
    ['as it is', {}],
    ['counted', { version: 'auto' }],
    ['in a repository that would be created', NEW]
  ])('is not begun for the version of a git tag that is on another commit, %s', async (_, inputs) => {
    const ref = 'refs/tags/v1.4.2'
    const { ending, docker, operations } = await build({ inputs, clones: { '.': other }, ref })
    expect(ending).toMatchObject({ outcome: 'rejected', reasonCode: 'invalid-input' })
    expect(ending.reason).toBe(`the git tag v1.4.2 is on commit ${SHA}, and this run is about commit ${other}`)
    expect(ending.remedy).toContain(`ref: ${ref}`)
    expect(docker.orders).toEqual([])
    for (const write of ['PutImage', 'CreateRepository']) expect(operations).not.toContain(write)
    const given = await build({ inputs: { ...inputs, version: '1.4.2' }, clones: { '.': other }, ref })
    expect(given.ending.outcome).toBe('succeeded')
  })

  test('asks the clone for the commit of a git tag that is named by hand', async () => {
    const inputs = { ref: 'refs/tags/v1.4.2' }
    const tags = [{ name: 'v1.4.2', sha: other }]
    expect((await build({ inputs, clones: { '.': other }, tags })).known.version).toBe('1.4.2')
    const { ending } = await build({ inputs, clones: { '.': SHA }, tags })
    expect(ending.reason).toBe(`the git tag v1.4.2 is on commit ${other}, and this run is about commit ${SHA}`)
    expect((await build({ inputs, clones: { '.': SHA } })).known.version).toBe('1.4.2')
  })

  test('is looked for until ECR has it, but not for ever', async () => {
    expect((await build({ misses: 3 })).ending.outcome).toBe('succeeded')
    expect((await build({ misses: 30 })).ending).toMatchObject({ outcome: 'rejected', reasonCode: 'image-not-found' })
  })

  test('is not done again for a commit that has its image', async () => {
    const { ending, docker } = await build({
      world: shopOf({ images: [{ tags: ['main-1111111'] }, { tags: [TAG] }] })
    })
    expect(ending.outcome).toBe('succeeded')
    expect(docker.orders).toEqual([])
  })

  test('is not begun for a version that another image has', async () => {
    const labels = { 'org.opencontainers.image.revision': '3'.repeat(40) }
    const world = shopOf({ images: [{ tags: ['main-1111111', '1.4.2'] }, { tags: ['stable'], labels }] })
    for (const dry of ['true', 'false']) {
      const { ending, docker } = await build({ world, inputs: { version: '1.4.2', tags: 'stable', 'dry-run': dry } })
      expect(ending).toMatchObject({ outcome: 'rejected', reasonCode: 'tag-conflict' })
      for (const tag of ['1.4.2', 'stable']) expect(ending.reason).toContain(`the tag web:${tag} points at`)
      expect(ending.reason).toContain(`, built from commit ${'3'.repeat(40)}, already`)
      expect(docker.orders).toEqual([])
    }
  })

  test('is not begun for a repository whose tags can move, when they must not', async () => {
    const world = shopOf({ imageTagMutability: 'MUTABLE' })
    const { ending, docker } = await build({ world, inputs: { 'tag-immutability': 'require' } })
    expect(ending).toMatchObject({ outcome: 'rejected', reasonCode: 'mutable-repository' })
    expect(docker.orders).toEqual([])
  })

  test.each(['MUTABLE', 'IMMUTABLE'] as const)(
    'in a %s repository does not take the tag that somebody put meanwhile, and cleans up',
    async imageTagMutability => {
      const { ending, known, simulator } = await build({
        world: shopOf({ imageTagMutability, images: [{ tags: ['main-1111111'] }] }),
        build: sim => ({
          temporaryTag: 'push-1234',
          meanwhile() {
            sim.change({ moveTag: { repository: 'web', tag: TAG, to: 'main-1111111' } })
          }
        })
      })
      expect(ending).toMatchObject({ outcome: 'rejected', reasonCode: 'tag-conflict' })
      expect(ending.reason).toContain(`built from commit ${SHA}`)
      const tags = tagsOf(simulator.state(), 'web')
      expect(tags[TAG]).toBe(tags['main-1111111'])
      expect(tags).not.toHaveProperty('push-1234')
      expect(known).toMatchObject({ imageTags: [] })
      expect(known).not.toHaveProperty('imageDigest')
    }
  )
})

describe('create-repository', () => {
  test('creates a missing one, immutable and scanned on push, and builds into it', async () => {
    const { ending, log, simulator, operations } = await build({ inputs: NEW })
    expect(ending.outcome).toBe('succeeded')
    expect(log).toContain(`created the repository ${REGISTRY}/api (IMMUTABLE, scanned on push)`)
    expect(operations.filter(name => name === 'CreateRepository')).toHaveLength(1)
    const created = simulator.state().ecr.repositories.find(({ name }) => name === 'api')
    expect(created).toMatchObject({ imageTagMutability: 'IMMUTABLE', images: [{ tags: [TAG] }] })
  })

  test('leaves the marker movable', async () => {
    const { ending, simulator, known } = await build({ inputs: { ...NEW, 'marker-tag': 'prod-current' } })
    expect(ending.outcome).toBe('succeeded')
    const created = simulator.state().ecr.repositories.find(({ name }) => name === 'api')
    expect(created).toMatchObject({
      imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
      exclusionFilters: [{ filter: 'prod-current' }]
    })
    expect(tagsOf(simulator.state(), 'api')['prod-current']).toBe(known.imageDigest)
  })

  test('does nothing where there is one', async () => {
    const { ending, operations } = await build({ inputs: { 'create-repository': 'true' } })
    expect(ending.outcome).toBe('succeeded')
    expect(operations).not.toContain('CreateRepository')
  })

  test('says in a dry run what it would do, and does not', async () => {
    const { ending, log, operations } = await build({ inputs: { ...NEW, version: '1.0.0', 'dry-run': 'true' } })
    expect(ending.outcome).toBe('planned')
    expect(log).toContain("would create the repository 'api' (IMMUTABLE, scanned on push)")
    expect(log).toContain(`would build an image and tag it in ${REGISTRY}/api: ${TAG}, 1.0.0`)
    expect(operations).not.toContain('CreateRepository')
  })

  test('is not asked for: a missing one is missed', async () => {
    const { ending } = await build({ inputs: { repository: 'api', 'container-name': 'web' } })
    expect(ending).toMatchObject({ outcome: 'rejected', reasonCode: 'repository-not-found' })
  })
})
