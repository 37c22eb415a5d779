import { describe, expect, test } from '@jest/globals'
import type { DeploymentSnapshot, ServiceDeploymentSnapshot } from '../../../src/decide/service/snapshot.ts'
import { successorOf } from '../../../src/decide/service/successor.ts'
import { deployment, MINE, serviceDeployment } from './snapshots.ts'

const mine = deployment('ecs-svc/2', { status: 'ACTIVE' })
const older = deployment('ecs-svc/1', { createdAt: 50 })
const theirs = deployment('ecs-svc/3', { createdAt: 150, status: 'ACTIVE' })
const last = deployment('ecs-svc/4', { createdAt: 200, status: 'ACTIVE' })

function listed(number: number): ServiceDeploymentSnapshot {
  const targetServiceRevisionArn = `arn:aws:ecs:eu-west-1:123456789012:service-revision/prod/web/${String(number)}`
  return serviceDeployment('STOPPED', { targetServiceRevisionArn })
}

describe('the deployment that replaced mine', () => {
  test.each<[string, readonly DeploymentSnapshot[], readonly number[], string | undefined]>([
    ['is the one that is newer', [theirs, mine, older], [], 'ecs-svc/3'],
    ['is listed beside an older one that is back', [older, theirs, mine], [], 'ecs-svc/3'],
    ['is the first of several', [last, theirs, mine], [], 'ecs-svc/3'],
    ['is the first of those that the service deployments know', [last, mine], [4, 3, 2, 1], 'ecs-svc/3'],
    ['is known by the service’s own list before the service deployments show it', [theirs, mine], [2, 1], 'ecs-svc/3'],
    ['is none that was there before', [last, older], [4, 1, 2], 'ecs-svc/4'],
    ['is known by the service deployments when it is gone', [older], [4, 3, 2, 1], 'ecs-svc/3'],
    ['is not known when it is gone without a trace', [older], [2, 1], undefined],
    ['is not known when mine is not listed', [older], [4, 3], undefined]
  ])('%s', (_, deployments, numbers, id) => {
    expect(successorOf(MINE, deployments, numbers.map(listed))?.id).toBe(id)
  })

  test('says what it deploys as long as it is there', () => {
    expect(successorOf(MINE, [theirs], [])?.taskDefinitionArn).toBe(theirs.taskDefinitionArn)
    expect(successorOf(MINE, [older], [listed(3), listed(2)])?.taskDefinitionArn).toBeUndefined()
  })
})
