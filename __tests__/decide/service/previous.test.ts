import { describe, expect, test } from '@jest/globals'
import { previousRevision } from '../../../src/decide/service/previous.ts'
import { deployment, service } from './snapshots.ts'

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

  test('is what the service is set to, when the list shows none', () => {
    expect(previousRevision(service([MINE], { taskDefinitionArn: 'web:9' }), MINE.id)).toBe('web:9')
  })
})
