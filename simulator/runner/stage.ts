import { access } from 'node:fs/promises'
import { join } from 'node:path'
import type { Annotation } from './annotation.ts'
import { evaluateCondition } from './expression.ts'
import { createFileCommands, type FileCommands, processFileCommands } from './file-commands.ts'
import { type Killed, launch } from './launch.ts'
import { resolveInputs } from './manifest.ts'
import { displayName, isLocal, type Run, stepContexts, stepEnvironment, visibleEnvironment } from './run.ts'
import { StepLog } from './step-log.ts'

/** What a step came to, as `steps.<id>.outcome` has it. */
export type Outcome = 'success' | 'failure' | 'cancelled' | 'skipped'

/** How one stage of an action (pre, main, post) went. */
export interface StageResult {
  readonly outcome: Outcome
  /** null when it was ended by a signal, or never started. */
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  /** What it took to stop it when it was cancelled or out of time. */
  readonly killed: Killed
  /** The log a user sees, commands carried out and secrets masked, in the form in which GitHub offers it for download. */
  readonly log: readonly string[]
  readonly annotations: readonly Annotation[]
  /** What the process wrote, commands and secrets included. */
  readonly rawStdout: string
  readonly rawStderr: string
  /** Its part of the job summary, masked; empty when it was too large. */
  readonly summary: string
  readonly durationMs: number
}

/** One of the action's scripts and when it runs. */
export interface Stage {
  readonly kind: 'pre' | 'main' | 'post'
  readonly script: string
  readonly condition: string
}

const SKIPPED: StageResult = {
  outcome: 'skipped',
  exitCode: null,
  signal: null,
  killed: 'none',
  log: [],
  annotations: [],
  rawStdout: '',
  rawStderr: '',
  summary: '',
  durationMs: 0
}

/** Runs one stage, unless its condition says that it shall not; the job's status follows its outcome. */
export async function runStage(run: Run, stage: Stage): Promise<StageResult> {
  const { job } = run
  if (run.cancel.aborted) job.status = 'cancelled'
  if (!evaluateCondition(stage.condition, stepContexts(run), job.status)) return SKIPPED
  const startedAt = performance.now()
  const log = new StepLog(run)
  const files = await createFileCommands(run.runner['temp'] ?? '')
  const attempt = await runScript(run, stage, files, log)
  const summary = await processFileCommands(files, job, log)
  const outcome = log.commandFailed && attempt.outcome === 'success' ? 'failure' : attempt.outcome
  if (outcome === 'failure' && job.status === 'success') job.status = 'failure'
  return {
    ...attempt,
    outcome,
    log: log.lines,
    annotations: log.annotations,
    summary,
    durationMs: performance.now() - startedAt
  }
}

type Attempt = Pick<StageResult, 'outcome' | 'exitCode' | 'signal' | 'killed' | 'rawStdout' | 'rawStderr'>

async function runScript(run: Run, stage: Stage, files: FileCommands, log: StepLog): Promise<Attempt> {
  const stopping = watchForStop(run, stage)
  try {
    const inputs = readInputs(run, log)
    writeHeader(run, stage, inputs, log)
    const script = join(run.directory, stage.script)
    await requireFile(script)
    const exit = await launch({
      file: run.node,
      args: [script],
      directory: run.workspace,
      env: stepEnvironment(run, inputs, files),
      stop: stopping.signal,
      onLine: line => {
        log.receive(line)
      }
    })
    run.groups.push(exit.group)
    log.debug(`Node Action run completed with exit code ${String(exit.exitCode ?? exit.signal)}`)
    return {
      outcome: stopping.conclude(log) ?? (exit.exitCode === 0 ? 'success' : 'failure'),
      exitCode: exit.exitCode,
      signal: exit.signal,
      killed: exit.killed,
      rawStdout: exit.stdout,
      rawStderr: exit.stderr
    }
  } catch (error) {
    log.annotate('error', error instanceof Error ? error.message : String(error))
    return { outcome: 'failure', exitCode: null, signal: null, killed: 'none', rawStdout: '', rawStderr: '' }
  } finally {
    stopping.close()
  }
}

/** Turns the job's cancellation and the step's time limit into one signal, and says afterwards which it was. */
function watchForStop(run: Run, stage: Stage) {
  const stop = new AbortController()
  let reason: 'cancelled' | 'timed-out' | undefined
  const onCancel = (): void => {
    run.job.status = 'cancelled'
    // A step that would run in a cancelled job too, such as a post with always(), is let finish.
    if (evaluateCondition(stage.condition, stepContexts(run), 'cancelled')) return
    reason ??= 'cancelled'
    stop.abort()
  }
  const onTimeout = (): void => {
    reason ??= 'timed-out'
    stop.abort()
  }
  run.cancel.addEventListener('abort', onCancel, { once: true })
  if (run.cancel.aborted) onCancel()
  const timer = run.timeoutMs === undefined ? undefined : setTimeout(onTimeout, run.timeoutMs)
  return {
    signal: stop.signal,
    conclude(log: StepLog): Outcome | undefined {
      if (reason === undefined) return undefined
      if (reason === 'cancelled') {
        log.annotate('error', 'The operation was canceled.')
        return 'cancelled'
      }
      const minutes = String((run.timeoutMs ?? 0) / 60_000)
      log.annotate('error', `The action '${displayName(run)}' has timed out after ${minutes} minutes.`)
      return 'failure'
    },
    close() {
      run.cancel.removeEventListener('abort', onCancel)
      clearTimeout(timer)
    }
  }
}

function readInputs(run: Run, log: StepLog): ReadonlyMap<string, string> {
  if (run.manifest.pre !== undefined && isLocal(run.uses)) {
    log.annotate('warning', `\`pre\` execution is not supported for local action from '${run.uses}'`)
  }
  const { values, warnings } = resolveInputs(run.manifest, run.inputs, stepContexts(run))
  for (const warning of warnings) log.annotate('warning', warning)
  return values
}

function writeHeader(run: Run, stage: Stage, inputs: ReadonlyMap<string, string>, log: StepLog): void {
  if (stage.kind === 'post') {
    log.write('Post job cleanup.')
    return
  }
  log.write(`##[group]${displayName(run)}`)
  if (inputs.size > 0) log.write('with:')
  for (const [name, value] of inputs) if (value !== '') log.write(`  ${name}: ${value}`)
  const env = Object.entries(visibleEnvironment(run))
  if (env.length > 0) log.write('env:')
  for (const [name, value] of env) log.write(`  ${name}: ${value}`)
  log.write('##[endgroup]')
}

async function requireFile(path: string): Promise<void> {
  try {
    await access(path)
  } catch (error) {
    throw new Error(`File not found: '${path}'`, { cause: error })
  }
}
