import { describe, expect, test } from '@jest/globals'
import type { InputName } from '../../src/inputs/defaults.ts'
import type { TaskDefinitionInputs } from '../../src/inputs/task-definition.ts'
import { environmentOf, problemsOf, readDeployInputs } from './environment.ts'

type Given = Partial<Record<InputName, string>>

const ARN = 'arn:aws:ecs:eu-west-1:111122223333:task-definition/web:12'
const DIGEST = `sha256:${'0'.repeat(64)}`
const SCOPE = { partition: 'aws', region: 'eu-west-1', account: '111122223333' }

function read(inputs: Given): TaskDefinitionInputs {
  return readDeployInputs(environmentOf({ service: 'web', ...inputs })).taskDefinition
}

describe('inputs about the task definition', () => {
  test.each<[Given, TaskDefinitionInputs['base']]>([
    [{}, { kind: 'service' }],
    [{ 'task-definition': './web.json' }, { kind: 'file', path: './web.json' }],
    [
      { 'task-definition': 'web:12' },
      { kind: 'file-or-reference', path: 'web:12', reference: { family: 'web', revision: 12 } }
    ],
    [{ 'task-definition-arn': ARN }, { kind: 'reference', reference: { family: 'web', revision: 12, scope: SCOPE } }],
    [{ 'task-definition-family': 'web' }, { kind: 'reference', reference: { family: 'web' } }],
    [
      { 'task-definition-family': 'web', 'task-definition-revision': '7' },
      { kind: 'reference', reference: { family: 'web', revision: 7 } }
    ]
  ])('say what it is made from: %j', (inputs, base) => {
    expect(read(inputs).base).toEqual(base)
  })

  test('read all changes, and leave out those that nobody asked for', () => {
    const { changes, containers, tags, versionVariable, mutableTags } = read({
      'container-name': 'web, proxy=nginx:1.27.3',
      'environment-variables': 'A=b=c\n-OLD\nKEY<<END\n one\ntwo\nEND\n',
      secrets: 'TOKEN=/prod/token',
      'env-files': 'arn:aws:s3:::bucket/a.env\narn:aws:s3:::bucket/b.env',
      'docker-labels': 'rule=Host(`a`) && Query(`x=y`)',
      'log-configuration-log-driver': 'awslogs',
      'log-configuration-options': 'awslogs-group=/ecs/web',
      command: 'sh -c "echo  hi"',
      'task-role-arn': 'app',
      'execution-role-arn': 'arn:aws:iam::111122223333:role/path/exec',
      cpu: '.25 vCPU',
      memory: '512',
      'task-definition-tags': 'team=a b',
      'version-variable': 'APP_VERSION',
      'mutable-tags': 'warn',
      'allowed-images': 'public.ecr.aws/datadog/*'
    })
    expect(changes).toEqual({
      environment: [
        { kind: 'set', name: 'A', value: 'b=c' },
        { kind: 'remove', name: 'OLD' },
        { kind: 'set', name: 'KEY', value: ' one\ntwo' }
      ],
      secrets: [{ kind: 'set', name: 'TOKEN', value: '/prod/token' }],
      environmentFiles: ['arn:aws:s3:::bucket/a.env', 'arn:aws:s3:::bucket/b.env'],
      dockerLabels: [{ kind: 'set', name: 'rule', value: 'Host(`a`) && Query(`x=y`)' }],
      logDriver: 'awslogs',
      logOptions: [{ kind: 'set', name: 'awslogs-group', value: '/ecs/web' }],
      command: ['sh', '-c', 'echo  hi'],
      taskRoleArn: 'app',
      executionRoleArn: 'arn:aws:iam::111122223333:role/path/exec',
      cpu: '.25 vCPU',
      memory: '512'
    })
    expect(containers).toEqual([{ name: 'web' }, { name: 'proxy', image: 'nginx:1.27.3' }])
    expect(tags).toEqual([{ kind: 'set', name: 'team', value: 'a b' }])
    expect(versionVariable).toBe('APP_VERSION')
    expect(mutableTags).toEqual({ mode: 'warn', allowed: ['public.ecr.aws/datadog/*'] })
  })

  test('accept keep-null-value-keys and do nothing with it', () => {
    expect(read({ 'keep-null-value-keys': 'command,tag' })).toEqual(read({}))
  })

  test.each<[Given, string]>([
    [
      { 'task-definition': 'web.json', 'task-definition-arn': ARN },
      'inputs task-definition, task-definition-arn exclude each other; give one of them'
    ],
    [
      { 'task-definition-arn': 'web:12' },
      "input task-definition-arn: 'web:12' is no ARN; " +
        'write arn:aws:ecs:REGION:ACCOUNT:task-definition/FAMILY:REVISION, or use task-definition-family'
    ],
    [
      { 'task-definition-revision': '3' },
      'input task-definition-revision needs task-definition-family, whose revision it is'
    ],
    [
      { 'task-definition-family': 'web', 'task-definition-revision': '0' },
      "input task-definition-revision is '0'; write a whole number from 1 to 2147483647"
    ],
    [
      { 'task-definition-family': 'web:12' },
      "input task-definition-family: 'web:12' is more than a family; put 'web:12' into the input task-definition"
    ],
    [
      { 'container-name': 'web=library/nginx' },
      "input container-name: 'library/nginx' has neither tag nor digest, which would mean latest; " +
        'write REPOSITORY:TAG or REPOSITORY@sha256:…'
    ],
    [
      { 'container-name': `web=${DIGEST}` },
      `input container-name: '${DIGEST}' names no repository; write REPOSITORY:TAG or REPOSITORY@sha256:…`
    ],
    [
      { image: '1.0.0', 'container-name': 'web=web:1.0.0' },
      'input image gives an image to no container, since container-name gives each its own; name one container without =image'
    ],
    [
      { 'env-files': 's3://bucket/a.env' },
      "input env-files has 's3://bucket/a.env'; write ARNs of files in S3, as arn:aws:s3:::BUCKET/KEY"
    ],
    [
      { 'log-configuration-log-driver': 'awslog' },
      "input log-configuration-log-driver is 'awslog' (did you mean 'awslogs'?); " +
        'allowed: awsfirelens, awslogs, fluentd, gelf, journald, json-file, splunk, syslog'
    ],
    [{ cpu: '0.3' }, "input cpu is '0.3'; write CPU units (256) or vCPUs (.25 vCPU)"],
    [{ 'version-variable': 'A=B' }, "input version-variable is 'A=B'; write the name of one environment variable"],
    [
      { 'environment-variables': 'A=1', secrets: 'A=/x' },
      'inputs environment-variables and secrets both set A; a name is one or the other'
    ],
    [
      { 'environment-variables': 'APP_VERSION=1', 'version-variable': 'APP_VERSION' },
      "input version-variable names 'APP_VERSION', which environment-variables or secrets set too"
    ]
  ])('refuse %j', (inputs, sentence) => {
    expect(problemsOf(() => read(inputs))).toEqual([sentence])
  })
})
