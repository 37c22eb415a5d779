import { describe, expect, test } from '@jest/globals'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FaultRule } from '../../simulator/control/faults.ts'
import { startSimulator } from '../../simulator/server.ts'
import { commit, deploy, deployTo, requests, writes, type Circumstances, type Deployed } from './harness.ts'
import { digestOf, FOREIGN, runningDigests, serviceState, shop, WEB } from './shop.ts'

/** Without a circuit breaker ECS tries for ever. */
const WORLD = shop({ images: [FOREIGN], service: { circuitBreaker: { enable: false, rollback: false } } })
const INPUTS = { ...WEB, 'circuit-breaker': 'ignore' }
const DENIED: FaultRule = {
  operation: 'ecs:StopServiceDeployment',
  error: 'AccessDeniedException',
  message: 'not authorized',
  times: 'always'
}

/** Runs a job that is killed while it watches a deployment whose tasks cannot start, and the same job again. */
async function killedAndAgain(
  inputs: Readonly<Record<string, string>> = INPUTS,
  circumstances: Circumstances = {}
): Promise<{ readonly killed: Deployed; readonly again: Deployed; readonly deployments: number }> {
  const server = await startSimulator({ world: WORLD, speed: 60 })
  try {
    const sha = commit(3)
    const killed = await deployTo(server, inputs, {
      sha,
      when: {
        says: '== Watching',
        then({ kill }) {
          kill()
        }
      }
    })
    const again = await deployTo(server, inputs, { sha, ...circumstances })
    return { killed, again, deployments: serviceState(again.cloud).serviceDeployments.length }
  } finally {
    await server.close()
  }
}

describe('the same job, run again after it was killed', () => {
  test.concurrent('follows its deployment that cannot end well, and has it rolled back as its own', async () => {
    const { killed, again, deployments } = await killedAndAgain()
    expect(killed.signal).toBe('SIGKILL')
    expect(again.outputs).toMatchObject({ outcome: 'rolled-back', 'reason-code': 'platform-mismatch' })
    expect(again.outputs['reason']).toMatch(/^web:2 failed: .*web is back on web:1/)
    expect(again.outputs['previous-task-definition-arn']).toMatch(/web:1$/)
    expect(writes(again)).toEqual(['StopServiceDeployment'])
    expect(deployments).toBe(2)
    expect(runningDigests(again.cloud)).toEqual({ web: digestOf(again.cloud, 'web', 'main-1111111') })
  })

  test.concurrent('deploys the revision before when ECS may not be asked', async () => {
    const { again } = await killedAndAgain(INPUTS, { faults: [DENIED] })
    expect(again.outputs['outcome']).toBe('rolled-back')
    expect(requests(again, 'UpdateService')).toEqual([
      { cluster: 'prod', service: 'web', taskDefinition: again.outputs['previous-task-definition-arn'] }
    ])
    expect(runningDigests(again.cloud)).toEqual({ web: digestOf(again.cloud, 'web', 'main-1111111') })
  })

  test.concurrent('tells that it failed, and leaves it, when that is asked for', async () => {
    const { again, deployments } = await killedAndAgain({ ...INPUTS, 'on-failure': 'leave' })
    expect(again.outputs).toMatchObject({ outcome: 'failed', 'reason-code': 'platform-mismatch' })
    expect(again.outputs['reason']).toContain('the service is set to web:2')
    expect(again.text).toContain('--task-definition web:1')
    expect(writes(again)).toEqual([])
    expect(deployments).toBe(2)
  })

  test.concurrent('says that the deployment is left running when it is cancelled', async () => {
    const { again } = await killedAndAgain(INPUTS, {
      when: {
        says: '== Watching',
        then({ cancel }) {
          cancel()
        }
      }
    })
    expect(again.outputs['outcome']).toBe('cancelled')
    expect(again.outputs['reason']).toMatch(/deployment ecs-svc\/\d+ .* is left running: https:/)
  })
})

test.concurrent('a job whose main was killed before it saved anything does nothing in its post step', async () => {
  const temp = await mkdtemp(join(tmpdir(), 'killed-'))
  try {
    // Runs first in every process: the first one, which is main, dies of it.
    const atOnce = join(temp, 'at-once.cjs')
    const isSecond = `require('node:fs').existsSync('${join(temp, 'died')}')`
    const die = `require('node:fs').writeFileSync('${join(temp, 'died')}', ''); process.kill(process.pid, 'SIGKILL')`
    await writeFile(atOnce, `if (!${isSecond}) { ${die} }`)
    const env = { NODE_OPTIONS: `--require ${atOnce}` }
    const run = await deploy(shop(), { ...WEB, 'auto-scaling': 'suspend' }, { env })
    expect(run).toMatchObject({ signal: 'SIGKILL', state: {}, post: { outcome: 'success', exitCode: 0 } })
    expect(run.calls).toEqual([])
    expect(run.outputs).toEqual({})
  } finally {
    await rm(temp, { recursive: true })
  }
})

test.concurrent('the main file that is started again with what it saved deploys nothing', async () => {
  const run = await deploy(shop(), WEB, { env: { STATE_phase: 'main' } })
  expect(run).toMatchObject({ exitCode: 0, calls: [], outputs: {} })
})
