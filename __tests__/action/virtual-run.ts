import type { Behaviour } from '../../simulator/cloud/images.ts'
import type { World as SimulatedWorld } from '../../simulator/cloud/world.ts'
import type { FaultRule } from '../../simulator/control/faults.ts'
import type { Simulator } from '../../simulator/simulator.ts'
import type { Event } from '../../src/event.ts'
import { Failure } from '../../src/failure.ts'
import { deploy } from '../../src/modes/deploy.ts'
import type { Ending } from '../../src/modes/ending.ts'
import { isRed, type Knowledge, type RunResult } from '../../src/outcome.ts'
import { closingLines, logLines } from '../../src/report/log.ts'
import { outputsOf } from '../../src/report/outputs.ts'
import { summarise } from '../../src/report/summary.ts'
import type { World } from '../../src/world.ts'
import { readDeployInputs } from '../inputs/environment.ts'
import { virtualWorld, type Meanwhile } from '../properties/virtual-world.ts'
import { shop, WEB, type ShopChanges } from './shop.ts'

// The SDK signs what it sends, also to a simulator that checks no signature.
process.env['AWS_ACCESS_KEY_ID'] = 'AKIDEXAMPLE'
process.env['AWS_SECRET_ACCESS_KEY'] = 'secret'
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true'

/** What is deployed in virtual time, and under what circumstances. */
export interface VirtualScene {
  readonly world: SimulatedWorld
  readonly inputs?: Readonly<Record<string, string>>
  readonly meanwhile?: readonly Meanwhile[]
  /** So many seconds of what goes on are over when the run begins. */
  readonly beginsAtSeconds?: number
  readonly faults?: readonly FaultRule[]
  /** The world that the run sees, when that is to be another one than the simulator's. */
  readonly through?: (world: World, simulator: Simulator) => World
  /** Called when the run has ended, as long as the cloud is there. */
  readonly after?: (simulator: Simulator) => void
}

/** What a run tells: every place where somebody may read it. */
export interface Told {
  readonly result: RunResult
  readonly outputs: Readonly<Record<string, string>>
  readonly log: string
  readonly summary: string
}

/** The shop with an image of the commit 2 that behaves like this. */
export function shopWith(behaviour: Behaviour, changes: ShopChanges = {}): SimulatedWorld {
  const images = [{ tags: ['main-1111111'] }, { tags: ['main-2222222'], behaviour }]
  return {
    ...shop(changes),
    repositories: [{ name: 'web', imageTagMutability: 'IMMUTABLE', images }, ...(changes.repositories ?? [])]
  }
}

/** Deploys the commit 2 to the shop: the recipe and the reports of the action, with neither process nor waiting. */
export async function deployVirtually(scene: VirtualScene): Promise<Told> {
  const { world: plain, simulator, close } = virtualWorld(scene.world, scene.meanwhile ?? [])
  await plain.clock.sleep((scene.beginsAtSeconds ?? 0) * 1000)
  const world = scene.through?.(plain, simulator) ?? plain
  simulator.setFaults(scene.faults ?? [])
  const known: Knowledge = { cluster: WEB.cluster, service: WEB.service, region: 'eu-west-1' }
  const log: string[] = []
  const emit = (event: Event): void => {
    log.push(...logLines(event).map(({ text }) => text))
  }
  const inputs = readDeployInputs(asEnvironment({ ...WEB, 'poll-seconds': '10', ...scene.inputs }))
  const event = { name: 'push', ref: 'refs/heads/main', sha: '2'.repeat(40), payload: {} }
  const startedAtMs = world.clock.now()
  const ending = await deploy({ inputs, world, known, event, source: undefined, emit }).catch(rejected)
  const failed = isRed(ending.outcome)
  const result: RunResult = { ...known, ...ending, failed, startedAtMs, endedAtMs: world.clock.now() }
  scene.after?.(simulator)
  close()
  log.push(...closingLines(result).map(({ text }) => text))
  return { result, outputs: Object.fromEntries(outputsOf(result)), log: log.join('\n'), summary: summarise(result) }
}

function asEnvironment(inputs: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]))
}

function rejected(error: unknown): Ending {
  if (!(error instanceof Failure)) throw error
  const remedy = error.remedy === undefined ? {} : { remedy: error.remedy }
  return { outcome: 'rejected', reasonCode: error.code, reason: error.message, ...remedy }
}
