import { createSimulator, type Simulator } from '../../simulator/simulator.ts'
import type { Scene } from './scene.ts'

/** How the tags begin that an engine which cannot push by digest draws at random. */
export const TEMPORARY_TAG = 'push-'

/** What outlives the processes of a job: the cloud, the state that the runner keeps, and the workspace. */
export interface Place {
  readonly scene: Scene
  readonly simulator: Simulator
  readonly elsewhere: Simulator | undefined
  readonly state: Map<string, string>
  readonly files: Map<string, string>
  /** The digests of all images that were built, oldest first. */
  readonly built: string[]
  /** Calls of dead processes that are under way still, and when they act, by the simulator's clock. */
  readonly underWay: { readonly atMs: number; readonly act: () => Promise<unknown> }[]
}

/** How long a call may take, in milliseconds. */
const UNDER_WAY_MS = 1_500

/** Builds the world of a scene. */
export function open(scene: Scene): Place {
  const simulator = createSimulator({ world: scene.world, clock: 'manual' })
  simulator.setFaults(scene.faults ?? [])
  if (scene.before !== undefined) simulator.change(scene.before)
  return {
    scene,
    simulator,
    elsewhere: scene.elsewhere && createSimulator({ world: scene.elsewhere.world, clock: 'manual' }),
    state: new Map(),
    files: new Map(Object.entries(scene.files ?? {})),
    built: [],
    underWay: []
  }
}

/** Lets a call of a dead process act later. */
export function postpone({ simulator, underWay }: Place, act: () => Promise<unknown>): void {
  underWay.push({ atMs: Date.parse(simulator.now()) + UNDER_WAY_MS, act })
}

/** Lets time pass, and what is under way arrive meanwhile; in milliseconds. */
export async function pass({ simulator, underWay }: Place, ms: number): Promise<void> {
  const endMs = Date.parse(simulator.now()) + ms
  for (let next = underWay[0]; next !== undefined && next.atMs <= endMs; next = underWay[0]) {
    underWay.shift()
    simulator.advance(Math.max(0, next.atMs - Date.parse(simulator.now())) / 1000)
    await next.act()
  }
  simulator.advance(Math.max(0, endMs - Date.parse(simulator.now())) / 1000)
}

/** Lets what is under way arrive. */
export async function settle(place: Place): Promise<void> {
  if (place.underWay.length > 0) await pass(place, UNDER_WAY_MS)
}

/** Ends a world. */
export function close({ simulator, elsewhere }: Place): void {
  simulator.close()
  elsewhere?.close()
}
