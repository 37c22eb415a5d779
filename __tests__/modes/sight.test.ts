import { describe, expect, test } from '@jest/globals'
import type { EcsPort } from '../../src/io/aws/ecs.ts'
import { remembering, standingOf, type Sight } from '../../src/modes/sight.ts'
import { deployment, MINE, service, serviceDeployment } from '../decide/service/snapshots.ts'

const OLD = 'ecs-svc/1'
const NEWER = deployment('ecs-svc/3', { taskDefinitionArn: 'web:3', createdAt: 200 })
const MINE_NOW = deployment(MINE.id)
const MINE_THROUGH = deployment(MINE.id, { rolloutState: 'COMPLETED' })
const BEFORE = deployment(OLD, { taskDefinitionArn: 'web:1', createdAt: 50, rolloutState: 'COMPLETED' })
const BACK = { ...BEFORE, updatedAt: 130 }
const GOING_BACK = { ...BACK, rolloutState: 'IN_PROGRESS' }

describe('what became of a deployment that is watched no more', () => {
  test.each<readonly [string | undefined, string, Sight]>([
    [undefined, 'it was never seen', {}],
    [
      undefined,
      'it is under way',
      { service: service([MINE_NOW]), serviceDeployment: serviceDeployment('IN_PROGRESS') }
    ],
    [undefined, 'what was read is older than it', { service: service([BEFORE]) }],
    ['it completed', 'it is through', { service: service([MINE_THROUGH]) }],
    ['it completed', 'it was successful', { serviceDeployment: serviceDeployment('SUCCESSFUL') }],
    [
      undefined,
      'it was successful once and ECS goes back to it',
      { service: service([MINE_NOW]), serviceDeployment: serviceDeployment('SUCCESSFUL') }
    ],
    ['ECS is rolling it back', 'it failed', { serviceDeployment: serviceDeployment('ROLLBACK_IN_PROGRESS') }],
    ['ECS has rolled it back', 'it is gone', { serviceDeployment: serviceDeployment('ROLLBACK_SUCCESSFUL') }],
    ['ECS could not roll it back', 'it stays', { serviceDeployment: serviceDeployment('ROLLBACK_FAILED') }],
    ['the service goes back to web:1', 'an older one is PRIMARY', { service: service([GOING_BACK]) }],
    ['the service is back on web:1', 'an older one is through', { service: service([BACK]) }],
    [
      'it was replaced by ecs-svc/3, which deploys web:3',
      'somebody deployed after it was back',
      { service: service([NEWER]), serviceDeployment: serviceDeployment('ROLLBACK_SUCCESSFUL') }
    ]
  ])('%s, where %s', (told, _, seen) => {
    expect(standingOf(MINE, seen)).toBe(told)
  })

  test('is what any read of it showed last, also one that polls', async () => {
    const own = serviceDeployment('ROLLBACK_IN_PROGRESS')
    const reads = {
      describeService: () => Promise.resolve(service([MINE_NOW])),
      listServiceDeployments: () => Promise.resolve([serviceDeployment('IN_PROGRESS')]),
      describeServiceDeployment: () => Promise.resolve(own)
    }
    const port = {
      ...reads,
      polling: () => ({ ...reads, describeService: () => Promise.resolve(service([GOING_BACK])) })
    }
    const seen: Sight = {}
    const remembered = remembering(port as unknown as EcsPort, MINE, seen)
    await remembered.describeService('prod', 'web')
    await remembered.polling().describeService('prod', 'web')
    await remembered.listServiceDeployments('prod', 'web')
    await remembered.polling().describeServiceDeployment(own.arn)
    expect(seen).toEqual({ service: service([GOING_BACK]), serviceDeployment: own })
  })
})
