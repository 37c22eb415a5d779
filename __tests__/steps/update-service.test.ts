import { describe, expect, test } from '@jest/globals'
import type { Change } from '../../simulator/control/change.ts'
import type { FaultRule } from '../../simulator/control/faults.ts'
import type { DeploymentSnapshot, ServiceSnapshot } from '../../src/decide/service/snapshot.ts'
import type { EcsPort, EcsReads } from '../../src/io/aws/ecs.ts'
import { observeService } from '../../src/steps/observe-service.ts'
import { updateRequest, updateService } from '../../src/steps/update-service.ts'
import { shop, WEB } from '../action/shop.ts'
import { virtualWorld, type Meanwhile } from '../properties/virtual-world.ts'

// The SDK signs what it sends, also to a simulator that checks no signature.
process.env['AWS_ACCESS_KEY_ID'] = 'AKIDEXAMPLE'
process.env['AWS_SECRET_ACCESS_KEY'] = 'example'

interface Updated {
  /** What the step returned or threw. */
  readonly end: unknown
  /** How many UpdateService calls were sent. */
  readonly sent: number
  /** The id of the deployment that is PRIMARY in the end. */
  readonly primary: string | undefined
}

/** What a port does in the place of another. */
type Wrap = (ecs: EcsPort, before: ServiceSnapshot) => EcsPort

/** Updates the service `web` in virtual time, with reads that lag six seconds behind. */
async function update(
  force: boolean,
  faults: readonly FaultRule[],
  meanwhile: readonly Meanwhile[] = [],
  wrap: Wrap = ecs => ecs
): Promise<Updated> {
  const { world, simulator, close } = virtualWorld({ ...shop(), lag: { staleReadSeconds: 6 } }, meanwhile)
  try {
    const ecs = await world.ecs()
    const before = await observeService(ecs, world.region, WEB.cluster, WEB.service)
    const current = await ecs.describeTaskDefinition(before.taskDefinitionArn)
    const { family = 'web', memory = '512', containerDefinitions = [] } = current?.document ?? {}
    const next = await ecs.registerTaskDefinition({ family, memory, containerDefinitions })
    const changes = { circuitBreaker: 'ignore', forceNewDeployment: force } as const
    simulator.setFaults(faults)
    const request = updateRequest(before, WEB.cluster, next.arn, changes)
    const sending = updateService(world, wrap(ecs, before), before, request, () => undefined)
    const end = await sending.catch((error: unknown) => error)
    const sent = simulator.calls().filter(({ operation }) => operation === 'UpdateService').length
    simulator.setFaults([])
    await world.clock.sleep(10_000)
    const after = await observeService(ecs, world.region, WEB.cluster, WEB.service)
    return { end, sent, primary: after.deployments[0]?.id }
  } finally {
    close()
  }
}

/** A deployment of a revision that nobody asks for. */
function stranger({ deployments: [running] }: ServiceSnapshot): DeploymentSnapshot {
  if (running === undefined) throw new Error('the service runs nothing')
  return { ...running, taskDefinitionArn: running.taskDefinitionArn.replace(/\d+$/, '99') }
}

const OPERATION = 'ecs:UpdateService'
const SERVICE = { cluster: WEB.cluster, service: WEB.service }

describe.each([
  ['', false],
  [' that is forced', true]
])('an update%s', (_, force) => {
  test('whose answer is lost is looked for until reads show it, and is not sent again', async () => {
    const { end, sent, primary } = await update(force, [{ operation: OPERATION, drop: 'after' }])
    expect(sent).toBe(1)
    expect(end).toMatchObject({ id: primary })
  })

  test.each([1, 2])(
    'that did not arrive (%s times) is sent again when it is sure that it started nothing',
    async times => {
      const { end, sent, primary } = await update(force, [{ operation: OPERATION, drop: 'before', times }])
      expect(sent).toBe(times + 1)
      expect(end).toMatchObject({ id: primary })
    }
  )

  test('that ECS could not do is sent again', async () => {
    const { end, sent, primary } = await update(force, [
      { operation: OPERATION, error: 'ServerException', status: 500 }
    ])
    expect(sent).toBe(2)
    expect(end).toMatchObject({ id: primary })
  })

  test.each([
    ['lost', { drop: 'before' }],
    ['a server error', { error: 'ServerException', status: 500 }]
  ] as const)('whose answer is %s does not undo what somebody else deployed since', async (_, accident) => {
    const theirs = [{ atSeconds: 3, change: { deploy: { ...SERVICE, image: 'web:main-1111111' } } }]
    const { end, sent, primary } = await update(force, [{ operation: OPERATION, ...accident }], theirs)
    expect(sent).toBe(1)
    const told = `; no deployment of web:2 is to be seen, and since then somebody else deployed web:3 (${primary ?? 'none'}), so it was not sent again`
    expect(end).toMatchObject({ code: 'superseded', message: expect.stringContaining(told) })
  })

  test.each<[string, Change]>([
    ['replaced', { deploy: { ...SERVICE, image: 'web:main-1111111' } }],
    ['rolled back', { rollBack: SERVICE }]
  ])('whose deployment was %s before it showed is known by its service deployment', async (_, change) => {
    const { end, sent, primary } = await update(
      force,
      [{ operation: OPERATION, drop: 'after' }],
      [{ atSeconds: 1, change }]
    )
    expect(sent).toBe(1)
    expect(end).toMatchObject({ id: expect.stringMatching(/^ecs-svc\/\d+$/) })
    expect(end).not.toMatchObject({ id: primary })
  })

  test.each<[string, (before: ServiceSnapshot) => ServiceSnapshot]>([
    ['says nothing', before => ({ ...before, deployments: [] })],
    ['shows an older deployment as PRIMARY', before => ({ ...before, deployments: [stranger(before)] })]
  ])('whose answer %s is looked for as one whose answer is lost', async (_, answered) => {
    const { end, sent, primary } = await update(force, [], [], (ecs, before) => ({
      ...ecs,
      updateService: request => ecs.updateService(request).then(() => answered(before))
    }))
    expect(sent).toBe(1)
    expect(end).toMatchObject({ id: primary })
  })

  test('that is never answered by a deployment, nor shown, may have been done all the same', async () => {
    const { end, sent } = await update(force, [], [], (ecs, before) => ({
      ...ecs,
      updateService: () => Promise.resolve({ ...before, deployments: [] })
    }))
    expect(sent).toBe(0)
    expect(end).toMatchObject({
      code: 'aws-error',
      message: expect.stringMatching(/^ecs:UpdateService in \S+ got an answer without a PRIMARY deployment of web:2$/),
      mayHaveActed: true,
      write: { operation: 'ecs:UpdateService', look: expect.stringContaining('list-service-deployments') }
    })
  })

  test('that is refused when it is sent again may have been done all the same', async () => {
    const { end, sent } = await update(force, [
      { operation: OPERATION, drop: 'before' },
      { operation: OPERATION, error: 'AccessDeniedException', after: 1 }
    ])
    expect(sent).toBe(2)
    expect(end).toMatchObject({ code: 'access-denied', mayHaveActed: true })
  })

  test('of which nothing is to be seen is not sent again', async () => {
    const down = (operation: string): FaultRule => ({ operation, error: 'ServerException', times: 'always' })
    const reads = ['ecs:DescribeServices', 'ecs:ListServiceDeployments'].map(down)
    const { end, sent } = await update(force, [{ operation: OPERATION, drop: 'after' }, ...reads])
    expect(sent).toBe(1)
    expect(end).toMatchObject({ mayHaveActed: true })
  })

  test('whose deployment only the service deployments show is known by that', async () => {
    const down: FaultRule = { operation: 'ecs:DescribeServices', error: 'ServerException', times: 'always' }
    const { end, sent, primary } = await update(force, [{ operation: OPERATION, drop: 'after' }, down])
    expect(sent).toBe(1)
    expect(end).toMatchObject({ id: primary })
  })

  test('is known by its deployment also where times are whole seconds', async () => {
    const { end, sent, primary } = await update(force, [{ operation: OPERATION, drop: 'after' }], [], (ecs, before) => {
      const newest = Math.max(...[...before.deployments, ...before.events].map(({ createdAt }) => createdAt ?? 0))
      const rounded = (reads: EcsReads): Pick<EcsReads, 'describeService'> => ({
        async describeService(...place) {
          const service = await reads.describeService(...place)
          if (typeof service === 'string') return service
          return { ...service, deployments: service.deployments.map(one => ({ ...one, createdAt: newest })) }
        }
      })
      return { ...ecs, polling: () => ({ ...ecs.polling(), ...rounded(ecs.polling()) }) }
    })
    expect(sent).toBe(1)
    expect(end).toMatchObject({ id: primary })
  })

  test('is not taken for an older deployment of its revision that a lagging replica shows again', async () => {
    const { end, primary } = await update(force, [{ operation: OPERATION, drop: 'after' }], [], (ecs, before) => {
      const taskDefinitionArn = before.taskDefinitionArn.replace(/\d+$/, '2')
      const gone = { ...stranger(before), id: 'ecs-svc/1', taskDefinitionArn, createdAt: 1 }
      const again = (reads: EcsReads): Pick<EcsReads, 'describeService'> => ({
        async describeService(...place) {
          const service = await reads.describeService(...place)
          return typeof service === 'string' ? service : { ...service, deployments: [...service.deployments, gone] }
        }
      })
      return { ...ecs, polling: () => ({ ...ecs.polling(), ...again(ecs.polling()) }) }
    })
    expect(end).toMatchObject({ id: primary })
  })

  test('that started nothing yet is not sent again while one of the APIs that would show it is out', async () => {
    const down: FaultRule = { operation: 'ecs:ListServiceDeployments', error: 'ServerException', times: 'always' }
    const { end, sent } = await update(force, [{ operation: OPERATION, drop: 'before' }, down])
    expect(sent).toBe(1)
    expect(end).toMatchObject({ mayHaveActed: true })
  })
})

test('a forced update whose answer shows an older deployment as PRIMARY is looked for, too', async () => {
  const { end, sent, primary } = await update(true, [], [], (ecs, before) => ({
    ...ecs,
    async updateService(request) {
      const { deployments } = await ecs.updateService(request)
      const [mine, old] = deployments
      if (mine === undefined || old === undefined) throw new Error('nothing was started')
      return { ...before, deployments: [{ ...mine, id: old.id }] }
    }
  }))
  expect(sent).toBe(1)
  expect(end).toMatchObject({ id: primary })
})
