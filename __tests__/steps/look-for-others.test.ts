import { describe, expect, test } from '@jest/globals'
import type { ServiceDeploymentSnapshot, ServiceSnapshot } from '../../src/decide/service/snapshot.ts'
import { AwsFailure } from '../../src/failure.ts'
import type { EcsReads } from '../../src/io/aws/ecs.ts'
import type { Clock } from '../../src/io/clock.ts'
import { lookForOthers, type Standing } from '../../src/steps/look-for-others.ts'
import type { World } from '../../src/world.ts'
import { deployment, MINE, service, serviceDeployment } from '../decide/service/snapshots.ts'

const PLACE = { mine: MINE, watch: { cluster: 'prod', service: 'web' } }
const OUT = new AwsFailure('aws-error', 'DescribeServices failed', {
  cause: undefined,
  awsCode: 'ServerException',
  mayHaveActed: true
})
const OLD = deployment('ecs-svc/1', { createdAt: 10, updatedAt: 20, rolloutState: 'COMPLETED' })
const AS_IT_WAS = service([OLD])
const GOING_ON = service([deployment(MINE.id), { ...OLD, status: 'ACTIVE' }])
const THEIRS = serviceDeployment('IN_PROGRESS', { arn: 'theirs', targetServiceRevisionArn: 'web/3' })
const BY_THEM = service([deployment('ecs-svc/3', { createdAt: 200 })])

type Service = ServiceSnapshot | Error
type Listed = readonly ServiceDeploymentSnapshot[] | Error

/** Looks while both APIs answer what they do so many seconds after it began, and tells how long that took. */
async function look(
  at: (seconds: number) => { readonly service: Service; readonly listed: Listed }
): Promise<{ readonly standing: Standing; readonly seconds: number }> {
  let nowMs = 0
  const clock: Clock = {
    now: () => nowMs,
    sleep(ms) {
      nowMs += ms
      return Promise.resolve()
    }
  }
  const answer = <T>(value: T | Error): Promise<T> =>
    value instanceof Error ? Promise.reject(value) : Promise.resolve(value)
  const reads: Pick<EcsReads, 'describeService' | 'listServiceDeployments'> = {
    describeService: () => answer(at(nowMs / 1000).service),
    listServiceDeployments: () => answer(at(nowMs / 1000).listed)
  }
  const world = { clock, signal: new AbortController().signal } as unknown as World
  const standing = await lookForOthers(world, reads as EcsReads, PLACE, 3000)
  return { standing, seconds: nowMs / 1000 }
}

const listed = (status: string, changes: Partial<ServiceDeploymentSnapshot> = {}) => [
  serviceDeployment(status, changes)
]

describe('that nobody deployed since', () => {
  test('is believed when the list still says so after the time by which it lags behind', async () => {
    const { standing, seconds } = await look(() => ({ service: GOING_ON, listed: listed('IN_PROGRESS') }))
    expect(standing).toEqual({ kind: 'newest', service: GOING_ON })
    expect(seconds).toBe(10)
  })

  test('is believed of one that was stopped once theirs would have shown, counted from when it read as stopped', async () => {
    const silent = (at: number) => (at < 22 ? { service: OUT, listed: OUT } : undefined)
    const left = await look(at => silent(at) ?? { service: GOING_ON, listed: listed('STOPPED') })
    expect(left).toEqual({ standing: { kind: 'newest', service: GOING_ON }, seconds: 44 })
    const replaced = await look(
      at =>
        silent(at) ??
        (at < 40
          ? { service: GOING_ON, listed: listed('STOPPED') }
          : { service: BY_THEM, listed: [THEIRS, ...listed('STOPPED')] })
    )
    expect(replaced.standing.kind).toBe('passed')
  })

  test('is not believed when both APIs show it late', async () => {
    const { standing, seconds } = await look(at =>
      at < 3
        ? { service: GOING_ON, listed: listed('IN_PROGRESS') }
        : { service: BY_THEM, listed: [THEIRS, ...listed('STOPPED')] }
    )
    expect(standing.kind).toBe('passed')
    expect(seconds).toBe(3)
  })

  test('is not believed when the list shows theirs in the end and DescribeServices lags behind', async () => {
    const { standing, seconds } = await look(at => ({
      service: GOING_ON,
      listed: at < 19 ? [] : [THEIRS, ...listed('STOPPED')]
    }))
    expect(standing).toEqual({ kind: 'passed', wasReplaced: true })
    expect(seconds).toBe(20)
  })

  test('waits for what DescribeServices shows late of a deployment that was stopped', async () => {
    const { standing, seconds } = await look(at => ({
      service: at < 24 ? GOING_ON : BY_THEM,
      listed: at < 19 ? [] : listed('STOPPED')
    }))
    expect(standing.kind).toBe('passed')
    expect(seconds).toBeLessThan(40)
  })

  test('is believed without the list when DescribeServices still says so after the time by which it may lag', async () => {
    const { standing, seconds } = await look(() => ({ service: GOING_ON, listed: OUT }))
    expect(standing.kind).toBe('newest')
    expect(seconds).toBe(20)
  })
})

describe('a read from before my deployment', () => {
  test('is not taken for a rollback by ECS while the list says that mine goes on', async () => {
    const { standing } = await look(at => ({
      service: at < 5 ? AS_IT_WAS : GOING_ON,
      listed: listed('IN_PROGRESS')
    }))
    expect(standing).toEqual({ kind: 'newest', service: GOING_ON })
  })

  test('is told from one by the times of the server when there is no list', async () => {
    const { standing } = await look(at => ({ service: at < 5 ? AS_IT_WAS : GOING_ON, listed: OUT }))
    expect(standing).toEqual({ kind: 'newest', service: GOING_ON })
    const back = service([{ ...OLD, updatedAt: 150 }])
    expect(await look(() => ({ service: back, listed: OUT }))).toMatchObject({
      standing: { kind: 'passed' },
      seconds: 0
    })
  })

  test('that does not pass is no ground to deploy anything', async () => {
    const { standing } = await look(() => ({ service: AS_IT_WAS, listed: listed('IN_PROGRESS') }))
    expect(standing).toEqual({ kind: 'unknown', why: 'DescribeServices does not show ecs-svc/2' })
  })
})

describe('while DescribeServices does not answer', () => {
  test.each(['SUCCESSFUL', 'ROLLBACK_REQUESTED', 'ROLLBACK_IN_PROGRESS', 'ROLLBACK_SUCCESSFUL'])(
    'what is listed as %s is not replaced',
    async status => {
      const { standing, seconds } = await look(() => ({ service: OUT, listed: listed(status) }))
      expect(standing.kind).toBe('passed')
      expect(seconds).toBe(0)
    }
  )

  test('what is listed as replaced is known to be', async () => {
    const { standing } = await look(() => ({ service: OUT, listed: [THEIRS, ...listed('STOPPED')] }))
    expect(standing.kind).toBe('passed')
  })

  test.each(['IN_PROGRESS', 'STOPPED', 'ROLLBACK_FAILED'])(
    'what is listed as %s may not be replaced either',
    async status => {
      const { standing, seconds } = await look(() => ({ service: OUT, listed: listed(status) }))
      expect(standing).toEqual({ kind: 'unknown', why: 'DescribeServices failed' })
      expect(seconds).toBe(60)
    }
  )
})
