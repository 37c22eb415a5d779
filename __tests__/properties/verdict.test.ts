import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Event } from '../../src/event.ts'
import { Failure } from '../../src/failure.ts'
import { readInputs } from '../../src/inputs.ts'
import { deploy, type DeployRun } from '../../src/modes/deploy.ts'
import type { Ending } from '../../src/modes/ending.ts'
import type { Knowledge } from '../../src/outcome.ts'
import type { Simulator } from '../../simulator/simulator.ts'
import { NEW_SHA, scenarios, type Scenario } from './scenario.ts'
import { virtualWorld } from './virtual-world.ts'

/** As many as fit into a minute; `VERDICT_RUNS=10000` for all of them, `VERDICT_SEED` to replay. */
const RUNS = Number(process.env['VERDICT_RUNS'] ?? 300)
const SEED = process.env['VERDICT_SEED']

process.env['AWS_ACCESS_KEY_ID'] = 'AKIDEXAMPLE'
process.env['AWS_SECRET_ACCESS_KEY'] = 'secret'
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true'

test('the outcome of any deployment is the ground truth', async () => {
  const outcomes = new Map<string, number>()
  await fc.assert(
    fc.asyncProperty(scenarios, async scenario => {
      const outcome = await tell(scenario)
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    }),
    { numRuns: RUNS, ...(SEED !== undefined && { seed: Number(SEED) }) }
  )
  // Every way to end was met, or the property proves less than it seems to.
  if (SEED === undefined) {
    expect([...outcomes.keys()]).toEqual(
      expect.arrayContaining(['failed', 'rolled-back', 'succeeded', 'superseded', 'timed-out', 'unproven'])
    )
  }
}, 600_000)

async function tell(scenario: Scenario): Promise<string> {
  const { world, simulator, close } = virtualWorld(scenario.world, scenario.meanwhile)
  if (scenario.isDenied) {
    const denied = { error: 'AccessDeniedException', message: 'not authorized', status: 400, times: 'always' as const }
    simulator.setFaults([
      { operation: 'ecs:ListServiceDeployments', ...denied },
      { operation: 'ecs:DescribeServiceDeployments', ...denied }
    ])
  }
  const known: Knowledge = {}
  const events: Event[] = []
  const inputs = readInputs({
    INPUT_CLUSTER: 'prod',
    INPUT_SERVICE: 'web',
    'INPUT_POLL-SECONDS': String(scenario.pollSeconds),
    'INPUT_WAIT-FOR-MINUTES': String(scenario.budgetMinutes),
    'INPUT_CIRCUIT-BREAKER': scenario.circuitBreaker
  })
  const run: DeployRun = {
    inputs,
    world,
    known,
    event: { name: 'push', ref: 'refs/heads/main', sha: NEW_SHA, payload: {} },
    source: undefined,
    emit: event => events.push(event)
  }
  const ending = await deploy(run).catch((error: unknown): Ending => {
    // Percentages under which nothing can move are refused before anything changes.
    if (error instanceof Failure && error.code === 'deployment-deadlock') return { outcome: 'rejected', reason: '' }
    throw error
  })
  if (ending.outcome === 'rejected') return ending.outcome
  const truth = groundTruth(simulator, known.deploymentId ?? '', oddsOf(scenario))
  const told = `${ending.outcome}: ${ending.reason}`
  close()
  expect({ outcome: ending.outcome, told }).toEqual({ outcome: expect.stringMatching(truth), told })
  return ending.outcome
}

interface Odds {
  /** There was a moment without any task to prove something by. */
  readonly mayBeEmpty: boolean
  /** Its tasks end by themselves, sooner or later. */
  readonly isDoomed: boolean
}

function oddsOf({ world, meanwhile }: Scenario): Odds {
  const parked = world.clusters?.[0]?.services?.[0]?.desiredCount === 0
  const behaviour = world.repositories?.[0]?.images?.[1]?.behaviour
  return {
    mayBeEmpty: parked || meanwhile.some(({ change }) => 'scale' in change && change.scale.desiredCount === 0),
    isDoomed: behaviour !== 'healthy' && behaviour !== undefined
  }
}

interface ServiceTruth {
  readonly desiredCount: number
  readonly deployments: readonly { readonly id: string; readonly rolloutState: string }[]
  readonly serviceDeployments: readonly { readonly status: string; readonly deploymentId: string }[]
}

/** Which outcomes are true of the deployment `id`, as a pattern. */
function groundTruth(simulator: Simulator, id: string, { mayBeEmpty, isDoomed }: Odds): RegExp {
  const clusters = simulator.state().ecs['clusters'] as unknown as readonly {
    readonly services: readonly ServiceTruth[]
  }[]
  const service = clusters[0]?.services[0]
  if (service === undefined) throw new Error('the service is gone')
  const mine = service.serviceDeployments.find(({ deploymentId }) => deploymentId === id)
  const isNewest = service.serviceDeployments[0]?.deploymentId === id
  if (mine === undefined) throw new Error(`the simulator knows no deployment ${id}`)
  switch (mine.status) {
    case 'SUCCESSFUL':
      // Replaced right after its success, with no task left to prove it by, it is told as superseded.
      if (!isNewest) return /^(succeeded|superseded|unproven)$/
      // With all its tasks gone between its success and the proof, `failed` says so.
      if (mayBeEmpty) return /^(unproven|succeeded|failed)$/
      return isDoomed ? /^(succeeded|failed)$/ : /^succeeded$/
    case 'ROLLBACK_SUCCESSFUL':
      return isNewest ? /^rolled-back$/ : /^(rolled-back|superseded|rollback-failed)$/
    case 'ROLLBACK_FAILED':
      // A rollback fails too when somebody deploys in its middle: both are true then.
      return isNewest ? /^rollback-failed$/ : /^(rollback-failed|superseded|rolled-back)$/
    case 'STOPPED':
      return isNewest ? /^failed$/ : /^superseded$/
    case 'STOP_REQUESTED':
      return isNewest ? /^(failed|timed-out)$/ : /^superseded$/
    case 'ROLLBACK_IN_PROGRESS':
      // The budget may end before the poll that would have seen the rollback begin.
      return /^(failed|timed-out)$/
    case 'IN_PROGRESS':
      return /^timed-out$/
    default:
      throw new Error(`no ground truth for ${id}: ${mine.status}`)
  }
}
