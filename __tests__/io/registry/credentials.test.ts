import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { dockerCredentials } from '../../../src/io/registry/credentials.ts'

const { signal } = new AbortController()

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'docker-config-'))
})
afterEach(() => rm(directory, { recursive: true }))

async function find(config: unknown, registry = 'ghcr.io', stop = signal): Promise<unknown> {
  await writeFile(join(directory, 'config.json'), typeof config === 'string' ? config : JSON.stringify(config))
  const path = [directory, dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter)
  return dockerCredentials({ DOCKER_CONFIG: directory, PATH: path, INPUT_TOKEN: 'mine' })(registry, stop)
}

async function installHelper(name: string, script: string): Promise<void> {
  const path = join(directory, `docker-credential-${name}`)
  await writeFile(path, `#!/bin/sh\n${script}\n`)
  await chmod(path, 0o755)
}

describe('the credentials of Docker', () => {
  test('are those of docker login', async () => {
    const auth = Buffer.from('me:secret').toString('base64')
    expect(await find({ auths: { 'ghcr.io': { auth } } })).toEqual({
      kind: 'login',
      username: 'me',
      password: 'secret'
    })
  })

  test('come from a helper, which is told the registry on stdin and nothing of the inputs', async () => {
    await installHelper('test', 'read server; printf \'{"Username":"%s","Secret":"%s"}\' "$1" "$server$INPUT_TOKEN"')
    expect(await find({ credHelpers: { 'ghcr.io': 'test' } })).toEqual({
      kind: 'login',
      username: 'get',
      password: 'ghcr.io'
    })
  })

  test.each([
    ['fails', 'echo "credentials not found in native keychain"; exit 1'],
    ['talks nonsense', 'echo nonsense'],
    ['has none', 'echo "{}"'],
    ['talks too much', 'head -c 100000 /dev/zero']
  ])('are none where the helper %s', async (_, script) => {
    await installHelper('test', script)
    expect(await find({ credsStore: 'test' })).toBeUndefined()
  })

  test('are none, and nothing is left running, where the job is cancelled and the helper heeds no signal', async () => {
    const pid = join(directory, 'pid')
    await installHelper('test', `trap "" TERM; echo $$ >${pid}; while :; do sleep 1; done`)
    const stop = new AbortController()
    const asked = find({ credsStore: 'test' }, 'ghcr.io', stop.signal)
    while ((await readFile(pid, 'utf8').catch(() => '')) === '') await new Promise(resolve => setTimeout(resolve, 20))
    stop.abort()
    expect(await asked).toBeUndefined()
    const isAlive = async (): Promise<boolean> =>
      /^State:\s+[^Z]/m.test(
        await readFile(`/proc/${(await readFile(pid, 'utf8')).trim()}/status`, 'utf8').catch(() => '')
      )
    while (await isAlive()) await new Promise(resolve => setTimeout(resolve, 20))
  })

  test.each(['../evil', 'a b', '-x', 'x;y', 'not-installed'])('are not asked of a helper called %j', async name => {
    expect(await find({ credsStore: name })).toBeUndefined()
  })

  test('are none without a file, or with one that is no JSON', async () => {
    expect(await dockerCredentials({ DOCKER_CONFIG: '/nonexistent' })('ghcr.io', signal)).toBeUndefined()
    expect(await find('not json')).toBeUndefined()
  })
})
