import { describe, expect, test } from '@jest/globals'
import type { Change } from '../../simulator/control/change.ts'
import type { FaultRule } from '../../simulator/control/faults.ts'
import { Failure } from '../../src/failure.ts'
import type { EcsPort } from '../../src/io/aws/ecs.ts'
import type { TaskSnapshot } from '../../src/decide/service/snapshot.ts'
import { observeService } from '../../src/steps/observe-service.ts'
import { proveRollback } from '../../src/steps/prove-running.ts'
import { shop, WEB } from '../action/shop.ts'
import { listener } from '../support/listener.ts'
import { virtualWorld, type Meanwhile } from '../properties/virtual-world.ts'

process.env['AWS_ACCESS_KEY_ID'] = 'AKIDEXAMPLE'
process.env['AWS_SECRET_ACCESS_KEY'] = 'secret'

const CONTAINER = { name: 'web', image: undefined, exitCode: undefined, reason: undefined, healthStatus: undefined }

const PARKED: Meanwhile = { atSeconds: 20, change: { scale: { ...WEB, desiredCount: 0 } } }

describe('the proof of a rollback', () => {
  async function prove(
    faults: readonly FaultRule[],
    change = (ecs: EcsPort): EcsPort => ecs,
    meanwhile: readonly Meanwhile[] = []
  ) {
    const { world, simulator, close } = virtualWorld(shop(), meanwhile)
    try {
      simulator.setFaults(faults)
      const ecs = change(await world.ecs())
      const service = await observeService(ecs, world.region, WEB.cluster, WEB.service)
      const [to] = service.deployments
      if (to === undefined) throw new Error('nothing is deployed')
      const { lines, emit } = listener()
      const proof = await proveRollback(world, ecs, { cluster: WEB.cluster, service, to }, emit)
      return { proof, lines }
    } finally {
      close()
    }
  }

  /** A port that lists the running tasks as `list` has them. */
  const listing =
    (list: (tasks: readonly TaskSnapshot[]) => readonly TaskSnapshot[]) =>
    (ecs: EcsPort): EcsPort => ({
      ...ecs,
      runningTasks: async (cluster, service) => list(await ecs.runningTasks(cluster, service))
    })

  test('compares the digests, and has nothing to say about it', async () => {
    expect(await prove([])).toEqual({ proof: { kind: 'proven', tasks: 2 }, lines: [] })
  })

  test.each<[string, (tasks: readonly TaskSnapshot[]) => readonly TaskSnapshot[], RegExp]>([
    ['one task is not listed', tasks => tasks.slice(1), /^only 1 of 2 running tasks could be seen$/],
    ['no task is listed', () => [], /^none of 2 running tasks could be seen$/],
    [
      'a digest is not told',
      tasks => tasks.map(task => ({ ...task, containers: [] })),
      /^ECS does not report which digest container web of task \w+ runs$/
    ]
  ])('is none as long as %s', async (_, list, message) => {
    const code = 'not-all-seen'
    await expect(prove([], listing(list))).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  })

  test.each<[string, Partial<TaskSnapshot>, RegExp]>([
    ['another revision', { taskDefinitionArn: 'web:2' }, /^not all running tasks are of web:1$/],
    [
      'another image',
      { containers: [{ ...CONTAINER, imageDigest: 'sha256:0' }] },
      /^task \w+ of web:1, container web runs sha256:0, not sha256:\w+$/
    ]
  ])('is refuted by a task of %s', async (_, other, why) => {
    const { proof } = await prove(
      [],
      listing(tasks => tasks.map(task => ({ ...task, ...other })))
    )
    expect(proof).toEqual({ kind: 'refuted', why: expect.stringMatching(why) })
  })

  test('takes a platform of the image for the image, and its revision where nothing tells the platforms', async () => {
    const { world, close } = virtualWorld(
      {
        ...shop({
          service: { image: 'web:multi' },
          images: [{ tags: ['multi'], platforms: ['linux/amd64', 'linux/arm64'] }]
        })
      },
      []
    )
    try {
      const ecs = await world.ecs()
      const service = await observeService(ecs, world.region, WEB.cluster, WEB.service)
      const [to] = service.deployments
      if (to === undefined) throw new Error('nothing is deployed')
      const ecr = await world.ecr(world.region, undefined)
      const index = await ecr.findImage('web', { tag: 'multi' })
      // The revision resolved the index, its tasks run a platform of it.
      const resolvedDigests = () => Promise.resolve(new Map([['web', index?.digest ?? '']]))
      const indexed = { ...ecs, resolvedDigests }
      const { lines, emit } = listener()
      const landing = { cluster: WEB.cluster, service, to }
      expect(await proveRollback(world, indexed, landing, emit)).toEqual({ kind: 'proven', tasks: 2 })
      expect(lines).toEqual([])
      const unread = { ...world, ecr: () => Promise.reject(new Failure('access-denied', 'not allowed to look')) }
      expect(await proveRollback(unread, indexed, landing, emit)).toEqual({ kind: 'proven', tasks: 2 })
      expect(lines).toEqual(['the tasks of web:1 are told by their revision alone, not by digest: not allowed to look'])
    } finally {
      close()
    }
  })

  test('of a service that is scaled to 0 meanwhile is that none runs', async () => {
    const blind = listing(() => [])
    expect(await prove([], blind, [PARKED])).toEqual({
      proof: { kind: 'proven', tasks: 0 },
      lines: ['web  still waiting after 10 s for 2 running tasks to be listed']
    })
  })

  test('of a service that is scaled to 0 for a moment waits for the tasks', async () => {
    const again: Meanwhile = { atSeconds: 22, change: { scale: { ...WEB, desiredCount: 1 } } }
    await expect(
      prove(
        [],
        listing(() => []),
        [PARKED, again]
      )
    ).rejects.toMatchObject({ code: 'not-all-seen' })
  })

  test('is refuted when its tasks are gone and none can be started', async () => {
    const gone: Change[] = [
      { deleteImage: { repository: 'web', tag: 'main-1111111' } },
      { stopTask: WEB },
      { stopTask: WEB }
    ]
    let looks = 0
    const late = listing(tasks => (++looks === 1 ? [] : tasks))
    const { proof } = await prove(
      [],
      late,
      gone.map(change => ({ atSeconds: 0, change }))
    )
    expect(proof).toEqual({ kind: 'refuted', why: 'no task of web:1 runs, and 2 should' })
  })

  test('without the right to read the digests goes by the revision, and says which right is missing', async () => {
    const message =
      'User: arn:aws:sts::123456789012:assumed-role/deploy/run is not authorized to perform: ecs:DescribeServiceRevisions on resource: arn:aws:ecs:eu-west-1:123456789012:service-revision/prod/web/1 because no identity-based policy allows the ecs:DescribeServiceRevisions action'
    const { proof, lines } = await prove([
      { operation: 'ecs:DescribeServiceRevisions', error: 'AccessDeniedException', message, times: 'always' }
    ])
    expect(proof).toEqual({ kind: 'proven', tasks: 2 })
    expect(lines).toEqual([
      expect.stringMatching(
        /^the tasks of web:1 are told by their revision alone, not by digest: ecs:DescribeServiceRevisions failed: .*; allow ecs:DescribeServiceRevisions in the policy of the role .*service-revision\/prod\/web\/\*/
      )
    ])
  })
})
