import { describe, expect, test } from '@jest/globals'
import type { Simulator } from '../../simulator/simulator.ts'
import { AwsFailure } from '../../src/failure.ts'
import type { EcsPort } from '../../src/io/aws/ecs.ts'
import { rollBack, type RollbackPlan } from '../../src/steps/roll-back.ts'
import { startRollback } from '../../src/steps/start-rollback.ts'
import type { World } from '../../src/world.ts'
import { shop, WEB } from '../action/shop.ts'
import { deployedByHand } from '../support/deployed-by-hand.ts'

/** DescribeServices answers with what was the case so long ago. */
const STALE_SECONDS = 6

interface Scene {
  readonly world: World
  readonly simulator: Simulator
  readonly ecs: EcsPort
  readonly plan: RollbackPlan
  /** The revisions that UpdateService was sent. */
  readonly sent: readonly string[]
}

function refusal(code: string): AwsFailure {
  const kind = code === 'AccessDeniedException' ? 'access-denied' : 'aws-error'
  return new AwsFailure(kind, code, { cause: undefined, awsCode: code, mayHaveActed: false })
}

/** A deployment that does not get healthy, among reads that lag behind and with StopServiceDeployment refused. */
async function amongStaleReads<T>(code: string, isReadable: boolean, act: (scene: Scene) => Promise<T>): Promise<T> {
  const simulated = shop({
    images: [{ tags: ['never'], behaviour: 'neverHealthy' }, { tags: ['theirs'] }],
    lag: { staleReadSeconds: STALE_SECONDS },
    service: { circuitBreaker: { enable: false, rollback: false } }
  })
  return deployedByHand(simulated, 'web:never', ({ world, simulator, ecs: port, before, mine }) => {
    simulator.advance(20)
    const sent: string[] = []
    const unreadable = isReadable
      ? {}
      : { listServiceDeployments: () => Promise.reject(refusal('AccessDeniedException')) }
    const ecs: EcsPort = {
      ...port,
      ...unreadable,
      polling: () => ({ ...port.polling(), ...unreadable }),
      stopServiceDeployment: () => Promise.reject(refusal(code)),
      updateService(request) {
        sent.push(JSON.stringify(request['taskDefinition']))
        return port.updateService(request)
      }
    }
    const watch = { ...WEB, pollMs: 3000, budgetMs: 3_600_000 }
    const plan = { mine, serviceDeploymentArn: undefined, known: {}, previousArn: before.taskDefinitionArn, watch }
    return act({ world, simulator, ecs, plan, sent })
  })
}

const REFUSALS = [
  'AccessDeniedException',
  'ConflictException',
  'ClientException',
  'InvalidParameterException',
  'ServiceDeploymentNotFoundException'
].flatMap(code => [[code, true] as const, [code, false] as const])

describe('what somebody else deployed a moment before', () => {
  test.each(REFUSALS)('is not rolled back after %s (service deployments readable: %s)', async (code, isReadable) => {
    await amongStaleReads(code, isReadable, async ({ world, simulator, ecs, plan, sent }) => {
      simulator.change({ deploy: { ...WEB, image: 'web:theirs' } })
      simulator.advance(1)
      const end = await rollBack(world, ecs, plan, () => undefined)
      expect(end).toMatchObject({ kind: 'superseded' })
      expect(sent).toEqual([])
    })
  })

  test('is not rolled back by a cancelled job to which the service deployments show it', async () => {
    await amongStaleReads('AccessDeniedException', true, async ({ simulator, ecs, plan, sent }) => {
      simulator.change({ deploy: { ...WEB, image: 'web:theirs' } })
      simulator.advance(1)
      await expect(startRollback(ecs, plan, () => undefined)).rejects.toMatchObject({ name: 'Failure' })
      expect(sent).toEqual([])
    })
  })
})

describe('a deployment that nobody replaced', () => {
  test('is undone by a cancelled job that may not read the service deployments', async () => {
    await amongStaleReads('AccessDeniedException', false, async ({ ecs, plan, sent }) => {
      await startRollback(ecs, plan, () => undefined)
      expect(sent).toEqual([JSON.stringify(plan.previousArn)])
    })
  })

  test('is undone as soon as the service deployments are sure to show everything', async () => {
    await amongStaleReads('AccessDeniedException', true, async ({ world, ecs, plan, sent }) => {
      const startedAt = world.clock.now()
      let undoneAfterMs: number | undefined
      await rollBack(world, ecs, plan, () => {
        undoneAfterMs ??= sent.length > 0 ? world.clock.now() - startedAt : undefined
      })
      expect(undoneAfterMs).toBe(10_000)
    })
  })

  test('is undone without them, when reads are sure to show everything', async () => {
    await amongStaleReads('AccessDeniedException', false, async ({ world, ecs, plan, sent }) => {
      expect(await rollBack(world, ecs, plan, () => undefined)).toMatchObject({ kind: 'landed' })
      expect(sent).toEqual([JSON.stringify(plan.previousArn)])
    })
  })
})

test('a way back that is through before DescribeServices shows it has landed', async () => {
  const shown = shop({
    images: [{ tags: ['never'], behaviour: 'neverHealthy' }],
    lag: { serviceDeploymentSeconds: 0 },
    service: { circuitBreaker: { enable: false, rollback: false } }
  })
  await deployedByHand(shown, 'web:never', async ({ world, simulator, ecs: port, before, mine }) => {
    let frozen: Awaited<ReturnType<EcsPort['describeService']>> | undefined
    let untilMs = 0
    const describeService: EcsPort['describeService'] = (cluster, service) =>
      frozen !== undefined && world.clock.now() < untilMs
        ? Promise.resolve(frozen)
        : port.describeService(cluster, service)
    const ecs: EcsPort = {
      ...port,
      describeService,
      polling: () => ({ ...port.polling(), describeService }),
      stopServiceDeployment: () => Promise.reject(refusal('AccessDeniedException')),
      async updateService(request) {
        // Without tasks it is through at once.
        simulator.change({ scale: { ...WEB, desiredCount: 0 } })
        frozen = await port.describeService(WEB.cluster, WEB.service)
        untilMs = world.clock.now() + 15_000
        return port.updateService(request)
      }
    }
    const watch = { ...WEB, pollMs: 1000, budgetMs: 3_600_000 }
    const previousArn = before.taskDefinitionArn
    const plan = { mine, serviceDeploymentArn: undefined, known: {}, previousArn, watch }
    const end = await rollBack(world, ecs, plan, () => undefined)
    expect(end).toMatchObject({ kind: 'landed', on: { taskDefinitionArn: previousArn } })
  })
})

test('where ECS finds none to go back to, the revision before is deployed', async () => {
  const crash = { crash: { exitCode: 1, afterSeconds: 1 } }
  const simulated = shop({
    images: [
      { tags: ['bad'], behaviour: crash },
      { tags: ['never'], behaviour: 'neverHealthy' }
    ]
  })
  await deployedByHand(simulated, 'web:bad', async ({ world, simulator, ecs, before }) => {
    const look = async () => {
      const service = await ecs.describeService(WEB.cluster, WEB.service)
      if (typeof service === 'string') throw new Error(service)
      return service
    }
    // What ECS is on its way back to has not completed again.
    while ((await look()).deployments[0]?.id !== before.deployments[0]?.id) simulator.advance(1)
    const rollingBack = await look()
    expect(rollingBack.deployments[0]).toMatchObject({ rolloutState: 'IN_PROGRESS' })
    simulator.change({ deploy: { ...WEB, image: 'web:never' } })
    simulator.advance(5)
    const [mine] = (await look()).deployments
    if (mine === undefined) throw new Error('nothing was deployed')
    const plan = {
      mine: {
        ...mine,
        olderIds: rollingBack.deployments.map(({ id }) => id),
        isAdopted: false,
        adoptedAt: undefined,
        isWayBack: false,
        tellsRollout: true
      },
      serviceDeploymentArn: undefined,
      known: {},
      previousArn: before.taskDefinitionArn,
      watch: { ...WEB, pollMs: 3000, budgetMs: 3_600_000 }
    }
    const end = await rollBack(world, ecs, plan, () => undefined)
    expect(end).toMatchObject({ kind: 'landed', on: { taskDefinitionArn: before.taskDefinitionArn } })
    const writes = simulator.calls().flatMap(({ operation }) => (/^(Describe|List)/.test(operation) ? [] : [operation]))
    expect(writes).toEqual(['StopServiceDeployment', 'UpdateService'])
  })
})
