import { describe, expect, test } from '@jest/globals'
import { hasCandidate, inactiveRevision, noCandidate } from '../../../../src/decide/service/preflight/way-back.ts'
import { deployment, service, serviceDeployment } from '../snapshots.ts'

const completed = service([deployment('ecs-svc/1', { rolloutState: 'COMPLETED' })])
const failing = service([deployment('ecs-svc/2', { rolloutState: 'FAILED' })])

describe('the revision to go back to', () => {
  test.each([
    ['ACTIVE', 0],
    ['INACTIVE', 1],
    ['DELETE_IN_PROGRESS', 1]
  ])('that is %s: %i warnings', (status, expected) => {
    expect(inactiveRevision(completed, status)).toHaveLength(expected)
  })
})

describe('a deployment to go back to', () => {
  test('is the one that is there, when it completed', () => {
    expect(hasCandidate(completed)).toBe(true)
    expect(hasCandidate(failing)).toBe(false)
    expect(hasCandidate(service([]))).toBe(false)
  })

  test.each([
    ['one that succeeded', failing, ['STOPPED', 'SUCCESSFUL'], 0],
    ['one that was rolled back', failing, ['ROLLBACK_SUCCESSFUL'], 0],
    ['none', failing, ['STOPPED', 'ROLLBACK_FAILED', 'IN_PROGRESS'], 1],
    ['nothing listed', failing, [], 0],
    ['none, but the one that is there completed', completed, ['STOPPED'], 0]
  ])('among those listed: %s', (_, snapshot, statuses, expected) => {
    const findings = noCandidate(
      snapshot,
      statuses.map(status => serviceDeployment(status))
    )
    expect(findings.map(({ code, severity }) => [code, severity])).toEqual(
      expected === 0 ? [] : [['no-rollback-candidate', 'warning']]
    )
  })

  test('is told with how many were looked at', () => {
    const [found] = noCandidate(failing, [serviceDeployment('STOPPED'), serviceDeployment('IN_PROGRESS')])
    expect(found?.sentence).toBe(
      'no deployment of web succeeded so far (of 2 that ECS remembers): if this one fails, ECS has nothing to roll back to'
    )
  })
})
