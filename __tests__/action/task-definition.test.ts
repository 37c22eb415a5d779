import { describe, expect, test } from '@jest/globals'
import { deploy, requests, type TaskDefinition } from './harness.ts'
import { FARGATE, REGISTRY, shop, WEB } from './shop.ts'

const CONTAINER = {
  name: 'web',
  image: 'left to the deployment',
  portMappings: [{ containerPort: 8080 }],
  environment: [{ name: 'STAGE', value: 'prod' }]
}
const DOCUMENT = { ...FARGATE, containerDefinitions: [CONTAINER] }

const JSONC = `{
  // The family of the service.
  ${JSON.stringify(DOCUMENT).slice(1, -1)},
}`

const YAML = `
family: web
requiresCompatibilities: [FARGATE]
networkMode: awsvpc
cpu: 256
memory: 512
executionRoleArn: arn:aws:iam::123456789012:role/ecsTaskExecutionRole
containerDefinitions:
  - name: web
    image: left to the deployment
    portMappings:
      - containerPort: 8080
    environment:
      - name: STAGE
        value: prod
`

const DESCRIBED = {
  taskDefinition: {
    ...DOCUMENT,
    taskDefinitionArn: 'arn:aws:ecs:eu-west-1:123456789012:task-definition/web:41',
    revision: 41,
    status: 'ACTIVE',
    requiresAttributes: [{ name: 'com.amazonaws.ecs.capability.ecr-auth' }],
    compatibilities: ['EC2', 'FARGATE'],
    registeredAt: '2026-01-05T10:00:00Z',
    registeredBy: 'arn:aws:iam::123456789012:user/me'
  },
  tags: [{ key: 'team', value: 'shop' }]
}

/** The container as it was registered. */
function registered(run: { readonly revision: TaskDefinition | undefined }): Readonly<Record<string, unknown>> {
  const container = run.revision?.containerDefinitions.find(({ name }) => name === 'web')
  if (container === undefined) throw new Error('no revision with a container web was registered')
  return container
}

describe('a task definition file', () => {
  test.concurrent.each([
    ['JSON', 'task.json', JSON.stringify(DOCUMENT)],
    ['JSON with comments', 'deploy/task.jsonc', JSONC],
    ['YAML', 'task.yml', YAML],
    ['the output of describe-task-definition', 'task.json', JSON.stringify(DESCRIBED)]
  ])('in %s is deployed with the image', async (_, path, text) => {
    const inputs = { ...WEB, 'task-definition': path, repository: 'web' }
    const run = await deploy(shop(), inputs, { files: { [path]: text } })
    expect(run.outputs['outcome']).toBe('succeeded')
    const image = `${REGISTRY}/web:main-2222222`
    const request = { ...DOCUMENT, containerDefinitions: [{ ...CONTAINER, image }] }
    const tags = text.includes('team') ? { tags: DESCRIBED.tags } : {}
    expect(requests(run, 'RegisterTaskDefinition')).toEqual([{ ...request, ...tags }])
  })

  test.concurrent('may hold a placeholder: the repository is that of the image that runs', async () => {
    const run = await deploy(
      shop(),
      { ...WEB, 'task-definition': 'task.json' },
      {
        files: {
          'task.json': JSON.stringify({ ...DOCUMENT, containerDefinitions: [{ ...CONTAINER, image: 'PLACEHOLDER' }] })
        }
      }
    )
    expect(run.outputs).toMatchObject({ outcome: 'succeeded', image: `${REGISTRY}/web:main-2222222` })
  })

  test.concurrent('can be an ARN or a family instead', async () => {
    const arn = 'arn:aws:ecs:eu-west-1:123456789012:task-definition/web:1'
    const inputs = [
      { 'task-definition': arn },
      { 'task-definition': 'web:1' },
      { 'task-definition-arn': arn },
      { 'task-definition-family': 'web', 'task-definition-revision': '1' }
    ]
    const runs = await Promise.all(inputs.map(input => deploy(shop(), { ...WEB, ...input, 'dry-run': 'true' })))
    for (const run of runs) expect(run.outputs['outcome']).toBe('planned')
    expect(new Set(runs.map(run => run.outputs['image'])).size).toBe(1)
  })
})

describe('the container', () => {
  const taskDefinition = {
    ...FARGATE,
    containerDefinitions: [
      {
        ...CONTAINER,
        environment: [
          { name: 'KEPT', value: 'a=b' },
          { name: 'CHANGED', value: 'old' },
          { name: 'REMOVED', value: 'x' }
        ],
        secrets: [{ name: 'TOKEN', valueFrom: 'old-parameter' }],
        dockerLabels: { kept: '', changed: 'old', removed: 'x' },
        command: ['old']
      }
    ]
  }

  test.concurrent('is changed in what was asked for', async () => {
    const run = await deploy(shop({ service: { taskDefinition } }), {
      ...WEB,
      'environment-variables': 'CHANGED=new=value\nADDED=\n-REMOVED\nLONG<<END\nline 1\nline 2\nEND',
      secrets: 'TOKEN=new-parameter\nPASSWORD=arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf',
      'env-files': 'arn:aws:s3:::bucket/web.env',
      'docker-labels': 'changed=Host(`a`) && Query(`x=y`)\n-removed',
      'log-configuration-log-driver': 'awslogs',
      'log-configuration-options': 'awslogs-group=/ecs/web\nawslogs-region=eu-west-1',
      command: 'sh -c "echo  hi there"',
      cpu: '512',
      memory: '1024',
      'task-role-arn': 'arn:aws:iam::123456789012:role/web',
      'task-definition-tags': 'team=shop',
      'version-variable': 'APP_VERSION'
    })
    expect(run.outputs['outcome']).toBe('succeeded')
    expect(registered(run)).toMatchObject({
      environment: [
        { name: 'KEPT', value: 'a=b' },
        { name: 'CHANGED', value: 'new=value' },
        { name: 'ADDED', value: '' },
        { name: 'LONG', value: 'line 1\nline 2' },
        { name: 'APP_VERSION', value: 'main-2222222' }
      ],
      secrets: [
        { name: 'TOKEN', valueFrom: 'new-parameter' },
        { name: 'PASSWORD', valueFrom: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf' }
      ],
      environmentFiles: [{ value: 'arn:aws:s3:::bucket/web.env', type: 's3' }],
      dockerLabels: { kept: '', changed: 'Host(`a`) && Query(`x=y`)' },
      logConfiguration: {
        logDriver: 'awslogs',
        options: { 'awslogs-group': '/ecs/web', 'awslogs-region': 'eu-west-1' }
      },
      command: ['sh', '-c', 'echo  hi there']
    })
    expect(run.revision).toMatchObject({
      cpu: '512',
      memory: '1024',
      taskRoleArn: 'arn:aws:iam::123456789012:role/web'
    })
    expect(requests(run, 'RegisterTaskDefinition')).toMatchObject([{ tags: [{ key: 'team', value: 'shop' }] }])
  })

  test.concurrent('never shows the values of its environment', async () => {
    const secret = 'hunter2-new'
    const run = await deploy(
      shop({ service: { taskDefinition: { ...taskDefinition, containerDefinitions: [withValue('hunter1-old')] } } }),
      {
        ...WEB,
        'task-definition': 'task.json',
        'container-name': 'web',
        'version-variable': 'APP_VERSION'
      },
      { files: { 'task.json': JSON.stringify({ ...taskDefinition, containerDefinitions: [withValue(secret)] }) } }
    )
    expect(run.outputs['outcome']).toBe('succeeded')
    expect(registered(run)).toMatchObject({
      environment: [{ name: 'PASSWORD', value: secret }, { name: 'APP_VERSION' }]
    })
    const shown = [
      run.rawStdout,
      run.rawStderr,
      run.summary,
      JSON.stringify(run.outputs),
      JSON.stringify(run.annotations)
    ]
    for (const text of shown) expect(text).not.toMatch(/hunter/)
    expect(run.rawStdout).toContain('PASSWORD')
  })

  function withValue(value: string): object {
    return {
      ...CONTAINER,
      image: `${REGISTRY}/web:main-1111111`,
      environment: [{ name: 'PASSWORD', value }],
      dockerLabels: { key: value },
      command: ['--password', value],
      logConfiguration: {
        logDriver: 'awslogs',
        options: { 'awslogs-group': '/ecs/web', 'awslogs-region': 'eu-west-1', tag: value }
      }
    }
  }
})
