import type { Behaviour, BehaviourDetails } from '../images.ts'
import type { Parting } from './model.ts'
import { SHORT_LIFE_SECONDS } from './timings.ts'

/** What becomes of a container, decided when it starts; seconds count from RUNNING. */
export type Fate =
  | { readonly kind: 'never-starts'; readonly reason: string; readonly container: Parting }
  | { readonly kind: 'exits'; readonly afterSeconds: number; readonly container: Parting; readonly reason?: string }
  | {
      readonly kind: 'is-stopped'
      readonly afterSeconds: number
      readonly stopCode: string
      readonly reason: string
      readonly container: Parting
    }
  | { readonly kind: 'fails-checks'; readonly afterSeconds: number }
  | { readonly kind: 'runs' }

const OUT_OF_MEMORY: Fate = {
  kind: 'exits',
  afterSeconds: SHORT_LIFE_SECONDS,
  container: { exitCode: 137, reason: 'OutOfMemoryError: Container killed due to memory usage' }
}

/** The fate of a container of the `ordinal`th task (from 1) of its deployment. */
export function fateOf(behaviour: Behaviour, ordinal: number): Fate {
  const details = detailsOf(behaviour)
  if (details.failFirst !== undefined && ordinal <= details.failFirst) {
    return { kind: 'exits', afterSeconds: 1, container: { exitCode: 1 } }
  }
  if (details.stop !== undefined) return stopFate(details.stop)
  if (details.outOfMemory === true) return OUT_OF_MEMORY
  if (details.crash !== undefined) {
    const { exitCode, afterSeconds } = details.crash
    return { kind: 'exits', afterSeconds, container: { exitCode } }
  }
  if (details.neverHealthy === true) return { kind: 'fails-checks', afterSeconds: 0 }
  if (details.unhealthy !== undefined) {
    return { kind: 'fails-checks', afterSeconds: details.unhealthy.afterSeconds ?? 0 }
  }
  return { kind: 'runs' }
}

/** The lines a container of this behaviour logs when it starts. */
export function logLines(behaviour: Behaviour): readonly string[] {
  return detailsOf(behaviour).logs ?? []
}

function stopFate(stop: NonNullable<BehaviourDetails['stop']>): Fate {
  const { stopCode, reason, container = {} } = stop
  if (stopCode === 'TaskFailedToStart') return { kind: 'never-starts', reason, container }
  if (stopCode === 'EssentialContainerExited') {
    return { kind: 'exits', afterSeconds: SHORT_LIFE_SECONDS, reason, container: { exitCode: 1, ...container } }
  }
  return { kind: 'is-stopped', afterSeconds: SHORT_LIFE_SECONDS, stopCode, reason, container }
}

function detailsOf(behaviour: Behaviour): BehaviourDetails {
  if (typeof behaviour !== 'string') return behaviour
  return behaviour === 'neverHealthy'
    ? { neverHealthy: true }
    : behaviour === 'outOfMemory'
      ? { outOfMemory: true }
      : {}
}
