import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { readDenial, remedyForDenial } from '../../src/decide/denial.ts'
import { hostileText } from '../report/hostile.ts'

const USER = 'User: arn:aws:sts::123456789012:assumed-role/deploy/GitHubActions is not authorized to perform:'
const ROLE = 'in the policy of the role that this job assumes'

function remedy(operation: string, sentence: string): string {
  return remedyForDenial(readDenial(operation, sentence))
}

describe('a missing right', () => {
  test.each([
    [
      'of a service',
      'ecs:UpdateService',
      `${USER} ecs:UpdateService on resource: arn:aws:ecs:eu-west-1:123456789012:service/prod/web because no identity-based policy allows the ecs:UpdateService action`,
      `allow ecs:UpdateService ${ROLE}: {"Effect":"Allow","Action":"ecs:UpdateService","Resource":"arn:aws:ecs:eu-west-1:123456789012:service/prod/web"}`
    ],
    [
      'to pass a role, which is another one than was called',
      'ecs:RegisterTaskDefinition',
      `${USER} iam:PassRole on resource: arn:aws:iam::123456789012:role/web-task because no identity-based policy allows the iam:PassRole action`,
      `allow iam:PassRole ${ROLE}: {"Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::123456789012:role/web-task","Condition":{"StringEquals":{"iam:PassedToService":"ecs-tasks.amazonaws.com"}}}`
    ],
    [
      'on one task holds for those of the next run',
      'ecs:DescribeTasks',
      `${USER} ecs:DescribeTasks on resource: arn:aws:ecs:eu-west-1:123456789012:task/prod/0123abc`,
      `allow ecs:DescribeTasks ${ROLE}: {"Effect":"Allow","Action":"ecs:DescribeTasks","Resource":"arn:aws:ecs:eu-west-1:123456789012:task/prod/*"}`
    ],
    [
      'on one service deployment, too',
      'ecs:StopServiceDeployment',
      `${USER} ecs:StopServiceDeployment on resource: arn:aws:ecs:eu-west-1:123456789012:service-deployment/prod/web/Ab_-1`,
      `allow ecs:StopServiceDeployment ${ROLE}: {"Effect":"Allow","Action":"ecs:StopServiceDeployment","Resource":"arn:aws:ecs:eu-west-1:123456789012:service-deployment/prod/web/*"}`
    ],
    [
      'on one revision, too',
      'ecs:TagResource',
      `${USER} ecs:TagResource on resource: arn:aws:ecs:eu-west-1:123456789012:task-definition/web:7 because no identity-based policy allows the ecs:TagResource action`,
      `allow ecs:TagResource ${ROLE}: {"Effect":"Allow","Action":"ecs:TagResource","Resource":"arn:aws:ecs:eu-west-1:123456789012:task-definition/web:*"}`
    ],
    [
      'on one log stream, too',
      'logs:GetLogEvents',
      `${USER} logs:GetLogEvents on resource: arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/web:log-stream:ecs/web/0123abc because no identity-based policy allows the logs:GetLogEvents action`,
      `allow logs:GetLogEvents ${ROLE}: {"Effect":"Allow","Action":"logs:GetLogEvents","Resource":"arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/web:*"}`
    ],
    [
      'on no resource in particular',
      'ecr:GetAuthorizationToken',
      `${USER} ecr:GetAuthorizationToken on resource: * because no identity-based policy allows the ecr:GetAuthorizationToken action`,
      `allow ecr:GetAuthorizationToken ${ROLE}: {"Effect":"Allow","Action":"ecr:GetAuthorizationToken","Resource":"*"}`
    ],
    [
      'that a session policy leaves out',
      'ecr:PutImage',
      `${USER} ecr:PutImage on resource: arn:aws:ecr:eu-west-1:123456789012:repository/web because no session policy allows the ecr:PutImage action`,
      'allow ecr:PutImage in a session policy: {"Effect":"Allow","Action":"ecr:PutImage","Resource":"arn:aws:ecr:eu-west-1:123456789012:repository/web"}'
    ],
    [
      'beyond a permissions boundary',
      'ecr:PutImage',
      `${USER} ecr:PutImage on resource: arn:aws:ecr:eu-west-1:123456789012:repository/web because no permissions boundary allows the ecr:PutImage action`,
      'allow ecr:PutImage in a permissions boundary: {"Effect":"Allow","Action":"ecr:PutImage","Resource":"arn:aws:ecr:eu-west-1:123456789012:repository/web"}'
    ],
    [
      'that is denied in so many words is not had by a statement',
      'ecs:UpdateService',
      `${USER} ecs:UpdateService on resource: arn:aws:ecs:eu-west-1:123456789012:service/prod/web with an explicit deny in a service control policy`,
      'ecs:UpdateService is forbidden by a service control policy, which no other policy outweighs: have it changed'
    ],
    [
      'denied by the policy of the role itself',
      'ecs:UpdateService',
      `${USER} ecs:UpdateService on resource: arn:aws:ecs:eu-west-1:123456789012:service/prod/web with an explicit deny in an identity-based policy: arn:aws:iam::123456789012:policy/guard`,
      'ecs:UpdateService is forbidden by an identity-based policy, which no other policy outweighs: have it changed'
    ],
    [
      'of which AWS says nothing',
      'ecs:DescribeClusters',
      'Access denied',
      `allow ecs:DescribeClusters ${ROLE}: {"Effect":"Allow","Action":"ecs:DescribeClusters","Resource":"*"}`
    ]
  ])('%s', (_, operation, sentence, expected) => {
    expect(remedy(operation, sentence)).toBe(expected)
  })

  test('is one statement of JSON on one line, whatever AWS says', () => {
    const sentence = fc
      .tuple(hostileText, hostileText, hostileText)
      .map(([action, resource, why]) => `${USER} ${action} on resource: arn:aws:ecs:${resource} because no ${why}`)
    fc.assert(
      fc.property(fc.oneof(sentence, hostileText), said => {
        const text = remedy('ecs:UpdateService', said)
        expect(text).not.toMatch(/[\p{C}]/u)
        if (text.includes(' is forbidden by ')) return
        const statement = JSON.parse(text.slice(text.indexOf('{'))) as Record<string, unknown>
        expect(statement['Effect']).toBe('Allow')
        expect(statement['Action']).toMatch(/^[a-z0-9-]+:[A-Za-z]+$/)
        expect(statement['Resource']).toMatch(/^(\*|arn:aws[a-z-]*:\S+)$/)
      }),
      { numRuns: 2_000 }
    )
  })
})
