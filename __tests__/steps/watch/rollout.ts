import type { World as SimulatedWorld } from '../../../simulator/cloud/world.ts'
import type { FaultRule } from '../../../simulator/control/faults.ts'
import type { Simulator } from '../../../simulator/simulator.ts'
import type { Event } from '../../../src/event.ts'
import { logLines } from '../../../src/report/log.ts'
import { watchDeployment, type WatchEnd, type WatchPlan } from '../../../src/steps/watch-deployment.ts'
import type { Meanwhile } from '../../properties/virtual-world.ts'
import { call, signedFor } from '../../simulator/in-process.ts'
import { deployedByHand, type Begun } from '../../support/deployed-by-hand.ts'

const MINUTE_MS = 60_000

/** What differs from a usual watch of the image of commit 2. */
export interface RolloutChanges {
  readonly image?: string
  readonly plan?: Partial<WatchPlan>
  readonly meanwhile?: readonly Meanwhile[]
  readonly faults?: readonly FaultRule[]
  /** What is done as soon as an event of this kind is told. */
  readonly when?: { readonly kind: Event['kind']; readonly then: (simulator: Simulator, event: Event) => unknown }
}

/** A watch that is over, seen from outside. */
export interface Rollout {
  readonly end: WatchEnd
  readonly events: readonly Event[]
  /** What the log says, line by line. */
  readonly lines: readonly string[]
  /** When it was over, in epoch milliseconds of simulated time. */
  readonly endedAt: number
  readonly simulator: Simulator
}

/** Deploys an image to the service `web` as somebody would by hand, and watches that deployment in virtual time. */
export function rollOut(simulated: SimulatedWorld, changes: RolloutChanges = {}): Promise<Rollout> {
  const { image = 'web:main-2222222', plan, meanwhile = [], faults = [], when } = changes
  const watch = async ({ world, simulator, ecs, mine }: Begun): Promise<Rollout> => {
    simulator.setFaults(faults)
    const events: Event[] = []
    const watchPlan = {
      cluster: 'prod',
      service: 'web',
      pollMs: 3000,
      budgetMs: 30 * MINUTE_MS,
      failsFast: true,
      ...plan
    }
    const end = await watchDeployment(world, ecs, mine, watchPlan, event => {
      if (event.kind === when?.kind) when.then(simulator, event)
      events.push(event)
    })
    const lines = events.flatMap(event => logLines(event)).map(({ text }) => text)
    return { end, events, lines, endedAt: world.clock.now(), simulator }
  }
  return deployedByHand(simulated, image, watch, meanwhile)
}

/** Calls ECS as somebody else would; throws when it refuses. */
export async function ecs(simulator: Simulator, operation: string, input: unknown): Promise<Record<string, unknown>> {
  const authorization = signedFor('eu-west-1', 'ecs')
  const { status, body } = await call(simulator, `ecs:${operation}`, input, { authorization })
  if (status !== 200) throw new Error(`${operation} answered ${JSON.stringify(body)}`)
  return body
}

/** When tasks of the service began to stop, in epoch milliseconds, earliest first. */
export async function stopTimes(simulator: Simulator): Promise<readonly number[]> {
  const { taskArns: tasks } = await ecs(simulator, 'ListTasks', {
    cluster: 'prod',
    serviceName: 'web',
    desiredStatus: 'STOPPED'
  })
  const described = await ecs(simulator, 'DescribeTasks', { cluster: 'prod', tasks })
  const found = described['tasks'] as readonly { readonly stoppingAt: number }[]
  return found.map(({ stoppingAt }) => stoppingAt * 1000).sort((a, b) => a - b)
}
