import type { FailureCode } from './failure.ts'

/** How a run ended, as users may match on it (output `outcome`). */
export type Outcome =
  | 'succeeded'
  | 'unchanged'
  | 'planned'
  | 'registered'
  | 'unproven'
  | 'invalid'
  | 'rejected'
  | 'failed'
  | 'rolled-back'
  | 'rollback-failed'
  | 'superseded'
  | 'timed-out'
  | 'cancelled'

/** What is known at the end of a run; every member is an output or a line of the summary. */
export interface RunResult extends Knowledge {
  readonly outcome: Outcome
  /** One sentence. */
  readonly reason: string
  readonly reasonCode?: FailureCode
  readonly remedy?: string
  /** False only for `unproven` without `require-proof` and the good outcomes. */
  readonly failed: boolean
  readonly startedAtMs: number
  readonly endedAtMs: number
}

/** What a run finds out on its way; filled in as it becomes true, so that a failure reports what came before it. */
export interface Knowledge {
  cluster?: string
  service?: string
  region?: string
  /** The reference in the task definition. */
  image?: string
  imageDigest?: string
  imageTags?: readonly string[]
  /** Digests of images that their registries did not show, so that the digests of their platforms are not known. */
  unseenDigests?: readonly string[]
  version?: string
  /** Mode `mirror`: what became of every line. */
  images?: readonly MirroredImage[]
  /** Whether the image got a version that none had before. */
  released?: boolean
  /** What the new revision changes, in words; never a value that may be secret. */
  changes?: readonly string[]
  taskDefinitionArn?: string
  previousTaskDefinitionArn?: string
  /** Path of the rendered file. */
  taskDefinitionPath?: string
  /**
   * How far UpdateService came: after `sent` a deployment may exist, after `answered` it does; `found`: it was not sent,
   * because a deployment of this very revision was under way.
   */
  update?: 'found' | 'sent' | 'answered'
  /** Where the auto scaling that this run suspended stands, in words. */
  autoScaling?: string
  /**
   * How far the way back came, or what else became of it, in words that go on from "the deployment was started;"; undefined
   * when it is under way as far as was seen.
   */
  parting?: string
  /** The deployment of the previous revision that this run started to go back. */
  wayBackId?: string
  deploymentId?: string
  serviceDeploymentArn?: string
  consoleUrl?: string
  changed?: boolean
  tasks?: readonly RunningTask[]
  /** What the scans of the images found, line by line. */
  scans?: readonly string[]
  /** What AWS said about tasks that stopped, line by line. */
  evidence?: readonly string[]
}

/** An image that was to be copied. */
export interface MirroredImage {
  /** In full. */
  readonly source: string
  /** The target: `URI:TAG`, or `URI@DIGEST` when it has no tag. */
  readonly image: string
  /** Undefined when the copy failed before it was known. */
  readonly digest?: string
  readonly tags: readonly string[]
  /** `completed`: it was there, and something that is attached to it was not. */
  readonly outcome: 'copied' | 'completed' | 'unchanged' | 'planned' | 'failed'
  readonly reason?: string
  readonly reasonCode?: FailureCode
}

/** A task that was proven to run the image. */
export interface RunningTask {
  readonly taskId: string
  readonly container: string
  readonly digest: string
}

/** Whether an outcome makes the step red, `require-proof` aside. */
export function isRed(outcome: Outcome): boolean {
  switch (outcome) {
    case 'succeeded':
    case 'unchanged':
    case 'planned':
    case 'registered':
    case 'unproven':
      return false
    case 'invalid':
    case 'rejected':
    case 'failed':
    case 'rolled-back':
    case 'rollback-failed':
    case 'superseded':
    case 'timed-out':
    case 'cancelled':
      return true
  }
}
