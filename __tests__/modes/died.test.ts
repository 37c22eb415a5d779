import { describe, expect, test } from '@jest/globals'
import type { Behaviour } from '../../simulator/cloud/images.ts'
import type { Simulator } from '../../simulator/simulator.ts'
import type { World } from '../../src/world.ts'
import { deployVirtually, shopWith } from '../action/virtual-run.ts'

/** It runs for longer than the 40 s that count as healthy here, and not for much longer. */
const EXPIRED: Behaviour = { crash: { exitCode: 1, afterSeconds: 90 }, logs: ['FATAL: license expired'] }
const DIED = '2 of 2 tasks: container web exited with code 1'

/**
 * A shop whose tasks are gone when they are to be proven, and not replaced for as long as that is waited for; `isSeen` when
 * the poll that sees the deployment completed sees that, too.
 */
function expiring(image: string, isSeen = false) {
  return {
    world: shopWith(EXPIRED, { service: { image, loadBalanced: false }, timings: { pullSeconds: 300 } }),
    through: (world: World, simulator: Simulator): World => ({
      ...world,
      async ecs() {
        const port = await world.ecs()
        let looks = 0
        const described = async (cluster: string, name: string) => {
          const service = await port.describeService(cluster, name)
          if (!isSeen || typeof service === 'string') return service
          const deployments = service.deployments.map(one =>
            one.rolloutState === 'COMPLETED' && one.taskDefinitionArn.endsWith(':2') ? { ...one, runningCount: 0 } : one
          )
          return { ...service, deployments }
        }
        return {
          ...port,
          polling: () => ({ ...port.polling(), describeService: described }),
          runningTasks(cluster, service) {
            if (++looks === 1) simulator.advance(90)
            return port.runningTasks(cluster, service)
          }
        }
      }
    })
  }
}

describe('a deployment that completes and then dies', () => {
  test.each([false, true])('is failed, and it is told why, what is left, and how to go back', async isSeen => {
    const { result, log } = await deployVirtually(expiring('web:main-1111111', isSeen))
    expect(result).toMatchObject({ outcome: 'failed', reasonCode: 'container-exited', failed: true })
    expect(result.reason).toMatch(/^ecs-svc\/\d+ completed, and then all its tasks died \(desired count 2\): /)
    expect(result.reason).toContain(`: ${DIED}; the service is set to web:2 and runs no task; nothing was rolled back`)
    expect(result.remedy).toMatch(
      /the container's log: .*; go back with: aws ecs update-service --region eu-west-1 --cluster prod --service web --task-definition web:1$/
    )
    expect(log).toContain('FATAL: license expired')
  })

  test('is explained again by the run that finds it like that', async () => {
    const { result, log } = await deployVirtually(expiring('web:main-2222222'))
    expect(result).toMatchObject({ outcome: 'failed', reasonCode: 'container-exited', failed: true })
    expect(result.reason).toBe(`web is set to this revision already, and no task runs (desired count 2): ${DIED}`)
    expect(result.remedy).toContain("the container's log")
    expect(log).toContain('FATAL: license expired')
  })
})
