import { describe, expect, test } from '@jest/globals'
import type { JsonObject } from '../../../../src/decide/json.ts'
import { noExecutionRole, noHealthCheck, shortGracePeriod } from '../../../../src/decide/service/preflight/task.ts'
import { service } from '../snapshots.ts'

const ECR = '123456789012.dkr.ecr.eu-west-1.amazonaws.com/web:1.0.0'
const PUBLIC = 'public.ecr.aws/nginx/nginx:1.27.3'

function definition(container: JsonObject, changes: JsonObject = {}): JsonObject {
  return {
    family: 'web',
    requiresCompatibilities: ['FARGATE'],
    containerDefinitions: [{ name: 'web', image: PUBLIC, essential: true, ...container }],
    ...changes
  }
}

describe('an execution role that is missing', () => {
  const secrets = [{ name: 'TOKEN', valueFrom: 'arn:aws:ssm:eu-west-1:123456789012:parameter/token' }]
  const awslogs = { logDriver: 'awslogs', options: {} }
  const splunk = { logDriver: 'splunk', secretOptions: [{ name: 'splunk-token', valueFrom: 'arn' }] }
  const EC2 = { requiresCompatibilities: ['EC2'] }

  test.each<[string, JsonObject, string | undefined]>([
    ['a public image', definition({}), undefined],
    ['an image in ECR', definition({ image: ECR }), 'pulling the image of web'],
    ['an image in ECR, on instances', definition({ image: ECR }, EC2), undefined],
    ['secrets', definition({ secrets }), 'the secrets of web'],
    ['secrets, on instances', definition({ secrets }, EC2), 'the secrets of web'],
    ['no secrets', definition({ secrets: [] }), undefined],
    ['awslogs', definition({ logConfiguration: awslogs }), 'writing the log of web'],
    ['awslogs, on instances', definition({ logConfiguration: awslogs }, EC2), undefined],
    [
      'secrets of a log driver',
      definition({ logConfiguration: splunk }, EC2),
      'the secrets in the log configuration of web'
    ],
    [
      'credentials of another registry',
      definition({ repositoryCredentials: { credentialsParameter: 'arn' } }),
      'the registry credentials of web'
    ],
    ['an empty role', definition({ image: ECR }, { executionRoleArn: '' }), 'pulling the image of web'],
    ['a role', definition({ image: ECR, secrets }, { executionRoleArn: 'arn:aws:iam::123456789012:role/r' }), undefined]
  ])('is needed for %s: %3$s', (_, document, need) => {
    const findings = noExecutionRole(document)
    expect(findings.map(({ code, severity }) => [code, severity])).toEqual(
      need === undefined ? [] : [['execution-role-missing', 'error']]
    )
    expect(findings[0]?.sentence ?? '').toContain(need ?? '')
  })

  test('is said once, with everything it is needed for', () => {
    const containers = ['web', 'proxy'].map(name => ({ name, image: ECR, logConfiguration: awslogs }))
    expect(
      noExecutionRole(definition({}, { containerDefinitions: containers })).map(({ sentence }) => sentence)
    ).toEqual([
      'the task definition has no execution role, which it needs for pulling the image of web, writing the log of web, ' +
        'pulling the image of proxy, writing the log of proxy'
    ])
  })
})

describe('a grace period', () => {
  const check = { command: ['CMD', 'true'], startPeriod: 60, interval: 10, retries: 3 }

  test.each<[number, JsonObject, 'warning' | 'hint' | undefined]>([
    [0, check, 'warning'],
    [59, check, 'warning'],
    [60, check, 'hint'],
    [89, check, 'hint'],
    [90, check, undefined],
    [0, { command: ['CMD', 'true'] }, 'hint'],
    [89, { command: ['CMD', 'true'] }, 'hint'],
    [90, { command: ['CMD', 'true'] }, undefined]
  ])('of %i s beside %j: %s', (healthCheckGracePeriodSeconds, healthCheck, severity) => {
    const snapshot = service([], { loadBalanced: true, healthCheckGracePeriodSeconds })
    const findings = shortGracePeriod(snapshot, definition({ healthCheck }))
    expect(findings.map(found => found.severity)).toEqual(severity === undefined ? [] : [severity])
  })

  test('that is too short says how long it should be', () => {
    const snapshot = service([], { loadBalanced: true, healthCheckGracePeriodSeconds: 30 })
    expect(shortGracePeriod(snapshot, definition({ healthCheck: check }))).toMatchObject([
      {
        sentence:
          'the health check of container web gives it 60 s to start and 90 s in all, but web replaces a task whose target is unhealthy after 30 s',
        remedy: 'set healthCheckGracePeriodSeconds of the service to 90'
      }
    ])
  })

  test.each([
    ['without a load balancer', service([]), definition({ healthCheck: check })],
    ['without a health check', service([], { loadBalanced: true }), definition({})],
    [
      'of a container that is not essential',
      service([], { loadBalanced: true }),
      definition({ healthCheck: check, essential: false })
    ]
  ])('is of no account %s', (_, snapshot, document) => {
    expect(shortGracePeriod(snapshot, document)).toEqual([])
  })
})

describe('a service that nothing checks', () => {
  const healthCheck = { command: ['CMD', 'true'] }

  test.each([
    ['nothing', service([]), definition({}), 1],
    ['the check of a side container', service([]), definition({ healthCheck, essential: false }), 1],
    ['a container health check', service([]), definition({ healthCheck }), 0],
    ['a load balancer', service([], { loadBalanced: true }), definition({}), 0]
  ])('has %s', (_, snapshot, document, expected) => {
    expect(noHealthCheck(snapshot, document)).toHaveLength(expected)
  })
})
