import { describe, expect, test } from '@jest/globals'
import type { AwsFailure } from '../../src/failure.ts'
import type { EcsPort, EcsReads } from '../../src/io/aws/ecs.ts'
import { startRollback } from '../../src/steps/start-rollback.ts'
import { LOST_STOP } from '../../src/steps/stop-deployment.ts'
import type { WayBack } from '../../src/steps/way-back.ts'
import { WEB } from '../action/shop.ts'
import { failure, reading, staleReads, unhealthy } from './unhealthy.ts'

const quiet = (): void => undefined

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
      expect(plan.known).toEqual({ parting: 'ECS is on its way back to web:1' })
    })
  })

  test('names what it deploys again', async () => {
    await unhealthy(async ({ port, plan }) => {
      const stopServiceDeployment = () => Promise.reject(failure('AccessDeniedException'))
      await startRollback(reading(port, { listServiceDeployments }, { stopServiceDeployment }), plan, quiet)
      expect(plan.known.wayBackId).toMatch(/^ecs-svc/)
      expect(plan.known.parting).toBe(`web:1 was deployed again as ${plan.known.wayBackId ?? ''}`)
    })
  })

  test.each([
    'ECS was asked to roll it back, and needs nothing of this job for that',
    'web:1 was deployed again as ecs-svc/3',
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
      expect(known.parting).toBe('ECS has begun to roll it back by itself')
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
      const ecs = reading(port, reads, stopping(port, failure('TimeoutError', true)))
      await expect(startRollback(ecs, plan, quiet)).rejects.toThrow(LOST_STOP)
      expect(writes()).toEqual(['StopServiceDeployment'])
      expect(plan.known.parting).toBe(LOST_STOP)
    })
  })

  test('starts nothing on top of a Stop whose answer is lost where it knows none to stop again', async () => {
    await unhealthy(async ({ port, plan, writes }) => {
      const known = { parting: LOST_STOP }
      const ecs = reading(port, { listServiceDeployments })
      await expect(startRollback(ecs, { ...plan, known }, quiet)).rejects.toThrow(LOST_STOP)
      expect(writes()).toEqual([])
    })
  })

  test('is not kept from it by a read from before the deployment while the service deployments show it', async () => {
    await unhealthy(async ({ port, plan, before, writes }) => {
      await startRollback(reading(port, staleReads(port, before, 9)), plan, quiet)
      expect(writes()).toEqual(['StopServiceDeployment'])
      expect(plan.known.parting).toContain('ECS was asked')
    })
  })

  test('says that it left what no API shows', async () => {
    await unhealthy(async ({ port, plan, before, writes }) => {
      const listServiceDeployments = () => Promise.resolve([])
      const ecs = reading(port, { ...staleReads(port, before, 9), listServiceDeployments })
      await expect(startRollback(ecs, plan, quiet)).rejects.toThrow(`DescribeServices does not show ${plan.mine.id}`)
      expect(writes()).toEqual([])
    })
  })

  test('leaves it to ECS where that rolls it back already', async () => {
    await unhealthy(async ({ simulator, port, plan, writes }) => {
      simulator.change({ rollBack: WEB })
      simulator.advance(10)
      await startRollback(port, plan, quiet)
      expect(writes()).toEqual([])
      expect(plan.known.parting).toBe('ECS has begun to roll it back by itself')
    })
  })
})
