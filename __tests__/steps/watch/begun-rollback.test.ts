import { expect, test } from '@jest/globals'
import type { ServiceDeploymentSnapshot, ServiceSnapshot } from '../../../src/decide/service/snapshot.ts'
import { Failure } from '../../../src/failure.ts'
import type { EcsPort } from '../../../src/io/aws/ecs.ts'
import { watchDeployment, type WatchEnd } from '../../../src/steps/watch-deployment.ts'
import { shop, WEB } from '../../action/shop.ts'
import { deployment, MINE, service, serviceDeployment } from '../../decide/service/snapshots.ts'
import { virtualWorld } from '../../properties/virtual-world.ts'

/** What the APIs answer at a poll; undefined: the call is throttled. */
interface Shown {
  readonly service?: ServiceSnapshot
  readonly listed?: ServiceDeploymentSnapshot
}

/** Watches a deployment poll by poll, every ten seconds, and tells how and after how many seconds that ended. */
async function watch(show: (seconds: number) => Shown): Promise<WatchEnd & { readonly seconds: number }> {
  const { world, close } = virtualWorld(shop(), [])
  const startedAt = world.clock.now()
  const seconds = (): number => (world.clock.now() - startedAt) / 1000
  const answer = <T>(shown: T | undefined): Promise<T> =>
    shown === undefined ? Promise.reject(new Failure('throttled', 'Rate exceeded')) : Promise.resolve(shown)
  try {
    const port = await world.ecs()
    const ecs: EcsPort = {
      ...port,
      polling: () => ecs,
      describeService: () => answer(show(seconds()).service),
      async listServiceDeployments() {
        return [await answer(show(seconds()).listed)]
      },
      describeServiceDeployment: () => answer(show(seconds()).listed),
      stoppedTasks: () => Promise.resolve([]),
      describeTaskDefinition: () => Promise.resolve(undefined)
    }
    const plan = { ...WEB, pollMs: 10_000, budgetMs: 600_000, failsFast: true }
    const end = await watchDeployment(world, ecs, MINE, plan, () => undefined)
    return { ...end, seconds: seconds() }
  } finally {
    close()
  }
}

const BEFORE = deployment('ecs-svc/1', { status: 'ACTIVE', rolloutState: 'COMPLETED', createdAt: 1 })
const GOING_ON = service([deployment(MINE.id), BEFORE])
const FAILED = service([deployment(MINE.id, { rolloutState: 'FAILED' }), BEFORE])
const BACK = service([deployment('ecs-svc/1', { rolloutState: 'COMPLETED', createdAt: 1 })])
const GOING_BACK = serviceDeployment('ROLLBACK_IN_PROGRESS')

test('a rollback that was seen to begin is not taken for none because of a poll that fails', async () => {
  const end = await watch(at => {
    if (at >= 300) return { service: BACK, listed: serviceDeployment('ROLLBACK_SUCCESSFUL') }
    return at === 140 ? { service: GOING_ON } : { service: GOING_ON, listed: GOING_BACK }
  })
  expect(end).toMatchObject({ verdict: { kind: 'rolled-back' }, seconds: 300 })
})

test.each<[string, Shown]>([
  ['neither API answers', {}],
  ['the service deployments are not answered', { service: FAILED }]
])('whether a rollback begins is not known while %s', async (_, shown) => {
  const end = await watch(at => {
    if (at >= 300) return { service: BACK, listed: serviceDeployment('ROLLBACK_SUCCESSFUL') }
    return at === 0 ? { service: FAILED } : shown
  })
  expect(end).toMatchObject({ verdict: { kind: 'rolled-back' } })
})

test('a rollback that does not begin is known as soon as there is something to see again', async () => {
  const listed = serviceDeployment('IN_PROGRESS')
  const end = await watch(at => (at === 0 || at >= 300 ? { service: FAILED, listed } : {}))
  expect(end).toMatchObject({ verdict: { kind: 'failed' }, blindness: undefined })
  expect(end.seconds).toBeLessThanOrEqual(320)
})
