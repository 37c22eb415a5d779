import { describe, expect, test } from '@jest/globals'
import type { DeploymentSnapshot, ServiceSnapshot } from '../../../src/decide/service/snapshot.ts'
import { isFromBefore } from '../../../src/decide/service/staleness.ts'
import type { WatchedDeployment } from '../../../src/decide/service/verdict.ts'
import { deployment, MINE, service, serviceDeployment } from './snapshots.ts'

const LATER: WatchedDeployment = { ...MINE, createdAt: 200 }

function seen(old: Partial<DeploymentSnapshot>, eventAt?: number, changes: Partial<ServiceSnapshot> = {}) {
  const events = eventAt === undefined ? [] : [{ id: 'e', createdAt: eventAt, message: 'has reached a steady state.' }]
  const first = deployment('ecs-svc/1', { rolloutState: 'COMPLETED', ...old })
  return { service: service([first], { events, ...changes }), serviceDeployment: undefined }
}

describe('a read of the service without my deployment', () => {
  test.each<[string, boolean, ReturnType<typeof seen>]>([
    ['in which nothing is as new as mine is from before', true, seen({ updatedAt: 150 }, 160)],
    ['with an update since then is not', false, seen({ updatedAt: 230 }, 160)],
    ['with an event since then is not', false, seen({ updatedAt: 150 }, 230)],
    ['with a deployment since then is not', false, seen({ createdAt: 230, updatedAt: 150 }, 160)],
    ['that tells no times of changes may be from before', true, seen({})],
    ['that tells no times at all may be from before', true, seen({ createdAt: undefined })],
    ['of a deleted service is believed', false, seen({ updatedAt: 150 }, 160, { status: 'INACTIVE' })]
  ])('%s', (_, expected, observation) => {
    expect(isFromBefore(LATER, observation)).toBe(expected)
  })

  test('counts beside what the service deployments API says', () => {
    const both = { ...seen({ updatedAt: 150 }), serviceDeployment: serviceDeployment('IN_PROGRESS') }
    expect(isFromBefore(LATER, both)).toBe(false)
    // What nobody knows says nothing.
    expect(isFromBefore(LATER, { ...both, serviceDeployment: serviceDeployment('PONDERING') })).toBe(true)
  })

  test('cannot be dated when the time of mine is unknown', () => {
    expect(isFromBefore({ ...LATER, createdAt: undefined }, seen({ updatedAt: 150 }))).toBe(false)
  })
})

test('a read with my deployment in it is not from before', () => {
  const old = deployment('ecs-svc/1', { status: 'ACTIVE', updatedAt: 150 })
  const both = service([deployment(LATER.id, { createdAt: 199 }), old])
  expect(isFromBefore(LATER, { service: both, serviceDeployment: undefined })).toBe(false)
})
