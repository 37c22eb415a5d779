import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSimulator } from '../../simulator/server.ts'
import { parseBuild, type BuildInputs } from '../../src/decide/image/build.ts'
import { createDocker, type BuildOrder } from '../../src/io/docker.ts'
import { commit, deployTo } from '../action/harness.ts'
import { tagsOf } from '../action/shop.ts'
import { realPart, run } from './support/command.ts'
import { makeBuildContext, type BuildContext } from './support/fixture.ts'
import { SHOP } from './support/worlds.ts'

const NOTHING: BuildInputs = {
  context: '',
  file: '',
  target: '',
  platforms: '',
  buildArgs: '',
  buildContexts: '',
  buildSecrets: '',
  labels: '',
  cacheFrom: '',
  cacheTo: '',
  provenance: '',
  sbom: '',
  network: '',
  pull: false,
  noCache: false
}

let context: BuildContext
let temporary: string
beforeAll(async () => {
  context = await makeBuildContext('build')
  temporary = await mkdtemp(join(tmpdir(), 'real-build-'))
})
afterAll(async () => {
  await context.remove()
  await rm(temporary, { recursive: true, force: true })
})

interface Inspected {
  readonly Digest: string
  readonly Labels: Readonly<Record<string, string>>
}

function order(repositoryUri: string, more: Partial<BuildInputs> = {}): BuildOrder {
  return {
    build: parseBuild({ ...NOTHING, context: context.directory, ...more }),
    repositoryUri,
    login: { username: 'AWS', password: 'any will do' },
    labels: [`org.opencontainers.image.revision=${commit(4)}`, 'org.opencontainers.image.ref.name=feature/a=b']
  }
}

/** Where this machine's engine and its plugins are. */
function engine(): Record<string, string> {
  const named = ['PATH', 'HOME', 'DOCKER_HOST', 'DOCKER_CONFIG'].map(name => [name, process.env[name] ?? ''])
  return Object.fromEntries(named.filter(([, value]) => value !== '')) as Record<string, string>
}

describe("a build into Debian's docker-registry", () => {
  const signal = new AbortController().signal

  test('is there under the digest that is reported, with its labels, and nothing secret stays behind', async () => {
    const lines: string[] = []
    const options = { workspace: context.directory, temporary, environment: process.env }
    const docker = createDocker({ ...options, onLine: line => lines.push(line) })
    const uri = `${realPart('REAL_REGISTRY')}/built/app`
    const pushed = await docker.buildAndPush(order(uri, { labels: 'team=shop' }), signal)
    const inspected = await run('skopeo', ['inspect', '--tls-verify=false', `docker://${uri}@${pushed.digest}`])
    const { Digest, Labels } = JSON.parse(inspected) as Inspected
    expect(Digest).toBe(pushed.digest)
    expect(Labels).toMatchObject({
      'org.opencontainers.image.revision': commit(4),
      'org.opencontainers.image.ref.name': 'feature/a=b',
      team: 'shop'
    })
    expect(await readdir(temporary)).toEqual([])
    expect(lines.join('\n')).not.toContain('any will do')
  })

  test('of a Dockerfile that is wrong says what is wrong with it', async () => {
    const docker = createDocker({
      workspace: context.directory,
      temporary,
      environment: process.env,
      onLine: () => undefined
    })
    const uri = `${realPart('REAL_REGISTRY')}/built/app`
    const wrong = docker.buildAndPush(order(uri, { target: 'nowhere' }), signal)
    await expect(wrong).rejects.toMatchObject({
      code: 'build-failed',
      message: expect.stringContaining('nowhere') as unknown
    })
  })
})

test('a commit becomes a proven deployment: built, pushed, tagged, registered, deployed', async () => {
  const server = await startSimulator({ world: { ...SHOP, region: 'eu-west-1' }, speed: 300 })
  try {
    const inputs = { cluster: 'shop', service: 'web', context: context.directory, version: '1.4.2' }
    const circumstances = { sha: commit(4), env: engine() }
    const first = await deployTo(server, inputs, circumstances)
    expect(first.outputs).toMatchObject({
      outcome: 'succeeded',
      version: '1.4.2',
      'image-tags': '["main-4444444","1.4.2"]'
    })
    const digest = first.outputs['image-digest']
    const tags = tagsOf(first.cloud, 'shop/web')
    expect(tags).toMatchObject({ 'main-4444444': digest, '1.4.2': digest })
    expect(Object.keys(tags).filter(tag => tag.startsWith('push-'))).toEqual([])
    const again = await deployTo(server, inputs, circumstances)
    expect(again.outputs).toMatchObject({ outcome: 'unchanged', 'image-digest': digest })
    expect(again.text).not.toContain('Building the image')
  } finally {
    await server.close()
  }
}, 120_000)
