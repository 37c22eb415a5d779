import type { ServiceDeploymentSnapshot, ServiceSnapshot } from '../../../src/decide/service/snapshot.ts'
import { Failure } from '../../../src/failure.ts'
import type { EcsPort, ServiceAbsence } from '../../../src/io/aws/ecs.ts'
import { watchDeployment, type WatchEnd } from '../../../src/steps/watch-deployment.ts'
import { shop, WEB } from '../../action/shop.ts'
import { MINE } from '../../decide/service/snapshots.ts'
import { virtualWorld } from '../../properties/virtual-world.ts'

/** What the APIs answer at a poll; undefined: the call is throttled. */
export interface Shown {
  readonly service?: ServiceSnapshot | ServiceAbsence
  /** `none`: the service deployments do not list it. */
  readonly listed?: ServiceDeploymentSnapshot | 'none'
}

/** Watches a deployment poll by poll, every ten seconds, and tells how and after how many seconds that ended. */
export async function watchScripted(
  show: (seconds: number) => Shown
): Promise<WatchEnd & { readonly seconds: number }> {
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
        const listed = await answer(show(seconds()).listed)
        return listed === 'none' ? [] : [listed]
      },
      async describeServiceDeployment() {
        const listed = await answer(show(seconds()).listed)
        return listed === 'none' ? undefined : listed
      },
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
