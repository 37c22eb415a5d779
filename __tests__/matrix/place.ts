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
}

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
    built: []
  }
}

/** Ends a world. */
export function close({ simulator, elsewhere }: Place): void {
  simulator.close()
  elsewhere?.close()
}
