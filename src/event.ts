import type { Approval } from './decide/service/approval.ts'
import type { Diagnosis } from './decide/service/diagnosis/diagnosis.ts'
import type { Progress } from './decide/service/progress.ts'
import type { ServiceSnapshot } from './decide/service/snapshot.ts'

/** Everything that can happen in a run, as data; the log, the annotations and the summary are made from it. */
export type Event =
  | { readonly kind: 'phase'; readonly title: string }
  /** A plain fact worth a line. */
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'warning'; readonly text: string }
  | { readonly kind: 'service-found'; readonly service: ServiceSnapshot; readonly revision: string }
  | { readonly kind: 'task-proven'; readonly taskId: string; readonly container: string; readonly digest: string }
  | { readonly kind: 'build-output'; readonly line: string }
  | { readonly kind: 'image-found'; readonly reference: string; readonly digest: string; readonly how: string }
  | { readonly kind: 'image-built'; readonly repository: string; readonly digest: string }
  | { readonly kind: 'tag-put'; readonly repository: string; readonly tag: string }
  | { readonly kind: 'tag-kept'; readonly repository: string; readonly tag: string }
  | { readonly kind: 'revision-changes'; readonly changes: readonly string[] }
  | { readonly kind: 'revision-registered'; readonly arn: string }
  | { readonly kind: 'revision-reused'; readonly arn: string }
  /** The target of a copy has the image already. */
  | { readonly kind: 'image-kept'; readonly source: string; readonly image: string; readonly digest: string }
  | CopyEvent
  | { readonly kind: 'scaling-suspended'; readonly resourceId: string }
  | { readonly kind: 'scaling-restored'; readonly resourceId: string }
  | { readonly kind: 'deployment-started'; readonly id: string; readonly consoleUrl: string }
  | { readonly kind: 'progress'; readonly service: string; readonly progress: Progress }
  /** Nothing changed for a while; `reason` stands behind "waiting for". */
  | { readonly kind: 'still-waiting'; readonly service: string; readonly seconds: number; readonly reason: string }
  | { readonly kind: 'awaiting-approval'; readonly service: string; readonly approval: Approval }
  /** Tasks of the deployment failed, for a cause not told before. */
  | { readonly kind: 'tasks-failing'; readonly service: string; readonly diagnosis: Diagnosis }
  | { readonly kind: 'service-event'; readonly service: string; readonly message: string }
  /** The deployment cannot end well any more. */
  | { readonly kind: 'turned-red'; readonly service: string; readonly reason: string }
  /** `times` polls in a row failed, the last one for `reason`. */
  | { readonly kind: 'poll-failed'; readonly service: string; readonly reason: string; readonly times: number }
  | { readonly kind: 'retry'; readonly operation: string; readonly reason: string; readonly pauseMs: number }

/** What happens while an image is copied from registry to registry; sizes in bytes. */
type CopyEvent =
  | {
      readonly kind: 'copy-started'
      readonly source: string
      readonly manifests: number
      readonly blobs: number
      readonly bytes: number
    }
  | {
      readonly kind: 'copy-progress'
      readonly source: string
      readonly bytes: number
      readonly totalBytes: number
      readonly seconds: number
    }
  | { readonly kind: 'image-copied'; readonly source: string; readonly image: string; readonly digest: string }

/** Takes note of an event. */
export type Emit = (event: Event) => void
