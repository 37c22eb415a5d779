import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assembleImage } from '../../simulator/cloud/ecr/assemble.ts'
import type { FaultRule } from '../../simulator/control/faults.ts'
import { pushImage } from '../../simulator/protocol/registry/push.ts'
import { startSimulator } from '../../simulator/server.ts'
import { Elsewhere, OURS } from './elsewhere.ts'
import { writes, type Scene } from './harness.ts'
import { digestOf, tagsOf } from './shop.ts'

let elsewhere: Elsewhere

beforeAll(async () => {
  elsewhere = await Elsewhere.start()
})

afterAll(() => elsewhere.close())

const there = (name: string): string => elsewhere.reference(name)
const digestThere = (tag: string): string => elsewhere.digestOf(tag)
const mirror: Elsewhere['mirror'] = (...order) => elsewhere.mirror(...order)

describe('a copy', () => {
  test('has all platforms, and the digest of its source', async () => {
    const run = await mirror(`${there(':1.27.3')} -> mirror/nginx:1.27.3`)
    const digest = digestThere('1.27.3')
    const image = `${run.host}/mirror/nginx:1.27.3`
    expect(run.outputs).toMatchObject({
      outcome: 'succeeded',
      image,
      'image-digest': digest,
      'image-tags': '["1.27.3"]',
      changed: 'true'
    })
    expect(run.images).toEqual([{ source: there(':1.27.3'), image, digest, tags: ['1.27.3'], outcome: 'copied' }])
    expect(tagsOf(run.cloud, 'mirror/nginx')['1.27.3']).toBe(digest)
    expect(run.exitCode).toBe(0)
  })

  test('that is there already costs its source some questions that are no pulls, and nothing is written', async () => {
    const ours = await startSimulator({ world: OURS })
    const line = `${there(':1.27.3')} -> mirror/nginx:1.27.3`
    await elsewhere.mirrorTo(ours, line)
    const run = await elsewhere.mirrorTo(ours, line)
    const plan = await elsewhere.mirrorTo(ours, line, { 'dry-run': 'true' })
    const pinned = await elsewhere.mirrorTo(ours, `${there(`:1.27.3@${digestThere('1.27.3')}`)} -> mirror/nginx:1.27.3`)
    await ours.close()
    expect(run.outputs).toMatchObject({ outcome: 'unchanged', changed: 'false' })
    const noPulls = (asked: readonly string[]) => asked.filter(each => !/^(HEAD manifests|GET referrers)$/.test(each))
    expect(noPulls(run.asked)).toEqual([])
    expect(writes(run)).toEqual([])
    expect(plan.outputs).toMatchObject({ outcome: 'planned', reason: 'would copy 0 images; 1 image there already' })
    expect([pinned.outputs['outcome'], noPulls(pinned.asked)]).toEqual(['unchanged', []])
  })

  test('goes to the repository of the same path and keeps its tag when the line names no target', async () => {
    const run = await mirror(`# base images\n\n${there(':1.27.4')}   # the proxy`)
    expect(run.outputs).toMatchObject({ outcome: 'succeeded', image: `${run.host}/library/nginx:1.27.4` })
    expect(tagsOf(run.cloud, 'library/nginx')).toEqual({ '1.27.4': digestThere('1.27.4') })
  })

  test('of a digest has no tag unless the target names one', async () => {
    const digest = digestThere('1.27.3')
    const run = await mirror(`${there(`@${digest}`)}\n${there(`@${digest}`)} -> mirror/nginx:1.27.3`)
    expect(run.images).toMatchObject([
      { image: `${run.host}/library/nginx@${digest}`, tags: [], outcome: 'copied' },
      { image: `${run.host}/mirror/nginx:1.27.3`, tags: ['1.27.3'], outcome: 'copied' }
    ])
    expect(tagsOf(run.cloud, 'mirror/nginx')['1.27.3']).toBe(digest)
  })

  async function sign(image: string): Promise<{ readonly tag: string; readonly signature: string }> {
    const contents = { files: [{ path: 'payload', content: `${image} is signed` }] } as const
    const tag = `${digestThere(image).replace(':', '-')}.sig`
    const basic = `Basic ${Buffer.from(`${elsewhere.login.username}:${elsewhere.login.password}`).toString('base64')}`
    const signature = await pushImage(elsewhere.server.url, basic, 'library/nginx', assembleImage(contents), { tag })
    return { tag, signature }
  }

  test('brings its signature along', async () => {
    const { tag, signature } = await sign('1.28.0')
    const run = await mirror(`${there(':1.28.0')} -> mirror/nginx`)
    expect(tagsOf(run.cloud, 'mirror/nginx')).toMatchObject({ '1.28.0': digestThere('1.28.0'), [tag]: signature })
  })

  test('gets a signature that was put later, or that the last run could not copy, by another run', async () => {
    const ours = await startSimulator({ world: OURS })
    const line = `${there(':1.27.4')} -> mirror/nginx`
    await elsewhere.mirrorTo(ours, line)
    const { tag, signature } = await sign('1.27.4')
    const plan = await elsewhere.mirrorTo(ours, line, { 'dry-run': 'true' })
    const unsupported = { operation: 'registry:PUT manifests', error: 'UNSUPPORTED', status: 405, times: 1 }
    const refused = await elsewhere.mirrorTo(ours, line, {}, { faults: [unsupported] })
    const mended = await elsewhere.mirrorTo(ours, line)
    const again = await elsewhere.mirrorTo(ours, `${there(`@${digestThere('1.27.4')}`)} -> mirror/nginx:1.27.4`)
    await ours.close()
    expect(plan.text).toContain(`would copy what is attached to the image: ${tag}`)
    expect(writes(plan)).toEqual([])
    expect(refused.outputs).toMatchObject({ outcome: 'unchanged', changed: 'false' })
    expect(refused.text).toContain(`${tag} of ${digestThere('1.27.4')} was not copied`)
    expect(mended.outputs).toMatchObject({
      outcome: 'succeeded',
      reason: 'copied 0 images and what is attached to 1 image',
      changed: 'true'
    })
    expect(mended.images).toMatchObject([{ outcome: 'completed', tags: ['1.27.4'] }])
    expect(tagsOf(mended.cloud, 'mirror/nginx')).toMatchObject({ [tag]: signature })
    expect(again.outputs).toMatchObject({ outcome: 'unchanged', changed: 'false' })
    expect(writes(again)).toEqual([])
  })

  test('of a digest has the tag beside it only when its source says the same, or the target names it', async () => {
    const [digest, other] = [digestThere('1.27.3'), digestThere('1.27.4')]
    const source = there(`:1.27.4@${digest}`)
    const refused = await mirror(`${source} -> mirror/nginx`)
    expect(refused.outputs).toMatchObject({ outcome: 'rejected', 'reason-code': 'tag-conflict' })
    expect(refused.outputs['reason']).toContain(`is ${other} by now, and the line names ${digest}`)
    expect(writes(refused)).toEqual([])
    const asked = await mirror(`${source} -> mirror/nginx:1.27.4`)
    expect(tagsOf(asked.cloud, 'mirror/nginx')['1.27.4']).toBe(digest)
    expect(asked.annotations.map(({ message }) => message)).toContainEqual(
      expect.stringContaining(`is ${other} by now`)
    )
    const agreed = await mirror(`${there(`:1.27.3@${digest}`)} -> mirror/nginx`)
    expect(agreed.outputs['outcome']).toBe('succeeded')
  })

  test('is made with what docker login left on the machine', async () => {
    const auth = Buffer.from(`${elsewhere.login.username}:${elsewhere.login.password}`).toString('base64')
    const config = JSON.stringify({ auths: { [`127.0.0.1:${String(elsewhere.server.port)}`]: { auth } } })
    const directory = await mkdtemp(join(tmpdir(), 'docker-config-'))
    await writeFile(join(directory, 'config.json'), config)
    const none = { 'source-username': '', 'source-password': '' }
    const run = await mirror(there(':1.27.4'), none, { env: { DOCKER_CONFIG: directory } })
    await rm(directory, { recursive: true })
    expect(run.outputs).toMatchObject({ outcome: 'succeeded' })
    expect(run.text).not.toContain(elsewhere.login.password)
  })
})

describe('nothing is copied', () => {
  test.concurrent.each([
    ['without a tag', '', 'without a tag it would mean latest'],
    ['of latest', ':latest', 'latest is whatever was pushed last'],
    ['of a word', ':stable', 'the tag stable names no version'],
    ['of a major version', ':1-alpine', 'the tag 1-alpine names only a major version']
  ])('from a source %s, and nobody is asked', async (_, name, why) => {
    const run = await mirror(`${there(name)} -> mirror/nginx:1.0.0`)
    expect(run).toMatchObject({ exitCode: 1, outputs: { outcome: 'invalid', 'reason-code': 'invalid-input' } })
    expect(run.outputs['reason']).toContain(why)
    expect(run.calls).toEqual([])
  })

  test('over a tag that belongs to another image, and the other lines are copied', async () => {
    const run = await mirror(
      [`${there(':1.27.3')} -> mirror/nginx:taken-1.0.0`, `${there(':9.9.9')} -> mirror/nginx`, there(':1.27.4')].join(
        '\n'
      )
    )
    const taken = digestOf(run.cloudBefore, 'mirror/nginx', 'taken-1.0.0')
    expect(run).toMatchObject({ exitCode: 1, outputs: { outcome: 'failed', 'reason-code': 'tag-conflict' } })
    expect(run.outputs['reason']).toContain('2 of 3 images could not be mirrored')
    expect(run.outputs['reason']).toContain(taken)
    expect(run.images.map(({ outcome, 'reason-code': code }) => [outcome, code])).toEqual([
      ['failed', 'tag-conflict'],
      ['failed', 'image-not-found'],
      ['copied', undefined]
    ])
    expect(tagsOf(run.cloud, 'mirror/nginx')).toEqual({ 'taken-1.0.0': taken })
    expect(run.summary.match(/^\| .* \| (failed|copied) \|$/gm)).toHaveLength(3)
  })

  test.concurrent.each([
    ['another digest', ':1.27.3', 'taken-1.0.0', {}, 'rejected', 'tag-conflict'],
    ['a wrong password', ':1.27.3', '1.27.3', { 'source-password': 'wrong' }, 'rejected', 'access-denied'],
    ['no password', ':1.27.3', '1.27.3', { 'source-password': '', 'source-username': '' }, 'rejected', 'access-denied'],
    ['a tag that is not there', ':1.99.0', '1.99.0', {}, 'rejected', 'image-not-found']
  ])('with %s, and nothing changes', async (_, from, tag, inputs, outcome, code) => {
    const run = await mirror(`${there(from)} -> mirror/nginx:${tag}`, inputs)
    expect(run).toMatchObject({ exitCode: 1, outputs: { outcome, 'reason-code': code, changed: 'false' } })
    expect(run.cloud.ecr).toEqual(run.cloudBefore.ecr)
    expect(writes(run)).toEqual([])
  })

  test('into a repository that is not there', async () => {
    const run = await mirror(`${there(':1.27.3')} -> mirror/nginy:1.27.3`)
    expect(run.outputs).toMatchObject({ outcome: 'rejected', 'reason-code': 'repository-not-found' })
    expect(run.annotations.map(({ message }) => message).join()).toContain("did you mean 'mirror/nginx'?")
  })

  test('in a dry run, which says what would be', async () => {
    const run = await mirror(`${there(':1.27.3')} -> mirror/nginx:1.27.3`, { 'dry-run': 'true' })
    expect(run.outputs).toMatchObject({ outcome: 'planned', 'image-digest': digestThere('1.27.3'), changed: 'false' })
    expect(run.text).toContain(`would copy ${there(':1.27.3')}`)
    expect(writes(run)).toEqual([])
    expect(run.asked.filter(operation => operation !== 'HEAD manifests')).toEqual([])
  })
})

describe('what goes wrong on the way', () => {
  test.each<readonly [string, readonly FaultRule[]]>([
    ['uploads whose beginning is lost', [{ operation: 'registry:POST uploads', drop: 'after', times: 2 }]],
    ['uploads whose end is lost', [{ operation: 'registry:PUT uploads', drop: 'after', times: 3 }]],
    ['uploads that do not arrive', [{ operation: 'registry:PUT uploads', drop: 'before', times: 2 }]],
    ['manifests whose answer is lost', [{ operation: 'registry:PUT manifests', drop: 'after', times: 2 }]],
    ['a put tag whose answer is lost', [{ operation: 'ecr:PutImage', drop: 'after' }]],
    ['servers that are overloaded', [{ operation: 'registry:HEAD *', status: 503, times: 2 }]]
  ])('%s end in a copy', async (_, faults) => {
    const run = await mirror(`${there(':1.27.3')} -> mirror/nginx:1.27.3`, {}, { faults })
    expect(run.outputs).toMatchObject({ outcome: 'succeeded', 'image-digest': digestThere('1.27.3') })
    expect(tagsOf(run.cloud, 'mirror/nginx')['1.27.3']).toBe(digestThere('1.27.3'))
  })

  test('a source that limits its clients is waited for, and said', async () => {
    elsewhere.server.simulator.setFaults([{ operation: 'registry:GET manifests', status: 429, times: 1 }])
    const run = await mirror(`${there(':1.27.3')} -> mirror/nginx:1.27.3`)
    elsewhere.server.simulator.setFaults([])
    expect(run.outputs).toMatchObject({ outcome: 'succeeded' })
    expect(run.text).toContain('rate limit')
  })

  test.each([404, 405])('a source that answers %d to HEAD is asked otherwise', async status => {
    elsewhere.server.simulator.setFaults([{ operation: 'registry:HEAD manifests', status, times: 'always' }])
    const run = await mirror(`${there(':1.27.3')} -> mirror/nginx:1.27.3`)
    elsewhere.server.simulator.setFaults([])
    expect(run.outputs).toMatchObject({ outcome: 'succeeded', 'image-digest': digestThere('1.27.3') })
  })

  test('a source that lacks a part of its image is refused before anything is written', async () => {
    elsewhere.server.simulator.setFaults([{ operation: 'registry:GET manifests', status: 404, times: 'always' }])
    const run = await mirror(`${there(':1.27.3')} -> mirror/nginx:1.27.3`)
    const byDigest = await mirror(`${there(`@${digestThere('1.27.3')}`)} -> mirror/nginx:1.27.3`)
    elsewhere.server.simulator.setFaults([])
    expect(run.outputs).toMatchObject({ outcome: 'rejected', changed: 'false' })
    expect(run.outputs['reason']).toContain(`says that 1.27.3 is ${digestThere('1.27.3')}, and does not have it`)
    expect(run.text).toContain('What to do: run this job again; if it stays so, push the image to its registry again')
    expect(writes(run)).toEqual([])
    expect(byDigest.text).toContain('What to do: check the digest')
  })

  test('a cancelled job stops at once, and no tag is put', async () => {
    elsewhere.server.simulator.setFaults([{ operation: 'registry:GET *', delayMs: 6_000 }])
    let cancelledAt = Infinity
    const cancelLater = ({ cancel }: Scene): unknown =>
      setTimeout(() => {
        cancelledAt = performance.now()
        cancel()
      }, 500)
    const when = { says: '→', then: cancelLater }
    const run = await mirror(`${there(':1.27.3')} -> mirror/nginx:1.27.3`, {}, { when })
    elsewhere.server.simulator.setFaults([])
    expect(performance.now() - cancelledAt).toBeLessThan(3_000)
    expect(run.outputs).toMatchObject({ outcome: 'cancelled', 'reason-code': 'cancelled' })
    expect(run.cloud.ecr).toEqual(run.cloudBefore.ecr)
  })
})
