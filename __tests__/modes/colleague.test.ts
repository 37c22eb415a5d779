import { describe, expect, test } from '@jest/globals'
import { serviceState } from '../action/shop.ts'
import { deployVirtually } from '../action/virtual-run.ts'
import { BREAKER_ALONE, deployTheirs, IGNORE, shopOfThree, withPort } from './scenes.ts'

describe('a colleague who deploys', () => {
  test('while a failure that is left is explained supersedes, and no command undoes that', async () => {
    let isDone = false
    const through = withPort((port, simulator) => ({
      stoppedTasks(...of) {
        const [newest] = serviceState(simulator.state()).deployments as unknown as readonly { rolloutState: string }[]
        if (!isDone && newest?.rolloutState === 'FAILED') {
          isDone = true
          deployTheirs(simulator)
          simulator.advance(1)
        }
        return port.stoppedTasks(...of)
      }
    }))
    const inputs = { ...IGNORE, 'on-failure': 'leave' }
    const { result } = await deployVirtually({ world: shopOfThree(BREAKER_ALONE), inputs, through })
    expect(isDone).toBe(true)
    expect(result).toMatchObject({ outcome: 'superseded' })
    expect(result.reason).toMatch(
      /^web:2 failed: .*; since then ecs-svc\/\d+ was replaced by ecs-svc\/\d+, which deploys web:3$/
    )
    expect(result.remedy).not.toContain('update-service')
  })

  test('while a rollback is proven supersedes, and no command undoes that', async () => {
    let isDone = false
    const through = withPort((port, simulator) => ({
      runningTasks(cluster, service) {
        if (!isDone) deployTheirs(simulator)
        if (!isDone) simulator.advance(200)
        isDone = true
        return port.runningTasks(cluster, service)
      }
    }))
    const { result, log } = await deployVirtually({ world: shopOfThree({ enable: true, rollback: true }), through })
    expect(result).toMatchObject({ outcome: 'superseded', reasonCode: 'superseded' })
    expect(result.reason).toMatch(
      /exited with code 78; web was back on web:1, and since then the service is set to ecs-svc\/\d+, which deploys web:3$/
    )
    expect(log).not.toContain('aws ecs update-service')
  })

  test('over the revision before, which this run had deployed again, is told in that order', async () => {
    let updates = 0
    const through = withPort((port, simulator) => ({
      async updateService(request) {
        const answer = await port.updateService(request)
        if (++updates === 2) simulator.advance(10)
        if (updates === 2) deployTheirs(simulator)
        return answer
      }
    }))
    const { result } = await deployVirtually({ world: shopOfThree(BREAKER_ALONE), inputs: IGNORE, through })
    expect(updates).toBe(2)
    expect(result.outcome).toBe('superseded')
    expect(result.reason).toMatch(
      /web:1 was deployed again as ecs-svc\/\d+, and since then the service is set to ecs-svc\/\d+, which deploys web:3$/
    )
    expect(result.reason).not.toContain('before it could be rolled back')
  })
})
