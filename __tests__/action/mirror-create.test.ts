import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Elsewhere } from './elsewhere.ts'
import { writes } from './harness.ts'
import { tagsOf } from './shop.ts'

let elsewhere: Elsewhere

beforeAll(async () => {
  elsewhere = await Elsewhere.start()
})

afterAll(() => elsewhere.close())

const there = (name: string): string => elsewhere.reference(name)
const digestThere = (tag: string): string => elsewhere.digestOf(tag)
const mirror: Elsewhere['mirror'] = (...order) => elsewhere.mirror(...order)

describe('create-repository', () => {
  const lines = (tag: string): string =>
    [`${there(':1.27.3')} -> mirror/new:${tag}`, `${there(':1.27.4')} -> mirror/new`].join('\n')
  const CREATE = { 'create-repository': 'true' }

  test('creates a target that is missing, immutable and scanned on push, and copies into it', async () => {
    const run = await mirror(lines('1.27.3'), CREATE)
    expect(run.outputs).toMatchObject({ outcome: 'succeeded', image: `${run.host}/mirror/new:1.27.3` })
    expect(run.text).toContain(`created the repository ${run.host}/mirror/new (IMMUTABLE, scanned on push)`)
    expect(writes(run).filter(operation => operation === 'CreateRepository')).toHaveLength(1)
    expect(run.cloud.ecr.repositories.find(({ name }) => name === 'mirror/new')?.imageTagMutability).toBe('IMMUTABLE')
    expect(tagsOf(run.cloud, 'mirror/new')).toEqual({
      '1.27.3': digestThere('1.27.3'),
      '1.27.4': digestThere('1.27.4')
    })
  })

  test('says once in a dry run what it would create', async () => {
    const digest = digestThere('1.27.3')
    const run = await mirror(`${lines('1.27.3')}\n${there(`@${digest}`)} -> mirror/new`, {
      ...CREATE,
      'dry-run': 'true'
    })
    expect(run.outputs).toMatchObject({ outcome: 'planned', reason: 'would copy 3 images' })
    expect(run.text.match(/would create the repository 'mirror\/new' \(IMMUTABLE, scanned on push\)/g)).toHaveLength(1)
    expect(run.text).toContain(`would copy ${there(':1.27.3')} (${digest}) to ${run.host}/mirror/new:1.27.3`)
    expect(writes(run)).toEqual([])
  })

  test('creates nothing for a source that is not there', async () => {
    const run = await mirror(`${there(':9.9.9')} -> mirror/new:9.9.9`, CREATE)
    expect(run.outputs).toMatchObject({ outcome: 'rejected', 'reason-code': 'image-not-found' })
    expect(writes(run)).toEqual([])
  })

  test('needs the right to do so', async () => {
    const faults = [{ operation: 'ecr:CreateRepository', error: 'AccessDeniedException' }]
    const run = await mirror(`${there(':1.27.3')} -> mirror/new:1.27.3`, CREATE, { faults })
    expect(run.outputs).toMatchObject({ 'reason-code': 'access-denied' })
    expect(run.outputs['reason']).toContain('ecr:CreateRepository')
  })
})
