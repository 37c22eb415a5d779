import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { World as Simulated } from '../../simulator/cloud/world.ts'
import type { FaultRule } from '../../simulator/control/faults.ts'
import { startSimulator, type RunningSimulator } from '../../simulator/server.ts'
import type { Knowledge } from '../../src/outcome.ts'
import { parseMirrorLines } from '../../src/decide/image/mirror.ts'
import { createEcr } from '../../src/io/aws/ecr.ts'
import { createRegistry } from '../../src/io/registry/registry.ts'
import type { Ending } from '../../src/modes/ending.ts'
import { mirror } from '../../src/modes/mirror.ts'
import { createWorld, type World } from '../../src/world.ts'
import { tagsOf } from '../action/shop.ts'
import { impatientClock, loginTo } from '../io/registry/server.ts'

const SOURCES = ['1.0.0', '2.0.0', '3.0.0']
const ELSEWHERE: Simulated = {
  repositories: [
    {
      name: 'app',
      images: SOURCES.map((tag, index) => ({ tags: [tag], platforms: ['linux/amd64', 'linux/arm64'].slice(index % 2) }))
    }
  ],
  clusters: []
}

const AWS = {
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'example',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true'
}

let elsewhere: RunningSimulator
let ours: RunningSimulator
const before = { ...process.env }

beforeAll(async () => {
  elsewhere = await startSimulator({ world: ELSEWHERE })
  ours = await startSimulator({})
  Object.assign(process.env, AWS, { AWS_ENDPOINT_URL: ours.url, AWS_REGION: 'eu-west-1' })
})

afterAll(async () => {
  process.env = before
  await Promise.all([ours.close(), elsewhere.close()])
})

const FAULT = fc.record({
  operation: fc.constantFrom(
    'registry:GET *',
    'registry:HEAD *',
    'registry:PUT *',
    'registry:POST *',
    'ecr:PutImage',
    'ecr:BatchGetImage'
  ),
  after: fc.nat({ max: 5 }),
  times: fc.integer({ min: 1, max: 4 }),
  trouble: fc.constantFrom(
    { drop: 'before' },
    { drop: 'after' },
    { status: 500 },
    { status: 429 },
    { status: 403 },
    { status: 404 }
  )
})

const RUN = fc.record({
  createsRepository: fc.boolean(),
  lines: fc.uniqueArray(fc.record({ from: fc.constantFrom(...SOURCES), to: fc.constantFrom('a', 'b', 'c', 'd') }), {
    minLength: 1,
    maxLength: 3,
    selector: ({ to }) => to
  }),
  ours: fc.array(FAULT, { maxLength: 2 }),
  elsewhere: fc.array(FAULT, { maxLength: 2 }),
  /** Somebody else puts a tag in the middle of it. */
  meanwhile: fc.option(fc.constantFrom('a', 'b'), { nil: undefined })
})

const SCENARIO = fc.record({
  mutability: fc.constantFrom('MUTABLE', 'IMMUTABLE'),
  taken: fc.uniqueArray(fc.constantFrom('a', 'c'), { maxLength: 2 }),
  runs: fc.array(RUN, { minLength: 1, maxLength: 3 })
})

type RunPlan = typeof RUN extends fc.Arbitrary<infer Plan> ? Plan : never

function rules(faults: RunPlan['ours']): readonly FaultRule[] {
  return faults.map(({ trouble, ...rule }) => ({ ...rule, ...trouble }))
}

async function makeWorld(): Promise<World> {
  const { signal } = new AbortController()
  const clock = impatientClock()
  const nothing = (): void => undefined
  const { username, password } = await loginTo(elsewhere.simulator)
  const options = {
    workspace: '/',
    temporaryDirectory: '/tmp',
    attempts: 4,
    signal,
    environment: {},
    saveState: nothing
  }
  const world = createWorld({
    ...options,
    region: 'eu-west-1',
    addMask: nothing,
    onBuildLine: nothing,
    onRetry: nothing
  })
  return {
    ...world,
    clock,
    ecr: async (region, account) => createEcr({ clock, region, signal, attempts: 4 }, account),
    registry: async () =>
      createRegistry({ clock, attempts: 4, findCredentials: async () => ({ kind: 'login', username, password }) })
  }
}

async function run(plan: RunPlan): Promise<Ending> {
  const world = await makeWorld()
  const host = `127.0.0.1:${String(elsewhere.port)}`
  const lines = parseMirrorLines(plan.lines.map(({ from, to }) => `${host}/app:${from} -> copies:${to}`).join('\n'))
  const known: Knowledge = {}
  ours.simulator.setFaults(rules(plan.ours))
  elsewhere.simulator.setFaults(rules(plan.elsewhere))
  let isOver = plan.meanwhile === undefined
  const { createsRepository } = plan
  const inputs = {
    mode: 'mirror',
    dryRun: false,
    attempts: 4,
    summary: true,
    lines,
    createsRepository,
    login: undefined
  } as const
  const event = { name: 'push', ref: '', sha: '', payload: {} }
  const ending = await mirror({
    inputs,
    world,
    known,
    event,
    source: undefined,
    emit({ kind }) {
      if (isOver || kind !== 'copy-started' || plan.meanwhile === undefined) return
      isOver = true
      const { mine } = tagsOf(ours.simulator.state(), 'copies')
      if (tagsOf(ours.simulator.state(), 'copies')[plan.meanwhile] !== undefined || mine === undefined) return
      ours.simulator.change({ moveTag: { repository: 'copies', tag: plan.meanwhile, to: mine } })
    }
  })
  ours.simulator.setFaults([])
  elsewhere.simulator.setFaults([])
  return ending
}

describe('whatever goes wrong, and whoever is faster', () => {
  test('a tag that was there stays, and a new one points at its source', async () => {
    const sources = tagsOf(elsewhere.simulator.state(), 'app')
    const outcomes = new Set<string>()
    await fc.assert(
      fc.asyncProperty(SCENARIO, async ({ mutability, taken, runs }) => {
        const images = [{ tags: ['mine'] }, ...taken.map(tag => ({ tags: [tag] }))]
        ours.simulator.reset({
          account: '123456789012',
          region: 'eu-west-1',
          repositories: [{ name: 'copies', imageTagMutability: mutability, images }],
          clusters: []
        })
        const { mine } = tagsOf(ours.simulator.state(), 'copies')
        for (const plan of runs) {
          const tagsBefore = tagsOf(ours.simulator.state(), 'copies')
          const { outcome } = await run(plan)
          outcomes.add(outcome)
          const tagsAfter = tagsOf(ours.simulator.state(), 'copies')
          expect(tagsAfter).toMatchObject(tagsBefore)
          for (const { from, to } of plan.lines) {
            const allowed = [undefined, tagsBefore[to], sources[from], plan.meanwhile === to ? mine : undefined]
            expect(allowed).toContain(tagsAfter[to])
            if (outcome === 'succeeded' || outcome === 'unchanged') expect(tagsAfter[to]).toBe(sources[from])
          }
        }
      }),
      { numRuns: 60 }
    )
    for (const outcome of ['failed', 'succeeded']) expect(outcomes).toContain(outcome)
  }, 120_000)
})
