import { setImmediate } from 'node:timers/promises'
import type { LoggedCall } from '../../simulator/control/calls.ts'
import type { Event } from '../../src/event.ts'
import { Failure } from '../../src/failure.ts'
import { readInputs } from '../../src/inputs.ts'
import { deploy, type DeployRun } from '../../src/modes/deploy.ts'
import type { Ending } from '../../src/modes/ending.ts'
import type { Knowledge } from '../../src/outcome.ts'
import { NEW_SHA, NEW_TAG } from './draws.ts'
import type { Scenario } from './scenario.ts'
import { readTruth, type Truth } from './truth.ts'
import { virtualWorld } from './virtual-world.ts'

// The SDK signs what it sends, also to a simulator that checks no signature.
process.env['AWS_ACCESS_KEY_ID'] = 'AKIDEXAMPLE'
process.env['AWS_SECRET_ACCESS_KEY'] = 'secret'
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true'

/** A deployment that was played to its end: what the action told, and what is true at that moment. */
export interface Played {
  readonly ending: Ending
  readonly known: Knowledge
  /** Epoch milliseconds of simulated time. */
  readonly startedAt: number
  readonly endedAt: number
  /** When it was first said that the deployment cannot end well. */
  readonly redAt: number | undefined
  /** When the watch was over and the proof began. */
  readonly provingAt: number | undefined
  readonly events: readonly Event[]
  readonly truth: Truth
  readonly calls: readonly LoggedCall[]
}

/** Lets the action carry out a deployment in simulated time. */
export async function play(scenario: Scenario): Promise<Played> {
  const { world, simulator, close } = virtualWorld(scenario.world, scenario.meanwhile)
  try {
    const { headStartSeconds = 0 } = scenario
    if (headStartSeconds > 0) {
      simulator.change({ deploy: { cluster: 'prod', service: 'web', image: `web:${NEW_TAG}` } })
      await world.clock.sleep(headStartSeconds * 1000)
    }
    simulator.setFaults(scenario.faults)
    const known: Knowledge = {}
    const events: Event[] = []
    const startedAt = world.clock.now()
    const moments = new Map<string, number>()
    const emit = (event: Event): void => {
      events.push(event)
      const moment = momentOf(event)
      if (moment !== undefined && !moments.has(moment)) moments.set(moment, world.clock.now())
    }
    const ending = await deploy({
      inputs: inputsOf(scenario),
      world,
      known,
      event: { name: 'push', ref: 'refs/heads/main', sha: NEW_SHA, payload: {} },
      source: undefined,
      emit
    }).catch((error: unknown) => endingOf(error, known))
    const endedAt = world.clock.now()
    const { ecs } = simulator.state()
    return {
      ending,
      known,
      startedAt,
      endedAt,
      redAt: moments.get('red'),
      provingAt: moments.get('proving'),
      events,
      truth: readTruth(ecs),
      calls: simulator.calls()
    }
  } finally {
    close()
    // Nothing here ever waits for anything, and what the SDK leaves behind is cleared only when somebody does.
    await setImmediate()
  }
}

function momentOf(event: Event): 'red' | 'proving' | undefined {
  if (event.kind === 'turned-red') return 'red'
  if (event.kind !== 'phase') return undefined
  if (event.title.startsWith('Rolling ')) return 'red'
  return event.title === 'Proving what runs' ? 'proving' : undefined
}

function inputsOf(scenario: Scenario): DeployRun['inputs'] {
  const inputs = readInputs({
    INPUT_CLUSTER: 'prod',
    INPUT_SERVICE: 'web',
    'INPUT_POLL-SECONDS': String(scenario.pollSeconds),
    'INPUT_WAIT-FOR-MINUTES': String(scenario.budgetMinutes),
    'INPUT_CIRCUIT-BREAKER': scenario.circuitBreaker,
    'INPUT_ON-FAILURE': scenario.onFailure
  })
  if (inputs.mode !== 'deploy') throw new Error(`the mode is ${inputs.mode}`)
  return inputs
}

/** As the main step has it: what fails before the update changed nothing, and what fails after it leaves a deployment. */
function endingOf(error: unknown, known: Knowledge): Ending {
  if (!(error instanceof Failure)) throw error
  const outcome = known.update === undefined ? 'rejected' : 'failed'
  return { outcome, reasonCode: error.code, reason: error.message }
}
