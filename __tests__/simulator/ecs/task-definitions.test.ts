import { describe, expect, test } from '@jest/globals'
import type { JsonObject } from '../../../simulator/protocol/operation.ts'
import { Cloud, HOST } from './cloud.ts'

const MINIMAL: JsonObject = {
  family: 'api',
  requiresCompatibilities: ['FARGATE'],
  networkMode: 'awsvpc',
  cpu: '256',
  memory: '512',
  executionRoleArn: 'arn:aws:iam::123456789012:role/exec',
  containerDefinitions: [{ name: 'api', image: `${HOST}/app:v1`, portMappings: [{ containerPort: 80 }] }]
}

function register(changes: JsonObject): JsonObject {
  return new Cloud({}).call('RegisterTaskDefinition', { ...MINIMAL, ...changes })
}

describe('RegisterTaskDefinition', () => {
  test.each<[string, JsonObject]>([
    ['Tags can not be empty.', { tags: [] }],
    ['Container.name should not be null or empty.', { containerDefinitions: [{ image: 'x' }] }],
    ['Container.image should not be null or empty.', { containerDefinitions: [{ name: 'x' }] }],
    [
      "Invalid setting for container 'x'. At least one of 'memory' or 'memoryReservation' must be specified.",
      { memory: null, requiresCompatibilities: ['EC2'], containerDefinitions: [{ name: 'x', image: 'y' }] }
    ],
    ['No Fargate configuration exists for given values.', { cpu: '256', memory: '8192' }],
    ['No Fargate configuration exists for given values.', { cpu: '300' }],
    [
      "Invalid 'cpu' setting for task. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.",
      { cpu: 'much' }
    ],
    ['Fargate requires task definition to have execution role ARN to support ECR images.', { executionRoleArn: null }],
    ['Fargate only supports network mode ‘awsvpc’.', { networkMode: 'bridge' }],
    [
      "Tasks using the Fargate launch type do not support pidMode 'host'. The supported value for pidMode is 'task'.",
      { pidMode: 'host' }
    ],
    [
      "The secret name must be unique and not shared with any new or existing environment variables set on the container, such as 'A'.",
      {
        containerDefinitions: [
          {
            name: 'x',
            image: 'y',
            environment: [{ name: 'A', value: '' }],
            secrets: [{ name: 'A', valueFrom: 'arn:aws:ssm:eu-west-1:123456789012:parameter/a' }]
          }
        ]
      }
    ]
  ])('says %s', (message, changes) => {
    expect(() => register(changes)).toThrow(message)
  })

  test('refuses more than 64 KiB and says how much it was', () => {
    const environment = [{ name: 'LONG', value: 'x'.repeat(70_000) }]
    expect(() => register({ containerDefinitions: [{ name: 'x', image: 'y', environment }] })).toThrow(
      /^Actual length: '70\d{3}'. Max allowed length is '65536' bytes.$/
    )
  })

  test('fills in what Describe shows and keeps members it does not know', () => {
    const cloud = new Cloud({})
    const input: JsonObject = {
      ...MINIMAL,
      cpu: '1 vCPU',
      memory: '2 GB',
      newAtTheTop: { deep: [1, '', {}] },
      containerDefinitions: [
        { name: 'api', image: `${HOST}/app:v1`, portMappings: [{ containerPort: 80 }], newInside: '', command: [] }
      ],
      tags: [{ key: 'team', value: 'web' }]
    }
    cloud.call('RegisterTaskDefinition', input)
    const { taskDefinition, tags } = cloud.call('DescribeTaskDefinition', { taskDefinition: 'api', include: ['TAGS'] })
    expect(taskDefinition).toMatchObject({
      taskDefinitionArn: 'arn:aws:ecs:eu-west-1:123456789012:task-definition/api:1',
      cpu: '1024',
      memory: '2048',
      status: 'ACTIVE',
      volumes: [],
      placementConstraints: [],
      newAtTheTop: { deep: [1, '', {}] },
      containerDefinitions: [
        {
          cpu: 0,
          essential: true,
          environment: [],
          mountPoints: [],
          volumesFrom: [],
          systemControls: [],
          portMappings: [{ containerPort: 80, hostPort: 80, protocol: 'tcp' }],
          newInside: '',
          command: []
        }
      ]
    })
    expect(taskDefinition).not.toHaveProperty('tags')
    expect(tags).toEqual([{ key: 'team', value: 'web' }])
  })
})

describe('revisions', () => {
  test('are numbered, listed by status, and a family means its latest ACTIVE one', () => {
    const cloud = new Cloud({})
    cloud.register({})
    cloud.register({})
    cloud.call('DeregisterTaskDefinition', { taskDefinition: 'web:3' })
    const arn = 'arn:aws:ecs:eu-west-1:123456789012:task-definition/web'
    expect(cloud.call('DescribeTaskDefinition', { taskDefinition: 'web' })).toMatchObject({
      taskDefinition: { revision: 2 }
    })
    expect(cloud.call('ListTaskDefinitions', { familyPrefix: 'web', sort: 'DESC' })).toEqual({
      taskDefinitionArns: [`${arn}:2`, `${arn}:1`]
    })
    expect(cloud.call('ListTaskDefinitions', { status: 'INACTIVE' })).toEqual({ taskDefinitionArns: [`${arn}:3`] })
    expect(cloud.call('ListTaskDefinitions', { maxResults: 1 })).toEqual({
      taskDefinitionArns: [`${arn}:1`],
      nextToken: expect.any(String)
    })
    expect(cloud.call('ListTaskDefinitionFamilies')).toEqual({ families: ['web'] })
  })

  test.each([
    ['DescribeTaskDefinition', { taskDefinition: 'nope' }, 'Unable to describe task definition.'],
    ['DeregisterTaskDefinition', { taskDefinition: 'web' }, 'Revision is missing.'],
    ['DeregisterTaskDefinition', { taskDefinition: 'web:x' }, 'Invalid revision number. Number: x']
  ])('%s of %j: %s', (operation, input, message) => {
    expect(() => new Cloud({}).call(operation, input)).toThrow(message)
  })

  test('that are INACTIVE are refused with the code each operation has for it', () => {
    const cloud = new Cloud({})
    const taskDefinition = cloud.register({})
    cloud.call('DeregisterTaskDefinition', { taskDefinition })
    const network = { networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } } }
    expect(() => cloud.call('UpdateService', { cluster: 'main', service: 'web', taskDefinition })).toThrow(
      expect.objectContaining({ code: 'ClientException', message: 'TaskDefinition is inactive' })
    )
    expect(() => cloud.call('RunTask', { cluster: 'main', taskDefinition, ...network })).toThrow(
      expect.objectContaining({ code: 'InvalidParameterException', message: 'TaskDefinition is inactive' })
    )
    expect(() => cloud.call('UpdateService', { cluster: 'main', service: 'web', taskDefinition: 'web:9' })).toThrow(
      expect.objectContaining({ code: 'ClientException', message: 'TaskDefinition not found.' })
    )
  })
})
