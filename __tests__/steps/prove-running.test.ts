import { describe, expect, test } from '@jest/globals'
import type { Change } from '../../simulator/control/change.ts'
import type { FaultRule } from '../../simulator/control/faults.ts'
import type { EcsPort } from '../../src/io/aws/ecs.ts'
import type { TaskSnapshot } from '../../src/decide/service/snapshot.ts'
import { observeService } from '../../src/steps/observe-service.ts'
import { proveRunning } from '../../src/steps/prove-running.ts'
import type { World } from '../../src/world.ts'
import { MINE } from '../decide/service/snapshots.ts'
import { shop, WEB } from '../action/shop.ts'
import { listener } from '../support/listener.ts'
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
