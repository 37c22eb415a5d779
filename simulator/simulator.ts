import { createClock, type ClockOptions } from './clock.ts'
import type { EcrState } from './cloud/ecr/ecr.ts'
import type { World } from './cloud/world.ts'
import type { LoggedCall } from './control/calls.ts'
import { applyChange, type Change } from './control/change.ts'
import { answerControl, CONTROL_PREFIX } from './control/control.ts'
import type { FaultRule, Faults } from './control/faults.ts'
import { readAwsCall } from './protocol/aws-json/aws-json.ts'
import { jsonResponse, type Call } from './protocol/call.ts'
import { GITHUB_PREFIX, readGitHubCall } from './protocol/github/github.ts'
import type { SimRequest, SimResponse } from './protocol/message.ts'
import type { JsonObject } from './protocol/operation.ts'
import { isRegistryPath, readRegistryCall } from './protocol/registry-call.ts'
import { perform } from './perform.ts'
import { Simulation } from './simulation.ts'

export interface SimulatorOptions extends ClockOptions {
  /** What exists at first. Default: an empty account. */
  readonly world?: World
  /** Host and port under which clients reach the simulator; repository URIs start with it. */
  readonly host?: string
}

/** Everything there is, for whoever checks what became of the world. */
export interface SimulatorState {
  /** Simulated time, ISO 8601. */
  readonly now: string
  readonly account: string
  readonly region: string
  readonly ecs: JsonObject
  readonly ecr: EcrState
  readonly scaling: JsonObject
  readonly github: readonly JsonObject[]
  readonly faults: ReturnType<Faults['state']>
}

/** A local cloud that answers requests, wherever they come from. */
export interface Simulator {
  /** Answers one request; rejects with ConnectionDropped when a fault cuts the connection. */
  handle(request: SimRequest): Promise<SimResponse>
  /** Moves simulated time forward and lets everything happen on the way. */
  advance(seconds: number): void
  /** Replaces everything: cloud, time, faults and call log. */
  reset(world: World): void
  /** Puts these fault rules in the place of all earlier ones. */
  setFaults(rules: readonly FaultRule[]): void
  /** Does what somebody else does meanwhile; throws when what it names does not exist. */
  change(change: Change): Readonly<Record<string, string>>
  /** Simulated time, ISO 8601. */
  now(): string
  calls(): readonly LoggedCall[]
  state(): SimulatorState
  /** Removes what is kept on disk. */
  close(): void
}

/** Where in-process clients suppose the simulator to be: nothing listens there. */
const IN_PROCESS_HOST = '127.0.0.1:5000'

/** Builds a simulator; nothing listens until `startSimulator` puts it behind a server. */
export function createSimulator(options: SimulatorOptions = {}): Simulator {
  const host = options.host ?? IN_PROCESS_HOST
  let simulation = new Simulation(options.world ?? {}, createClock(options), host)

  const simulator: Simulator = {
    async handle(request) {
      simulation.catchUp()
      if (request.path.startsWith(CONTROL_PREFIX)) return answerControl(request, simulator)
      const current = simulation
      const call = await readCall(request, current, host)
      return call === undefined ? notFound(request) : perform(call, current)
    },
    advance(seconds) {
      simulation.clock.advance(seconds * 1000)
      simulation.catchUp()
    },
    reset(world) {
      const next = new Simulation(world, createClock(options), host)
      simulation.close()
      simulation = next
    },
    setFaults(rules) {
      simulation.faults.replace(rules)
    },
    change(change) {
      simulation.catchUp()
      return applyChange(simulation.home, change)
    },
    now: () => new Date(simulation.clock.now()).toISOString(),
    calls: () => simulation.calls.list(),
    state() {
      simulation.catchUp()
      const { account, region, home, gitHub, faults } = simulation
      return {
        now: simulator.now(),
        account,
        region,
        ecs: home.ecs.state(),
        ecr: home.ecr.state(),
        scaling: home.scaling.state(),
        github: gitHub.state(),
        faults: faults.state()
      }
    },
    close() {
      simulation.close()
    }
  }
  return simulator
}

function readCall(request: SimRequest, simulation: Simulation, host: string): Promise<Call> | undefined {
  const { account, region, home, gitHub } = simulation
  if (request.path === '/' && request.method === 'POST') {
    return readAwsCall(request, {
      account,
      host,
      services: (of = region) => simulation.cloud(of).services,
      throttle: simulation.throttle,
      newMembers: simulation.newMembers,
      nextRequestId: () => simulation.nextRequestId()
    })
  }
  if (request.path.startsWith(`${GITHUB_PREFIX}/`)) return readGitHubCall(request, gitHub, host)
  if (isRegistryPath(request.path))
    return Promise.resolve(readRegistryCall(request, home.ecr, { region, account, host }))
  return undefined
}

function notFound(request: SimRequest): SimResponse {
  const known = 'POST / (AWS JSON 1.1), /v2/ (registry), /api/v3/ (GitHub) and /_sim/ (control)'
  return jsonResponse(404, { error: `nothing answers ${request.method} ${request.path}; there are ${known}` })
}
