import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { startSimulator, type RunningSimulator } from '../../simulator/server.ts'
import { parseMirrorLines } from '../../src/decide/image/mirror.ts'
import type { Event } from '../../src/event.ts'
import { createEcr } from '../../src/io/aws/ecr.ts'
import { createTransport, Silence, unreachable } from '../../src/io/registry/http.ts'
import { createRegistry } from '../../src/io/registry/registry.ts'
import { copyImage } from '../../src/steps/copy-image.ts'
import { openRegistries } from '../../src/steps/open-registry.ts'
import { createWorld, type World } from '../../src/world.ts'
import { digestOf, tagsOf } from '../action/shop.ts'
import { impatientClock, loginTo } from '../io/registry/server.ts'

const AWS = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'example', AWS_REGION: 'eu-west-1' }

let elsewhere: RunningSimulator
let ours: RunningSimulator
const before = { ...process.env }

beforeAll(async () => {
  const repositories = [{ name: 'app', images: [{ tags: ['1.0.0'] }, { tags: ['2.0.0'] }] }]
  elsewhere = await startSimulator({ world: { repositories, clusters: [] } })
  ours = await startSimulator({ world: { region: 'eu-west-1', repositories: [{ name: 'copies' }], clusters: [] } })
  Object.assign(process.env, AWS, { AWS_ENDPOINT_URL: ours.url })
})

afterAll(async () => {
  process.env = before
  await Promise.all([ours.close(), elsewhere.close()])
})

/** Copies an image while the source never answers some requests; says for how long those were waited for. */
async function copyWhileSilent(tag: string, silent: RegExp) {
  const { signal } = new AbortController()
  const [clock, nothing] = [impatientClock(), (): void => undefined]
  const login = { kind: 'login', ...(await loginTo(elsewhere.simulator)) } as const
  const transport = createTransport()
  let waitedMs = 0
  const registry = createRegistry({
    clock,
    findCredentials: () => Promise.resolve(login),
    transport: {
      send(request) {
        if (request.url.host === ours.url.slice('http://'.length) || !silent.test(request.url.pathname)) {
          return transport.send(request)
        }
        waitedMs += request.silenceMs
        return Promise.reject(unreachable(request.url, new Silence('it was silent for too long')))
      }
    }
  })
  const options = { region: 'eu-west-1', workspace: '/', temporaryDirectory: '/tmp', attempts: 4, signal }
  const told = { saveState: nothing, addMask: nothing, onBuildLine: nothing, onRetry: nothing }
  const world: World = {
    ...createWorld({ ...options, environment: {}, ...told }),
    clock,
    ecr: (region, account) => Promise.resolve(createEcr({ clock, region, signal, attempts: 4 }, account)),
    registry: () => Promise.resolve(registry)
  }
  const [line] = parseMirrorLines(`127.0.0.1:${String(elsewhere.port)}/app:${tag} -> copies:${tag}`)
  if (line === undefined) throw new Error('no line')
  const events: Event[] = []
  const registries = openRegistries(world, registry, undefined)
  const plan = { registries, dryRun: false, createsRepository: false, imagined: new Set<string>(), onWrite: nothing }
  const { outcome } = await copyImage(world, line, plan, event => events.push(event))
  const notes = events.flatMap(event => (event.kind === 'note' ? [event.text] : []))
  return { outcome, waitedMs, notes }
}

describe('a source that never answers what is attached to an image', () => {
  test.each([
    ['1.0.0', /\/referrers\//],
    ['2.0.0', /\/manifests\/sha256-/]
  ])('holds the copy for seconds, and again when it is there: %s', async (tag, silent) => {
    const copied = await copyWhileSilent(tag, silent)
    expect(copied.outcome).toBe('copied')
    expect(copied.notes.join('\n')).toContain('was not copied: ')
    expect(copied.waitedMs).toBe(20_000)
    expect(tagsOf(ours.simulator.state(), 'copies')[tag]).toBe(digestOf(elsewhere.simulator.state(), 'app', tag))
    expect(await copyWhileSilent(tag, silent)).toMatchObject({ outcome: 'unchanged', waitedMs: 20_000 })
  })
})
