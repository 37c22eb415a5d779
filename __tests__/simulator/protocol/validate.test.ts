import { describe, expect, test } from '@jest/globals'
import { shapesOfService } from '../../../simulator/protocol/aws-json/shapes.ts'
import { checkOutput, validateInput } from '../../../simulator/protocol/aws-json/validate.ts'
import { AwsError, type Json, type JsonObject } from '../../../simulator/protocol/operation.ts'

function complaint(service: string, operation: string, input: Json): string {
  try {
    validateInput(service, operation, shapesOfService(service), input, new Set())
  } catch (error) {
    if (error instanceof AwsError) return `${error.code}: ${error.message}`
    throw error
  }
  return 'none'
}

describe('a wrong type', () => {
  const service = { cluster: 'c', service: 's' }
  const container = { name: 'a', image: 'b' }
  test.each<[string, JsonObject, string]>([
    [
      'UpdateService',
      { ...service, desiredCount: '2' },
      'STRING_VALUE can not be converted to an Integer (desiredCount)'
    ],
    ['UpdateService', { ...service, service: 1 }, 'NUMBER_VALUE can not be converted to a String (service)'],
    [
      'UpdateService',
      { ...service, forceNewDeployment: 'true' },
      'STRING_VALUE can not be converted to a Boolean (forceNewDeployment)'
    ],
    ['UpdateService', { ...service, loadBalancers: 'x' }, 'Expected list or null (loadBalancers)'],
    ['UpdateService', { ...service, deploymentConfiguration: 'x' }, 'Expected map or null (deploymentConfiguration)'],
    [
      'UpdateService',
      { ...service, deploymentConfiguration: [] },
      'Start of list found where not expected. (deploymentConfiguration)'
    ],
    [
      'RegisterTaskDefinition',
      { family: 'f', containerDefinitions: [{ ...container, environment: [{ name: 'A', value: true }] }] },
      'TRUE_VALUE can not be converted to a String (containerDefinitions[0].environment[0].value)'
    ],
    [
      'RegisterTaskDefinition',
      { family: 'f', containerDefinitions: [{ ...container, dockerLabels: { 'com.example': 1 } }] },
      'NUMBER_VALUE can not be converted to a String (containerDefinitions[0].dockerLabels.com.example)'
    ],
    [
      'RegisterTaskDefinition',
      { family: 'f', containerDefinitions: [null] },
      'null found where not expected. (containerDefinitions[0])'
    ]
  ])('%s %j', (operation, input, message) => {
    expect(complaint('ecs', operation, input)).toBe(`SerializationException: ${message}`)
  })

  test('a blob that is not base64', () => {
    const part = { repositoryName: 'r', uploadId: 'u', partFirstByte: 0, partLastByte: 1, layerPartBlob: 'ä' }
    expect(complaint('ecr', 'UploadLayerPart', part)).toBe('SerializationException: layerPartBlob is not valid base64')
  })
})

describe('a missing member, in the words of its service', () => {
  test.each<[string, string, JsonObject, string]>([
    ['ecs', 'UpdateService', {}, 'InvalidParameterException: Service should not be null or empty.'],
    [
      'ecs',
      'RegisterTaskDefinition',
      { containerDefinitions: [] },
      'ClientException: Family should not be null or empty.'
    ],
    [
      'ecs',
      'RegisterTaskDefinition',
      { family: 'f', containerDefinitions: [{ secrets: [{ name: 'A' }] }] },
      'ClientException: Secret.valueFrom should not be null or empty.'
    ],
    [
      'ecr',
      'DescribeImages',
      {},
      "InvalidParameterException: Invalid parameter at 'repositoryName' failed to satisfy constraint: 'Member must not be null'"
    ],
    [
      'application-autoscaling',
      'DeregisterScalableTarget',
      { ResourceId: 'service/c/s' },
      "ValidationException: 2 validation errors detected: Value null at 'serviceNamespace' failed to satisfy constraint: Member must not be null; Value null at 'scalableDimension' failed to satisfy constraint: Member must not be null"
    ],
    [
      'logs',
      'GetLogEvents',
      { logGroupName: 'g' },
      "InvalidParameterException: 1 validation error detected: Value null at 'logStreamName' failed to satisfy constraint: Member must not be null"
    ]
  ])('%s:%s %j', (service, operation, input, message) => {
    expect(complaint(service, operation, input)).toBe(message)
  })
})

describe('an unknown enum value', () => {
  test('in ECS', () => {
    expect(complaint('ecs', 'ListTasks', { desiredStatus: 'running' })).toBe(
      "InvalidParameterException: 1 validation error detected: Value 'running' at 'desiredStatus' failed to satisfy constraint: Member must satisfy enum value set: [PENDING, RUNNING, STOPPED]"
    )
  })

  test('in a list', () => {
    const input = { family: 'f', containerDefinitions: [], requiresCompatibilities: ['FARGATE', 'LAMBDA'] }
    expect(complaint('ecs', 'RegisterTaskDefinition', input)).toContain("'LAMBDA' at 'requiresCompatibilities[1]'")
  })

  test('in ECR', () => {
    expect(complaint('ecr', 'CreateRepository', { repositoryName: 'r', imageTagMutability: 'SOFT' })).toBe(
      "InvalidParameterException: Invalid parameter at 'imageTagMutability' failed to satisfy constraint: 'Member must satisfy enum value set: [IMMUTABLE, IMMUTABLE_WITH_EXCLUSION, MUTABLE, MUTABLE_WITH_EXCLUSION]'"
    )
  })
})

test('what is right passes as it is, without its nulls', () => {
  const input = { cluster: null, service: 's', deploymentConfiguration: { maximumPercent: 200, strategy: null } }
  expect(validateInput('ecs', 'UpdateService', shapesOfService('ecs'), input, new Set())).toEqual({
    service: 's',
    deploymentConfiguration: { maximumPercent: 200 }
  })
})

describe('an answer of the simulator', () => {
  const shapes = shapesOfService('ecs')

  test('with a member that clients would drop is a mistake', () => {
    expect(() => checkOutput('ListClusters', shapes, { clusters: [] }, new Set())).toThrow('Unknown member clusters')
  })

  test('may hold members that the world declares', () => {
    const patterns = new Set(['ecs:RegisterTaskDefinition.futureField'])
    checkOutput('DescribeTaskDefinition', shapes, { taskDefinition: { futureField: 1 } }, patterns)
  })
})
