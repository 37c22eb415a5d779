import type { ExpectedDigests } from '../decide/service/proof.ts'
import type { ServiceSnapshot } from '../decide/service/snapshot.ts'
import type { WatchedDeployment } from '../decide/service/verdict.ts'
import { Failure, LostAnswer, type FailureCode } from '../failure.ts'
import type { Outcome } from '../outcome.ts'
import type { Sight } from './sight.ts'
import type { WatchEnd, WatchPlan } from '../steps/watch-deployment.ts'
import type { World } from '../world.ts'

/** How a run ends, in a word and a sentence. */
export interface Ending {
  readonly outcome: Outcome
  readonly reason: string
  readonly reasonCode?: FailureCode
  readonly remedy?: string
}

/** A watch that ended, and what it was about. */
export interface Watched {
  readonly cluster: string
  /** As it was before the deployment. */
  readonly service: ServiceSnapshot
  readonly mine: WatchedDeployment
  /** ARN of the newest revision that completed before it; where nothing shows one, of what the service was set to. */
  readonly previousArn: string
  readonly plan: WatchPlan
  /** When the watch began, in epoch milliseconds. */
  readonly sinceMs: number
  readonly end: WatchEnd
  /** How it was seen last by whatever looked at it, also after the watch. */
  readonly seen: Sight
  readonly expected: ExpectedDigests
}

/** The ending of a dry run. */
export function planned(reason: string): Ending {
  return { outcome: 'planned', reason }
}

/** The ending of a cancelled run, and what that may have cut off. */
export function withLostAnswer(ending: Ending, error: unknown): Ending {
  if (!(error instanceof LostAnswer)) return ending
  const remedy = error.remedy === undefined ? {} : { remedy: error.remedy }
  return { ...ending, reason: `${ending.reason}; ${error.message}`, ...remedy }
}

/** What could not be read, as the failure it is; a cancellation and a bug go on. */
export function asUnread(world: World, error: unknown): Failure {
  if (error instanceof Failure && !world.signal.aborted) return error
  throw error
}
