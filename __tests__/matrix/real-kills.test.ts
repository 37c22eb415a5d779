import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConnectionDropped } from '../../simulator/perform.ts'
import { startSimulator } from '../../simulator/server.ts'
import type { Simulator } from '../../simulator/simulator.ts'
import { commit, deployTo, type Circumstances, type Deployed } from '../action/harness.ts'
import { digestOf, revisionCount, runningDigests, serviceState, shop, tagsOf, WEB } from '../action/shop.ts'
import { writeDocker } from './standin-docker.ts'

const TARGET = { cluster: 'prod', service: 'web', min: 1, max: 4, suspended: { scheduledScaling: true } }
const WORLD = shop({ images: [{ tags: ['hand-made'] }], scalableTargets: [TARGET] })
const SUSPEND = { ...WEB, 'auto-scaling': 'suspend' }
const BUILD = { ...SUSPEND, context: '.', repository: 'web' }

interface KilledCall {
  /** The end of what names the call: an operation of AWS, or method and path of the registry. */
  readonly operation: string
  /** Whether it is killed after the call acted. */
  readonly acts: boolean
}

function bothWays(operations: readonly string[]): readonly KilledCall[] {
  return operations.flatMap(operation => [false, true].map(acts => ({ operation, acts })))
}

// The other matrices play processes within one; these are real ones, which the system ends without asking.
describe('a process that is killed', () => {
  // First the one after which the post step waits for what may act late: the others run meanwhile.
  const calls = ['RegisterScalableTarget', 'DescribeServices', 'PutImage', 'RegisterTaskDefinition', 'UpdateService']
  test.concurrent.each(bothWays(calls))(
    'at $operation (it acted: $acts) leaves a whole world, and the next one goes on',
    async call => {
      const { again } = await killedAndAgain({ ...SUSPEND, image: 'hand-made' }, call)
      expect(tagsOf(again.cloud, 'web')['main-4444444']).toBe(digestOf(again.cloud, 'web', 'hand-made'))
    }
  )

  test.concurrent.each(bothWays(['GetAuthorizationToken', 'PUT manifests', 'PutImage', 'UpdateService']))(
    'while it builds, at $operation (it acted: $acts), leaves a whole world and no credentials',
    async call => {
      const temp = await mkdtemp(join(tmpdir(), 'runner-temp-'))
      const files = { Dockerfile: 'FROM scratch' }
      const { killed } = await killedAndAgain(BUILD, call, { files, temp })
      expect(killed.post).toMatchObject({ outcome: 'success' })
      expect((await readdir(temp)).filter(name => name.startsWith('ecs-deploy-docker-'))).toEqual([])
      await rm(temp, { recursive: true })
    }
  )
})

/** Kills a job at a call, runs it again, and finds it done as if nothing had happened. */
async function killedAndAgain(
  inputs: Readonly<Record<string, string>>,
  call: KilledCall,
  circumstances: Circumstances = {}
): Promise<{ readonly killed: Deployed; readonly again: Deployed }> {
  const server = await startSimulator({ world: WORLD, speed: 300 })
  const bin = await writeDocker(server.url)
  const env = { PATH: `${bin}:${process.env['PATH'] ?? ''}` }
  try {
    const killed = await deployTo(server, inputs, {
      ...circumstances,
      env,
      sha: commit(4),
      before(simulator, workspace) {
        killAt(simulator, call, join(workspace, '.pid'))
      }
    })
    expect(killed.outputs['outcome']).toBeUndefined()
    expect(killed.cloud.scaling).toEqual(killed.cloudBefore.scaling)

    const again = await deployTo(server, inputs, { ...circumstances, env, sha: commit(4) })
    expect(['succeeded', 'unchanged']).toContain(again.outputs['outcome'])
    const digest = digestOf(again.cloud, 'web', 'main-4444444')
    expect(runningDigests(again.cloud)).toEqual({ web: digest })
    expect(tagsOf(again.cloud, 'web')).toEqual({ ...tagsOf(killed.cloudBefore, 'web'), 'main-4444444': digest })
    expect(again.cloud.scaling).toEqual(killed.cloudBefore.scaling)
    expect(serviceState(again.cloud).serviceDeployments).toHaveLength(2)
    expect(revisionCount(again.cloud)).toBe(2)
    return { killed, again }
  } finally {
    await server.close()
    await rm(bin, { recursive: true })
  }
}

/** Ends the process at its first such call, before or after the cloud has acted. */
function killAt(simulator: Simulator, { operation, acts }: KilledCall, pidFile: string): void {
  const handle = simulator.handle.bind(simulator)
  let isOver = false
  simulator.handle = async request => {
    const { method, path, headers } = request
    const kind = /\/(manifests|blobs)\//.exec(path)?.[1] ?? path
    const name = headers['x-amz-target'] ?? `.${method} ${kind}`
    if (isOver || !name.endsWith(`.${operation}`)) return handle(request)
    isOver = true
    if (acts) await handle(request)
    process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGKILL')
    throw new ConnectionDropped()
  }
}
