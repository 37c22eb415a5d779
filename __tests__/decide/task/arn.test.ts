import { expect, test } from '@jest/globals'
import {
  formatTaskDefinitionReference,
  parseTaskDefinitionReference,
  readTaskDefinitionSource
} from '../../../src/decide/task/arn.ts'

test.each([
  ['web', { family: 'web' }],
  ['web:12', { family: 'web', revision: 12 }],
  [
    'arn:aws:ecs:eu-central-1:123456789012:task-definition/web:12',
    { family: 'web', revision: 12, scope: { partition: 'aws', region: 'eu-central-1', account: '123456789012' } }
  ],
  [
    'arn:aws-us-gov:ecs:us-gov-west-1:123456789012:task-definition/a_b-c:1',
    {
      family: 'a_b-c',
      revision: 1,
      scope: { partition: 'aws-us-gov', region: 'us-gov-west-1', account: '123456789012' }
    }
  ],
  [
    'arn:aws-eusc:ecs:eusc-de-east-1:123456789012:task-definition/web',
    { family: 'web', scope: { partition: 'aws-eusc', region: 'eusc-de-east-1', account: '123456789012' } }
  ]
])('%s', (text, reference) => {
  expect(parseTaskDefinitionReference(` ${text} `)).toEqual(reference)
  expect(formatTaskDefinitionReference(parseTaskDefinitionReference(text))).toBe(text)
})

test.each([
  ['', "'' is no task definition"],
  ['web:latest', "'web:latest' is no task definition"],
  ['web:0', "'web:0' is no task definition"],
  ['a/b', "'a/b' is no task definition"],
  ['x'.repeat(256), 'is no task definition'],
  ['arn:aws:ecs:eu-central-1:123456789012:service/web', 'is no task definition ARN'],
  ['arn:aws:ecs:eu-central-1:1234:task-definition/web:1', 'is no task definition ARN'],
  ['arn:aws:ecs:eu-central-1:123456789012:task-definition/web:x', 'is no task definition ARN']
])('refuses %j', (text, said) => {
  expect(() => parseTaskDefinitionReference(text)).toThrow(said)
})

test.each([
  ['deploy/td.json', { kind: 'file', path: 'deploy/td.json' }],
  [' td.yml ', { kind: 'file', path: 'td.yml' }],
  ['./web', { kind: 'file', path: './web' }],
  ['web', { kind: 'file-or-reference', path: 'web', reference: { family: 'web' } }],
  ['web:3', { kind: 'file-or-reference', path: 'web:3', reference: { family: 'web', revision: 3 } }],
  [
    'arn:aws:ecs:r-1:123456789012:task-definition/w:1',
    {
      kind: 'reference',
      reference: { family: 'w', revision: 1, scope: { partition: 'aws', region: 'r-1', account: '123456789012' } }
    }
  ]
])('source %j', (text, source) => {
  expect(readTaskDefinitionSource(text)).toEqual(source)
})

test('no source', () => {
  expect(() => readTaskDefinitionSource(' ')).toThrow('the task definition is empty')
  expect(() => readTaskDefinitionSource('arn:aws:s3:::bucket')).toThrow('is no task definition ARN')
})
