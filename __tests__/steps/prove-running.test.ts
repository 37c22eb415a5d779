import { describe, expect, test } from '@jest/globals'
import type { FaultRule } from '../../simulator/control/faults.ts'
import type { Event } from '../../src/event.ts'
import { logLines } from '../../src/report/log.ts'
import { observeService } from '../../src/steps/observe-service.ts'
import { proveRollback, proveRunning } from '../../src/steps/prove-running.ts'
import { shop, WEB } from '../action/shop.ts'
import { virtualWorld, type Meanwhile } from '../properties/virtual-world.ts'

process.env['AWS_ACCESS_KEY_ID'] = 'AKIDEXAMPLE'
process.env['AWS_SECRET_ACCESS_KEY'] = 'secret'

const PARKED: Meanwhile = { atSeconds: 20, change: { scale: { ...WEB, desiredCount: 0 } } }

/** Waits for the tasks of a deployment that has none; with the seconds that it took. */
async function proveNothing(meanwhile: readonly Meanwhile[], faults: readonly FaultRule[] = []) {
  const { world, simulator, close } = virtualWorld(shop(), meanwhile)
  try {
    simulator.setFaults(faults)
    const startedAt = world.clock.now()
    const plan = {
      cluster: WEB.cluster,
      service: WEB.service,
      deploymentId: 'ecs-svc/7',
      expected: new Map([['web', ['sha256:0']]]),
      expectsTasks: true
    }
    const proof = await proveRunning(world, await world.ecs(), plan)
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

describe('the proof of a rollback', () => {
  async function prove(faults: readonly FaultRule[]) {
    const { world, simulator, close } = virtualWorld(shop(), [])
    try {
      simulator.setFaults(faults)
      const ecs = await world.ecs()
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
