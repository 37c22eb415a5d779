import type { DeploymentTruth, TaskTruth, Truth } from '../__tests__/properties/truth.ts'
import type { Scene } from './verdicts-scenes.ts'

/** One deployment, timed in simulated milliseconds. */
export interface Timed {
  /** From the moment that decides to the moment that whoever waits is told. */
  readonly lagMs: number
  /** From that moment to the end of the run. */
  readonly endMs: number
  readonly outcome: string
  readonly calls: number
  readonly throttled: number
  readonly rolloutMs: number
}

const FAILED_TASKS = 3

/** The moment, in epoch milliseconds, from which it was certain how the deployment of `taskDefinition` would end. */
export function decidedAt(scene: Scene, truth: Truth, mine: DeploymentTruth): number {
  switch (scene.evidence) {
    case 'terminal state':
      return moment(mine.endedAt)
    case 'verdict':
      return moment(mine.decidedAt)
    case 'third failed task':
      return moment(failedTasks(truth, mine)[FAILED_TASKS - 1]?.stoppingAt)
  }
}

function failedTasks({ tasks }: Truth, { deploymentId }: DeploymentTruth): readonly TaskTruth[] {
  return tasks
    .filter(({ startedBy, stoppingAt }) => startedBy === deploymentId && stoppingAt !== undefined)
    .toSorted((a, b) => moment(a.stoppingAt) - moment(b.stoppingAt))
}

/** Epoch milliseconds of a moment that must be there. */
export function moment(iso: string | undefined): number {
  if (iso === undefined) throw new Error('what decides never happened')
  return Date.parse(iso)
}
