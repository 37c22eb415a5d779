import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RunningSimulator, startSimulator } from '../../simulator/server.ts'
import { aws, awsText, run } from './support/command.ts'
import { type BuildContext, makeBuildContext } from './support/fixture.ts'
import { SHOP } from './support/worlds.ts'

const DIGEST = /sha256:[0-9a-f]{64}/

describe('a Docker engine', () => {
  let sim: RunningSimulator
  let first: BuildContext
  let second: BuildContext
  beforeAll(async () => {
    sim = await startSimulator({ world: SHOP })
    first = await makeBuildContext('first')
    second = await makeBuildContext('second')
    const password = await awsText(sim.url, 'ecr', 'get-login-password')
    const login = ['login', '--username', 'AWS', '--password-stdin', `127.0.0.1:${String(sim.port)}`]
    await run('docker', login, { input: password.trim() })
  })
  afterAll(async () => {
    await sim.close()
    await first.remove()
    await second.remove()
  })

  const reference = (repository: string, tag: string) => `127.0.0.1:${String(sim.port)}/${repository}:${tag}`

  async function digestOf(repository: string, tag: string): Promise<string | undefined> {
    const ids = ['--repository-name', repository, '--image-ids', `imageTag=${tag}`]
    const answer = (await aws(sim.url, 'ecr', 'describe-images', ...ids)) as {
      readonly imageDetails: readonly { readonly imageDigest: string }[]
    }
    return answer.imageDetails[0]?.imageDigest
  }

  test('builds, pushes, pulls and runs an image', async () => {
    const image = reference('shop/pushed', 'main-aaaaaaa')
    await run('docker', ['build', '--tag', image, first.directory])
    const pushed = DIGEST.exec(await run('docker', ['push', image]))?.[0]
    expect(await digestOf('shop/pushed', 'main-aaaaaaa')).toBe(pushed)

    await run('docker', ['image', 'rm', '--force', image])
    expect(await run('docker', ['pull', image])).toContain(pushed)
    expect(await run('docker', ['run', '--rm', '--network', 'none', image])).toBe('hello from first\n')
  })

  test('is refused a tag that is taken, and may push it again unchanged to a mutable repository', async () => {
    const taken = reference('shop/pushed', 'main-aaaaaaa')
    await run('docker', ['build', '--tag', taken, second.directory])
    await expect(run('docker', ['push', taken])).rejects.toThrow('immutable')

    const loose = reference('shop/loose', 'latest')
    await run('docker', ['tag', taken, loose])
    await run('docker', ['push', loose])
    expect(DIGEST.exec(await run('docker', ['push', loose]))?.[0]).toBe(await digestOf('shop/loose', 'latest'))
  })

  test('is refused without a login and in a repository that does not exist', async () => {
    const missing = reference('shop/missing', 'main-aaaaaaa')
    await run('docker', ['build', '--tag', missing, first.directory])
    await expect(run('docker', ['push', missing])).rejects.toThrow('does not exist')

    const empty = await mkdtemp(join(tmpdir(), 'docker-config-'))
    const anonymous = run('docker', ['pull', reference('shop/web', 'main-1111111')], { env: { DOCKER_CONFIG: empty } })
    await expect(anonymous).rejects.toThrow(/no basic auth credentials|unauthorized|authorization/i)
    await rm(empty, { recursive: true })
  })

  test('buildx pushes what it says that it pushed', async () => {
    const image = reference('shop/pushed', 'main-bbbbbbb')
    const metadata = join(second.directory, 'metadata.json')
    const options = ['--push', '--tag', image, '--build-arg', 'REVISION=bbbbbbb', '--metadata-file', metadata]
    await run('docker', ['buildx', 'build', ...options, second.directory])
    const built = JSON.parse(await readFile(metadata, 'utf8')) as Readonly<Record<string, string>>
    expect(await digestOf('shop/pushed', 'main-bbbbbbb')).toBe(built['containerimage.digest'])
  })
})
