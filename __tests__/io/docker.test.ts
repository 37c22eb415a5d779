import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseBuild } from '../../src/decide/image/build.ts'
import { type BuildOrder, createDocker, type Docker } from '../../src/io/docker.ts'

const DIGEST = `sha256:${'a'.repeat(64)}`

/**
 * A docker client for tests: it records how it was called and what it could see, and plays what DOCKER_STANDIN names.
 * Its answers are what the real one printed.
 */
const STANDIN = `#!${process.execPath}
const fs = require('node:fs')
const args = process.argv.slice(2)
const play = process.env.DOCKER_STANDIN ?? ''
const config = process.env.DOCKER_CONFIG
const call = { args, env: process.env }
if (config) {
  call.config = JSON.parse(fs.readFileSync(config + '/config.json', 'utf8'))
  call.entries = fs.readdirSync(config).sort()
  call.mode = fs.statSync(config + '/config.json').mode & 0o777
}
if (args[0] === 'login') call.password = fs.readFileSync(0, 'utf8')
fs.appendFileSync(process.env.DOCKER_STANDIN_LOG, JSON.stringify(call) + '\\n')
function fail(text) { console.error(text); process.exit(1) }
if (args[1] === 'version') {
  if (play === 'no-buildx') fail("docker: 'buildx' is not a docker command.")
  console.log('github.com/docker/buildx 0.13.1+ds1 0.13.1+ds1-3')
} else if (args[1] === 'inspect') {
  if (play === 'down') console.log('Driver:        \\nError:         Cannot connect to the Docker daemon at unix:///x.')
  else console.log('Name:   x\\nDriver: ' + (play === 'old' ? 'docker' : 'docker-container') + '\\n\\nNodes:')
} else if (args[0] === 'login') {
  if (play === 'refused') fail('Error response from daemon: login attempt to http://x/v2/ failed with status: 401 Unauthorized')
} else if (args[1] === 'build') {
  console.error('#1 building')
  if (play === 'broken') fail('ERROR: failed to solve: process "x" did not complete successfully: exit code: 1')
  if (play === 'deserted') {
    // What left the process group holds the output that it was given.
    const stray = require('node:child_process').spawn(process.execPath, ['-e', 'setTimeout(() => {}, 20000)'], { detached: true, stdio: 'inherit' })
    console.error('#2 pid ' + stray.pid)
    process.exit(1)
  }
  if (play === 'slow') {
    // As the docker client does: the work is in a child, and the client itself survives the signal.
    const child = require('node:child_process').spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)'])
    process.on('SIGTERM', () => {})
    child.on('exit', () => process.exit(1))
    console.error('#2 pid ' + child.pid)
  } else if (play !== 'silent') {
    const file = args[args.indexOf('--metadata-file') + 1]
    fs.writeFileSync(file, JSON.stringify({ 'containerimage.digest': '${DIGEST}' }))
  }
}
`

let root: string
let lines: string[]

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'docker-'))
  lines = []
  for (const name of ['bin', 'app', 'temporary', 'home/.docker/cli-plugins', 'home/.docker/contexts']) {
    mkdirSync(join(root, name), { recursive: true })
  }
  writeFileSync(join(root, 'bin/docker'), STANDIN)
  chmodSync(join(root, 'bin/docker'), 0o755)
  writeFileSync(join(root, 'app/Dockerfile'), 'FROM scratch\n')
  const config = { credsStore: 'pass', auths: { 'ghcr.io': { auth: 'eA==' } }, currentContext: 'remote' }
  writeFileSync(join(root, 'home/.docker/config.json'), JSON.stringify(config))
})
afterEach(() => {
  rmSync(root, { recursive: true, force: true })
})

function docker(play: string, more: Record<string, string> = {}): Docker {
  const environment = {
    PATH: join(root, 'bin'),
    HOME: join(root, 'home'),
    DOCKER_STANDIN: play,
    DOCKER_STANDIN_LOG: join(root, 'log'),
    ...more
  }
  return createDocker({
    workspace: root,
    temporary: join(root, 'temporary'),
    environment,
    onLine: line => lines.push(line)
  })
}

function order(
  inputs: { context?: string; file?: string; buildArgs?: string; buildSecrets?: string } = {}
): BuildOrder {
  const nothing = { target: '', platforms: '', buildContexts: '', labels: '', cacheFrom: '', cacheTo: '' }
  const rest = { provenance: '', sbom: '', network: '', pull: false, noCache: false }
  const given = { context: 'app', file: '', buildArgs: '', buildSecrets: '', ...inputs }
  return {
    build: parseBuild({ ...nothing, ...rest, ...given }),
    repositoryUri: '127.0.0.1:5151/web',
    login: { username: 'AWS', password: 'pass-word' },
    labels: []
  }
}

interface Call {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly config?: unknown
  readonly entries?: readonly string[]
  readonly mode?: number
  readonly password?: string
}

function callOf(word: string): Call {
  const calls = readFileSync(join(root, 'log'), 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Call)
  const call = calls.find(({ args }) => args.includes(word))
  if (call === undefined) throw new Error(`no docker ${word} among ${String(calls.length)} calls`)
  return call
}

const untilDone = new AbortController().signal

describe('buildAndPush', () => {
  test('pushes by digest where the driver can', async () => {
    const image = await docker('new').buildAndPush(order(), untilDone)
    expect(image).toEqual({ digest: DIGEST, mediaType: undefined, temporaryTag: undefined })
    expect(callOf('build').args.join(' ')).toContain('name=127.0.0.1:5151/web,push-by-digest=true')
    expect(lines).toEqual(['#1 building'])
  })

  test('pushes under a tag that nobody has where the driver cannot, and forgets it here', async () => {
    const first = await docker('old').buildAndPush(order(), untilDone)
    expect(first.temporaryTag).toMatch(/^push-[0-9a-f]{32}$/)
    expect(callOf('build').args.join(' ')).toContain(`name=127.0.0.1:5151/web:${String(first.temporaryTag)},push=true`)
    expect(callOf('rm').args).toEqual(['image', 'rm', `127.0.0.1:5151/web:${String(first.temporaryTag)}`])
    const second = await docker('old').buildAndPush(order(), untilDone)
    expect(second.temporaryTag).not.toBe(first.temporaryTag)
  })

  test('the password goes to standard input and into a private configuration that does not stay', async () => {
    await docker('new').buildAndPush(order(), untilDone)
    const login = callOf('login')
    expect(login.args).toEqual(['login', '--username', 'AWS', '--password-stdin', '127.0.0.1:5151'])
    expect(login.password).toBe('pass-word')
    expect(login.mode).toBe(0o600)
    expect(login.entries).toEqual(['cli-plugins', 'config.json', 'contexts'])
    // An empty helper for this registry: its token must not reach the user's credential store.
    expect(login.config).toEqual({
      credsStore: 'pass',
      auths: { 'ghcr.io': { auth: 'eA==' } },
      currentContext: 'remote',
      credHelpers: { '127.0.0.1:5151': '' }
    })
    expect(readdirSync(join(root, 'temporary'))).toEqual([])
    expect(readdirSync(join(root, 'home/.docker')).sort()).toEqual(['cli-plugins', 'config.json', 'contexts'])
  })

  test('works without a configuration, and with one that is not JSON', async () => {
    writeFileSync(join(root, 'home/.docker/config.json'), 'x')
    await docker('new').buildAndPush(order(), untilDone)
    rmSync(join(root, 'home'), { recursive: true })
    await docker('new').buildAndPush(order(), untilDone)
    expect(callOf('login').config).toEqual({ credHelpers: { '127.0.0.1:5151': '' } })
  })

  test('docker sees no input of the action, only what it is configured by and what the build names', async () => {
    const job = {
      'INPUT_GITHUB-TOKEN': 't',
      GITHUB_TOKEN: 't',
      APP: 'a',
      OTHER: 'o',
      https_proxy: 'p',
      AWS_REGION: 'r'
    }
    const secrets = 'TOKEN=s3cr3t\nid=other,env=OTHER'
    await docker('new', job).buildAndPush(order({ buildArgs: 'APP', buildSecrets: secrets }), untilDone)
    const { args, env } = callOf('build')
    expect(env).toMatchObject({ APP: 'a', OTHER: 'o', https_proxy: 'p', AWS_REGION: 'r', BUILD_SECRET_0: 's3cr3t' })
    expect(Object.keys(env)).not.toEqual(expect.arrayContaining(['INPUT_GITHUB-TOKEN']))
    expect(env.GITHUB_TOKEN).toBeUndefined()
    expect(args.join(' ')).not.toContain('s3cr3t')
    expect(callOf('login').env).not.toHaveProperty('BUILD_SECRET_0')
  })

  test.each([
    ['no-buildx', 'docker-unavailable'],
    ['down', 'docker-unavailable'],
    ['refused', 'credentials'],
    ['broken', 'build-failed']
  ])('%s fails as %s and leaves nothing behind', async (play, code) => {
    await expect(docker(play).buildAndPush(order(), untilDone)).rejects.toMatchObject({ code })
    expect(readdirSync(join(root, 'temporary'))).toEqual([])
  })

  test('a build that ends well without saying what it built', async () => {
    await expect(docker('silent').buildAndPush(order(), untilDone)).rejects.toMatchObject({
      code: 'build-failed',
      message:
        'docker buildx build ended well and left no metadata file, so nobody knows which image it pushed, if any ' +
        "(builder with the driver 'docker-container')",
      remedy: expect.stringContaining('docker/setup-buildx-action') as unknown
    })
  })

  test('no docker at all', async () => {
    const missing = docker('new', { PATH: join(root, 'nowhere') }).buildAndPush(order(), untilDone)
    await expect(missing).rejects.toMatchObject({ code: 'docker-unavailable' })
  })

  test.each([
    [{ context: 'nowhere' }, "the context 'nowhere' is no directory"],
    [{ context: 'bin' }, 'there is no Dockerfile at'],
    [{ file: 'Dockerfile' }, 'there is no Dockerfile at']
  ])('%j is refused before docker is started', async (inputs, sentence) => {
    const refused = docker('new').buildAndPush(order(inputs), untilDone)
    await expect(refused).rejects.toMatchObject({
      code: 'file-not-found',
      message: expect.stringContaining(sentence) as unknown
    })
    expect(existsSync(join(root, 'log'))).toBe(false)
  })

  test('a secret that no environment can hold is refused', async () => {
    const long = order({ buildSecrets: `KEY=${'x'.repeat(128 * 1024)}` })
    await expect(docker('new').buildAndPush(long, untilDone)).rejects.toMatchObject({ code: 'invalid-input' })
  })

  test('a cancelled build is stopped with everything it started', async () => {
    const cancel = new AbortController()
    const build = docker('slow').buildAndPush(order(), cancel.signal)
    const stopped = expect(build).rejects.toMatchObject({ code: 'cancelled' })
    const pid = await childOfBuild()
    cancel.abort(new Error('SIGINT'))
    await stopped
    expect(isAlive(pid)).toBe(false)
    expect(readdirSync(join(root, 'temporary'))).toEqual([])
    await expect(docker('new').buildAndPush(order(), cancel.signal)).rejects.toMatchObject({ code: 'cancelled' })
  })

  test('what a build left running is not waited for', async () => {
    const build = docker('deserted').buildAndPush(order(), untilDone)
    const ended = expect(build).rejects.toMatchObject({ code: 'build-failed' })
    const pid = await childOfBuild()
    const startedAt = performance.now()
    await ended
    expect(performance.now() - startedAt).toBeLessThan(5_000)
    process.kill(pid)
  })

  test('an engine that does not answer', async () => {
    await expect(docker('down').buildAndPush(order(), untilDone)).rejects.toMatchObject({
      code: 'docker-unavailable',
      message: expect.stringContaining('Cannot connect to the Docker daemon at unix:///x.') as unknown
    })
  })
})

async function childOfBuild(): Promise<number> {
  for (;;) {
    const pid = lines.map(line => /^#2 pid (\d+)$/.exec(line)?.[1]).find(found => found !== undefined)
    if (pid !== undefined) return Number(pid)
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
