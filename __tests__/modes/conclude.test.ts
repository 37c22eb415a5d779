import { describe, expect, test } from '@jest/globals'
import type { FaultRule } from '../../simulator/control/faults.ts'
import type { Simulator } from '../../simulator/simulator.ts'
import { Failure } from '../../src/failure.ts'
import type { ServiceDeploymentSnapshot, ServiceSnapshot } from '../../src/decide/service/snapshot.ts'
import type { EcsPort, EcsReads } from '../../src/io/aws/ecs.ts'
import type { World } from '../../src/world.ts'
import { serviceState, shop, WEB } from '../action/shop.ts'
import { deployVirtually, shopWith } from '../action/virtual-run.ts'
import { BREAKER_ALONE, CRASH, deployTheirs, IGNORE, withPort } from './scenes.ts'

const NO_LOG_GROUP = {
  stop: {
    stopCode: 'TaskFailedToStart',
    reason:
      'ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist.'
  }
} as const
const UPDATES_DENIED: FaultRule = {
  operation: 'ecs:UpdateService',
  error: 'AccessDeniedException',
  after: 1,
  times: 'always'
}

describe('the way back by hand', () => {
  test('is no command that ECS refuses, when the revision before is deregistered', async () => {
    const through = withPort(port => ({
      async describeTaskDefinition(reference) {
        const found = await port.describeTaskDefinition(reference)
        return found && { ...found, status: 'INACTIVE' }
      }
    }))
    const world = shopWith(CRASH, { service: { circuitBreaker: BREAKER_ALONE } })
    const { result } = await deployVirtually({ world, inputs: IGNORE, through, faults: [UPDATES_DENIED] })
    expect(result.outcome).toBe('rollback-failed')
    expect(result.remedy).toContain('web:1 is deregistered and cannot be deployed again')
    expect(result.remedy).not.toContain('aws ecs update-service')
  })

  test('is forced, when the service is set to that revision already', async () => {
    const service = { circuitBreaker: BREAKER_ALONE, minimumHealthyPercent: 0, maximumPercent: 100 }
    const { result } = await deployVirtually({
      world: shopWith(CRASH, { service }),
      inputs: IGNORE,
      meanwhile: [{ atSeconds: 60, change: { deleteImage: { repository: 'web', tag: 'main-1111111' } } }],
      after: simulator => {
        expect(serviceState(simulator.state()).taskDefinition).toMatch(/web:1$/)
      }
    })
    expect(result.outcome).toBe('rollback-failed')
    expect(result.remedy).toMatch(/--task-definition web:1 --force-new-deployment$/)
  })

  test('is the plain command otherwise', async () => {
    const world = shopWith(CRASH, { service: { circuitBreaker: BREAKER_ALONE } })
    const { result } = await deployVirtually({ world, inputs: IGNORE, faults: [UPDATES_DENIED] })
    expect(result.remedy).toMatch(/go back with: aws ecs update-service .* --task-definition web:1$/)
  })
})

test('the revision before is the last that completed, also where the service lists it no more', async () => {
  const images = [{ tags: ['theirs'], behaviour: 'neverHealthy' as const }]
  const off = { enable: false, rollback: false }
  // Nothing of the first deployment runs any more, and the second never got healthy.
  const service = { circuitBreaker: off, minimumHealthyPercent: 0, maximumPercent: 100 }
  const through = (world: World, simulator: Simulator): World => {
    deployTheirs(simulator)
    simulator.advance(600)
    return world
  }
  const world = shop({ images, service })
  const inputs = { 'on-conflict': 'supersede', 'circuit-breaker': 'ignore', 'wait-for-minutes': '0.1' }
  const { result } = await deployVirtually({ world, through, inputs })
  expect(result.previousTaskDefinitionArn).toMatch(/web:1$/)
})

describe('a deployment that is left when its time is over', () => {
  const DENIED = ['ListServiceDeployments', 'DescribeServiceDeployments', 'StopServiceDeployment'].map(
    (name): FaultRule => ({ operation: `ecs:${name}`, error: 'AccessDeniedException', status: 400, times: 'always' })
  )
  const LEAVE = { ...IGNORE, 'on-failure': 'leave', 'wait-for-minutes': '2' }

  test('is proven when it was through by then and only the look at the deadline had failed', async () => {
    const world = shop({ service: { desiredCount: 1, loadBalanced: false } })
    const throttled: FaultRule = { operation: 'ecs:DescribeServices', error: 'ThrottlingException', times: 3 }
    const { result } = await deployVirtually({
      world,
      inputs: { ...LEAVE, 'poll-seconds': '45' },
      faults: DENIED,
      through: (plain, simulator) => {
        const startedAt = plain.clock.now()
        let isOnce = false
        const sleep: World['clock']['sleep'] = async (ms, signal) => {
          await plain.clock.sleep(ms, signal)
          if (isOnce || plain.clock.now() - startedAt < 100_000) return
          isOnce = true
          simulator.setFaults([...DENIED, throttled])
        }
        return { ...plain, clock: { ...plain.clock, sleep } }
      }
    })
    expect(result).toMatchObject({ outcome: 'succeeded' })
  })

  test('is no ending of its own when the job is cancelled at that moment', async () => {
    const cancelled = new AbortController()
    const { result } = await deployVirtually({
      world: shopWith('neverHealthy'),
      inputs: LEAVE,
      through: plain => {
        const startedAt = plain.clock.now()
        let looks = 0
        const ecs = async (): Promise<EcsPort> => {
          const port = await plain.ecs()
          const polling: EcsPort['polling'] = () => ({
            ...port.polling(),
            describeService(cluster, name) {
              if (plain.clock.now() - startedAt >= 120_000 && ++looks > 1) {
                cancelled.abort(new Failure('cancelled', 'the job was cancelled'))
                return Promise.reject(cancelled.signal.reason as Failure)
              }
              return port.polling().describeService(cluster, name)
            }
          })
          return { ...port, polling }
        }
        return { ...plain, ecs, signal: cancelled.signal }
      }
    })
    expect(result.reasonCode).toBe('cancelled')
  })
})

test('a deployment that cannot succeed is left at once where alarms alone would roll it back: they may see nothing of it', async () => {
  const alarms = { alarmNames: ['errors'], enable: true, rollback: true }
  const world = shopWith(NO_LOG_GROUP, {
    alarms: [{ name: 'errors', state: 'OK' }],
    service: { circuitBreaker: { enable: false, rollback: false }, deploymentConfiguration: { alarms } }
  })
  const { result } = await deployVirtually({ world, inputs: { ...IGNORE, 'on-failure': 'leave' } })
  expect(result).toMatchObject({ outcome: 'failed', reasonCode: 'log-group-missing' })
  expect(result.endedAtMs - result.startedAtMs).toBeLessThan(5 * 60_000)
})

test.each([
  ['AccessDeniedException', 'ecs:DescribeServices', 'allow ecs:DescribeServices in the policy'],
  ['ExpiredTokenException', 'ecs:*', 'fetch fresh credentials']
])(
  'a rollback that %s keeps from sight says how that is mended, and no command that would replace it',
  async (error, operation, mend) => {
    const blind: FaultRule = { operation, error, times: 'always' }
    const through = withPort((port, simulator) => ({
      async stopServiceDeployment(arn) {
        await port.stopServiceDeployment(arn)
        simulator.setFaults([blind])
      }
    }))
    const world = shopWith(NO_LOG_GROUP, { service: { circuitBreaker: { enable: false, rollback: false } } })
    const { result, log } = await deployVirtually({ world, inputs: IGNORE, through })
    expect(result).toMatchObject({ outcome: 'failed', reasonCode: 'log-group-missing' })
    expect(result.reason).toContain(mend)
    expect(log).not.toContain('aws ecs update-service')
  }
)

test('a deployment that ECS stopped, and nobody replaced, is gone back from', async () => {
  let mine: string | undefined
  const through = (plain: World): World => {
    const asStopped = (own: ServiceDeploymentSnapshot): ServiceDeploymentSnapshot => {
      if (own.status === 'IN_PROGRESS') mine ??= own.arn
      return own.arn === mine && plain.clock.now() >= stoppedAt ? { ...own, status: 'STOPPED' } : own
    }
    const stoppedAt = plain.clock.now() + 40_000
    return withPort(port => {
      const reads = (of: EcsReads): Partial<EcsReads> => ({
        listServiceDeployments: async (...place) => (await of.listServiceDeployments(...place)).map(asStopped),
        async describeServiceDeployment(arn) {
          const found = await of.describeServiceDeployment(arn)
          return found && asStopped(found)
        }
      })
      const polling = (): EcsReads => ({ ...port.polling(), ...reads(port.polling()) })
      const stopServiceDeployment = (): Promise<never> => Promise.reject(new Failure('aws-error', 'it was stopped'))
      return { ...reads(port), polling, stopServiceDeployment }
    })(plain, {} as Simulator)
  }
  const { result } = await deployVirtually({ world: shopWith('neverHealthy'), through })
  expect(result).toMatchObject({ outcome: 'rolled-back' })
  expect(result.reason).toContain('ECS reports it as stopped')
  expect(result.endedAtMs - result.startedAtMs).toBeLessThan(6 * 60_000)
})

test('where ECS went back to is not taken for a colleague’s deployment, though it is made anew and not proven', async () => {
  const ANEW = 'ecs-svc/777'
  let old = ''
  const through = withPort(port => {
    const remade = (service: ServiceSnapshot): ServiceSnapshot => {
      const [primary] = service.deployments
      old ||= primary?.id ?? ''
      const isBack = service.deployments.length === 1 && primary?.id === old && service.events.length > 4
      return isBack ? { ...service, deployments: [{ ...primary, id: ANEW, createdAt: Infinity }] } : service
    }
    const reads = (of: EcsReads): Partial<EcsReads> => ({
      async describeService(...place) {
        const service = await of.describeService(...place)
        return typeof service === 'string' ? service : remade(service)
      },
      async describeServiceDeployment(arn) {
        const found = await of.describeServiceDeployment(arn)
        const toRevisionArn = 'arn:aws:ecs:eu-west-1:123456789012:service-revision/prod/web/777'
        return found?.rollback === undefined ? found : { ...found, rollback: { ...found.rollback, toRevisionArn } }
      }
    })
    const runningTasks: EcsPort['runningTasks'] = async (...place) =>
      (await port.runningTasks(...place)).map(task => ({ ...task, taskDefinitionArn: 'web:9' }))
    return { ...reads(port), runningTasks, polling: () => ({ ...port.polling(), ...reads(port.polling()) }) }
  })
  const { result } = await deployVirtually({ world: shopWith(CRASH), through })
  expect(result.outcome).toBe('rollback-failed')
  expect(result.reason).not.toContain('since then')
})

test('a rollback that ECS begins while what failed is looked at is followed to where it leads', async () => {
  let isDone = false
  const through = withPort((port, simulator) => ({
    stoppedTasks(...of) {
      // The time is over, and the circuit breaker trips while the stopped tasks are read.
      const [newest] = serviceState(simulator.state()).serviceDeployments as unknown as readonly { createdAt: string }[]
      const isLate = Date.parse(simulator.now()) - Date.parse(newest?.createdAt ?? '') >= 60_000
      if (isLate && !isDone) {
        isDone = true
        simulator.change({ rollBack: WEB })
        simulator.advance(10)
      }
      return port.stoppedTasks(...of)
    }
  }))
  const world = shopWith('neverHealthy', { service: { circuitBreaker: { enable: true, rollback: true } } })
  const { result } = await deployVirtually({
    world,
    inputs: { 'on-failure': 'leave', 'wait-for-minutes': '1' },
    through
  })
  expect(isDone).toBe(true)
  expect(result).toMatchObject({ outcome: 'rolled-back' })
  expect(result.remedy).not.toContain('update-service')
})
