import { describe, expect, test } from '@jest/globals'
import type { Behaviour } from '../../simulator/cloud/images.ts'
import type { World, WorldCluster } from '../../simulator/cloud/world.ts'
import type { FaultRule } from '../../simulator/control/faults.ts'
import { shop, WITH_PROXY } from './shop.ts'
import { deployVirtually, shopWith, type Told, type VirtualScene } from './virtual-run.ts'

const CRASH = { crash: { exitCode: 3, afterSeconds: 2 }, logs: ['starting', 'no DATABASE_URL'] }
const NO_VARIANT =
  "CannotPullContainerError: image Manifest does not contain descriptor matching platform 'linux/arm64'"
const OTHER_PLATFORM = { reason: NO_VARIANT, container: { reason: NO_VARIANT } }
const BACK = 'web is back on web:1, and its 2 running tasks were seen to run it'

/** A shop whose cluster has room for what runs, and for nothing else. */
function fullShop(service = {}): World {
  const world = shopWith('healthy', { service })
  const clusters = (world.clusters ?? []).map((cluster): WorldCluster => ({ ...cluster, capacity: 2 }))
  return { ...world, clusters }
}

/** A shop whose tasks have a container `proxy` beside `web`. */
function shopWithProxy(web: Behaviour, proxy: Behaviour, isEssential: boolean): VirtualScene {
  const [first, second] = WITH_PROXY.containerDefinitions
  const options = { 'awslogs-group': '/ecs/web', 'awslogs-region': 'eu-west-1', 'awslogs-stream-prefix': 'ecs' }
  const logged = { ...first, logConfiguration: { logDriver: 'awslogs', options } }
  const taskDefinition = { ...WITH_PROXY, containerDefinitions: [logged, { ...second, essential: isEssential }] }
  const images = [{ tags: ['1.0.0'], behaviour: proxy }]
  return {
    world: shopWith(web, {
      service: { taskDefinition },
      repositories: [{ name: 'proxy', imageTagMutability: 'IMMUTABLE', images }]
    }),
    inputs: { 'container-name': 'web' }
  }
}

function denied(operation: string): readonly FaultRule[] {
  return [{ operation, error: 'AccessDeniedException', message: `not allowed: ${operation}`, times: 'always' }]
}

const ALARM = { alarms: { alarmNames: ['errors'], enable: true, rollback: true }, bakeTimeInMinutes: 5 }
const CHECK = 'arn:aws:lambda:eu-west-1:123456789012:function:check'
const HOOK = {
  hookTargetArn: CHECK,
  roleArn: 'arn:aws:iam::123456789012:role/hook',
  lifecycleStages: ['POST_SCALE_UP']
}

/** How images, people and AWS behave, and the reason that a user reads. */
const SCENES: readonly (readonly [name: string, scene: VirtualScene, code: string, reason: string | RegExp])[] = [
  [
    'a crash',
    { world: shopWith(CRASH) },
    'container-exited',
    `web:2 failed: 4 of 4 tasks: container web exited with code 3; ${BACK}`
  ],
  [
    'too little memory',
    { world: shopWith('outOfMemory') },
    'out-of-memory',
    `web:2 failed: 4 of 4 tasks: container web ran out of memory (exit code 137); ${BACK}`
  ],
  [
    'a load balancer that gets 503',
    { world: shopWith('neverHealthy') },
    'failed-health-check',
    `web:2 failed: 3 of 3 tasks: the load balancer's health check of web failed (Health checks failed with these codes: [503]); ${BACK}`
  ],
  [
    "the container's own health check",
    { world: shopWith('neverHealthy', { service: { loadBalanced: false } }) },
    'failed-health-check',
    `web:2 failed: 3 of 3 tasks: the health check of container web failed; ${BACK}`
  ],
  [
    'an image that was deleted meanwhile',
    {
      world: shopWith('healthy'),
      meanwhile: [{ atSeconds: 1, change: { deleteImage: { repository: 'web', tag: 'main-2222222' } } }]
    },
    'image-not-found',
    `web:2 failed: 4 of 4 tasks: the image 123456789012.dkr.ecr.eu-west-1.amazonaws.com/web:main-2222222 is not in the registry; ${BACK}`
  ],
  [
    'no capacity, of which events alone tell',
    { world: fullShop() },
    'capacity-unavailable',
    `web:2 failed: AWS has no capacity left for the task at this time; ${BACK}`
  ],
  [
    'an alarm',
    {
      world: shopWith('healthy', { service: { deploymentConfiguration: ALARM } }),
      meanwhile: [{ atSeconds: 200, change: { alarm: { name: 'errors', state: 'ALARM' } } }]
    },
    'alarm-triggered',
    `web:2 failed: a CloudWatch alarm of the service went off; ${BACK}`
  ],
  [
    'a lifecycle hook',
    {
      world: shopWith('healthy', {
        functions: { [CHECK]: 'FAILED' },
        service: { strategy: 'BLUE_GREEN', deploymentConfiguration: { lifecycleHooks: [HOOK] } }
      })
    },
    'lifecycle-hook-failed',
    `web:2 failed: the lifecycle hook of the stage POST_SCALE_UP failed; ${BACK}`
  ],
  [
    'a side container that dies too',
    shopWithProxy(CRASH, { crash: { exitCode: 9, afterSeconds: 1 } }, false),
    'container-exited',
    `web:2 failed: 4 of 4 tasks: container web exited with code 3; ${BACK}`
  ],
  [
    'an essential container that goes first',
    shopWithProxy('healthy', { crash: { exitCode: 9, afterSeconds: 1 } }, true),
    'container-exited',
    /^web:2 failed: 4 of 4 tasks: container proxy exited with code 9; the rollback failed too: No rollback candidate was found/
  ],
  [
    'one container whose image is for another platform',
    shopWithProxy('healthy', { stop: { stopCode: 'TaskFailedToStart', ...OTHER_PLATFORM } }, true),
    'platform-mismatch',
    /^web:2 failed: 4 of 4 tasks: the image of container proxy has no linux\/arm64 variant; /
  ],
  [
    'a Spot interruption besides',
    {
      world: shopWith(CRASH),
      meanwhile: [
        {
          atSeconds: 33,
          change: {
            stopTask: {
              cluster: 'prod',
              service: 'web',
              stopCode: 'SpotInterruption',
              reason: 'Your Spot Task was interrupted.'
            }
          }
        }
      ]
    },
    'container-exited',
    `web:2 failed: 4 of 4 tasks: container web exited with code 3; ${BACK}`
  ],
  [
    'logs that may not be read',
    { world: shopWith(CRASH), faults: denied('logs:GetLogEvents') },
    'container-exited',
    `web:2 failed: 4 of 4 tasks: container web exited with code 3; ${BACK}`
  ],
  [
    'tasks that may not be read',
    { world: shopWith('neverHealthy'), faults: denied('ecs:DescribeTasks') },
    'failed-health-check',
    /^web:2 failed: the load balancer's health check of web failed \(Health checks failed with these codes: \[503\]\); ECS reports web back on web:1 \(ecs-svc\/\d+\), which is not proven: ecs:DescribeTasks failed/
  ]
]

async function lastWords(scene: VirtualScene): Promise<Told & { readonly evidence: readonly string[] }> {
  const told = await deployVirtually(scene)
  return { ...told, evidence: told.result.evidence ?? [] }
}

describe('a deployment that fails by', () => {
  test.each(SCENES)('%s', async (_, scene, code, reason) => {
    const { outputs } = await deployVirtually(scene)
    expect(outputs['reason']).toEqual(typeof reason === 'string' ? reason : expect.stringMatching(reason))
    expect(outputs['reason-code']).toBe(code)
  })
})

describe('the evidence', () => {
  test('shows how the task ended, and what its containers logged last', async () => {
    const { evidence, log } = await lastWords(shopWithProxy(CRASH, { crash: { exitCode: 9, afterSeconds: 1 } }, false))
    expect(evidence).toEqual([
      expect.stringMatching(
        /^task [0-9a-f]{32} \(and 3 like it\): EssentialContainerExited · Essential container in task exited · container web: exit code 3 · side container proxy: exit code 9$/
      ),
      expect.stringMatching(/^container web of task [0-9a-f]{32} logged last, in \/ecs\/web:$/),
      '| starting',
      '| no DATABASE_URL',
      expect.stringMatching(/^container web of task [0-9a-f]{32} logged the same$/)
    ])
    expect(log.slice(log.indexOf('Outcome: ')).split('\n')).toEqual([
      'Outcome: rolled-back (container-exited)',
      `web:2 failed: 4 of 4 tasks: container web exited with code 3; ${BACK}`,
      "What to do: read the end of the container's log: it ended by itself",
      ...evidence.map(line => `  ${line}`),
      expect.stringMatching(/^Took \d+ min( \d+ s)?\.$/)
    ])
  })

  test.each([
    ['logs:GetLogEvents', CRASH, 'the log of container web could not be read: logs:GetLogEvents failed: '],
    ['ecs:DescribeTasks', 'neverHealthy', 'the stopped tasks could not be read: ecs:DescribeTasks failed: ']
  ] as const)('has one line about %s when that is denied', async (operation, behaviour, line) => {
    const { evidence } = await lastWords({ world: shopWith(behaviour), faults: denied(operation) })
    const lines = evidence.filter(text => text.includes('could not be read'))
    expect(lines).toEqual([expect.stringContaining(line)])
  })
})

describe('a deployment that does well', () => {
  test.each([
    ['after its first tasks crashed', { world: shopWith({ failFirst: 1 }) }],
    ['while the old tasks are scaled in', { world: shop() }]
  ])('%s has no reason to tell', async (_, scene) => {
    const { outputs, result } = await deployVirtually(scene)
    expect(outputs).toMatchObject({ outcome: 'succeeded', 'reason-code': '' })
    expect(result.evidence).toBeUndefined()
  })
})
