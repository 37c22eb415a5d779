import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { World as SimulatedWorld } from '../../simulator/cloud/world.ts'
import type { FaultRule } from '../../simulator/control/faults.ts'
import type { Simulator } from '../../simulator/simulator.ts'
import { Failure } from '../../src/failure.ts'
import { deploy } from '../../src/modes/deploy.ts'
import type { Ending } from '../../src/modes/ending.ts'
import type { Knowledge } from '../../src/outcome.ts'
import type { World } from '../../src/world.ts'
import { environmentOf, readDeployInputs } from '../inputs/environment.ts'
import { virtualWorld, type Meanwhile } from './virtual-world.ts'

/** `TAGS_RUNS=10000` for all of them, `TAGS_SEED` to replay. */
const RUNS = Number(process.env['TAGS_RUNS'] ?? 250)
const SEED = process.env['TAGS_SEED']

process.env['AWS_ACCESS_KEY_ID'] = 'AKIDEXAMPLE'
process.env['AWS_SECRET_ACCESS_KEY'] = 'secret'
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true'

const IMAGES = ['main-1111111', 'main-2222222', 'hand-made'] as const
const FREE = ['stable', 'blue', '1.0.0'] as const
const MARKER = 'prod-current'
const SHAS = ['1', '2', '3'].map(digit => digit.repeat(40))

/** One job: what it is asked for, what goes wrong, and where it ends too early. */
interface Job {
  readonly image: string | undefined
  readonly sha: string
  readonly tags: readonly string[]
  readonly version: string
  readonly tagImage: 'auto' | 'always'
  readonly service: boolean
  readonly immutability: 'ignore' | 'enforce'
  readonly faults: readonly FaultRule[]
  readonly ends: { readonly how: 'cancelled' | 'killed-before' | 'killed-after'; readonly atCall: number } | undefined
}

/** Every tag and the digest that it points to. */
type Tags = ReadonlyMap<string, string>

interface History {
  readonly mutability: 'MUTABLE' | 'IMMUTABLE' | 'MUTABLE_WITH_EXCLUSION' | 'IMMUTABLE_WITH_EXCLUSION'
  readonly jobs: readonly Job[]
  readonly others: readonly Meanwhile[]
}

const faults: fc.Arbitrary<FaultRule> = fc
  .record({
    operation: fc.constantFrom('ecr:PutImage', 'ecr:PutImage', 'ecr:PutImage', 'ecr:BatchGetImage', 'ecr:*'),
    trouble: fc.constantFrom<Partial<FaultRule>>(
      { drop: 'before' },
      { drop: 'before' },
      { drop: 'after' },
      { error: 'ThrottlingException', status: 400 },
      { error: 'ThrottlingException', status: 400 },
      { error: 'ServerException', status: 500 },
      { error: 'AccessDeniedException', status: 400 }
    ),
    times: fc.integer({ min: 1, max: 3 }),
    after: fc.constantFrom(0, 0, 1, 3)
  })
  .map(({ operation, trouble, times, after }) => ({ operation, ...trouble, times, after }))

const job: fc.Arbitrary<Job> = fc.record({
  image: fc.constantFrom(undefined, ...IMAGES, ...IMAGES, MARKER),
  sha: fc.constantFrom(...SHAS),
  tags: fc.uniqueArray(fc.constantFrom('stable', 'stable', 'blue', 'hand-made'), { maxLength: 2 }),
  version: fc.constantFrom('', '', '1.0.0', '1.1.0'),
  tagImage: fc.constantFrom('auto', 'always'),
  service: fc.constantFrom(false, false, false, true),
  immutability: fc.constantFrom('ignore', 'ignore', 'ignore', 'enforce'),
  faults: fc.array(faults, { maxLength: 2 }),
  ends: fc.option(
    fc.record({
      how: fc.constantFrom('cancelled', 'killed-before', 'killed-after'),
      atCall: fc.integer({ min: 1, max: 14 })
    }),
    { nil: undefined }
  )
})

/** Others tag while a job waits to repeat a call: time passes at no other moment. */
const other: fc.Arbitrary<Meanwhile> = fc
  .record({
    // The first pauses before a repetition end after a quarter of a second and after three.
    atSeconds: fc.constantFrom(0.1, 0.1, 0.2, 0.5, 2),
    tag: fc.constantFrom('stable', 'stable', ...FREE),
    to: fc.constantFrom(...IMAGES)
  })
  .map(({ atSeconds, tag, to }) => ({ atSeconds, change: { moveTag: { repository: 'web', tag, to } } }))

const histories: fc.Arbitrary<History> = fc.record({
  mutability: fc.constantFrom('MUTABLE', 'MUTABLE', 'IMMUTABLE', 'MUTABLE_WITH_EXCLUSION', 'IMMUTABLE_WITH_EXCLUSION'),
  jobs: fc.array(job, { minLength: 1, maxLength: 3 }),
  others: fc.array(other, { maxLength: 4 })
})

test('a tag that was there points to the same image afterwards, whatever happens', async () => {
  const endings = new Map<string, number>()
  await fc.assert(
    fc.asyncProperty(histories, async history => {
      for (const ending of await play(history)) endings.set(ending, (endings.get(ending) ?? 0) + 1)
    }),
    { numRuns: RUNS, ...(SEED !== undefined && { seed: Number(SEED) }) }
  )
  // Jobs of every kind were met, or the property proves less than it seems to.
  if (SEED === undefined) {
    expect([...endings.keys()]).toEqual(
      expect.arrayContaining(['registered', 'succeeded', 'tag-conflict', 'cancelled', 'killed'])
    )
  }
}, 300_000)

/** Runs the jobs one after the other in one cloud, and compares the tags before and after each. */
async function play({ mutability, jobs, others }: History): Promise<readonly string[]> {
  const { world, simulator, close } = virtualWorld(cloudOf(mutability), others)
  const startedAt = world.clock.now()
  const endings: string[] = []
  const isEnforced = jobs.some(({ immutability }) => immutability === 'enforce')
  try {
    for (const one of jobs) {
      const before = tagsOf(simulator)
      simulator.setFaults(one.faults)
      const seconds = (): number => (world.clock.now() - startedAt) / 1000
      const from = seconds()
      endings.push(await run(world, one))
      simulator.setFaults([])
      const done = others.filter(({ atSeconds }) => atSeconds >= from && atSeconds <= seconds())
      compare(before, tagsOf(simulator), done, mutability === 'MUTABLE' && !isEnforced)
    }
    return endings
  } finally {
    close()
  }
}

/** What others did stays, as does everything that they left alone. */
function compare(before: Tags, after: Tags, others: readonly Meanwhile[], canMove: boolean): void {
  for (const tag of new Set([...before.keys(), ...FREE])) {
    if (tag === MARKER) continue
    const own = before.get(tag)
    const theirs = others.flatMap(({ change }) =>
      change.moveTag?.tag === tag ? (before.get(change.moveTag.to) ?? []) : []
    )
    // A free tag may be the job's, unless somebody took it who could not be refused.
    if (own === undefined && (theirs.length === 0 || !canMove)) continue
    const allowed = own === undefined || (canMove && theirs.length > 0) ? theirs : [own, ...theirs]
    expect({ tag, allowed, digest: after.get(tag) }).toEqual({
      tag,
      allowed,
      digest: expect.stringMatching(allowed.join('|'))
    })
  }
}

function cloudOf(imageTagMutability: History['mutability']): SimulatedWorld {
  const exclusions = {
    MUTABLE: [],
    IMMUTABLE: [],
    MUTABLE_WITH_EXCLUSION: ['main-*'],
    IMMUTABLE_WITH_EXCLUSION: [MARKER, 'blue']
  }
  const [first, ...rest] = IMAGES.map(tag => ({ tags: [tag] }))
  const images = [{ tags: [...(first?.tags ?? []), MARKER] }, ...rest]
  return {
    repositories: [{ name: 'web', imageTagMutability, exclusionFilters: exclusions[imageTagMutability], images }],
    clusters: [{ name: 'prod', services: [{ name: 'web', image: 'web:main-1111111', desiredCount: 1 }] }]
  }
}

function tagsOf(simulator: Simulator): Tags {
  const images = simulator.state().ecr.repositories[0]?.images ?? []
  return new Map(images.flatMap(({ tags, digest }) => tags.map(tag => [tag, digest] as const)))
}

async function run(shared: World, one: Job): Promise<string> {
  const { world, killed } = ending(shared, one.ends)
  const where = one.service
    ? { cluster: 'prod', service: 'web', 'marker-tag': MARKER }
    : { 'task-definition-family': 'web' }
  const inputs = readDeployInputs(
    environmentOf({
      ...where,
      repository: 'web',
      image: one.image ?? '',
      tags: one.tags.join(','),
      version: one.version,
      'tag-image': one.tagImage,
      'tag-immutability': one.immutability,
      'poll-seconds': '15'
    })
  )
  const known: Knowledge = {}
  const event = { name: 'push', ref: 'refs/heads/main', sha: one.sha, payload: {} }
  const ended = deploy({ inputs, world, known, event, source: undefined, emit: () => undefined }).then(
    ({ outcome }: Ending) => outcome,
    (error: unknown) => {
      if (error instanceof Failure) return error.code
      throw error
    }
  )
  return Promise.race([ended, killed])
}

/** A world in which the job is cancelled, or its process is gone, at one of its calls. */
function ending(shared: World, ends: Job['ends']): { readonly world: World; readonly killed: Promise<string> } {
  const cancellation = new AbortController()
  let kill: (how: string) => void = () => undefined
  const killed = new Promise<string>(resolve => (kill = resolve))
  let calls = 0

  async function called(perform: () => unknown): Promise<unknown> {
    cancellation.signal.throwIfAborted()
    if (++calls !== ends?.atCall) return perform()
    if (ends.how === 'cancelled') cancellation.abort(new Failure('cancelled', 'the job was cancelled'))
    if (ends.how === 'killed-after') await Promise.resolve(perform()).catch(() => undefined)
    if (ends.how === 'cancelled') return perform()
    kill('killed')
    // Nobody is there any more to whom anything could be answered.
    return new Promise(() => undefined)
  }

  function watched<Port extends object>(port: Port): Port {
    return new Proxy(port, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name)
        // What is awaited is asked for a `then`, which no port has.
        if (typeof member !== 'function' || name === 'tagPages' || name === 'imageAges') return member
        if (name === 'polling') return () => watched(Reflect.apply(member, target, []) as object)
        return (...args: readonly unknown[]) => called(() => Reflect.apply(member, target, args) as unknown)
      }
    })
  }

  const world: World = {
    ...shared,
    signal: cancellation.signal,
    ecs: async () => watched(await shared.ecs()),
    ecr: async (region, account) => watched(await shared.ecr(region, account)),
    repositories: async (region, account) => watched(await shared.repositories(region, account))
  }
  return { world, killed }
}
