import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ConnectionDropped } from '../../simulator/perform.ts'
import { startSimulator } from '../../simulator/server.ts'
import type { Simulator } from '../../simulator/simulator.ts'
import { commit, deployTo } from '../action/harness.ts'
import { digestOf, revisionCount, runningDigests, serviceState, shop, tagsOf, WEB } from '../action/shop.ts'

const INPUTS = { ...WEB, image: 'hand-made', 'auto-scaling': 'suspend' }
const TARGET = { cluster: 'prod', service: 'web', min: 1, max: 4, suspended: { scheduledScaling: true } }
const WORLD = shop({ images: [{ tags: ['hand-made'] }], scalableTargets: [TARGET] })

const CALLS = ['DescribeServices', 'PutImage', 'RegisterTaskDefinition', 'RegisterScalableTarget', 'UpdateService']

// The other matrices play processes within one; these are real ones, which the system ends without asking.
test.concurrent.each(CALLS.flatMap(operation => [false, true].map(acts => ({ operation, acts }))))(
  'a process that is killed at $operation (it acted: $acts) leaves a whole world, and the next one goes on',
  async ({ operation, acts }) => {
    const server = await startSimulator({ world: WORLD, speed: 300 })
    try {
      const killed = await deployTo(server, INPUTS, {
        sha: commit(4),
        before(simulator, workspace) {
          killAt(simulator, operation, acts, join(workspace, '.pid'))
        }
      })
      expect(killed.outputs['outcome']).toBeUndefined()
      expect(killed.cloud.scaling).toEqual(killed.cloudBefore.scaling)

      const again = await deployTo(server, INPUTS, { sha: commit(4) })
      expect(['succeeded', 'unchanged']).toContain(again.outputs['outcome'])
      const digest = digestOf(again.cloud, 'web', 'hand-made')
      expect(runningDigests(again.cloud)).toEqual({ web: digest })
      expect(tagsOf(again.cloud, 'web')).toEqual({ ...tagsOf(killed.cloudBefore, 'web'), 'main-4444444': digest })
      expect(again.cloud.scaling).toEqual(killed.cloudBefore.scaling)
      expect(serviceState(again.cloud).serviceDeployments).toHaveLength(2)
      expect(revisionCount(again.cloud)).toBe(2)
    } finally {
      await server.close()
    }
  }
)

/** Ends the process at its first call of an operation, before or after the cloud has acted. */
function killAt(simulator: Simulator, operation: string, acts: boolean, pidFile: string): void {
  const handle = simulator.handle.bind(simulator)
  let isOver = false
  simulator.handle = async request => {
    if (isOver || request.headers['x-amz-target']?.endsWith(`.${operation}`) !== true) return handle(request)
    isOver = true
    if (acts) await handle(request)
    process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGKILL')
    throw new ConnectionDropped()
  }
}
