import { describe, expect, test } from '@jest/globals'
import { previousRevision, successBefore } from '../../../src/decide/service/previous.ts'
import type { ServiceDeploymentSnapshot } from '../../../src/decide/service/snapshot.ts'
import { deployment, service, serviceDeployment } from './snapshots.ts'

const MINE = deployment('ecs-svc/9', { taskDefinitionArn: 'web:9', createdAt: 900 })
const OLD = deployment('ecs-svc/3', {
  status: 'ACTIVE',
  taskDefinitionArn: 'web:3',
  rolloutState: 'COMPLETED',
  createdAt: 300
})

describe('the revision to go back to', () => {
  test('is the one that runs, when a deployment is about to begin', () => {
    expect(previousRevision(service([{ ...OLD, status: 'PRIMARY' }], { taskDefinitionArn: 'web:3' }), MINE.id)).toBe(
      'web:3'
    )
  })

  test('is the one before, when the deployment is under way already', () => {
    expect(previousRevision(service([MINE, OLD], { taskDefinitionArn: 'web:9' }), MINE.id)).toBe('web:3')
  })

  test('is none that failed, and none that never got through', () => {
    const failed = deployment('ecs-svc/5', { taskDefinitionArn: 'web:5', rolloutState: 'FAILED', createdAt: 500 })
    const broken = deployment('ecs-svc/4', { status: 'ACTIVE', taskDefinitionArn: 'web:4', createdAt: 400 })
    expect(previousRevision(service([failed, broken, OLD], { taskDefinitionArn: 'web:5' }), MINE.id)).toBe('web:3')
  })

  test('is the newest of several that completed', () => {
    const older = { ...OLD, id: 'ecs-svc/2', taskDefinitionArn: 'web:2', createdAt: 200 }
    expect(previousRevision(service([MINE, older, OLD]), MINE.id)).toBe('web:3')
  })

  test('is not known, when the list shows none', () => {
    expect(previousRevision(service([MINE], { taskDefinitionArn: 'web:9' }), MINE.id)).toBeUndefined()
  })
})

function listed(number: number, status: string): ServiceDeploymentSnapshot {
  return serviceDeployment(status, {
    targetServiceRevisionArn: `arn:aws:ecs:eu-west-1:123456789012:service-revision/prod/web/${String(number)}`
  })
}

describe('the service deployment to go back to', () => {
  test('is the newest that was successful before', () => {
    const all = [
      listed(11, 'SUCCESSFUL'),
      listed(9, 'IN_PROGRESS'),
      listed(8, 'STOPPED'),
      listed(5, 'SUCCESSFUL'),
      listed(3, 'SUCCESSFUL')
    ]
    expect(successBefore(MINE.id, all)).toBe(all[3])
  })

  test('is found before mine is listed', () => {
    const all = [listed(8, 'STOPPED'), listed(5, 'SUCCESSFUL')]
    expect(successBefore(MINE.id, all)).toBe(all[1])
    expect(successBefore(MINE.id, [])).toBeUndefined()
  })
})
