import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { runAction, type RunResult } from '../../simulator/runner/run-action.ts'
import { type RunningSimulator, startSimulator } from '../../simulator/server.ts'
import { aws, AWS_ENVIRONMENT, realPart, run } from './support/command.ts'
import { type BuildContext, makeBuildContext } from './support/fixture.ts'
import { SHOP } from './support/worlds.ts'

const SHA = 'c'.repeat(40)

describe('the action on the Node that the runner has, with a real Docker engine', () => {
  let sim: RunningSimulator
  let context: BuildContext
  beforeAll(async () => {
    sim = await startSimulator({ world: SHOP, speed: 120 })
    context = await makeBuildContext('the action')
  })
  afterAll(async () => {
    await sim.close()
    await context.remove()
  })

  async function deploy(): Promise<RunResult> {
    const { PATH = '', DOCKER_HOST = '', DOCKER_CONFIG = '' } = process.env
    return runAction({
      directory: process.cwd(),
      node: realPart('REAL_NODE24'),
      workspace: context.directory,
      inputs: { cluster: 'shop', service: 'web', context: '.', 'poll-seconds': '0.2' },
      env: { ...AWS_ENVIRONMENT, AWS_ENDPOINT_URL: sim.url, PATH, DOCKER_HOST, DOCKER_CONFIG },
      github: { sha: SHA, ref: 'refs/heads/main' }
    })
  }

  test('builds, pushes, tags and deploys a commit, and the tasks run what was built', async () => {
    const { exitCode, outputs, log } = await deploy()
    expect({ exitCode, log: exitCode === 0 ? [] : log }).toEqual({ exitCode: 0, log: [] })
    expect(outputs).toMatchObject({ outcome: 'succeeded', 'image-tags': '["main-ccccccc"]' })

    const listed = (await aws(sim.url, 'ecs', 'list-tasks', '--cluster', 'shop', '--service-name', 'web')) as {
      readonly taskArns: readonly string[]
    }
    const running = { lastStatus: 'RUNNING', containers: [{ imageDigest: outputs['image-digest'] }] }
    const tasks = await aws(sim.url, 'ecs', 'describe-tasks', '--cluster', 'shop', '--tasks', ...listed.taskArns)
    expect(tasks).toMatchObject({ tasks: [running, running] })
  })

  test('builds nothing the second time', async () => {
    const { exitCode, outputs } = await deploy()
    expect({ exitCode, outcome: outputs['outcome'] }).toEqual({ exitCode: 0, outcome: 'unchanged' })
  })

  test('pushes an image that runs', async () => {
    const image = `127.0.0.1:${String(sim.port)}/shop/web:main-ccccccc`
    const { authorizationData } = (await aws(sim.url, 'ecr', 'get-authorization-token')) as {
      readonly authorizationData: readonly [{ readonly authorizationToken: string }]
    }
    const [, password = ''] = Buffer.from(authorizationData[0].authorizationToken, 'base64').toString().split(':')
    const host = `127.0.0.1:${String(sim.port)}`
    await run('docker', ['login', '--username', 'AWS', '--password-stdin', host], { input: password })
    expect(await run('docker', ['run', '--rm', '--network', 'none', image])).toBe('hello from the action\n')
  })
})
