import { describe, expect, test } from '@jest/globals'
import type { EcsPort, EcsReads } from '../../src/io/aws/ecs.ts'
import { rollBack, type RollbackEnd } from '../../src/steps/roll-back.ts'
import { WEB } from '../action/shop.ts'
import { failure, reading, staleReads, unhealthy } from './unhealthy.ts'

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
