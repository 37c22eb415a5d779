import { describe, expect, test } from '@jest/globals'
import type { JsonObject } from '../../../simulator/protocol/operation.ts'
import { Cloud } from './cloud.ts'

const WEB = { cluster: 'main', service: 'web' }

/** Every page of a list, as lists of its items. */
function pages(cloud: Cloud, operation: string, member: string, input: JsonObject): readonly (readonly unknown[])[] {
  const found: (readonly unknown[])[] = []
  let nextToken: string | undefined
  do {
    const page = cloud.call(operation, { ...input, ...(nextToken !== undefined && { nextToken }) })
    found.push(page[member] as readonly unknown[])
    nextToken = page.nextToken as string | undefined
  } while (nextToken !== undefined)
  return found
}

describe('a list', () => {
  test('of tasks comes in pages of at most 100, each task once', () => {
    const cloud = new Cloud({ desiredCount: 250 })
    const found = pages(cloud, 'ListTasks', 'taskArns', { cluster: 'main', serviceName: 'web' })
    expect(found.map(page => page.length)).toEqual([100, 100, 50])
    expect(new Set(found.flat()).size).toBe(250)
    expect(pages(cloud, 'ListTasks', 'taskArns', { cluster: 'main', maxResults: 100 })).toHaveLength(3)
  })

  test('of service deployments comes newest first in pages of 20, by status and by time', () => {
    const cloud = new Cloud({ desiredCount: 0 })
    for (let count = 0; count < 24; count += 1) {
      cloud.deploy(`v${String(count)}`)
      cloud.advance(30)
    }
    const found = pages(cloud, 'ListServiceDeployments', 'serviceDeployments', WEB)
    expect(found.map(page => page.length)).toEqual([20, 5])
    const times = (found.flat() as { createdAt: number }[]).map(({ createdAt }) => createdAt)
    expect(times).toEqual(times.toSorted((a, b) => b - a))
    const since = { ...WEB, createdAt: { after: times[2] ?? 0 } }
    expect(pages(cloud, 'ListServiceDeployments', 'serviceDeployments', since).flat()).toHaveLength(3)
    const running = { ...WEB, status: ['PENDING', 'IN_PROGRESS'] }
    expect(pages(cloud, 'ListServiceDeployments', 'serviceDeployments', running)).toEqual([[]])
  })

  test('of services comes in pages of 10', () => {
    const services = Array.from({ length: 12 }, (_, index) => ({ name: `s${String(index)}`, image: 'app:v1' }))
    const cloud = new Cloud({}, { clusters: [{ name: 'main', services }] })
    expect(pages(cloud, 'ListServices', 'serviceArns', { cluster: 'main' }).map(page => page.length)).toEqual([10, 2])
  })

  test.each([0, 101])('refuses maxResults %i', maxResults => {
    expect(() => new Cloud({}).call('ListTasks', { cluster: 'main', maxResults })).toThrow('maxResults')
  })

  test('refuses a token it did not give', () => {
    expect(() => new Cloud({}).call('ListTasks', { cluster: 'main', nextToken: 'x' })).toThrow('Invalid token.')
  })
})

describe('a description', () => {
  test.each<[string, string, number]>([
    ['DescribeServices', 'services', 10],
    ['DescribeTasks', 'tasks', 100],
    ['DescribeServiceDeployments', 'serviceDeploymentArns', 20],
    ['DescribeServiceRevisions', 'serviceRevisionArns', 20]
  ])('%s takes %s, %i at most and one at least', (operation, member, most) => {
    const cloud = new Cloud({})
    const input = (count: number): JsonObject => ({ cluster: 'main', [member]: Array(count).fill('0'.repeat(32)) })
    expect(() => cloud.call(operation, input(0))).toThrow('cannot be empty.')
    expect(() => cloud.call(operation, input(most + 1))).toThrow(
      expect.objectContaining({ code: 'InvalidParameterException' })
    )
    expect(cloud.call(operation, input(most)).failures).toHaveLength(most)
  })
})

describe('reads that lag', () => {
  test('contradict the answer of UpdateService for a while, and each other', () => {
    const cloud = new Cloud(
      {},
      { lag: { serviceDeploymentSeconds: 10, serviceRevisionSeconds: 6, staleReadSeconds: 4 } }
    )
    const taskDefinition = cloud.register({})
    const updated = cloud.call('UpdateService', { ...WEB, taskDefinition }) as unknown as {
      service: { deployments: [{ id: string }]; currentServiceRevisions: [{ arn: string }] }
    }
    const [{ id }] = updated.service.deployments
    const [{ arn }] = updated.service.currentServiceRevisions
    const seen = (): readonly boolean[] => [
      cloud.describe().deployments[0].id === id,
      (cloud.call('DescribeServiceRevisions', { serviceRevisionArns: [arn] }).serviceRevisions as unknown[]).length ===
        1,
      (cloud.call('ListServiceDeployments', WEB).serviceDeployments as unknown[]).length === 2
    ]
    expect(seen()).toEqual([false, false, false])
    cloud.advance(5)
    expect(seen()).toEqual([true, false, false])
    cloud.advance(2)
    expect(seen()).toEqual([true, true, false])
    cloud.advance(4)
    expect(seen()).toEqual([true, true, true])
  })
})
