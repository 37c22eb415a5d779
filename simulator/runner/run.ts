import { delimiter, join } from 'node:path'
import type { Contexts } from './expression.ts'
import type { FileCommands } from './file-commands.ts'
import type { GithubContext } from './github-context.ts'
import type { JobState } from './job-state.ts'
import { inputVariable, type Manifest } from './manifest.ts'

/** What all stages of a run have in common. */
export interface Run {
  readonly directory: string
  readonly manifest: Manifest
  /** How the step names the action. */
  readonly uses: string
  readonly inputs: Readonly<Record<string, string>>
  readonly job: JobState
  readonly github: GithubContext
  readonly runner: Readonly<Record<string, string>>
  readonly workspace: string
  /** What the machine and the job give a step before the action adds to it. */
  readonly machineEnv: Readonly<Record<string, string>>
  readonly jobEnv: Readonly<Record<string, string>>
  readonly node: string
  readonly cancel: AbortSignal
  readonly timeoutMs: number | undefined
  readonly debug: boolean
  readonly onOutput: ((chunk: string) => void) | undefined
  /** Process groups to clear away when the job is over. */
  readonly groups: number[]
}

/** Whether the action is part of the workflow's own repository. */
export function isLocal(uses: string): boolean {
  return uses.startsWith('./')
}

/** What GitHub calls the step when it has no name of its own. */
export function displayName(run: Run): string {
  return `Run ${run.uses}`
}

/** What the workflow and earlier steps put into the environment, which the log shows. */
export function visibleEnvironment(run: Run): Record<string, string> {
  const state = Object.fromEntries([...run.job.state].map(([key, value]) => [`STATE_${key}`, value]))
  return { ...run.jobEnv, ...Object.fromEntries(run.job.env), ...state }
}

/** Everything that the action's process finds in its environment. */
export function stepEnvironment(
  run: Run,
  inputs: ReadonlyMap<string, string>,
  files: FileCommands
): Record<string, string> {
  const env: Record<string, string> = { CI: 'true', ...run.machineEnv, ...visibleEnvironment(run) }
  for (const [name, value] of inputs) env[inputVariable(name)] = value
  const path = [...run.job.path].reverse()
  if (path.length > 0) env['PATH'] = [...path, env['PATH'] ?? ''].join(delimiter)
  for (const [name, value] of Object.entries({ ...run.github.variables, ...stepVariables(run), ...files })) {
    env[`GITHUB_${name.toUpperCase()}`] = value
  }
  for (const [name, value] of Object.entries(run.runner)) env[`RUNNER_${name.toUpperCase()}`] = value
  return { ...env, GITHUB_ACTIONS: 'true' }
}

/** What the `github` context says of this step. */
function stepVariables(run: Run): Record<string, string> {
  const [name = '', ref = ''] = isLocal(run.uses) ? [] : run.uses.split('@')
  return {
    action: isLocal(run.uses) ? '__self' : `__${name.replace(/\W/g, '_')}`,
    action_repository: name.split('/').slice(0, 2).join('/'),
    action_ref: ref,
    event_path: join(run.runner['temp'] ?? '', '_github_workflow', 'event.json'),
    workspace: run.workspace
  }
}

/** What the action's expressions (defaults, `post-if`) can name. */
export function stepContexts(run: Run): Contexts {
  return {
    github: { ...run.github.variables, ...stepVariables(run), event: run.github.event, token: run.github.token },
    runner: run.runner,
    env: { ...run.jobEnv, ...Object.fromEntries(run.job.env) },
    job: { status: run.job.status },
    strategy: {},
    matrix: {}
  }
}
