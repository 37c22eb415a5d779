import type { World as SimulatedWorld } from '../../simulator/cloud/world.ts'
import type { Change } from '../../simulator/control/change.ts'
import type { FaultRule } from '../../simulator/control/faults.ts'
import type { SimulatorState } from '../../simulator/simulator.ts'
import type { Git } from '../../src/io/git.ts'
import type { Outcome } from '../../src/outcome.ts'

/** A job in its world: what it is asked for, and what it ends in when nothing happens to it. */
export interface Scene {
  readonly name: string
  readonly world: SimulatedWorld
  readonly inputs: Readonly<Record<string, string>>
  /** One digit, forty times, is the commit of the job. */
  readonly commit: number
  /** What holds for as long as the scene lasts. */
  readonly faults?: readonly FaultRule[]
  /** What somebody else did right before the job. */
  readonly before?: Change
  /** The same job ran before: to its end, or until it was killed after the first call of this operation. */
  readonly earlier?: { readonly killedAfter?: string }
  /** Somebody else's registry, by its host. */
  readonly elsewhere?: { readonly host: string; readonly world: SimulatedWorld }
  readonly git?: Git
  /** What the engine names what it pushes by; each of its builds is another image. */
  readonly engine?: 'digest' | 'tag'
  /** Files of the workspace. */
  readonly files?: Readonly<Record<string, string>>
  readonly ends: Ends
}

/** How the job ends when nothing happens to it, and what is there then. */
export interface Ends {
  readonly first: Outcome
  /** The same job, run again after some mishap. */
  readonly again: readonly Outcome[]
  /**
   * Tags that the job may put, as `repository:tag`, each with the tag of the same image that was there before; `built`:
   * the one image of those that were built that has tags.
   */
  readonly tags: Readonly<Record<string, string>>
  /** Tags that may move, to the image of the tag named. */
  readonly markers?: Readonly<Record<string, string>>
  /** What the service runs when all is over: the image of the commit, or the one from before. */
  readonly runs?: 'new' | 'old'
  /** `repository:tag` of the image that is deployed, or `built`. */
  readonly image?: string
  /** What the files hold when all is over. */
  readonly files?: (state: SimulatorState) => Readonly<Record<string, string>>
}
