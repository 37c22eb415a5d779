import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { buildGithubContext, buildRunnerContext, type GithubOptions, type WorkflowEvent } from './github-context.ts'
import { startJob } from './job-state.ts'
import { endGroup } from './launch.ts'
import { readManifest } from './manifest.ts'
import { isLocal, type Run } from './run.ts'
import { runStage, type StageResult } from './stage.ts'

/** One step `uses: …` and the job around it. */
export interface RunOptions {
  /** Where the action is: the directory with its action.yml. */
  readonly directory: string
  /** The step's `with:`. */
  readonly inputs?: Readonly<Record<string, string>>
  /** Variables of the job: all that the step inherits, besides PATH, HOME and the like. What it exports comes before. */
  readonly env?: Readonly<Record<string, string>>
  /** Default: a push. */
  readonly event?: WorkflowEvent
  readonly github?: GithubOptions
  /** How the workflow names the action: `./` (default), or `owner/name@ref`, whose `pre` is run too. */
  readonly uses?: string
  /** Where the step runs; default: an empty directory, removed afterwards. */
  readonly workspace?: string
  /** RUNNER_TEMP; default: a new directory, removed afterwards. */
  readonly temp?: string
  /** The Node binary; default: the one that runs this. */
  readonly node?: string
  /** Cancels the job when aborted, e.g. `AbortSignal.timeout(5000)`. */
  readonly cancel?: AbortSignal
  /** The step's `timeout-minutes`, in milliseconds of the wall clock. */
  readonly timeoutMs?: number
  /** Values to hide in the log from the start. */
  readonly secrets?: readonly string[]
  /** Shows debug messages. */
  readonly debug?: boolean
  /** Called with the log, masked, as it comes. */
  readonly onOutput?: (chunk: string) => void
}

/** How main went, what it left to the job, and how the stages around it went. */
export interface RunResult extends StageResult {
  readonly outputs: Readonly<Record<string, string>>
  /** What pre, main and post saved. */
  readonly state: Readonly<Record<string, string>>
  /** What was exported to later steps. */
  readonly env: Readonly<Record<string, string>>
  /** What was added to PATH, in that order. */
  readonly path: readonly string[]
  readonly masks: readonly string[]
  /** Absent when the action has none, or is local. */
  readonly pre?: StageResult
  /** Absent when the action has none; with outcome `skipped` when its condition did not hold. */
  readonly post?: StageResult
}

/** All that a clean machine gives: where programs and homes are, and how text looks. */
const MACHINE_VARIABLES = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'LC_ALL', 'SHELL', 'USER']

/** Runs pre, main and post of a JavaScript action as GitHub's runner does; rejects when the directory holds none. */
export async function runAction(options: RunOptions): Promise<RunResult> {
  const root = await mkdtemp(join(tmpdir(), 'runner-'))
  const groups: number[] = []
  try {
    return await runStages(await prepare(options, root, groups))
  } finally {
    for (const group of groups) endGroup(group)
    await rm(root, { recursive: true, force: true, maxRetries: 3 })
  }
}

async function runStages(run: Run): Promise<RunResult> {
  const { manifest, job } = run
  const runsPre = manifest.pre !== undefined && !isLocal(run.uses)
  const pre = runsPre
    ? await runStage(run, { kind: 'pre', script: manifest.pre, condition: manifest.preIf })
    : undefined
  const main = await runStage(run, { kind: 'main', script: manifest.main, condition: 'success()' })
  // A step that never began has nothing to clean up.
  const began = [pre, main].some(stage => stage !== undefined && stage.outcome !== 'skipped')
  const post =
    manifest.post !== undefined && began
      ? await runStage(run, { kind: 'post', script: manifest.post, condition: manifest.postIf })
      : undefined
  return {
    ...main,
    outputs: Object.fromEntries(job.outputs),
    state: Object.fromEntries(job.state),
    env: Object.fromEntries(job.env),
    path: job.path,
    masks: job.masker.values,
    ...(pre === undefined ? {} : { pre }),
    ...(post === undefined ? {} : { post })
  }
}

async function prepare(options: RunOptions, root: string, groups: number[]): Promise<Run> {
  const manifest = readManifest(options.directory)
  const github = buildGithubContext(options.github ?? {}, options.event ?? { name: 'push' })
  const repositoryName = basename(github.variables['repository'] ?? '')
  const workspace = resolve(options.workspace ?? join(root, repositoryName, repositoryName))
  const temp = resolve(options.temp ?? join(root, '_temp'))
  const toolCache = join(root, '_tool')
  const eventDirectory = join(temp, '_github_workflow')
  for (const directory of [workspace, eventDirectory, toolCache]) await mkdir(directory, { recursive: true })
  await writeFile(join(eventDirectory, 'event.json'), JSON.stringify(github.event, null, 2))
  const debug = options.debug ?? false
  return {
    directory: resolve(options.directory),
    manifest,
    uses: options.uses ?? './',
    inputs: options.inputs ?? {},
    job: startJob([...(options.secrets ?? []), github.token]),
    github,
    runner: buildRunnerContext({ temp, toolCache, workspace: join(root, repositoryName), debug }),
    workspace,
    machineEnv: machineEnvironment(),
    jobEnv: options.env ?? {},
    node: options.node ?? process.execPath,
    cancel: options.cancel ?? new AbortController().signal,
    timeoutMs: options.timeoutMs,
    debug,
    onOutput: options.onOutput,
    groups
  }
}

function machineEnvironment(): Record<string, string> {
  const env: Record<string, string> = {}
  for (const name of MACHINE_VARIABLES) {
    const value = process.env[name]
    if (value !== undefined) env[name] = value
  }
  return env
}
