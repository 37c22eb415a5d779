import { describe, expect, test } from '@jest/globals'
import type { World as SimulatedWorld } from '../../simulator/cloud/world.ts'
import type { Change } from '../../simulator/control/change.ts'
import type { FaultRule } from '../../simulator/control/faults.ts'
import { lookUpImage, type RunImage } from '../../src/steps/find-image.ts'
import { locateRepository } from '../../src/steps/locate-repository.ts'
import { tagImage } from '../../src/steps/tag-image.ts'
import { virtualWorld, type VirtualWorld } from '../properties/virtual-world.ts'

process.env['AWS_ACCESS_KEY_ID'] = 'AKIDEXAMPLE'
process.env['AWS_SECRET_ACCESS_KEY'] = 'secret'
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true'

const label = (digit: number) => ({ 'org.opencontainers.image.revision': String(digit).repeat(40) })

function registry(imageTagMutability: 'MUTABLE' | 'IMMUTABLE', more: readonly string[] = []): SimulatedWorld {
  const mine = { tags: ['mine', ...more], labels: label(1) }
  return { repositories: [{ name: 'web', imageTagMutability, images: [mine, { tags: ['theirs'], labels: label(2) }] }] }
}

interface Tagged {
  readonly outcome: unknown
  readonly target: string
  readonly calls: readonly string[]
}

interface Trouble {
  readonly faults?: readonly FaultRule[]
  /** What somebody does while a refused call waits for its repetition. */
  readonly meanwhile?: Change
  /** What somebody did before. */
  readonly before?: Change
  readonly commit?: string
}

const TAKEN: Change = { moveTag: { repository: 'web', tag: 'wanted', to: 'theirs' } }

/** Tags the image `mine` as `wanted`, and tells to which image the tag belongs afterwards. */
async function tagMine(simulated: SimulatedWorld, trouble: Trouble = {}, tag = 'wanted'): Promise<Tagged> {
  const meanwhile = trouble.meanwhile === undefined ? [] : [{ atSeconds: 0.1, change: trouble.meanwhile }]
  const cloud = virtualWorld(simulated, meanwhile)
  try {
    if (trouble.before !== undefined) cloud.simulator.change(trouble.before)
    const image = await mine(cloud)
    cloud.simulator.setFaults(trouble.faults ?? [])
    const seen = cloud.simulator.calls().length
    const outcome = await tagImage(image, { tag, commit: trouble.commit }, () => undefined).catch(
      (error: unknown) => error
    )
    const calls = cloud.simulator.calls().slice(seen)
    return { outcome, target: ownerOf(cloud, tag), calls: calls.map(({ operation }) => operation) }
  } finally {
    cloud.close()
  }
}

async function mine({ world }: VirtualWorld): Promise<RunImage> {
  const located = await locateRepository(world, { registry: undefined, repository: 'web' })
  const image = located && (await lookUpImage(located, { tag: 'mine' }))
  if (image === undefined) throw new Error('the image is not there')
  return image
}

function ownerOf({ simulator }: VirtualWorld, tag: string): string {
  const images = simulator.state().ecr.repositories[0]?.images ?? []
  const tags = images.find(image => image.tags.includes(tag))?.tags ?? []
  return tags.includes('mine') ? 'mine' : tags.includes('theirs') ? 'theirs' : 'nobody'
}

const throttled: FaultRule = { operation: 'ecr:PutImage', error: 'ThrottlingException', status: 400, times: 1 }
const lostBefore: FaultRule = { operation: 'ecr:PutImage', drop: 'before', times: 1 }
const lostAfter: FaultRule = { operation: 'ecr:PutImage', drop: 'after', times: 1 }

describe.each(['MUTABLE', 'IMMUTABLE'] as const)('in a repository that is %s, a tag', mutability => {
  test('that is free is put with one read, one write, and a look afterwards where it could have moved', async () => {
    const tagged = await tagMine(registry(mutability))
    const after = mutability === 'MUTABLE' ? ['BatchGetImage'] : []
    expect(tagged).toEqual({ outcome: undefined, target: 'mine', calls: ['BatchGetImage', 'PutImage', ...after] })
  })

  test('that is there already is left alone', async () => {
    expect(await tagMine(registry(mutability, ['wanted']))).toMatchObject({
      outcome: undefined,
      target: 'mine',
      calls: ['BatchGetImage']
    })
  })

  test('of another image is refused with both digests and both commits', async () => {
    const { outcome, target } = await tagMine(registry(mutability), { before: TAKEN })
    expect(outcome).toMatchObject({ code: 'tag-conflict' })
    const { message } = outcome as Error
    expect(message.match(/sha256:[0-9a-f]{64}/g)).toHaveLength(2)
    expect(message).toContain(`built from commit ${'1'.repeat(40)}`)
    expect(message).toContain(`built from commit ${'2'.repeat(40)}`)
    expect(target).toBe('theirs')
  })

  test('of an archived image is taken', async () => {
    const { outcome } = await tagMine(
      registry(mutability),
      { before: { archiveImage: { repository: 'web', tag: 'theirs' } } },
      'theirs'
    )
    expect(outcome).toMatchObject({ code: 'tag-conflict', message: expect.stringContaining('archived') as unknown })
  })

  test.each([
    ['a refusal for the rate', throttled],
    ['a lost request', lostBefore],
    ['a lost answer', lostAfter]
  ])('is put all the same after %s', async (_, fault) => {
    const { outcome, target } = await tagMine(registry(mutability), { faults: [fault] })
    expect(outcome).toBeUndefined()
    expect(target).toBe('mine')
  })

  test.each([
    ['a refusal for the rate', throttled],
    ['a lost request', lostBefore]
  ])('that somebody took after %s stays theirs', async (_, fault) => {
    const { outcome, target } = await tagMine(registry(mutability), { faults: [fault], meanwhile: TAKEN })
    expect(outcome).toMatchObject({ code: 'tag-conflict' })
    expect(target).toBe('theirs')
  })

  test.each(['ImageTagAlreadyExistsException', 'ImageAlreadyExistsException'])(
    'that is said to be there (%s) is looked at again',
    async error => {
      const said: FaultRule = { operation: 'ecr:PutImage', error, status: 400, times: 1 }
      const { outcome, calls } = await tagMine(registry(mutability), { faults: [said] })
      // It is not there after all, so nobody knows what it is on: an archived image, maybe.
      expect(outcome).toMatchObject({ code: 'tag-conflict' })
      expect(calls).toEqual(['BatchGetImage', 'PutImage', 'BatchGetImage'])
    }
  )

  test('is not put when ECR will not say where it points', async () => {
    const kms = { operation: 'ecr:BatchGetImage', error: 'KmsException', status: 400, times: 'always' as const }
    const { outcome, calls } = await tagMine(registry(mutability), { faults: [kms] })
    expect(outcome).toMatchObject({ code: 'aws-error' })
    expect(calls).not.toContain('PutImage')
  })

  test('beyond the thousandth of an image is refused at once, in words of its own', async () => {
    const many = Array.from({ length: 999 }, (_, index) => `t${String(index)}`)
    const { outcome, calls } = await tagMine(registry(mutability, many))
    expect(outcome).toMatchObject({ code: 'too-many-tags', remedy: expect.stringContaining('1,000 tags') as unknown })
    expect(calls.filter(name => name === 'PutImage')).toHaveLength(1)
  })
})

test('a tag that somebody moves right after it was put is reported', async () => {
  const slow: FaultRule = {
    operation: 'ecr:BatchGetImage',
    error: 'ThrottlingException',
    status: 400,
    times: 1,
    after: 1
  }
  const { outcome, target } = await tagMine(registry('MUTABLE'), { faults: [slow], meanwhile: TAKEN })
  expect(outcome).toMatchObject({ code: 'tag-moved', message: expect.stringContaining('now points at') as unknown })
  expect(target).toBe('theirs')
})
