import { afterEach, describe, expect, test } from '@jest/globals'
import type { FaultRule } from '../../simulator/control/faults.ts'
import { findImage, readPlatforms, readRevisionLabel } from '../../src/steps/find-image.ts'
import { locateRepository } from '../../src/steps/locate-repository.ts'
import { virtualWorld, type VirtualWorld } from '../properties/virtual-world.ts'

// The SDK signs what it sends, also to a simulator that checks no signature.
process.env['AWS_ACCESS_KEY_ID'] = 'AKIDEXAMPLE'
process.env['AWS_SECRET_ACCESS_KEY'] = 'secret'

const REVISION = 'c'.repeat(40)
const REPOSITORY = { registry: undefined, repository: 'web' }
const IMAGES = [
  { tags: ['v1'], labels: { 'org.opencontainers.image.revision': REVISION } },
  { tags: ['v2'], platforms: ['linux/amd64', 'linux/arm64'] }
]

let virtual: VirtualWorld

function open(faults: readonly FaultRule[] = []) {
  virtual = virtualWorld({ region: 'eu-west-1', repositories: [{ name: 'web', images: IMAGES }] }, [])
  virtual.simulator.setFaults(faults)
  return virtual
}

afterEach(() => {
  virtual.close()
})

async function remedyOf(work: Promise<unknown>): Promise<string | undefined> {
  const error: unknown = await work.then(
    () => new Error('it was found'),
    (failure: unknown) => failure
  )
  return (error as { readonly remedy?: string }).remedy
}

async function find(tag: string) {
  const located = await locateRepository(virtual.world, REPOSITORY)
  if (located === undefined) throw new Error('no repository')
  return findImage(located, { tag })
}

describe('what is there instead', () => {
  test('of an image is named', async () => {
    open()
    expect(await remedyOf(find('latest'))).toBe('push it first; some of the tags that are there: v1, v2')
    expect(await remedyOf(find('v3'))).toBe("push it first; did you mean 'v1'?")
  })

  test('of an image is not known without the right to list, which is not the same as nothing', async () => {
    open([{ operation: 'ecr:ListImages', error: 'AccessDeniedException', times: 'always' }])
    expect(await remedyOf(find('latest'))).toBe('push it first')
  })

  test('of a repository is named', async () => {
    const { world } = open()
    const elsewhere = { ...REPOSITORY, repository: 'api-server' }
    expect(await remedyOf(locateRepository(world, elsewhere))).toContain('this registry has: web')
  })

  test('of a repository is not known without the right to list', async () => {
    const { world } = open([
      { operation: 'ecr:DescribeRepositories', error: 'AccessDeniedException', times: 1, after: 1 }
    ])
    const elsewhere = { ...REPOSITORY, repository: 'api-server' }
    expect(await remedyOf(locateRepository(world, elsewhere))).toBe('create it, or check the name and the region')
  })
})

describe('what an image says of itself', () => {
  test('is read once, however often it is asked for', async () => {
    const { simulator } = open()
    const image = await find('v1')
    expect(await readRevisionLabel(image)).toBe(REVISION)
    expect(await readPlatforms(image)).toEqual([{ os: 'linux', architecture: 'amd64' }])
    expect(simulator.calls().filter(({ operation }) => operation === 'GetDownloadUrlForLayer')).toHaveLength(1)
  })

  test('of its platforms stands in an index', async () => {
    const { simulator } = open()
    expect(await readPlatforms(await find('v2'))).toHaveLength(2)
    expect(simulator.calls().map(({ operation }) => operation)).not.toContain('GetDownloadUrlForLayer')
  })
})
