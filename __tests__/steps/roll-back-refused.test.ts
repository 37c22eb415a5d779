import { describe, expect, test } from '@jest/globals'
import type { Simulator } from '../../simulator/simulator.ts'
import { AwsFailure } from '../../src/failure.ts'
import type { EcsPort } from '../../src/io/aws/ecs.ts'
import { rollBack, type RollbackPlan } from '../../src/steps/roll-back.ts'
import { startRollback } from '../../src/steps/start-rollback.ts'
import type { World } from '../../src/world.ts'
import { shop, WEB } from '../action/shop.ts'
import { deployedByHand } from '../support/deployed-by-hand.ts'

/** What happens between the last look at the service and StopServiceDeployment, which therefore comes too late. */
type Meanwhile = (simulator: Simulator) => void

interface Scene {
  readonly world: World
  readonly ecs: EcsPort
  readonly plan: RollbackPlan
  /** The revisions that UpdateService was sent. */
  readonly sent: readonly string[]
}

async function refused<T>(image: string, meanwhile: Meanwhile, act: (scene: Scene) => Promise<T>): Promise<T> {
  const simulated = shop({
    images: [{ tags: ['never'], behaviour: 'neverHealthy' }, { tags: ['theirs'] }],
    service: { circuitBreaker: { enable: false, rollback: false } }
  })
  return deployedByHand(simulated, `web:${image}`, ({ world, simulator, ecs: port, before, mine }) => {
    simulator.advance(20)
    const sent: string[] = []
    const ecs: EcsPort = {
      ...port,
      stopServiceDeployment() {
        meanwhile(simulator)
        const details = { cause: undefined, awsCode: 'ConflictException', mayHaveActed: false }
        return Promise.reject(new AwsFailure('aws-error', 'it is not in progress any more', details))
      },
      updateService(request) {
        sent.push(JSON.stringify(request['taskDefinition']))
        return port.updateService(request)
      }
    }
    const plan = {
      mine,
      serviceDeploymentArn: undefined,
      known: {},
      previousArn: before.taskDefinitionArn,
      watch: { ...WEB, pollMs: 3000, budgetMs: 3_600_000 }
    }
    return act({ world, ecs, plan, sent })
  })
}

const deployTheirs: Meanwhile = simulator => {
  simulator.change({ deploy: { ...WEB, image: 'web:theirs' } })
}
const complete: Meanwhile = simulator => {
  simulator.advance(1200)
}
const nothing: Meanwhile = () => undefined

describe('a rollback that ECS refuses', () => {
  test.each([
    ['somebody else deployed meanwhile', 'never', deployTheirs, 'superseded'],
    ['the deployment has just completed', 'main-2222222', complete, 'completed']
  ])('because %s is none: what is there stays', async (_, image, meanwhile, kind) => {
    await refused(image, meanwhile, async ({ world, ecs, plan, sent }) => {
      expect(await rollBack(world, ecs, plan, () => undefined)).toMatchObject({ kind })
      expect(sent).toEqual([])
    })
  })

  test('is none either for the first revision of a service, once that has completed', async () => {
    await refused('main-2222222', complete, async ({ world, ecs, plan, sent }) => {
      const first = { ...plan, previousArn: plan.mine.taskDefinitionArn }
      expect(await rollBack(world, ecs, first, () => undefined)).toMatchObject({ kind: 'completed' })
      expect(sent).toEqual([])
    })
  })

  test('leaves the first revision of a service as it is, for there is no other', async () => {
    await refused('never', nothing, async ({ world, ecs, plan, sent }) => {
      const first = { ...plan, previousArn: plan.mine.taskDefinitionArn }
      const why = expect.stringContaining('there is none to go back to')
      expect(await rollBack(world, ecs, first, () => undefined)).toMatchObject({ kind: 'stuck', why })
      expect(sent).toEqual([])
    })
  })

  test('although the deployment goes on is done by deploying the revision before', async () => {
    await refused('never', nothing, async ({ world, ecs, plan, sent }) => {
      expect(await rollBack(world, ecs, plan, () => undefined)).toMatchObject({ kind: 'landed' })
      expect(sent).toEqual([JSON.stringify(plan.previousArn)])
    })
  })

  test.each([
    ['somebody else deployed', 'never', deployTheirs, /^web is not set to ecs-svc\/\d+ any more$/],
    ['the deployment completed', 'main-2222222', complete, /^ecs-svc\/\d+ has completed$/]
  ])('after a cancellation is none when %s meanwhile, and says so', async (_, image, meanwhile, message) => {
    await refused(image, meanwhile, async ({ ecs, plan, sent }) => {
      await expect(startRollback(ecs, plan, () => undefined)).rejects.toThrow(message)
      expect(plan.known).toEqual({})
      expect(sent).toEqual([])
    })
  })
})
