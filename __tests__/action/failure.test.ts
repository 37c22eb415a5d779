import { describe, expect, test } from '@jest/globals'
import type { FaultRule } from '../../simulator/control/faults.ts'
import { commit, deploy, requests, writes, type Scene } from './harness.ts'
import { digestOf, runningDigests, serviceState, shop, WEB } from './shop.ts'

const BROKEN = { sha: commit(3) }
const CRASHING = { tags: ['main-3333333'], behaviour: { crash: { exitCode: 78, afterSeconds: 2 } } } as const
const NEVER_HEALTHY = { tags: ['main-3333333'], behaviour: 'neverHealthy' } as const

const NO_NEW_API: FaultRule = {
  operation: 'ecs:ListServiceDeployments',
  error: 'AccessDeniedException',
  message: 'User is not authorized to perform: ecs:ListServiceDeployments',
  times: 'always'
}

describe('a deployment that fails', () => {
  test.concurrent.each([
    ['', []],
    [' without the service deployments API', [NO_NEW_API]]
  ])('is rolled back by the circuit breaker, and the run says why%s', async (_, faults) => {
    const run = await deploy(shop({ images: [CRASHING] }), WEB, { ...BROKEN, faults })
    expect(run).toMatchObject({ exitCode: 1, outcome: 'failure' })
    expect(run.outputs).toMatchObject({ outcome: 'rolled-back', 'reason-code': 'container-exited', changed: 'false' })
    expect(run.outputs['reason']).toMatch(/container web exited with code 78.*back on web:1/)
    expect(run.annotations).toMatchObject([{ level: 'error', title: 'ECS deploy: rolled-back' }])
    expect(run.summary).toContain('exit code 78')
    expect(runningDigests(run.cloud)).toEqual({ web: digestOf(run.cloud, 'web', 'main-1111111') })
    expect(writes(run)).toEqual(['RegisterTaskDefinition', 'UpdateService'])
  })

  test.concurrent.each([
    ['out-of-memory', 'outOfMemory'],
    ['failed-health-check', 'neverHealthy'],
    [
      'image-not-found',
      {
        stop: {
          stopCode: 'TaskFailedToStart',
          reason:
            'CannotPullContainerError: pull image manifest has been retried 7 time(s): failed to resolve ref x/web:y: not found'
        }
      }
    ],
    [
      'secret-unavailable',
      {
        stop: {
          stopCode: 'TaskFailedToStart',
          reason:
            'ResourceInitializationError: unable to pull secrets or registry auth: unable to retrieve secret from asm'
        }
      }
    ]
  ] as const)('is explained as %s', async (code, behaviour) => {
    const world = shop({ images: [{ tags: ['main-3333333'], behaviour }], service: { loadBalanced: true } })
    const run = await deploy(world, WEB, BROKEN)
    expect(run.outputs).toMatchObject({ outcome: 'rolled-back', 'reason-code': code })
  })

  test.concurrent('because the image has no variant for the platform is explained as that', async () => {
    // Where the image's config may be read, such a deployment is not started.
    const faults = [
      { operation: 'ecr:GetDownloadUrlForLayer', error: 'AccessDeniedException', times: 'always' }
    ] as const
    const world = shop({ images: [{ tags: ['main-3333333'], platforms: ['linux/arm64'] }] })
    const run = await deploy(world, WEB, { ...BROKEN, faults })
    expect(run.outputs).toMatchObject({ outcome: 'rolled-back', 'reason-code': 'platform-mismatch' })
  })

  test.concurrent('is told as what it is when its tasks may not be read', async () => {
    const faults: FaultRule[] = [{ operation: 'ecs:ListTasks', error: 'AccessDeniedException', times: 'always' }]
    const run = await deploy(shop({ images: [CRASHING] }), WEB, { ...BROKEN, faults })
    expect(run).toMatchObject({ exitCode: 1, outputs: { outcome: 'failed' } })
    expect(run.outputs['reason']).toMatch(
      /ECS reports web back on web:1 \(ecs-svc\/\d+\), which is not proven: .*ecs:ListTasks/
    )
  })

  test.concurrent(
    'is left as it is when that is asked for, and the run says what is left and how to go back',
    async () => {
      const world = shop({ images: [CRASHING], service: { circuitBreaker: { enable: true, rollback: false } } })
      const run = await deploy(world, { ...WEB, 'circuit-breaker': 'ignore', 'on-failure': 'leave' }, BROKEN)
      expect(run).toMatchObject({
        exitCode: 1,
        outputs: { outcome: 'failed', 'reason-code': 'container-exited', changed: 'true' }
      })
      expect(run.outputs['reason']).toContain('set to web:2 and runs 2 tasks of web:1')
      expect(run.text).toContain(
        'aws ecs update-service --region eu-west-1 --cluster prod --service web --task-definition web:1'
      )
    }
  )

  test.concurrent('runs out of time when nothing ever decides', async () => {
    const world = shop({ images: [NEVER_HEALTHY], service: { circuitBreaker: { enable: false, rollback: false } } })
    const inputs = { ...WEB, 'circuit-breaker': 'ignore', 'on-failure': 'leave', 'wait-for-minutes': '0.02' }
    const run = await deploy(world, inputs, BROKEN)
    expect(run).toMatchObject({ exitCode: 1, outputs: { outcome: 'timed-out', changed: 'true' } })
    expect(run.outputs['reason']).toMatch(/web:2 did not finish within .* min .*running/)
    expect(requests(run, 'UpdateService')).toHaveLength(1)
  })
})

describe('somebody else', () => {
  test.concurrent.each([
    ['', []],
    [' without the service deployments API', [NO_NEW_API]]
  ])('who deploys meanwhile supersedes this run%s', async (_, faults) => {
    const run = await deploy(shop({ images: [{ tags: ['theirs'] }] }), WEB, {
      faults,
      when: {
        says: '== Watching',
        then: ({ simulator }) => simulator.change({ deploy: { cluster: 'prod', service: 'web', image: 'web:theirs' } })
      }
    })
    expect(run).toMatchObject({ exitCode: 1, outputs: { outcome: 'superseded', 'reason-code': 'superseded' } })
    expect(run.outputs['reason']).toContain(serviceState(run.cloud).deployments[0]?.id)
    expect(run.outputs['reason']).toContain('web:3')
  })

  const WHILE_PREPARING = {
    // What was read within a second is not read again.
    faults: [{ operation: 'ecr:BatchGetImage', delayMs: 1_500 }],
    when: {
      says: '== Finding the image',
      then: ({ simulator }: Scene) =>
        simulator.change({ deploy: { cluster: 'prod', service: 'web', image: 'web:theirs' } })
    }
  }

  test.concurrent('who deploys while this run prepares is not overruled', async () => {
    const world = shop({ images: [{ tags: ['theirs'] }] })
    const run = await deploy(world, { ...WEB, 'on-conflict': 'fail' }, WHILE_PREPARING)
    expect(run.outputs).toMatchObject({ outcome: 'rejected', 'reason-code': 'deployment-in-progress' })
    expect(requests(run, 'UpdateService')).toEqual([])
  })

  test.concurrent('who deploys while this run prepares is waited for, and is what comes before', async () => {
    const run = await deploy(shop({ images: [{ tags: ['theirs'] }] }), WEB, WHILE_PREPARING)
    expect(run.outputs['outcome']).toBe('succeeded')
    expect(run.text).toContain('starting again from what is deployed now')
    expect(run.outputs['previous-task-definition-arn']).toMatch(/web:2$/)
    expect(requests(run, 'UpdateService')).toHaveLength(1)
  })

  const AGAIN = {
    faults: WHILE_PREPARING.faults,
    when: {
      says: '== Finding the image',
      then: ({ simulator }: Scene) => {
        simulator.advance(30)
        simulator.change({ deploy: { cluster: 'prod', service: 'web', taskDefinition: 'web:1' } })
      }
    }
  }

  test.concurrent('who deploys the same revision again while this run prepares is not overruled', async () => {
    const run = await deploy(shop(), { ...WEB, 'on-conflict': 'fail' }, AGAIN)
    expect(run.outputs).toMatchObject({ outcome: 'rejected', 'reason-code': 'deployment-in-progress' })
    expect(run.outputs['reason']).toMatch(/ecs-svc\/\d+ of web:1 was started while this run prepared/)
    expect(requests(run, 'UpdateService')).toEqual([])
  })

  test.concurrent('who deploys the same revision again while this run prepares is waited for', async () => {
    const run = await deploy(shop(), WEB, AGAIN)
    expect(run.outputs['outcome']).toBe('succeeded')
    expect(run.text).toContain('starting again from what is deployed now')
    expect(requests(run, 'UpdateService')).toHaveLength(1)
  })

  test.concurrent('who stops one task of the old revision changes nothing about the verdict', async () => {
    const run = await deploy(shop(), WEB, {
      when: {
        says: '== Watching',
        then: ({ simulator }) => simulator.change({ stopTask: { cluster: 'prod', service: 'web' } })
      }
    })
    expect(run.outputs['outcome']).toBe('succeeded')
  })

  test.concurrent('who parks the service at zero leaves nothing to prove', async () => {
    const run = await deploy(shop(), WEB, {
      when: {
        says: '== Watching',
        then: ({ simulator }) => simulator.change({ scale: { cluster: 'prod', service: 'web', desiredCount: 0 } })
      }
    })
    expect(run).toMatchObject({ exitCode: 0, outputs: { outcome: 'unproven' } })
  })
})

describe('the circuit breaker', () => {
  const OFF = { enable: false, rollback: false }

  test.concurrent('is switched on in the same call, with the rest of the structure as it was', async () => {
    const run = await deploy(
      shop({ service: { circuitBreaker: OFF, minimumHealthyPercent: 50, maximumPercent: 150 } }),
      WEB
    )
    expect(run.outputs['outcome']).toBe('succeeded')
    expect(requests(run, 'UpdateService')).toEqual([
      {
        cluster: 'prod',
        service: 'web',
        taskDefinition: run.outputs['task-definition-arn'],
        deploymentConfiguration: {
          strategy: 'ROLLING',
          bakeTimeInMinutes: 0,
          minimumHealthyPercent: 50,
          maximumPercent: 150,
          deploymentCircuitBreaker: { enable: true, rollback: true }
        }
      }
    ])
  })

  test.concurrent('that is required and off stops the run before anything changes', async () => {
    const run = await deploy(shop({ service: { circuitBreaker: OFF } }), { ...WEB, 'circuit-breaker': 'require' })
    expect(run).toMatchObject({ exitCode: 1, outputs: { outcome: 'rejected', 'reason-code': 'circuit-breaker-off' } })
    expect(writes(run)).toEqual([])
  })

  test.concurrent('is left alone when it is to be ignored', async () => {
    const run = await deploy(shop({ service: { circuitBreaker: OFF } }), { ...WEB, 'circuit-breaker': 'ignore' })
    expect(run.outputs['outcome']).toBe('succeeded')
    expect(requests(run, 'UpdateService')).not.toMatchObject([{ deploymentConfiguration: expect.anything() }])
  })
})

describe('a deployment that cannot end well is refused before anything changes', () => {
  test.concurrent.each([
    [
      'deployment-deadlock',
      'percentages under which no task may start or stop',
      { service: { minimumHealthyPercent: 100, maximumPercent: 100 } },
      WEB
    ],
    [
      'platform-mismatch',
      'an index without the platform',
      { images: [{ tags: ['arm'], platforms: ['linux/arm64', 'windows/amd64'] }] },
      { ...WEB, image: 'arm', 'tag-image': 'never' }
    ]
  ])('as %s: %s', async (code, _, changes, inputs) => {
    const run = await deploy(shop(changes), inputs)
    expect(run).toMatchObject({ exitCode: 1, outputs: { outcome: 'rejected', 'reason-code': code } })
    expect(writes(run)).toEqual([])
  })
})
