/** What fails before or while images are pulled; ECS tells of it in an event of the service as well. */
const PLACEMENT = /^(CannotPullContainerError|ResourceInitializationError|Unexpected EC2 error|Timeout waiting for)\b/

const ASSUME_ROLE = /^ECS was unable to assume the role\b/

/** What fails when the images are there: creating and starting containers. */
const AFTER_PULL = /^(Cannot(Create|Start|Inspect|Stop)|ContainerRuntime)/

/** The event a service gets when its task failed to start for `reason`; undefined where only the task tells. */
export function startFailureEvent(reason: string): string | undefined {
  if (ASSUME_ROLE.test(reason)) return `failed to launch a task with (error ${reason}).`
  if (!PLACEMENT.test(reason)) return undefined
  return `was unable to place a task. Reason: ${reason.endsWith('.') ? reason : `${reason}.`}`
}

/** Whether a task that failed to start for `reason` had its images by then. */
export function isAfterPull(reason: string): boolean {
  return AFTER_PULL.test(reason)
}
