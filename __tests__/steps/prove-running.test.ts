import { describe, expect, test } from '@jest/globals'
import type { Change } from '../../simulator/control/change.ts'
import type { FaultRule } from '../../simulator/control/faults.ts'
import type { Event } from '../../src/event.ts'
import type { EcsPort } from '../../src/io/aws/ecs.ts'
import type { TaskSnapshot } from '../../src/decide/service/snapshot.ts'
import { logLines } from '../../src/report/log.ts'
import { observeService } from '../../src/steps/observe-service.ts'
import { proveRollback, proveRunning } from '../../src/steps/prove-running.ts'
import type { World } from '../../src/world.ts'
import { MINE } from '../decide/service/snapshots.ts'
import { shop, WEB } from '../action/shop.ts'
import { virtualWorld, type Meanwhile } from '../properties/virtual-world.ts'

process.env['AWS_ACCESS_KEY_ID'] = 'AKIDEXAMPLE'
process.env['AWS_SECRET_ACCESS_KEY'] = 'secret'

const CONTAINER = { name: 'web', image: undefined, exitCode: undefined, reason: undefined, healthStatus: undefined }

const PARKED: Meanwhile = { atSeconds: 20, change: { scale: { ...WEB, desiredCount: 0 } } }

/** Notes what is told as the lines of the log. */
function listener() {
  const lines: string[] = []
  const emit = (event: Event): void => {
    lines.push(...logLines(event).map(({ text }) => text))
  }
  return { lines, emit }
}

/** How the first deployment of the shop is to be proven, by the digest that it runs. */
async function planOf(world: World, ecs: EcsPort) {
  const service = await observeService(ecs, world.region, WEB.cluster, WEB.service)
  const [primary] = service.deployments
  const [task] = await ecs.runningTasks(WEB.cluster, WEB.service)
  const digest = task?.containers[0]?.imageDigest ?? ''
  const expected = new Map([['web', [digest]]])
  return { digest, plan: { cluster: WEB.cluster, mine: { ...MINE, id: primary?.id ?? '' }, expected, service } }
}

/** Proves two running tasks one of which is listed `afterSeconds` only, and runs the image `digest`. */
async function proveHidden(
  afterSeconds: number,
  { digest, meanwhile = [] }: { readonly digest?: string; readonly meanwhile?: readonly Meanwhile[] } = {}
) {
  const { world, close } = virtualWorld(shop(), meanwhile)
  try {
    const ecs = await world.ecs()
    const { plan, digest: right } = await planOf(world, ecs)
    const startedAt = world.clock.now()
    const seconds = (): number => (world.clock.now() - startedAt) / 1000
    const lagging: EcsPort = {
      ...ecs,
      async runningTasks(cluster, service) {
        const [shown, hidden] = await ecs.runningTasks(cluster, service)
        if (shown === undefined || hidden === undefined) return shown === undefined ? [] : [shown]
        const containers = hidden.containers.map(container => ({ ...container, imageDigest: digest ?? right }))
        return seconds() < afterSeconds ? [shown] : [shown, { ...hidden, containers }]
      }
    }
    const { lines, emit } = listener()
    const { proof } = await proveRunning(world, lagging, plan, emit)
    return { proof, seconds: seconds(), lines }
  } finally {
    close()
  }
}

/** Waits for the tasks of a deployment, of which none is listed; with the seconds that it took. */
async function proveNothing(meanwhile: readonly Meanwhile[], faults: readonly FaultRule[] = []) {
  const { world, simulator, close } = virtualWorld(shop(), meanwhile)
  try {
    const ecs = await world.ecs()
    const { plan } = await planOf(world, ecs)
    const blind = { ...ecs, runningTasks: () => Promise.resolve([]) }
    simulator.setFaults(faults)
    const startedAt = world.clock.now()
    const { lines, emit } = listener()
    const { proof } = await proveRunning(world, blind, plan, emit)
    return { kind: proof.kind, seconds: (world.clock.now() - startedAt) / 1000, lines }
  } finally {
    close()
  }
}

describe('the proof of what runs', () => {
  test('waits for the first task', async () => {
    expect(await proveNothing([])).toMatchObject({ kind: 'nothing-runs', seconds: 180 })
  })

  test('says every half minute what it waits for', async () => {
    const { lines } = await proveNothing([])
    expect(lines).toEqual(
      ['10 s', '40 s', '1 min 10 s', '1 min 40 s', '2 min 10 s', '2 min 40 s'].map(
        after => `web  still waiting after ${after} for 2 running tasks to be listed`
      )
    )
  })

  test('says why no task starts, in the words of ECS', async () => {
    const lost: Change[] = [
      { deleteImage: { repository: 'web', tag: 'main-1111111' } },
      { stopTask: WEB },
      { stopTask: WEB }
    ]
    const { lines } = await proveNothing(lost.map(change => ({ atSeconds: 0, change })))
    expect(lines.at(-1)).toMatch(/^web {2}still waiting after 2 min 40 s for 2 tasks to start/)
  })

  test('does not wait for tasks that nobody wants any more', async () => {
    const { kind, seconds } = await proveNothing([PARKED])
    expect(kind).toBe('parked')
    expect(seconds).toBeLessThanOrEqual(25)
  })

  test('does not take one look at another moment for the truth', async () => {
    const again: Meanwhile = { atSeconds: 22, change: { scale: { ...WEB, desiredCount: 2 } } }
    expect(await proveNothing([PARKED, again])).toMatchObject({ kind: 'nothing-runs' })
  })

  test('goes on when the service cannot be read', async () => {
    const denied: FaultRule = { operation: 'ecs:DescribeServices', error: 'AccessDeniedException', times: 'always' }
    expect(await proveNothing([PARKED], [denied])).toMatchObject({ kind: 'nothing-runs' })
  })
})

test('the digest of a task that starts late is waited for as long as that of any other', async () => {
  const { world, close } = virtualWorld(shop(), [])
  try {
    const ecs = await world.ecs()
    const { plan } = await planOf(world, ecs)
    const startedAt = world.clock.now()
    const late: EcsPort = {
      ...ecs,
      async runningTasks(cluster, service) {
        const seconds = (world.clock.now() - startedAt) / 1000
        const tasks = seconds < 40 ? [] : await ecs.runningTasks(cluster, service)
        const hide = (task: TaskSnapshot): TaskSnapshot => ({
          ...task,
          containers: task.containers.map(container => ({ ...container, imageDigest: undefined }))
        })
        return seconds < 50 ? tasks.map(hide) : tasks
      }
    }
    expect(await proveRunning(world, late, plan, () => undefined)).toMatchObject({ proof: { kind: 'proven' } })
  } finally {
    close()
  }
})

describe('the proof of tasks that are not all listed', () => {
  test('waits for the others', async () => {
    const { proof, seconds } = await proveHidden(8)
    expect(proof).toMatchObject({ kind: 'proven', tasks: [{}, {}] })
    expect(seconds).toBe(8)
  })

  test('is none when one of the others runs another image', async () => {
    expect(await proveHidden(8, { digest: 'sha256:old' })).toMatchObject({
      proof: { kind: 'mismatch', actual: 'sha256:old' }
    })
  })

  test('is partial when the others are never seen', async () => {
    const { proof, seconds, lines } = await proveHidden(Infinity)
    expect(proof).toMatchObject({ kind: 'partial', tasks: [{}], running: 2 })
    expect(seconds).toBe(30)
    expect(lines).toEqual(['web  still waiting after 10 s for 1 of 2 running tasks to be listed'])
  })

  test('is none any more when somebody deploys before they are seen', async () => {
    const theirs: Meanwhile = { atSeconds: 5, change: { deploy: { ...WEB, image: 'web:main-2222222' } } }
    const { proof, seconds } = await proveHidden(Infinity, { meanwhile: [theirs] })
    expect(proof).toMatchObject({ kind: 'replaced', by: { status: 'PRIMARY' } })
    expect(seconds).toBeLessThan(10)
  })

  test('does not wait for one that is not wanted any more', async () => {
    const scaledIn: Meanwhile = { atSeconds: 5, change: { scale: { ...WEB, desiredCount: 1 } } }
    const { proof, seconds } = await proveHidden(Infinity, { meanwhile: [scaledIn] })
    expect(proof).toMatchObject({ kind: 'proven', tasks: [{}] })
    expect(seconds).toBeLessThan(30)
  })
})

describe('the proof of a rollback', () => {
  async function prove(
    faults: readonly FaultRule[],
    change = (ecs: EcsPort): EcsPort => ecs,
    meanwhile: readonly Meanwhile[] = []
  ) {
    const { world, simulator, close } = virtualWorld(shop(), meanwhile)
    try {
      simulator.setFaults(faults)
      const ecs = change(await world.ecs())
      const service = await observeService(ecs, world.region, WEB.cluster, WEB.service)
      const [to] = service.deployments
      if (to === undefined) throw new Error('nothing is deployed')
      const { lines, emit } = listener()
      const proof = await proveRollback(world, ecs, { cluster: WEB.cluster, service, to }, emit)
      return { proof, lines }
    } finally {
      close()
    }
  }

  /** A port that lists the running tasks as `list` has them. */
  const listing =
    (list: (tasks: readonly TaskSnapshot[]) => readonly TaskSnapshot[]) =>
    (ecs: EcsPort): EcsPort => ({
      ...ecs,
      runningTasks: async (cluster, service) => list(await ecs.runningTasks(cluster, service))
    })

  test('compares the digests, and has nothing to say about it', async () => {
    expect(await prove([])).toEqual({ proof: { kind: 'proven', tasks: 2 }, lines: [] })
  })

  test.each<[string, (tasks: readonly TaskSnapshot[]) => readonly TaskSnapshot[], RegExp]>([
    ['one task is not listed', tasks => tasks.slice(1), /^only 1 of 2 running tasks could be seen$/],
    ['no task is listed', () => [], /^none of 2 running tasks could be seen$/],
    [
      'a digest is not told',
      tasks => tasks.map(task => ({ ...task, containers: [] })),
      /^ECS does not report which digest container web of task \w+ runs$/
    ]
  ])('is none as long as %s', async (_, list, message) => {
    const code = 'not-all-seen'
    await expect(prove([], listing(list))).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  })

  test.each<[string, Partial<TaskSnapshot>, RegExp]>([
    ['another revision', { taskDefinitionArn: 'web:2' }, /^not all running tasks are of web:1$/],
    [
      'another image',
      { containers: [{ ...CONTAINER, imageDigest: 'sha256:0' }] },
      /^task \w+ of web:1, container web runs sha256:0, not sha256:\w+$/
    ]
  ])('is refuted by a task of %s', async (_, other, why) => {
    const { proof } = await prove(
      [],
      listing(tasks => tasks.map(task => ({ ...task, ...other })))
    )
    expect(proof).toEqual({ kind: 'refuted', why: expect.stringMatching(why) })
  })

  test('of a service that is scaled to 0 meanwhile is that none runs', async () => {
    const blind = listing(() => [])
    expect(await prove([], blind, [PARKED])).toEqual({
      proof: { kind: 'proven', tasks: 0 },
      lines: ['web  still waiting after 10 s for 2 running tasks to be listed']
    })
  })

  test('of a service that is scaled to 0 for a moment waits for the tasks', async () => {
    const again: Meanwhile = { atSeconds: 22, change: { scale: { ...WEB, desiredCount: 1 } } }
    await expect(
      prove(
        [],
        listing(() => []),
        [PARKED, again]
      )
    ).rejects.toMatchObject({ code: 'not-all-seen' })
  })

  test('is refuted when its tasks are gone and none can be started', async () => {
    const gone: Change[] = [
      { deleteImage: { repository: 'web', tag: 'main-1111111' } },
      { stopTask: WEB },
      { stopTask: WEB }
    ]
    let looks = 0
    const late = listing(tasks => (++looks === 1 ? [] : tasks))
    const { proof } = await prove(
      [],
      late,
      gone.map(change => ({ atSeconds: 0, change }))
    )
    expect(proof).toEqual({ kind: 'refuted', why: 'no task of web:1 runs, and 2 should' })
  })

  test('without the right to read the digests goes by the revision, and says which right is missing', async () => {
    const message =
      'User: arn:aws:sts::123456789012:assumed-role/deploy/run is not authorized to perform: ecs:DescribeServiceRevisions on resource: arn:aws:ecs:eu-west-1:123456789012:service-revision/prod/web/1 because no identity-based policy allows the ecs:DescribeServiceRevisions action'
    const { proof, lines } = await prove([
      { operation: 'ecs:DescribeServiceRevisions', error: 'AccessDeniedException', message, times: 'always' }
    ])
    expect(proof).toEqual({ kind: 'proven', tasks: 2 })
    expect(lines).toEqual([
      expect.stringMatching(
        /^the tasks of web:1 are told by their revision alone, not by digest: ecs:DescribeServiceRevisions failed: .*; allow ecs:DescribeServiceRevisions in the policy of the role .*service-revision\/prod\/web\/\*/
      )
    ])
  })
})
