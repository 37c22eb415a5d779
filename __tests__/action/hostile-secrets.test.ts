import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Behaviour } from '../../simulator/cloud/images.ts'
import type { FaultRule } from '../../simulator/control/faults.ts'
import { deploy, type Circumstances, type Deployed } from './harness.ts'
import { FARGATE, shop, WEB } from './shop.ts'

/** Values that must not be seen anywhere; each could be told from the others. */
const PLANTED = {
  inFile: 'Pl4nted-in-a-file',
  inInput: 'Pl4nted-in-an-input',
  running: 'Pl4nted-in-what-runs',
  inSecrets: 'Pl4nted-among-secrets',
  build: 'Pl4nted-for-a-build',
  password: 'Pl4nted-as-a-password',
  key: 'Pl4nted-as-a-key'
} as const

/** A value that is given as if it were the name of a parameter, and reads like one. */
const MISPLACED = 'plain-value'

let root: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'planted-'))
})
afterAll(() => {
  rmSync(root, { recursive: true, force: true })
})

function withValue(value: string): object {
  const log = { 'awslogs-group': '/ecs/web', 'awslogs-region': 'eu-west-1', 'awslogs-stream-prefix': 'ecs' }
  const container = {
    name: 'web',
    image: 'set by the service',
    environment: [{ name: 'PASSWORD', value }],
    portMappings: [{ containerPort: 8080 }],
    logConfiguration: { logDriver: 'awslogs', options: log }
  }
  return { ...FARGATE, containerDefinitions: [container] }
}

function withEnvironment(environment: unknown): string {
  return JSON.stringify({ family: 'web', containerDefinitions: [{ name: 'web', environment }] })
}

const FILES = { 'task.json': JSON.stringify(withValue(PLANTED.inFile)) }

const INPUTS = {
  ...WEB,
  'task-definition': 'task.json',
  repository: 'web',
  'container-name': 'web',
  'environment-variables': `TOKEN=${PLANTED.inInput}`
}

/** Everything that a run left for somebody to read, but the rendered task definition, which is what it is for. */
function everything(run: Deployed, temp: string): string {
  const stages = [run, ...(run.post === undefined ? [] : [run.post])]
  const files = readdirSync(temp, { recursive: true, encoding: 'utf8' })
    .filter(name => !name.endsWith('task-definition.json') && statSync(join(temp, name)).isFile())
    .map(name => readFileSync(join(temp, name), 'utf8'))
  // The log also has the runner's own heading, with the inputs of the step.
  const printed = stages.flatMap(stage => [stage.rawStdout, stage.rawStderr])
  // By these lines the runner is told what to hide.
  const shown = printed.map(text => text.replace(/^::add-mask::.*$/gm, ''))
  const told = [run.outputs, run.state, run.env, run.annotations].map(each => JSON.stringify(each))
  return [...shown, run.summary, ...told, ...files].join('\n')
}

interface More extends Circumstances {
  readonly behaviour?: Behaviour
}

async function deployed(
  inputs: Readonly<Record<string, string>>,
  { behaviour = LEAKING, ...circumstances }: More = {}
) {
  const temp = mkdtempSync(join(root, 'temp-'))
  const image = { tags: ['main-3333333'], behaviour }
  const world = shop({ images: [image], service: { taskDefinition: { ...withValue(PLANTED.running) } } })
  const env = { RUNNER_DEBUG: '1', AWS_SECRET_ACCESS_KEY: PLANTED.key, ...circumstances.env }
  const run = await deploy(world, inputs, { files: FILES, ...circumstances, temp, env })
  return { run, shown: everything(run, temp) }
}

/** An application that logs what it should not, and a container runtime that quotes it. */
const LEAKING = {
  stop: {
    stopCode: 'EssentialContainerExited',
    reason: `Essential container in task exited: ${PLANTED.inFile}`,
    container: { exitCode: 3, reason: `starting with ${PLANTED.inInput} failed` }
  },
  logs: [`PASSWORD=${PLANTED.inFile}`, `using ${PLANTED.inInput}`]
} as const

function expectNothingPlanted(shown: string): void {
  expect(Object.values(PLANTED).filter(value => shown.includes(value))).toEqual([])
}

describe('what must not be seen is nowhere', () => {
  test.concurrent('after a success', async () => {
    const { run, shown } = await deployed({ ...INPUTS, secrets: `KEY=${PLANTED.inSecrets}` })
    expect(run.outputs['outcome']).toBe('succeeded')
    expect(shown).toContain('PASSWORD')
    expectNothingPlanted(shown)
  })

  test.concurrent('after a dry run', async () => {
    const { run, shown } = await deployed({ ...INPUTS, secrets: `KEY=${PLANTED.inSecrets}`, 'dry-run': 'true' })
    expect(run.outputs['outcome']).toBe('planned')
    expectNothingPlanted(shown)
  })

  test.concurrent('after a failure whose logs and reasons hold it', async () => {
    const { run, shown } = await deployed(INPUTS, { sha: '3'.repeat(40) })
    expect(run.outputs['outcome']).toBe('rolled-back')
    expectNothingPlanted(shown)
  })

  test.concurrent.each(['ClientException', 'ServerException', 'AccessDeniedException'])(
    'after a %s that quotes it',
    async error => {
      const message = `Invalid value ${PLANTED.inFile} or ${PLANTED.inInput} or ${PLANTED.inSecrets}`
      const faults = [{ operation: 'ecs:RegisterTaskDefinition', error, message, times: 'always' }] as const
      const inputs = { ...INPUTS, secrets: `KEY=${PLANTED.inSecrets}`, 'max-retries': '1' }
      const { run, shown } = await deployed(inputs, { faults })
      expect(run.outputs['outcome']).toBe('rejected')
      expect(run.outputs['reason']).toContain('${PASSWORD}')
      expectNothingPlanted(shown)
    }
  )

  test.concurrent('after an UpdateService that is refused and quotes it', async () => {
    const message = `bad ${PLANTED.running} or ${PLANTED.inFile} or ${PLANTED.inInput}`
    const faults = [{ operation: 'ecs:UpdateService', error: 'InvalidParameterException', message, times: 'always' }]
    const { run, shown } = await deployed(INPUTS, { faults: faults as readonly FaultRule[] })
    expect(run.outputs['reason']).toContain('bad ${PASSWORD} or ${PASSWORD} or ${TOKEN}')
    expectNothingPlanted(shown)
  })

  test.concurrent.each(['ecs:RegisterTaskDefinition', 'ecs:DescribeServices', 'ecs:UpdateService'])(
    'while %s is repeated and quotes it',
    async operation => {
      const message = `Rate exceeded for ${PLANTED.running}, ${PLANTED.inFile}, ${PLANTED.inInput}`
      const fault: FaultRule = { operation, error: 'ThrottlingException', message, times: 2, after: 1 }
      const first: FaultRule = { ...fault, after: 0 }
      const faults = operation === 'ecs:DescribeServices' ? [fault] : [first]
      const { run, shown } = await deployed(INPUTS, { faults })
      expect(run.text).toContain('Rate exceeded for ${PASSWORD}')
      expectNothingPlanted(shown)
    }
  )

  test.concurrent.each([
    ...['ecs:DescribeServices', 'ecs:DescribeTaskDefinition', 'ecr:BatchGetImage'],
    ...['ecs:RegisterTaskDefinition', 'ecs:UpdateService']
  ])('while %s is repeated and quotes a value that stands in the place of an ARN', async operation => {
    const message = `Rate exceeded for ${MISPLACED}`
    const fault = { operation, error: 'ThrottlingException', message, times: 1 } as const
    const { run, shown } = await deployed({ ...INPUTS, secrets: `KEY=${MISPLACED}` }, { faults: [fault] })
    expect(run.text).toContain('Rate exceeded for ${KEY}')
    expect(shown).not.toContain(MISPLACED)
  })

  test.concurrent('in a failure of tasks that look for a parameter of that name', async () => {
    const reason = `ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secrets from ssm: service call has been retried 1 time(s): invalid parameters: ${MISPLACED}`
    const behaviour = { stop: { stopCode: 'TaskFailedToStart', reason } } as const
    const inputs = { ...INPUTS, secrets: `KEY=${MISPLACED}` }
    const { run, shown } = await deployed(inputs, { sha: '3'.repeat(40), behaviour })
    expect(run.outputs['reason-code']).toBe('secret-unavailable')
    expect(shown).not.toContain(MISPLACED)
  })

  test.concurrent('in a failure whose log and events have the value that this run replaced', async () => {
    const behaviour = { crash: { exitCode: 3, afterSeconds: 1 }, logs: [`old ${PLANTED.running}`] }
    const { run, shown } = await deployed(
      { ...INPUTS, 'environment-variables': 'PASSWORD=' },
      { sha: '3'.repeat(40), behaviour }
    )
    expect(run.outputs['outcome']).toBe('rolled-back')
    expect(shown).toContain('old ${PASSWORD}')
    expectNothingPlanted(shown)
  })

  test.concurrent('after a log driver was refused whose token is quoted', async () => {
    const message = `option splunk-token:${PLANTED.inInput} is not allowed`
    const faults: readonly FaultRule[] = [
      { operation: 'ecs:RegisterTaskDefinition', error: 'ClientException', message, times: 'always' }
    ]
    const options = `splunk-token=${PLANTED.inInput}`
    const inputs = { ...WEB, 'log-configuration-log-driver': 'splunk', 'log-configuration-options': options }
    const { run, shown } = await deployed(inputs, { faults })
    expect(run.outputs['reason']).toContain('splunk-token:${splunk-token} is not allowed')
    expectNothingPlanted(shown)
  })

  test.concurrent.each([
    ['variables without a name', { 'environment-variables': PLANTED.inInput }],
    ['a variable with a bad name', { 'environment-variables': `=${PLANTED.inInput}` }],
    ['secrets without a name', { secrets: PLANTED.inSecrets }],
    ['build secrets without a name', { context: '.', 'build-secrets': PLANTED.build }],
    [
      'a password without a user',
      { mode: 'mirror', mirror: 'nginx:1.27.3 -> nginx:1.27.3', 'source-password': PLANTED.password }
    ]
  ])('after inputs that make no sense: %s', async (_, inputs) => {
    const { run, shown } = await deployed({ ...INPUTS, ...inputs })
    expect(run.exitCode).toBe(1)
    expectNothingPlanted(shown)
  })

  test.concurrent.each([
    ['cut off', `{"containerDefinitions": [{"environment": [{"name": "A", "value": "${PLANTED.inFile}"`],
    ['no JSON', `{"containerDefinitions": [{"environment": [{"name": "A", "value": '${PLANTED.inFile}'}]}]`],
    ['a list', `["${PLANTED.inFile}"]`],
    ['a text', PLANTED.inFile],
    ['a variable that is none', withEnvironment(PLANTED.inFile)],
    ['a variable of another shape', withEnvironment([PLANTED.inFile])],
    ['a map of variables', withEnvironment({ [PLANTED.inFile]: 1 })],
    ['a nested value', withEnvironment([{ name: 'A', value: { b: PLANTED.inFile } }])]
  ])('after a file that is %s', async (_, text) => {
    for (const name of ['task.json', 'task.yaml']) {
      const { run, shown } = await deployed({ ...INPUTS, 'task-definition': name }, { files: { [name]: text } })
      expect(run.exitCode).toBe(1)
      expectNothingPlanted(shown)
    }
  })

  const login = `joe:a/b ${PLANTED.password}@host`
  const url = `https://joe:${PLANTED.password}@github.com/a/b.git`
  test.concurrent.each<readonly [string, Readonly<Record<string, string>>]>([
    ['an image', { image: `${url}:1` }],
    ['an image whose password has a slash', { image: `${login}/web:1` }],
    ['an image beside a build', { image: `${url}:1`, context: '.' }],
    ['a repository', { repository: `${login}/web` }],
    ['the image of a container', { 'container-name': `web=${url}:1` }],
    ['the source of a copy', { mode: 'mirror', mirror: `${login}/nginx:1.27.3 -> nginx` }],
    ['a copy that is none', { mode: 'mirror', mirror: `${login}/nginx:1.27.3 ->` }],
    ['a context of a branch', { context: `${url}#main` }],
    ['a context with a token', { context: `https://host/a.tgz?private_token=${PLANTED.password}` }],
    ['a context that is a template', { context: `${url}/{{defaultContext}}` }],
    ['files to pin', { mode: 'pin', files: 'compose.yaml' }],
    ['files to check', { mode: 'pin', files: 'compose.yaml', check: 'true' }],
    ['a task definition', { 'task-definition': 'sidecar.json' }],
    ['a task definition that is compared', { 'task-definition': 'sidecar.json', 'mutable-tags': 'allow' }]
  ])('after a login in %s', async (_, inputs) => {
    const images = [`\${IMG:-${url}}`, url, `${login}/x`, `\${IMG:-${login}/x}`, `${url}?token=${PLANTED.password}`]
    const services = images.map((image, index) => `  s${String(index)}: { image: ${JSON.stringify(image)} }\n`)
    const sidecars = images.map((image, index) => ({ name: `s${String(index)}`, image }))
    const task = withValue(PLANTED.inFile) as { readonly containerDefinitions: readonly object[] }
    const files = {
      ...FILES,
      'compose.yaml': `services:\n${services.join('')}`,
      'sidecar.json': JSON.stringify({ ...task, containerDefinitions: [...task.containerDefinitions, ...sidecars] })
    }
    const given =
      'mode' in inputs
        ? { 'poll-seconds': '', ...inputs }
        : { ...INPUTS, ...('image' in inputs && { repository: '' }), ...inputs }
    const { run, shown } = await deployed(given, { files })
    expect(run.text).toContain('***')
    expectNothingPlanted(shown)
  })

  test.concurrent('after a build that fails and says it', async () => {
    const bin = mkdtempSync(join(root, 'bin-'))
    const engine = `#!${process.execPath}
      const args = process.argv.slice(2).join(' ')
      if (args.startsWith('buildx version')) console.log('github.com/docker/buildx v0.13.1')
      else if (args.startsWith('buildx inspect')) console.log('Driver: docker-container')
      else if (args.includes('login')) process.stdin.resume()
      else { console.log(args, '${PLANTED.build}'); console.error('ERROR: failed with ${PLANTED.build}'); process.exitCode = 1 }`
    writeFileSync(join(bin, 'docker'), engine, { mode: 0o755 })
    const inputs = { ...INPUTS, context: '.', 'build-secrets': `token=${PLANTED.build}` }
    const { run } = await deployed(inputs, {
      sha: '9'.repeat(40),
      files: { ...FILES, Dockerfile: 'FROM scratch' },
      env: { PATH: `${bin}:${process.env['PATH'] ?? ''}` }
    })
    expect(run.outputs['reason-code']).toBe('build-failed')
    expect(run.masks).toContain(PLANTED.build)
    // Before it stands the runner's own heading, with the inputs of the step.
    const log = run.log.join('\n')
    expect(log.slice(log.indexOf('##[endgroup]'))).not.toContain(PLANTED.build)
    expect([run.summary, JSON.stringify(run.outputs), JSON.stringify(run.annotations)].join()).not.toContain(
      PLANTED.build
    )
  })
})
