import { setTimeout } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import type { FaultRule } from '../../simulator/control/faults.ts'
import { Failure } from '../../src/failure.ts'
import { deploy } from '../../src/modes/deploy.ts'
import type { World } from '../../src/world.ts'
import { shop, WEB } from '../action/shop.ts'
import { readDeployInputs } from '../inputs/environment.ts'
import { virtualWorld } from '../properties/virtual-world.ts'

process.env['AWS_ACCESS_KEY_ID'] = 'AKIDEXAMPLE'
process.env['AWS_SECRET_ACCESS_KEY'] = 'secret'

/** The first poll is answered, so that there is a pause to look into other things. */
const DENIED: FaultRule = {
  operation: 'ecs:DescribeServices',
  error: 'AccessDeniedException',
  times: 'always',
  after: 1
}

test('what is looked up beside a watch is over when the watch is, also when it fails', async () => {
  const { world, simulator, close } = virtualWorld(shop(), [])
  let isOver = false
  const slow: World = {
    ...world,
    async ecr(region, account) {
      const port = await world.ecr(region, account)
      return {
        ...port,
        async lifecyclePolicy() {
          await setTimeout(100)
          isOver = true
          throw new Error('a look that fails')
        }
      }
    }
  }
  const inputs = readDeployInputs({ INPUT_CLUSTER: WEB.cluster, INPUT_SERVICE: WEB.service })
  const event = { name: 'push', ref: 'refs/heads/main', sha: '2'.repeat(40), payload: {} }
  const notes: string[] = []
  const run = deploy({
    inputs,
    world: slow,
    known: {},
    event,
    source: undefined,
    emit(told) {
      if (told.kind === 'phase' && told.title.startsWith('Watching')) simulator.setFaults([DENIED])
      if (told.kind === 'note') notes.push(told.text)
    }
  })
  await expect(run).rejects.toThrow(Failure)
  expect(isOver).toBe(true)
  expect(notes).toContain('the lifecycle policy was not looked at: Error: a look that fails')
  close()
})
