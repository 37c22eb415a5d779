import { describe, expect, test } from '@jest/globals'
import { rollBack } from '../../src/steps/roll-back.ts'
import { shop, WEB } from '../action/shop.ts'
import { deployedByHand } from '../support/deployed-by-hand.ts'
import { failure, reading, unhealthy } from './unhealthy.ts'

const quiet = (): void => undefined
const stopServiceDeployment = () => Promise.reject(failure('AccessDeniedException'))

describe('a way back whose start failed', () => {
  test('is none when somebody else deployed meanwhile', async () => {
    await unhealthy(async ({ world, simulator, port, plan }) => {
      const updateService = () => {
        simulator.change({ deploy: { ...WEB, image: 'web:theirs' } })
        return Promise.reject(failure('ServerException', true))
      }
      const ecs = reading(port, {}, { stopServiceDeployment, updateService })
      expect(await rollBack(world, ecs, plan, quiet)).toMatchObject({ kind: 'superseded' })
    })
  })

  test('has landed when ECS went back by itself meanwhile', async () => {
    await unhealthy(async ({ world, simulator, port, plan }) => {
      let isBack = false
      const updateService = () => {
        if (!isBack) simulator.change({ rollBack: WEB })
        isBack = true
        simulator.advance(10)
        return Promise.reject(failure('ServerException', true))
      }
      const ecs = reading(port, {}, { stopServiceDeployment, updateService })
      expect(await rollBack(world, ecs, plan, quiet)).toMatchObject({ kind: 'landed' })
    })
  })

  test('is stuck when nothing else has become of it', async () => {
    await unhealthy(async ({ world, port, plan }) => {
      const updateService = () => Promise.reject(failure('InvalidParameterException'))
      const ecs = reading(port, {}, { stopServiceDeployment, updateService })
      await expect(rollBack(world, ecs, plan, quiet)).rejects.toMatchObject({ awsCode: 'InvalidParameterException' })
    })
  })
})

test('a way back from which ECS goes back to the deployment that was to be undone has not landed', async () => {
  const simulated = shop({ service: { deregistrationDelaySeconds: 60 } })
  await deployedByHand(
    simulated,
    'web:main-2222222',
    async ({ world, simulator, ecs: port, before, mine }) => {
      const previousArn = before.taskDefinitionArn
      const watch = { ...WEB, pollMs: 3000, budgetMs: 3_600_000 }
      const plan = { mine, serviceDeploymentArn: undefined, known: {}, previousArn, watch }
      const ecs = reading(
        port,
        {},
        {
          stopServiceDeployment,
          updateService(request) {
            // Mine completes in this moment.
            simulator.advance(600)
            return port.updateService(request)
          }
        }
      )
      const end = await rollBack(world, ecs, plan, quiet)
      expect(end).toMatchObject({
        kind: 'stuck',
        why: expect.stringMatching(/^web:1 failed as ecs-svc\/\d+, and ECS went back from it/)
      })
    },
    [{ atSeconds: 640, change: { rollBack: WEB } }]
  )
})
