import { describe, expect, test } from '@jest/globals'
import type { Simulator } from '../../simulator/simulator.ts'
import type { ServiceSnapshot } from '../../src/decide/service/snapshot.ts'
import { AwsFailure } from '../../src/failure.ts'
import type { EcsPort, EcsReads } from '../../src/io/aws/ecs.ts'
import { rollBack, type RollbackEnd, type RollbackPlan } from '../../src/steps/roll-back.ts'
import { startRollback } from '../../src/steps/start-rollback.ts'
import { LOST_STOP } from '../../src/steps/stop-deployment.ts'
import type { WayBack } from '../../src/steps/way-back.ts'
import type { World } from '../../src/world.ts'
import { shop, WEB } from '../action/shop.ts'
import { deployedByHand } from '../support/deployed-by-hand.ts'

function failure(code: string, mayHaveActed = false): AwsFailure {
  const kind = code === 'AccessDeniedException' ? 'access-denied' : 'aws-error'
  return new AwsFailure(kind, code, { cause: undefined, awsCode: code, mayHaveActed })
}

interface Scene {
  readonly world: World
  readonly simulator: Simulator
  readonly port: EcsPort
  readonly plan: RollbackPlan
  /** The service as it was before the deployment that is to be undone. */
  readonly before: ServiceSnapshot
  /** The writes that were sent. */
  readonly writes: () => readonly string[]
}

/** A deployment that does not get healthy. */
async function unhealthy<T>(act: (scene: Scene) => Promise<T>): Promise<T> {
  const simulated = shop({
    images: [{ tags: ['never'], behaviour: 'neverHealthy' }, { tags: ['theirs'] }],
    service: { circuitBreaker: { enable: false, rollback: false } }
  })
  return deployedByHand(simulated, 'web:never', ({ world, simulator, ecs: port, before, mine }) => {
    simulator.advance(20)
    const watch = { ...WEB, pollMs: 3000, budgetMs: 3_600_000 }
    const previousArn = before.taskDefinitionArn
    const plan = { mine, serviceDeploymentArn: undefined, known: {}, previousArn, watch }
    const writes = () =>
      simulator.calls().flatMap(({ operation }) => (/^(Describe|List)/.test(operation) ? [] : [operation]))
    return act({ world, simulator, port, plan, before, writes })
  })
}

/** A port whose reads answer otherwise, for whoever polls and whoever does not. */
function reading(port: EcsPort, reads: Partial<EcsReads>, writes: Partial<EcsPort> = {}): EcsPort {
  return { ...port, ...reads, ...writes, polling: () => ({ ...port.polling(), ...reads }) }
}

/** DescribeServices as it was before the deployment, so many times. */
function staleReads(port: EcsPort, before: ServiceSnapshot, times: number): Partial<EcsReads> {
  let left = times
  return {
    describeService: (cluster, service) =>
      left-- > 0 ? Promise.resolve(before) : port.describeService(cluster, service)
  }
}

const quiet = (): void => undefined

describe('a read from before the deployment', () => {
  test.each([1, 3])('at the start of the way back keeps nobody from it (%i reads)', async times => {
    await unhealthy(async ({ world, port, plan, before, writes }) => {
      const end = await rollBack(world, reading(port, staleReads(port, before, times)), plan, quiet)
      expect(end).toMatchObject({ kind: 'landed' })
      expect(writes()).toEqual(['StopServiceDeployment'])
    })
  })

  test('keeps nobody from deploying the previous revision either, where ECS may not be asked', async () => {
    await unhealthy(async ({ world, port, plan, before, writes }) => {
      const stopServiceDeployment = () => Promise.reject(failure('AccessDeniedException'))
      const ecs = reading(port, staleReads(port, before, 3), { stopServiceDeployment })
      expect(await rollBack(world, ecs, plan, quiet)).toMatchObject({ kind: 'landed' })
      expect(writes()).toEqual(['UpdateService'])
    })
  })

  test('keeps no cancelled job from it while the service deployments show it', async () => {
    await unhealthy(async ({ port, plan, before, writes }) => {
      await startRollback(reading(port, staleReads(port, before, 9)), plan, quiet)
      expect(writes()).toEqual(['StopServiceDeployment'])
      expect(plan.known.parting).toContain('ECS was asked')
    })
  })

  test('has a cancelled job say that it left what no API shows', async () => {
    await unhealthy(async ({ port, plan, before, writes }) => {
      const listServiceDeployments = () => Promise.resolve([])
      const ecs = reading(port, { ...staleReads(port, before, 9), listServiceDeployments })
      await expect(startRollback(ecs, plan, quiet)).rejects.toThrow(`DescribeServices does not show ${plan.mine.id}`)
      expect(writes()).toEqual([])
    })
  })
})

describe('a rollback by ECS itself', () => {
  test('is watched, and nothing is started on top of it', async () => {
    await unhealthy(async ({ world, simulator, port, plan, writes }) => {
      simulator.change({ rollBack: WEB })
      simulator.advance(10)
      expect(await rollBack(world, port, plan, quiet)).toMatchObject({ kind: 'landed' })
      expect(writes()).not.toContain('UpdateService')
    })
  })

  test('is believed from the list while DescribeServices is out', async () => {
    await unhealthy(async ({ world, simulator, port, plan, writes }) => {
      const backAtMs = world.clock.now() + 75_000
      const describeService: EcsReads['describeService'] = (cluster, service) =>
        world.clock.now() < backAtMs
          ? Promise.reject(failure('ServerException', true))
          : port.describeService(cluster, service)
      const stopServiceDeployment = () => {
        simulator.change({ rollBack: WEB })
        return Promise.reject(failure('ConflictException'))
      }
      const end: RollbackEnd = await rollBack(
        world,
        reading(port, { describeService }, { stopServiceDeployment }),
        plan,
        quiet
      )
      expect(end).toMatchObject({ kind: 'landed' })
      expect(writes()).toEqual([])
    })
  })

  test('is left to it by a cancelled job', async () => {
    await unhealthy(async ({ simulator, port, plan, writes }) => {
      simulator.change({ rollBack: WEB })
      simulator.advance(10)
      await startRollback(port, plan, quiet)
      expect(writes()).toEqual([])
      expect(plan.known.parting).toBe('ECS is rolling it back already')
    })
  })
})

test('a list that hangs holds the way back up for as long as a poll does', async () => {
  await unhealthy(async ({ world, port, plan, writes }) => {
    const hangs = (ms: number) => async () => {
      await world.clock.sleep(ms)
      throw failure('TimeoutError')
    }
    const ecs: EcsPort = {
      ...reading(port, { listServiceDeployments: hangs(5_000) }),
      listServiceDeployments: hangs(300_000)
    }
    const startedAt = world.clock.now()
    let undoneAfterMs = 0
    await rollBack(world, ecs, plan, () => {
      if (undoneAfterMs === 0 && writes().length > 0) undoneAfterMs = world.clock.now() - startedAt
    })
    expect(writes()).toEqual(['UpdateService'])
    expect(undoneAfterMs).toBeLessThan(40_000)
  })
})

describe('a cancelled job', () => {
  const describeService = () => Promise.reject(failure('ServerException', true))
  const listServiceDeployments = () => Promise.reject(failure('AccessDeniedException'))

  test('stops what the service deployments list while DescribeServices fails', async () => {
    await unhealthy(async ({ port, plan, writes }) => {
      await startRollback(reading(port, { describeService }), plan, quiet)
      expect(writes()).toEqual(['StopServiceDeployment'])
    })
  })

  test('stops a service deployment that it knows while neither API answers', async () => {
    await unhealthy(async ({ port, plan, writes }) => {
      const [own] = await port.listServiceDeployments(WEB.cluster, WEB.service)
      const known = { ...plan, serviceDeploymentArn: own?.arn }
      await startRollback(reading(port, { describeService, listServiceDeployments }), known, quiet)
      expect(writes()).toEqual(['StopServiceDeployment'])
    })
  })

  test('says so where it knows none and nothing answers', async () => {
    await unhealthy(async ({ port, plan, writes }) => {
      const ecs = reading(port, { describeService, listServiceDeployments })
      await expect(startRollback(ecs, plan, quiet)).rejects.toThrow('ServerException')
      expect(writes()).toEqual([])
    })
  })

  test('does not say that it deploys what ECS was on its way back to, unseen', async () => {
    await unhealthy(async ({ simulator, port, plan, writes }) => {
      const stale = await port.describeService(WEB.cluster, WEB.service)
      simulator.change({ rollBack: WEB })
      simulator.advance(10)
      const reads = { describeService: () => Promise.resolve(stale), listServiceDeployments }
      const stopServiceDeployment = () => Promise.reject(failure('AccessDeniedException'))
      await startRollback(reading(port, reads, { stopServiceDeployment }), plan, quiet)
      expect(writes()).toEqual(['UpdateService'])
      expect(plan.known).toEqual({ parting: `ECS is on its way back to ${plan.previousArn}` })
    })
  })

  test('names what it deploys again', async () => {
    await unhealthy(async ({ port, plan }) => {
      const stopServiceDeployment = () => Promise.reject(failure('AccessDeniedException'))
      await startRollback(reading(port, { listServiceDeployments }, { stopServiceDeployment }), plan, quiet)
      expect(plan.known.wayBackId).toMatch(/^ecs-svc/)
      expect(plan.known.parting).toBe(`${plan.previousArn} is being deployed again as ${plan.known.wayBackId ?? ''}`)
    })
  })

  test.each([
    'ECS was asked to roll it back and goes on with that',
    'web:1 is being deployed again as ecs-svc/3',
    'UpdateService was sent to deploy web:1 again and its answer is lost, so that may be under way'
  ])('starts nothing on top of a way back: %s', async parting => {
    await unhealthy(async ({ port, plan, writes }) => {
      const known = { parting }
      await startRollback(port, { ...plan, known }, quiet)
      expect(writes()).toEqual([])
      expect(known.parting).toBe(parting)
    })
  })

  /** StopServiceDeployment acts, and answers with this. */
  const stopping = (port: EcsPort, answer: AwsFailure): Pick<EcsPort, 'stopServiceDeployment'> => ({
    async stopServiceDeployment(arn) {
      await port.stopServiceDeployment(arn)
      throw answer
    }
  })

  test.each([
    ['its answer is lost', {}, failure('TimeoutError', true)],
    ['it is refused now and was lost before', { parting: LOST_STOP }, failure('ConflictException')]
  ])('sees whether ECS has heard of a Stop when %s', async (_, begun, answer) => {
    await unhealthy(async ({ port, plan, writes }) => {
      const known: WayBack = { ...begun }
      await startRollback(reading(port, {}, stopping(port, answer)), { ...plan, known }, quiet)
      expect(writes()).toEqual(['StopServiceDeployment'])
      expect(known.parting).toBe('ECS is rolling it back already')
    })
  })

  test('starts nothing on top of a Stop of its own whose answer is lost, while reads do not show it', async () => {
    await unhealthy(async ({ port, plan, writes }) => {
      const stale = await port.describeService(WEB.cluster, WEB.service)
      let lists = 0
      const reads: Partial<EcsReads> = {
        describeService: () => Promise.resolve(stale),
        listServiceDeployments: (cluster, service) =>
          lists++ === 0 ? port.listServiceDeployments(cluster, service) : Promise.reject(failure('ThrottlingException'))
      }
      await startRollback(reading(port, reads, stopping(port, failure('TimeoutError', true))), plan, quiet)
      expect(writes()).toEqual(['StopServiceDeployment'])
      expect(plan.known.parting).toBe(LOST_STOP)
    })
  })

  test('starts nothing on top of a Stop whose answer is lost where it knows none to stop again', async () => {
    await unhealthy(async ({ port, plan, writes }) => {
      const known = { parting: LOST_STOP }
      await startRollback(reading(port, { listServiceDeployments }), { ...plan, known }, quiet)
      expect(writes()).toEqual([])
    })
  })
})
