import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { World } from '../../simulator/cloud/world.ts'
import { startSimulator, type RunningSimulator } from '../../simulator/server.ts'
import { loginTo } from '../io/registry/server.ts'
import { deploy, deployTo, warnings, writes, type Deployed } from './harness.ts'
import { digestOf, runningDigests, shop, tagsOf, WEB } from './shop.ts'

/** A registry that is not ECR, as far as the action can tell. */
const ELSEWHERE: World = {
  account: '999999999999',
  region: 'us-east-1',
  repositories: [
    {
      name: 'team/web',
      images: [
        { tags: ['2.0.0', 'stable'], platforms: ['linux/amd64', 'linux/arm64'] },
        { tags: ['2.1.0'] },
        { tags: ['3.0.0'], platforms: ['linux/arm64'] },
        { tags: ['3.1.0'], platforms: ['linux/arm64', 'linux/riscv64'] }
      ]
    }
  ],
  clusters: []
}

let elsewhere: RunningSimulator
let directory: string

beforeAll(async () => {
  elsewhere = await startSimulator({ world: ELSEWHERE })
  directory = await mkdtemp(join(tmpdir(), 'docker-config-'))
  await logIn(elsewhere)
})

afterAll(async () => {
  await elsewhere.close()
  await rm(directory, { recursive: true })
})

/** What docker login would leave behind. */
async function logIn({ simulator, port }: RunningSimulator): Promise<void> {
  const { username, password } = await loginTo(simulator)
  const auth = Buffer.from(`${username}:${password}`).toString('base64')
  const config = { auths: { [`127.0.0.1:${String(port)}`]: { auth } } }
  await writeFile(join(directory, 'config.json'), JSON.stringify(config))
}

function there(name: string): string {
  return `127.0.0.1:${String(elsewhere.port)}/team/web${name}`
}

async function plan(image: string, inputs: Readonly<Record<string, string>> = {}): Promise<Deployed> {
  const dry = { ...WEB, image, 'dry-run': 'true', ...inputs }
  return deploy(shop(), dry, { env: { DOCKER_CONFIG: directory } })
}

describe('an image of another registry', () => {
  test.each([
    ['auto', '@'],
    ['digest', '@'],
    ['tag@digest', ':2.0.0@'],
    ['tag', ':2.0.0']
  ])('named by an exact tag is resolved to its digest; with pin %s the revision says so', async (pin, form) => {
    const digest = digestOf(elsewhere.simulator.state(), 'team/web', '2.0.0')
    const run = await plan(there(':2.0.0'), { pin, 'mutable-tags': 'allow' })
    const image = there(form.endsWith('@') ? `${form}${digest}` : form)
    expect(run.outputs).toMatchObject({ outcome: 'planned', image, 'image-digest': digest, 'image-tags': '[]' })
  })

  test('named by its digest stays as it was written', async () => {
    const digest = digestOf(elsewhere.simulator.state(), 'team/web', '2.0.0')
    const run = await plan(there(`:2.0.0@${digest}`))
    expect(run.outputs).toMatchObject({ outcome: 'planned', image: there(`:2.0.0@${digest}`), 'image-digest': digest })
  })

  test.each([
    ['on another image', ':2.0.0', /the tag \S+\/team\/web:2\.0\.0 is on sha256:/],
    ['on none', ':9.9.9', /the tag \S+\/team\/web:9\.9\.9 is on no image/]
  ])('named by its digest and a tag that is %s loses that tag, and a warning says so', async (_, tag, told) => {
    const digest = digestOf(elsewhere.simulator.state(), 'team/web', '2.1.0')
    const [auto, both] = await Promise.all([
      plan(there(`${tag}@${digest}`)),
      plan(there(`${tag}@${digest}`), { pin: 'tag@digest' })
    ])
    expect(auto.outputs).toMatchObject({ outcome: 'planned', image: there(`@${digest}`), 'image-digest': digest })
    expect(warnings(auto)).toEqual([expect.stringMatching(told)])
    expect(both.outputs).toMatchObject({ outcome: 'rejected', 'reason-code': 'invalid-input' })
    expect(both.outputs['reason']).toContain('has no tag')
  })

  test('named by its digest and a tag that cannot be looked at stays as it was written, and the log says so', async () => {
    const digest = digestOf(elsewhere.simulator.state(), 'team/web', '2.0.0')
    elsewhere.simulator.setFaults([{ operation: 'registry:HEAD manifests', status: 403, times: 'always' }])
    const run = await plan(there(`:2.0.0@${digest}`))
    elsewhere.simulator.setFaults([])
    expect(run.outputs).toMatchObject({ outcome: 'planned', image: there(`:2.0.0@${digest}`) })
    expect(run.text).toMatch(/whether the tag \S+:2\.0\.0 is on that image is not known: .* answered 403/)
  })

  test('named by its digest goes on when its registry does not answer us', async () => {
    const image = `127.0.0.1:1/team/web@sha256:${'a'.repeat(64)}`
    const run = await plan(image)
    expect(run.outputs).toMatchObject({ outcome: 'planned', image })
    expect(run.text).toContain('is taken by its digest, as it could not be looked at')
  })

  test.each([
    ['that is not there', ':9.9.9', 'image-not-found', 'there is no image'],
    ['of a word', ':stable', 'invalid-input', 'is outside ECR and not exact: the tag stable names no version']
  ])('named by a tag %s is refused', async (_, name, code, why) => {
    const run = await plan(there(name))
    expect(run.outputs).toMatchObject({
      outcome: 'rejected',
      'reason-code': code,
      reason: expect.stringContaining(why)
    })
    expect(writes(run)).toEqual([])
  })

  test.each<Readonly<Record<string, string>>>([{ tags: 'extra' }, { 'tag-image': 'always' }])(
    'is not tagged, which %j cannot pass over in silence',
    async inputs => {
      const run = await plan(there(':2.0.0'), inputs)
      expect(run.outputs).toMatchObject({ outcome: 'rejected', 'reason-code': 'invalid-input' })
      expect(run.outputs['reason']).toContain('the image is outside ECR')
    }
  )

  test.each([
    ['by its config', ':3.0.0', 'linux/arm64'],
    ['by its index', ':3.1.0', 'linux/arm64, linux/riscv64']
  ])('%s for another platform than the tasks are for is refused', async (_, name, offered) => {
    const run = await plan(there(name))
    expect(run.outputs).toMatchObject({ outcome: 'rejected', 'reason-code': 'platform-mismatch' })
    expect(run.outputs['reason']).toContain(`has no variant for linux/amd64`)
    expect(run.outputs['reason']).toContain(`it has ${offered}`)
    expect(writes(run)).toEqual([])
  })

  test('whose config cannot be read is deployed, and the log says what was not checked', async () => {
    elsewhere.simulator.setFaults([{ operation: 'registry:GET blobs', status: 403, times: 'always' }])
    const run = await plan(there(':3.0.0'))
    elsewhere.simulator.setFaults([])
    expect(run.outputs).toMatchObject({ outcome: 'planned' })
    expect(run.text).toMatch(/the image .* of container web could not be checked: .* answered 403/)
  })

  test('whose registry did not show it is not said to be the wrong one, and is not deployed twice', async () => {
    const platforms = ['linux/amd64', 'linux/arm64']
    const { registryHost: _, ...world } = shop({ images: [{ tags: ['2.0.0'], platforms }] })
    const server = await startSimulator({ world, speed: 300 })
    const image = `127.0.0.1:${String(server.port)}/web@${digestOf(server.simulator.state(), 'web', '2.0.0')}`
    const faults = [{ operation: 'ecr:DescribeRepositories', error: 'AccessDeniedException', times: 'always' }] as const
    const first = await deployTo(server, { ...WEB, image }, { faults })
    const second = await deployTo(server, { ...WEB, image }, { faults })
    await server.close()
    for (const run of [first, second]) {
      expect(run.outputs['outcome']).toBe('unproven')
      expect(run.outputs['reason']).toContain('its registry did not show it')
    }
    expect(writes(second)).toEqual([])
  })

  test('is proven to run by the digest of its platform, and nobody tags it', async () => {
    // Without the right to describe repositories, a registry that has no name of ECR is any registry to the action.
    const { registryHost: _, ...world } = shop({
      images: [{ tags: ['2.0.0'], platforms: ['linux/amd64', 'linux/arm64'] }]
    })
    const server = await startSimulator({ world, speed: 300 })
    await logIn(server)
    const image = `127.0.0.1:${String(server.port)}/web:2.0.0`
    const faults = [{ operation: 'ecr:DescribeRepositories', error: 'AccessDeniedException', times: 'always' }] as const
    const run = await deployTo(server, { ...WEB, image }, { faults, env: { DOCKER_CONFIG: directory } })
    await server.close()
    const digest = digestOf(run.cloud, 'web', '2.0.0')
    expect(run.outputs).toMatchObject({
      outcome: 'succeeded',
      'image-digest': digest,
      image: image.replace(':2.0.0', `@${digest}`)
    })
    expect(Object.keys(runningDigests(run.cloud))).toEqual(['web'])
    expect(tagsOf(run.cloud, 'web')).toEqual(tagsOf(run.cloudBefore, 'web'))
  })
})
