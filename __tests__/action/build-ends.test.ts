import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { readdirSync } from 'node:fs'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deploy, requests, type Circumstances } from './harness.ts'
import { shop, WEB } from './shop.ts'

/** Answers as docker does, and never ends a build. */
const ENDLESS_DOCKER = `#!${process.execPath}
const args = process.argv.slice(2).join(' ')
if (args.startsWith('buildx version')) console.log('github.com/docker/buildx v0.13.1')
else if (args.startsWith('buildx inspect')) console.log('Driver: docker-container')
else if (args.includes('login')) process.stdin.resume().on('end', () => console.log('Login Succeeded'))
else if (args.includes('build')) { console.log('step 1 of 2'); setTimeout(() => undefined, 30_000) }
`

let bin: string
let temp: string
beforeAll(async () => {
  bin = await mkdtemp(join(tmpdir(), 'endless-docker-'))
  temp = await mkdtemp(join(tmpdir(), 'runner-temp-'))
  await writeFile(join(bin, 'docker'), ENDLESS_DOCKER, { mode: 0o755 })
})
afterAll(async () => {
  await rm(bin, { recursive: true })
  await rm(temp, { recursive: true })
})

/** What the runner itself puts there begins with an underscore. */
function isOurs(name: string): boolean {
  return !name.startsWith('_')
}

const BUILD = { ...WEB, context: '.', repository: 'web' }

function during(then: Exclude<Circumstances['when'], undefined>['then']): Circumstances {
  return {
    sha: '9'.repeat(40),
    files: { Dockerfile: 'FROM scratch' },
    env: { PATH: `${bin}:${process.env['PATH'] ?? ''}` },
    temp,
    when: { says: 'step 1 of 2', then }
  }
}

describe('a build', () => {
  test('that is cancelled ends within seconds and leaves no credentials', async () => {
    const run = await deploy(
      shop(),
      BUILD,
      during(({ cancel }) => {
        cancel()
      })
    )
    expect(run.outputs).toMatchObject({ outcome: 'cancelled', changed: 'false' })
    expect(run.outputs['reason']).toContain('no deployment was started')
    expect(run.durationMs).toBeLessThan(5_000)
    expect(requests(run, 'PutImage')).toEqual([])
    expect((await readdir(temp)).filter(isOurs)).toEqual([])
  })

  test('that is killed leaves no credentials once the post step has run', async () => {
    let seen: readonly string[] = []
    const run = await deploy(
      shop(),
      BUILD,
      during(({ kill }) => {
        seen = readdirSync(temp).filter(isOurs)
        kill()
      })
    )
    expect(seen).toHaveLength(1)
    expect(run).toMatchObject({ signal: 'SIGKILL', post: { outcome: 'success' } })
    expect((await readdir(temp)).filter(isOurs)).toEqual([])
  })
})
