import { describe, expect, test } from '@jest/globals'
import { parseChange, type Change } from '../../../simulator/control/change.ts'
import { parseWorld } from '../../../simulator/control/world.ts'
import { createSimulator, type Simulator } from '../../../simulator/simulator.ts'
import { call } from '../in-process.ts'

const WEB = { cluster: 'main', service: 'web' }

function simulate(service: object, world: object = {}): Simulator {
  return createSimulator({
    clock: 'manual',
    world: parseWorld({
      repositories: [{ name: 'app', images: [{ tags: ['v1'] }, { tags: ['v2'] }] }],
      clusters: [
        { name: 'main', instances: 2, services: [{ name: 'web', image: 'app:v1', loadBalanced: true, ...service }] }
      ],
      ...world
    })
  })
}

function change(simulator: Simulator, what: Change): Readonly<Record<string, string>> {
  return simulator.change(parseChange(what))
}

/** The newest service deployment as clients see it; the answer has passed the check against the API model. */
async function newest(simulator: Simulator): Promise<Record<string, unknown>> {
  const { body: list } = await call(simulator, 'ecs:ListServiceDeployments', WEB)
  const [brief] = list.serviceDeployments as [{ serviceDeploymentArn: string }]
  const described = await call(simulator, 'ecs:DescribeServiceDeployments', {
    serviceDeploymentArns: [brief.serviceDeploymentArn]
  })
  expect(described.status).toBe(200)
  return (described.body.serviceDeployments as [Record<string, unknown>])[0]
}

describe('over the wire', () => {
  test('a paused deployment is continued', async () => {
    const simulator = simulate({
      strategy: 'CANARY',
      deploymentConfiguration: {
        bakeTimeInMinutes: 1,
        canaryConfiguration: { canaryPercent: 10, canaryBakeTimeInMinutes: 1 },
        lifecycleHooks: [{ targetType: 'PAUSE', lifecycleStages: ['POST_TEST_TRAFFIC_SHIFT'] }]
      }
    })
    change(simulator, { deploy: { ...WEB, image: 'app:v2' } })
    simulator.advance(600)
    const paused = await newest(simulator)
    expect(paused).toMatchObject({
      lifecycleStage: 'POST_TEST_TRAFFIC_SHIFT',
      lifecycleHookDetails: [{ status: 'AWAITING_ACTION', targetType: 'PAUSE', expiresAt: expect.any(Number) }],
      targetServiceRevision: { requestedTestTrafficWeight: 100, requestedProductionTrafficWeight: 0 }
    })
    const [{ hookId }] = paused.lifecycleHookDetails as [{ hookId: string }]
    const { serviceDeploymentArn } = paused
    const answer = await call(simulator, 'ecs:ContinueServiceDeployment', { serviceDeploymentArn, hookId })
    expect(answer).toMatchObject({ status: 200, body: { serviceDeploymentArn } })
    simulator.advance(600)
    expect(await newest(simulator)).toMatchObject({ status: 'SUCCESSFUL' })
    expect(await call(simulator, 'ecs:ContinueServiceDeployment', { serviceDeploymentArn, hookId })).toMatchObject({
      status: 400
    })
    simulator.close()
  })

  test('an alarm, and the truth about it', async () => {
    const simulator = simulate(
      { deploymentConfiguration: { alarms: { alarmNames: ['errors'], enable: true, rollback: true } } },
      { alarms: [{ name: 'errors', state: 'OK' }] }
    )
    change(simulator, { deploy: { ...WEB, image: 'app:v2' } })
    simulator.advance(20)
    change(simulator, { alarm: { name: 'errors', state: 'ALARM' } })
    simulator.advance(120)
    expect(await newest(simulator)).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      alarms: { status: 'TRIGGERED', triggeredAlarmNames: ['errors'] }
    })
    expect(simulator.state().ecs).toMatchObject({
      clusters: [{ services: [{ serviceDeployments: [{ ending: 'ROLLED_BACK' }, { ending: 'COMPLETED' }] }] }]
    })
    simulator.close()
  })

  test('tasks that are interrupted, and a cluster that is full and loses an instance', async () => {
    const simulator = simulate({ schedulingStrategy: 'DAEMON', loadBalanced: false })
    const reason = 'Your Spot Task was interrupted.'
    const { task = '' } = change(simulator, { stopTask: { ...WEB, stopCode: 'SpotInterruption', reason } })
    change(simulator, { capacity: { cluster: 'main', tasks: 1 } })
    change(simulator, { instances: { cluster: 'main', count: 1 } })
    simulator.advance(60)
    const { body } = await call(simulator, 'ecs:DescribeTasks', { cluster: 'main', tasks: [task] })
    expect(body.tasks).toMatchObject([
      { stopCode: 'SpotInterruption', stoppedReason: reason, containerInstanceArn: expect.stringContaining('/main/') }
    ])
    simulator.close()
  })
})
