import { describe, expect, test } from '@jest/globals'
import type { JsonObject } from '../../../src/decide/json.ts'
import type { DeploymentSnapshot, ServiceDeploymentSnapshot } from '../../../src/decide/service/snapshot.ts'
import { looksSettled, showsSuccessor, verdict, type Verdict } from '../../../src/decide/service/verdict.ts'
import { deployment, MINE, service, serviceDeployment } from './snapshots.ts'

const FRESH = { sawMine: true, sawFailing: false, wasReplaced: false, isSettledForGood: false, isStoppedForGood: false }
const STALE = {
  sawMine: false,
  sawFailing: false,
  wasReplaced: false,
  isSettledForGood: false,
  isStoppedForGood: false
}

const mine = (changes: Partial<DeploymentSnapshot> = {}) => deployment('ecs-svc/2', changes)
const older = (changes: Partial<DeploymentSnapshot> = {}) => deployment('ecs-svc/1', { createdAt: 50, ...changes })
const newer = (changes: Partial<DeploymentSnapshot> = {}) => deployment('ecs-svc/3', { createdAt: 150, ...changes })
const asActive = { status: 'ACTIVE' }

const ON = { deploymentCircuitBreaker: { enable: true, rollback: true } }
const OFF = { deploymentCircuitBreaker: { enable: false, rollback: false } }
const NO_ROLLBACK = { deploymentCircuitBreaker: { enable: true, rollback: false } }
const ALARMS = { ...OFF, alarms: { alarmNames: ['a'], enable: true, rollback: true } }

function judge(
  deployments: readonly DeploymentSnapshot[],
  api?: ServiceDeploymentSnapshot,
  memory = FRESH,
  deploymentConfiguration: JsonObject = ON
): Verdict['kind'] {
  return verdict(MINE, { service: service(deployments, { deploymentConfiguration }), serviceDeployment: api }, memory)
    .kind
}

describe('by DescribeServices alone', () => {
  test.each<[string, readonly DeploymentSnapshot[], Verdict['kind']]>([
    ['nothing is listed', [], 'in-progress'],
    [
      'mine has just begun and counts nothing',
      [mine({ desiredCount: 0, runningCount: 0 }), older(asActive)],
      'in-progress'
    ],
    ['mine has all its tasks, and is not through', [mine()], 'in-progress'],
    ['mine is through', [mine({ rolloutState: 'COMPLETED' })], 'completed'],
    [
      'mine is through while old tasks drain',
      [mine({ rolloutState: 'COMPLETED' }), older({ status: 'DRAINING' })],
      'completed'
    ],
    ['mine failed', [mine({ rolloutState: 'FAILED' }), older(asActive)], 'failing'],
    ['the older one is back and not through', [older(), mine({ status: 'ACTIVE', rolloutState: 'FAILED' })], 'failing'],
    ['the older one is back, and mine is gone', [older()], 'failing'],
    ['the older one is back and through', [older({ rolloutState: 'COMPLETED' })], 'rolled-back'],
    ['the older one is back and failed', [older({ rolloutState: 'FAILED' })], 'rollback-failed'],
    ['an older one that nobody knew is back', [deployment('ecs-svc/0', { createdAt: 1 })], 'failing'],
    ['a newer one has begun', [newer(), mine(asActive), older(asActive)], 'superseded'],
    ['a newer one is through', [newer({ rolloutState: 'COMPLETED' })], 'superseded'],
    ['a state that nobody knows', [mine({ rolloutState: 'PONDERING' })], 'in-progress']
  ])('%s', (_, deployments, kind) => {
    expect(judge(deployments)).toBe(kind)
  })

  test.each([
    ['goes back by the circuit breaker', ON, 'failing'],
    ['goes back by its alarms', ALARMS, 'failing'],
    ['stays without rollback', NO_ROLLBACK, 'failed'],
    ['stays without a breaker', OFF, 'failed'],
    ['stays without a configuration', {}, 'failed']
  ] as const)('a failed deployment %s', (_, configuration, kind) => {
    expect(judge([mine({ rolloutState: 'FAILED' })], undefined, FRESH, configuration)).toBe(kind)
  })

  test('a read from before the deployment decides nothing', () => {
    expect(judge([older({ rolloutState: 'COMPLETED' })], undefined, STALE)).toBe('in-progress')
    expect(judge([older({ rolloutState: 'COMPLETED' })], undefined, { ...STALE, sawFailing: true })).toBe('rolled-back')
  })

  test('behind a Classic Load Balancer one full deployment alone is complete', () => {
    const plain = { rolloutState: undefined }
    const settled = { ...FRESH, isSettledForGood: true }
    const of = (...deployments: readonly DeploymentSnapshot[]) => judge(deployments, undefined, settled)
    expect(of(mine(plain))).toBe('completed')
    expect(of(mine({ ...plain, runningCount: 1 }))).toBe('in-progress')
    expect(of(mine({ ...plain, desiredCount: 0, runningCount: 0 }))).toBe('in-progress')
    expect(of(mine({ ...plain, pendingCount: 1 }))).toBe('in-progress')
    expect(of(mine(plain), older(asActive))).toBe('in-progress')
    // Its tasks may fail their first health check yet; and a state that is told sometimes is not told by its absence.
    expect(judge([mine(plain)])).toBe('in-progress')
    expect(looksSettled({ ...MINE, tellsRollout: true }, service([mine(plain)]))).toBe(false)
  })

  test.each(['DRAINING', 'INACTIVE'])('a service that is %s is gone', status => {
    const seen = { service: service([mine({ rolloutState: 'COMPLETED' })], { status }), serviceDeployment: undefined }
    expect(verdict(MINE, seen, FRESH)).toEqual({ kind: 'service-gone', status })
  })
})

describe('by the service deployments API', () => {
  const backOnOlder = [older({ rolloutState: 'COMPLETED' })]

  test.each<[string, string, readonly DeploymentSnapshot[], Verdict['kind']]>([
    ['PENDING', 'mine', [mine()], 'in-progress'],
    ['IN_PROGRESS', 'mine', [mine()], 'in-progress'],
    ['SUCCESSFUL', 'mine', [mine()], 'completed'],
    ['SUCCESSFUL', 'a newer one', [newer()], 'completed'],
    ['ROLLBACK_REQUESTED', 'mine', [mine()], 'failing'],
    ['ROLLBACK_IN_PROGRESS', 'mine', [mine()], 'failing'],
    ['ROLLBACK_IN_PROGRESS', 'the older one', backOnOlder, 'failing'],
    ['ROLLBACK_SUCCESSFUL', 'the older one', backOnOlder, 'rolled-back'],
    ['ROLLBACK_SUCCESSFUL', 'mine, still', [mine({ rolloutState: 'FAILED' })], 'failing'],
    ['ROLLBACK_FAILED', 'mine', [mine({ rolloutState: 'FAILED' })], 'rollback-failed'],
    ['STOP_REQUESTED', 'mine', [mine()], 'in-progress'],
    ['STOP_REQUESTED', 'a newer one', [newer(), mine(asActive)], 'in-progress'],
    ['STOPPED', 'a newer one', [newer(), mine(asActive)], 'superseded'],
    ['STOPPED', 'mine', [mine({ rolloutState: 'FAILED' })], 'failed'],
    ['PONDERING', 'mine', [mine()], 'in-progress']
  ])('%s while PRIMARY is %s', (status, _, deployments, kind) => {
    expect(judge(deployments, serviceDeployment(status))).toBe(kind)
  })

  test('a tripped circuit breaker is the end, whatever else is said', () => {
    const circuitBreaker = { status: 'TRIGGERED', failureCount: 3, threshold: 3 }
    expect(judge([mine()], serviceDeployment('IN_PROGRESS', { circuitBreaker }))).toBe('failing')
  })

  test('a rollback says why and where it landed', () => {
    const rollback = { reason: 'threshold exceeded', toRevisionArn: undefined }
    const seen = {
      service: service(backOnOlder),
      serviceDeployment: serviceDeployment('ROLLBACK_SUCCESSFUL', { rollback })
    }
    expect(verdict(MINE, seen, FRESH)).toEqual({
      kind: 'rolled-back',
      to: backOnOlder[0],
      reason: 'threshold exceeded'
    })
  })

  test.each([
    ['the revision that it goes back to', 3, 'rolled-back'],
    ['the revision of somebody else’s deployment', 1, 'superseded']
  ] as const)('a rollback to a deployment that looks new has landed on %s', (_, number, kind) => {
    const toRevisionArn = `arn:aws:ecs:eu-west-1:123456789012:service-revision/prod/web/${String(number)}`
    const api = serviceDeployment('ROLLBACK_SUCCESSFUL', { rollback: { reason: undefined, toRevisionArn } })
    expect(judge([newer({ rolloutState: 'COMPLETED' })], api)).toBe(kind)
  })
})

test('what began after mine, by the server’s times, replaced it, whatever is PRIMARY by now', () => {
  const failed = { status: 'ACTIVE', rolloutState: 'FAILED' }
  expect(showsSuccessor(service([older(), newer(failed), mine(asActive)]), MINE)).toBe(true)
  expect(showsSuccessor(service([older(), mine(failed)]), MINE)).toBe(false)
  // One that was there before, and one of which nobody knows when it began.
  expect(showsSuccessor(service([mine(), newer({ ...asActive, id: 'ecs-svc/1' })]), MINE)).toBe(false)
  expect(showsSuccessor(service([mine(), newer({ ...asActive, createdAt: undefined })]), MINE)).toBe(false)
})
