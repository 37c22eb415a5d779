import { describe, expect, test } from '@jest/globals'
import type { TaskSnapshot } from '../../../src/decide/service/snapshot.ts'
import type { EcsReads } from '../../../src/io/aws/ecs.ts'
import { FailureLook } from '../../../src/steps/watch/failure-look.ts'
import { shop, WEB } from '../../action/shop.ts'
import { deployment, MINE, service, task } from '../../decide/service/snapshots.ts'
import { virtualWorld } from '../../properties/virtual-world.ts'

const NO_LOG_GROUP =
  'ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist.'

const FAILED = { lastStatus: 'STOPPED', stopCode: 'TaskFailedToStart', stoppedReason: NO_LOG_GROUP }

/**
 * What the looks at a deployment that cannot start come to, when ECS counts so many failed tasks each time; `silent`:
 * DescribeServices does not answer.
 */
async function lookAt(
  counts: readonly (number | 'silent')[],
  secondsBetween: number,
  alive: readonly TaskSnapshot[] = []
): Promise<readonly (string | undefined)[]> {
  const { world, close } = virtualWorld(shop(), [])
  try {
    const ecs = await world.ecs()
    let stopped = 0
    const reads: EcsReads = {
      ...ecs,
      describeTaskDefinition: () => Promise.resolve(undefined),
      runningTasks: () => Promise.resolve(alive),
      stoppedTasks: () =>
        Promise.resolve(
          Array.from({ length: stopped }, (_, n) =>
            task(String(n), {}, { ...FAILED, createdAt: 30 * n, endedAt: 30 * n + 20 })
          )
        )
    }
    const failures = new FailureLook(world, reads, MINE, WEB, () => undefined)
    const codes: (string | undefined)[] = []
    let failedTasks = 0
    for (const [n, count] of counts.entries()) {
      const isServiceOld = count === 'silent'
      if (!isServiceOld) failedTasks = count
      stopped = Math.max(stopped, failedTasks)
      const seen = {
        service: service([deployment(MINE.id, { failedTasks, runningCount: 0 })]),
        serviceDeployment: undefined,
        isServiceOld
      }
      const diagnosis = await failures.look(seen, n * secondsBetween * 1000)
      codes.push(diagnosis?.code)
    }
    return codes
  } finally {
    close()
  }
}

describe('a deployment whose every task fails alike', () => {
  test('is known by the third failure', async () => {
    expect(await lookAt([1, 2, 3], 30)).toEqual([undefined, undefined, 'log-group-missing'])
  })

  test('is known although a read lagged behind', async () => {
    expect(await lookAt([1, 2, 1, 2, 3], 15)).toContain('log-group-missing')
    expect(await lookAt([1, 2, 1, 1, 2, 3], 5)).toContain('log-group-missing')
    expect(await lookAt([1, 2, 1, 'silent', 'silent', 2, 3], 15)).toContain('log-group-missing')
  })

  test('is not known while another one that was started with them may still run', async () => {
    const starting = (createdAt: number): TaskSnapshot => task('late', {}, { lastStatus: 'PENDING', createdAt })
    expect(await lookAt([1, 2, 3, 3], 10, [starting(0)])).not.toContain('log-group-missing')
    expect(await lookAt([1, 2, 3, 3], 10, [starting(90)])).toContain('log-group-missing')
  })

  test('is left to ECS once that has begun to count again, for then a task got healthy', async () => {
    expect(await lookAt([1, 2, 0, 0, 1, 2, 3], 30)).not.toContain('log-group-missing')
    expect(await lookAt([2, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4], 5)).not.toContain('log-group-missing')
  })
})
