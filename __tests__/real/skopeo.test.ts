import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RunningSimulator, startSimulator } from '../../simulator/server.ts'
import { awsText, realPart, run } from './support/command.ts'
import { SHOP } from './support/worlds.ts'

interface Inspected {
  readonly Digest: string
  readonly RepoTags: readonly string[]
}

describe('skopeo', () => {
  let sim: RunningSimulator
  let layout: string
  let credentials: string
  beforeAll(async () => {
    sim = await startSimulator({ world: SHOP })
    layout = await mkdtemp(join(tmpdir(), 'layout-'))
    credentials = `AWS:${(await awsText(sim.url, 'ecr', 'get-login-password')).trim()}`
  })
  afterAll(async () => {
    await sim.close()
    await rm(layout, { recursive: true })
  })

  const simulated = (name: string) => `docker://127.0.0.1:${String(sim.port)}/${name}`

  async function inspect(reference: string): Promise<Inspected> {
    const secret = reference.includes(String(sim.port)) ? ['--creds', credentials] : []
    return JSON.parse(await run('skopeo', ['inspect', '--tls-verify=false', ...secret, reference])) as Inspected
  }

  test('inspects an image of the world', async () => {
    const image = await inspect(simulated('shop/web:main-1111111'))
    expect(image.Digest).toMatch(/^sha256:/)
    expect([...image.RepoTags].sort()).toEqual(['main-1111111', 'main-2222222'])
  })

  test('copies an image made by umoci in, keeping its digest on the way to another registry and back', async () => {
    await run('umoci', ['init', '--layout', join(layout, 'oci')])
    await run('umoci', ['new', '--image', `${join(layout, 'oci')}:made`])
    const options = ['--insecure-policy', 'copy', '--preserve-digests']
    const pushed = simulated('shop/pushed:made')
    const other = `docker://${realPart('REAL_REGISTRY')}/elsewhere/made:1`
    const back = simulated('shop/loose:back')
    const into = ['--dest-tls-verify=false', '--dest-creds', credentials]
    const outOf = ['--src-tls-verify=false', '--src-creds', credentials]
    await run('skopeo', [...options, ...into, `oci:${join(layout, 'oci')}:made`, pushed])
    await run('skopeo', [...options, ...outOf, '--dest-tls-verify=false', pushed, other])
    await run('skopeo', [...options, '--src-tls-verify=false', ...into, other, back])
    const { Digest } = await inspect(pushed)
    expect((await inspect(other)).Digest).toBe(Digest)
    expect((await inspect(back)).Digest).toBe(Digest)
  })

  test('copies an image of the world out to a registry that checks every digest', async () => {
    const other = `docker://${realPart('REAL_REGISTRY')}/elsewhere/web:main-2222222`
    const outOf = ['--src-tls-verify=false', '--src-creds', credentials]
    await run('skopeo', [
      ...['--insecure-policy', 'copy', '--preserve-digests', ...outOf, '--dest-tls-verify=false'],
      ...[simulated('shop/web:main-2222222'), other]
    ])
    expect((await inspect(other)).Digest).toBe((await inspect(simulated('shop/web:main-2222222'))).Digest)
  })
})
