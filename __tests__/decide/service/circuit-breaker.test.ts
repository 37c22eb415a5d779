import { expect, test } from '@jest/globals'
import { breakerIsOn, withBreakerOn } from '../../../src/decide/service/circuit-breaker.ts'
import { service } from './snapshots.ts'

test.each([
  [{}, false],
  [{ deploymentCircuitBreaker: { enable: true } }, false],
  [{ deploymentCircuitBreaker: { enable: true, rollback: false } }, false],
  [{ deploymentCircuitBreaker: { enable: false, rollback: true } }, false],
  [{ deploymentCircuitBreaker: { enable: true, rollback: true } }, true]
])('%j is on: %s', (deploymentConfiguration, isOn) => {
  expect(breakerIsOn(service([], { deploymentConfiguration }))).toBe(isOn)
})

test('switching it on keeps everything else, newer members included', () => {
  const configuration = {
    maximumPercent: 150,
    alarms: { alarmNames: ['errors'], enable: true, rollback: false },
    newMember: { of: ['the', 'future'] },
    deploymentCircuitBreaker: { enable: false, rollback: false, thresholdConfiguration: { type: 'COUNT', value: 7 } }
  }
  expect(withBreakerOn(configuration)).toEqual({
    ...configuration,
    deploymentCircuitBreaker: { ...configuration.deploymentCircuitBreaker, enable: true, rollback: true }
  })
  expect(withBreakerOn({})).toEqual({ deploymentCircuitBreaker: { enable: true, rollback: true } })
})
