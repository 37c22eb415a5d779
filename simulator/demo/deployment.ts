import { runAction, type RunResult } from '../runner/run-action.ts'
import type { Commit } from './commits.ts'
import type { Screen } from './screen.ts'
import { CLUSTER, REGION, SERVICE } from './world.ts'

/** The step as a workflow would have it, but for the pace: a poll every three seconds would miss most of the story. */
export const INPUTS: Readonly<Record<string, string>> = {
  cluster: CLUSTER,
  service: SERVICE,
  'version-variable': 'APP_VERSION',
  'auto-scaling': 'suspend',
  'poll-seconds': '0.2'
}

/** How the workflow names the action. */
export const USES = 'ecs-deploy/ecs-deploy-action@v1'

const SECRET_KEY = 'there-are-no-secret-keys-here'

/** Where the action is, and the cloud it talks to. */
export interface Stage {
  /** Directory of action.yml and dist. */
  readonly action: string
  readonly url: string
  readonly screen: Screen
  readonly signal: AbortSignal
}

/** Runs the action for a push of this commit, as the runner does, and shows its log. */
export function deploy({ action, url, screen, signal }: Stage, commit: Commit): Promise<RunResult> {
  return runAction({
    directory: action,
    uses: USES,
    inputs: INPUTS,
    env: {
      AWS_REGION: REGION,
      AWS_ENDPOINT_URL: url,
      AWS_ACCESS_KEY_ID: 'demo',
      AWS_SECRET_ACCESS_KEY: SECRET_KEY,
      // The action runs on Node 24; the SDK's warning about an older one is of no use here.
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true'
    },
    secrets: [SECRET_KEY],
    event: { name: 'push', payload: { head_commit: { id: commit.sha, message: commit.message } } },
    github: { repository: 'acme/web', ref: 'refs/heads/main', sha: commit.sha },
    cancel: signal,
    onOutput: chunk => {
      screen.log(chunk)
    }
  })
}
