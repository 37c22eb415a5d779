import { describe, expect, test } from '@jest/globals'
import type { FaultRule } from '../../simulator/control/faults.ts'
import type { Event } from '../../src/event.ts'
import type { EcsPort } from '../../src/io/aws/ecs.ts'
import { logLines } from '../../src/report/log.ts'
import { observeService } from '../../src/steps/observe-service.ts'
import { proveRollback, proveRunning } from '../../src/steps/prove-running.ts'
import type { World } from '../../src/world.ts'
import { MINE } from '../decide/service/snapshots.ts'
import { shop, WEB } from '../action/shop.ts'
import { virtualWorld, type Meanwhile } from '../properties/virtual-world.ts'

process.env['AWS_ACCESS_KEY_ID'] = 'AKIDEXAMPLE'
process.env['AWS_SECRET_ACCESS_KEY'] = 'secret'

const PARKED: Meanwhile = { atSeconds: 20, change: { scale: { ...WEB, desiredCount: 0 } } }

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
    const { proof } = await proveRunning(world, lagging, plan)
    return { proof, seconds: seconds() }
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
    const { proof } = await proveRunning(world, blind, plan)
    return { kind: proof.kind, seconds: (world.clock.now() - startedAt) / 1000 }
  } finally {
    close()
  }
}

describe('the proof of what runs', () => {
  test('waits for the first task', async () => {
    expect(await proveNothing([])).toEqual({ kind: 'nothing-runs', seconds: 180 })
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
    const { proof, seconds } = await proveHidden(Infinity)
    expect(proof).toMatchObject({ kind: 'partial', tasks: [{}], running: 2 })
    expect(seconds).toBe(30)
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
      const events: Event[] = []
      const tasks = await proveRollback(world, ecs, { cluster: WEB.cluster, service, to }, event => events.push(event))
      return { tasks, lines: events.flatMap(logLines).map(({ text }) => text) }
    } finally {
      close()
    }
  }

  test('compares the digests, and has nothing to say about it', async () => {
    expect(await prove([])).toEqual({ tasks: 2, lines: [] })
  })

  test('is none as long as fewer tasks are listed than run', async () => {
    const proof = prove([], ecs => ({
      ...ecs,
      runningTasks: async (cluster, service) => (await ecs.runningTasks(cluster, service)).slice(1)
    }))
    await expect(proof).rejects.toMatchObject({
      code: 'not-all-seen',
      message: 'only 1 of 2 running tasks could be seen'
    })
  })

  test.each([
    ['and scaled to 0 meanwhile is that none runs', [PARKED], 0],
    [
      'and scaled to 0 for a moment waits for the tasks',
      [PARKED, { atSeconds: 22, change: { scale: { ...WEB, desiredCount: 1 } } }],
      undefined
    ]
  ])('of which nothing runs, %s', async (_, meanwhile, tasks) => {
    const blind = (ecs: EcsPort): EcsPort => ({ ...ecs, runningTasks: () => Promise.resolve([]) })
    expect(await prove([], blind, meanwhile)).toEqual({ tasks, lines: [] })
  })

  test('without the right to read the digests goes by the revision, and says which right is missing', async () => {
    const message =
      'User: arn:aws:sts::123456789012:assumed-role/deploy/run is not authorized to perform: ecs:DescribeServiceRevisions on resource: arn:aws:ecs:eu-west-1:123456789012:service-revision/prod/web/1 because no identity-based policy allows the ecs:DescribeServiceRevisions action'
    const { tasks, lines } = await prove([
      { operation: 'ecs:DescribeServiceRevisions', error: 'AccessDeniedException', message, times: 'always' }
    ])
    expect(tasks).toBe(2)
    expect(lines).toEqual([
      expect.stringMatching(
        /^the tasks of web:1 are told by their revision alone, not by digest: ecs:DescribeServiceRevisions failed: .*; allow ecs:DescribeServiceRevisions in the policy of the role .*service-revision\/prod\/web\/\*/
      )
    ])
  })
})
