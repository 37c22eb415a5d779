import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import type { FaultRule } from '../../simulator/control/faults.ts'
import type { Simulator } from '../../simulator/simulator.ts'
import { Failure } from '../../src/failure.ts'
import type { EcsPort } from '../../src/io/aws/ecs.ts'
import { wallClock } from '../../src/io/clock.ts'
import { deploy } from '../../src/modes/deploy.ts'
import type { Knowledge } from '../../src/outcome.ts'
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
const CANCELLED = new Failure('cancelled', 'the job was cancelled')

interface Scene {
  readonly through: (world: World, simulator: Simulator) => World
  readonly inputs?: Readonly<Record<string, string>>
  readonly faults?: readonly FaultRule[]
}

/** Deploys to the shop, with faults from the first poll on, and tells how that failed, and what was noted until now. */
async function failToFollow({ through, inputs, faults = [] }: Scene) {
  const { world, simulator, close } = virtualWorld(shop(), [])
  const event = { name: 'push', ref: 'refs/heads/main', sha: '2'.repeat(40), payload: {} }
  const notes: string[] = []
  const known: Knowledge = {}
  const run = deploy({
    inputs: readDeployInputs({ INPUT_CLUSTER: WEB.cluster, INPUT_SERVICE: WEB.service, ...inputs }),
    world: through(world, simulator),
    known,
    event,
    source: undefined,
    emit(told) {
      if (told.kind === 'phase' && told.title.startsWith('Watching')) simulator.setFaults(faults)
      if (told.kind === 'note') notes.push(told.text)
    }
  })
  await expect(run).rejects.toThrow(Failure)
  close()
  return { known, notes }
}

/** What the run looks into beside its watch takes as long as `look` does; a second of its own takes a tenth. */
function beside(look: () => Promise<unknown>): Scene['through'] {
  return world => ({
    ...world,
    clock: {
      now: () => world.clock.now(),
      async sleep(ms, signal) {
        await world.clock.sleep(ms, signal)
        await wallClock.sleep(ms / 10, signal)
      }
    },
    async ecr(region, account) {
      const port = await world.ecr(region, account)
      return {
        ...port,
        async lifecyclePolicy() {
          await look()
          throw new Error('a look that fails')
        }
      }
    }
  })
}

test('what is looked up beside a watch is waited for when that is over, also when it fails', async () => {
  let isOver = false
  const slow = beside(async () => {
    await wait(400)
    isOver = true
  })
  const { notes } = await failToFollow({ through: slow, faults: [DENIED] })
  expect(isOver).toBe(true)
  expect(notes).toContain('the lifecycle policy was not looked at: Error: a look that fails')
})

test('what hangs beside a watch is given up soon after that is over, and says nothing any more', async () => {
  const { notes } = await failToFollow({ through: beside(() => wait(1200)), faults: [DENIED] })
  const told = [...notes]
  expect(told).toContain('the lifecycle policy was not looked at: ECR has not answered yet')
  await wait(1000)
  expect(notes).toEqual(told)
})

/** A colleague deploys when the service is looked at for the fifth time, and the job is cancelled while that is answered. */
function cancelledWhenReplaced(isSeen: boolean): Scene['through'] {
  return (world, simulator) => {
    const controller = new AbortController()
    const { signal } = controller
    const hasty = (port: EcsPort): EcsPort => {
      let looks = 0
      const reads: EcsPort = {
        ...port,
        polling: () => reads,
        async describeService(cluster, name) {
          if (++looks === 5) simulator.change({ deploy: { ...WEB, image: 'web:main-1111111' } })
          const answer = await port.describeService(cluster, name)
          if (looks === 5) controller.abort(CANCELLED)
          if (!isSeen) signal.throwIfAborted()
          return answer
        },
        async describeServiceDeployment(arn) {
          const answer = await port.describeServiceDeployment(arn)
          await wait(1)
          signal.throwIfAborted()
          return answer
        }
      }
      return reads
    }
    return { ...world, signal, ecs: async () => hasty(await world.ecs()) }
  }
}

test.each([
  ['the watch', true, 'leave'],
  ['the look of who is to undo it', false, 'rollback']
])('a deployment that %s saw replaced is not left running by a cancelled run', async (_, isSeen, onCancel) => {
  const inputs = { 'INPUT_ON-CANCEL': onCancel }
  const { known } = await failToFollow({ through: cancelledWhenReplaced(isSeen), inputs })
  expect(known.parting).toMatch(/^it was replaced by ecs-svc\/\d+, which deploys web:3$/)
})
