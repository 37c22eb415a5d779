import { describe, expect, test } from '@jest/globals'
import type { Behaviour } from '../../simulator/cloud/images.ts'
import { AwsFailure } from '../../src/failure.ts'
import type { LogStream } from '../../src/io/aws/logs.ts'
import type { JsonObject } from '../../src/decide/json.ts'
import { explainFailure, type Explanation } from '../../src/steps/explain-failure.ts'
import { virtualWorld } from '../properties/virtual-world.ts'

process.env['AWS_ACCESS_KEY_ID'] = 'AKIDEXAMPLE'
process.env['AWS_SECRET_ACCESS_KEY'] = 'secret'

const SERVICE = { cluster: 'prod', service: 'web' }

interface Scene {
  readonly behaviour?: Behaviour
  readonly loadBalanced?: boolean
  readonly logOptions?: Readonly<Record<string, string>>
  readonly image?: string
  readonly platforms?: readonly string[]
  readonly faults?: readonly string[]
  readonly environment?: readonly { readonly name: string; readonly value: string }[]
  readonly circuitBreaker?: boolean
  readonly statusReason?: string
  /** How much later somebody asks why. */
  readonly hoursLater?: number
  /** Observes what is read of logs, and answers in the port's place. */
  readonly lastLines?: (stream: LogStream) => Promise<readonly string[]>
}

const AWSLOGS = { 'awslogs-group': '/ecs/web', 'awslogs-region': 'eu-west-1', 'awslogs-stream-prefix': 'app' }

/** Deploys an image that fails, lets time pass, and asks why. */
async function explain(scene: Scene): Promise<Explanation> {
  const { behaviour = 'healthy', platforms = ['linux/amd64'], image = 'web:bad', logOptions = AWSLOGS } = scene
  const { world, simulator } = virtualWorld(
    {
      account: '123456789012',
      region: 'eu-west-1',
      repositories: [{ name: 'web', images: [{ tags: ['good'] }, { tags: ['bad'], platforms, behaviour }] }],
      clusters: [
        {
          name: 'prod',
          services: [
            {
              name: 'web',
              image: 'web:good',
              desiredCount: 2,
              loadBalanced: scene.loadBalanced ?? false,
              circuitBreaker: { enable: scene.circuitBreaker ?? false, rollback: false }
            }
          ]
        }
      ]
    },
    []
  )
  const ecs = await world.ecs()
  const before = await ecs.describeService('prod', 'web')
  if (typeof before === 'string') throw new Error(before)
  const current = await ecs.describeTaskDefinition(before.taskDefinitionArn)
  const { family, networkMode, requiresCompatibilities, cpu, memory, executionRoleArn, containerDefinitions } =
    (current?.document ?? {}) as Record<string, JsonObject[string]>
  const [container] = containerDefinitions as readonly JsonObject[]
  const given = { family, networkMode, requiresCompatibilities, cpu, memory, executionRoleArn }
  const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as JsonObject
  const registry = ((container?.['image'] ?? '') as string).replace(/\/web:good$/, '')
  const { arn } = await ecs.registerTaskDefinition({
    ...known,
    containerDefinitions: [
      {
        ...container,
        image: `${registry}/${image}`,
        environment: scene.environment ?? [],
        logConfiguration: { logDriver: 'awslogs', options: logOptions }
      }
    ]
  })
  const updated = await ecs.updateService({ ...SERVICE, taskDefinition: arn })
  const [mine] = updated.deployments
  await world.clock.sleep(600_000 + (scene.hoursLater ?? 0) * 3_600_000, world.signal)
  const after = await ecs.describeService('prod', 'web')
  simulator.setFaults(
    (scene.faults ?? []).map(operation => ({ operation, error: 'AccessDeniedException', message: 'no', times: 100 }))
  )
  const { lastLines } = scene
  const observed = lastLines === undefined ? world : { ...world, logs: () => Promise.resolve({ lastLines }) }
  return explainFailure(observed, ecs, {
    logLines: 25,
    ...SERVICE,
    deploymentId: mine?.id ?? '',
    taskDefinitionArn: arn,
    since: mine?.createdAt,
    events: typeof after === 'string' ? [] : after.events,
    statusReason: scene.statusReason
  })
}

const CRASH = { crash: { exitCode: 3, afterSeconds: 2 }, logs: ['starting', 'no DATABASE_URL', '::error::me'] }

describe('what ECS says of a deployment', () => {
  const ALARM = 'ECS deployment failed: alarm detected.'

  test.each([
    [ALARM, 'alarm-triggered'],
    ['rolled back because PRE_SCALE_UP lifecycle hook(s) failed.\n::error::me', 'lifecycle-hook-failed']
  ])('is its reason when nothing else complains: %j', async (statusReason, code) => {
    expect((await explain({ image: 'web:good', statusReason })).diagnosis?.code).toBe(code)
  })

  test('is no reason beside tasks that failed', async () => {
    expect((await explain({ image: 'web:gone', statusReason: ALARM })).diagnosis?.code).toBe('image-not-found')
  })
})

describe('a deployment that fails', () => {
  test.each<readonly [string, Scene, string, RegExp]>([
    [
      'a missing image',
      { image: 'web:gone' },
      'image-not-found',
      /^\d+ of \d+ tasks: the image .*\/web:gone is not in the registry$/
    ],
    [
      'another platform',
      { platforms: ['linux/arm64'] },
      'platform-mismatch',
      /^(\d+) of \1 tasks: the image has no linux\/amd64 variant$/
    ],
    ['a crash', { behaviour: CRASH }, 'container-exited', /^(\d+) of \1 tasks: container web exited with code 3$/],
    ['memory', { behaviour: 'outOfMemory' }, 'out-of-memory', /: container web ran out of memory \(exit code 137\)$/],
    [
      'a load balancer',
      { behaviour: 'neverHealthy', loadBalanced: true },
      'failed-health-check',
      /: the load balancer's health check of web\S* failed \(.+\)$/
    ],
    [
      'a reason of its own',
      { behaviour: { stop: { stopCode: 'TaskFailedToStart', reason: 'AGENT' } } },
      'capacity-unavailable',
      /: the agent of the container instance is not connected$/
    ]
  ])('for %s is explained', async (_, scene, code, sentence) => {
    const { diagnosis } = await explain(scene)
    expect(diagnosis?.code).toBe(code)
    expect(diagnosis?.sentence).toMatch(sentence)
  })

  test('shows the last lines of the containers of two tasks, once where they are the same', async () => {
    const { diagnosis, evidence } = await explain({ behaviour: CRASH })
    const [one, two] = diagnosis?.suspects ?? []
    expect(evidence.slice(1)).toEqual([
      `container web of task ${one?.taskId ?? ''} logged last, in /ecs/web:`,
      '| starting',
      '| no DATABASE_URL',
      '| ::error::me',
      `container web of task ${two?.taskId ?? ''} logged the same`
    ])
  })

  test('has a bounded line for a log line of a megabyte', async () => {
    const { evidence } = await explain({
      behaviour: CRASH,
      lastLines: () => Promise.resolve([`begins${'x'.repeat(1 << 20)}ends`])
    })
    const [line = ''] = evidence.filter(text => text.startsWith('| '))
    expect(line).toHaveLength(1002)
    expect(line).toMatch(/^\| begins.*….*ends$/)
  })

  test('says when a container logs elsewhere', async () => {
    const { evidence } = await explain({ behaviour: CRASH, logOptions: { 'awslogs-group': '/ecs/web' } })
    expect(evidence.slice(1)).toEqual([
      'the log of container web cannot be shown: it is not awslogs with a stream prefix'
    ])
  })

  test('looks into the log of the next task when there is none of the first', async () => {
    const missing = new AwsFailure('aws-error', 'no stream', {
      cause: undefined,
      awsCode: 'ResourceNotFoundException',
      mayHaveActed: false
    })
    let calls = 0
    const { evidence } = await explain({
      behaviour: CRASH,
      lastLines: () => (calls++ === 0 ? Promise.reject(missing) : Promise.resolve(['told']))
    })
    expect(evidence.slice(-2)).toEqual(['| told', 'the log of container web could not be read: no stream'])
  })

  test('reads the stream that awslogs writes, in its region', async () => {
    const streams: LogStream[] = []
    const logOptions = { ...AWSLOGS, 'awslogs-region': 'us-east-1' }
    const { diagnosis } = await explain({
      behaviour: CRASH,
      logOptions,
      lastLines: stream => {
        streams.push(stream)
        return Promise.resolve([])
      }
    })
    expect(streams).toEqual(
      diagnosis?.suspects.map(({ taskId }) => ({ group: '/ecs/web', stream: `app/web/${taskId}`, region: 'us-east-1' }))
    )
  })

  test('is a wrong platform when a log says so', async () => {
    const { diagnosis } = await explain({
      behaviour: { crash: { exitCode: 255, afterSeconds: 1 }, logs: ['exec /app/web: exec format error'] }
    })
    expect(diagnosis).toMatchObject({ code: 'platform-mismatch', heals: 'no' })
  })

  test('has no logs to show for a task that never ran', async () => {
    const { evidence } = await explain({
      image: 'web:gone',
      lastLines: () => Promise.reject(new Error('nobody should ask'))
    })
    expect(evidence.join('\n')).not.toContain('nobody should ask')
  })
})

describe('a while later', () => {
  test('the events tell what the tasks did, which are gone after an hour', async () => {
    const { diagnosis, evidence } = await explain({ image: 'web:gone', hoursLater: 2, circuitBreaker: true })
    expect(diagnosis).toMatchObject({ code: 'image-not-found', suspects: [] })
    expect(diagnosis?.sentence).toMatch(/^the image \S+\/web:gone is not in the registry$/)
    expect(evidence).toEqual([expect.stringMatching(/^event: .*\/web:gone: not found\.$/)])
  })

  test('also which target group found them unhealthy', async () => {
    const scene = { behaviour: 'neverHealthy', loadBalanced: true, hoursLater: 2, circuitBreaker: true } as const
    const { diagnosis } = await explain(scene)
    expect(diagnosis).toMatchObject({
      code: 'failed-health-check',
      sentence: "the load balancer's health check of web failed (Health checks failed with these codes: [503])"
    })
  })
})

describe('the value of an environment variable', () => {
  test('is shown neither in the sentence nor in what AWS and the containers said', async () => {
    const secret = 'postgres://app:hunter22@db/main'
    const reason = `CannotStartContainerError: cannot apply ${secret}`
    const stop = { stopCode: 'EssentialContainerExited', reason, container: { exitCode: 3, reason } }
    const { diagnosis, evidence } = await explain({
      behaviour: { stop, logs: [`no answer from ${secret}`] },
      environment: [{ name: 'DATABASE_URL', value: secret }]
    })
    expect(diagnosis?.sentence).toContain('could not be started: cannot apply ${DATABASE_URL}')
    expect(evidence.join('\n')).toContain('| no answer from ${DATABASE_URL}')
    expect(JSON.stringify([diagnosis, evidence])).not.toContain('hunter22')
  })
})

describe('what may not be read costs a line', () => {
  test('and no more, for the logs', async () => {
    const { diagnosis, evidence } = await explain({ behaviour: CRASH, faults: ['logs:GetLogEvents'] })
    expect(diagnosis?.code).toBe('container-exited')
    expect(evidence.filter(line => line.includes('could not be read'))).toEqual([
      expect.stringMatching(
        /^the log of container web could not be read: logs:GetLogEvents failed: no \(AccessDeniedException\); allow logs:GetLogEvents /
      )
    ])
  })

  test('and leaves the events, for the stopped tasks', async () => {
    const { diagnosis, evidence } = await explain({ image: 'web:gone', faults: ['ecs:ListTasks'] })
    expect(diagnosis?.code).toBe('image-not-found')
    expect(evidence.at(-1)).toMatch(/^the stopped tasks could not be read: ecs:ListTasks failed/)
  })

  test('and takes every container for essential, for the task definition', async () => {
    const { diagnosis, evidence } = await explain({ behaviour: CRASH, faults: ['ecs:DescribeTaskDefinition'] })
    expect(diagnosis?.sentence).toMatch(/container web exited with code 3$/)
    expect(evidence.at(-1)).toMatch(/^the task definition could not be read/)
  })

  test('even when everything is refused', async () => {
    const { world } = virtualWorld({}, [])
    const refused = (): Promise<never> =>
      Promise.reject(
        new AwsFailure('access-denied', 'no', { cause: undefined, awsCode: undefined, mayHaveActed: false })
      )
    const ecs = { ...(await world.ecs()), stoppedTasks: refused, describeTaskDefinition: refused }
    const failed = {
      ...SERVICE,
      deploymentId: 'ecs-svc/1',
      taskDefinitionArn: 'web:1',
      since: 0,
      events: [],
      logLines: 25
    }
    expect(await explainFailure(world, ecs, failed)).toEqual({
      diagnosis: undefined,
      evidence: ['the stopped tasks could not be read: no', 'the task definition could not be read: no']
    })
  })
})
