import type { JsonObject } from './decide/json.ts'
import { renderContainer } from './decide/task/render-container.ts'
import { lookAtDeployments } from './decide/service/look.ts'
import type { Event } from './event.ts'
import { Failure } from './failure.ts'
import { readRun, type Inputs } from './inputs.ts'
import type { TaskDefinitionInputs } from './inputs/task-definition.ts'
import { wallClock } from './io/clock.ts'
import { readEvent } from './io/event-file.ts'
import { createRunner, type Runner } from './io/runner.ts'
import { deploy } from './modes/deploy.ts'
import { withLostAnswer, type Ending } from './modes/ending.ts'
import type { Run } from './modes/run.ts'
import { isRed, type Knowledge, type RunResult } from './outcome.ts'
import { annotationOf } from './report/annotation.ts'
import { createConcealment, type Concealment } from './report/concealment.ts'
import { closingLines, logLines, type LogLine } from './report/log.ts'
import { outputsOf } from './report/outputs.ts'
import { Repeats } from './report/repeats.ts'
import { summarise } from './report/summary.ts'
import { createWorld } from './world.ts'

/** AWS's own have 40 characters and more; shorter ones, `test` and the like, are for stand-ins and found in any sentence. */
const SHORTEST_AWS_SECRET = 16

/** The main step: inputs → world → mode → report. */
export async function main(): Promise<void> {
  const runner = createRunner(process.env)
  const startedAtMs = wallClock.now()
  const known: Knowledge = {}
  const concealment = createConcealment(known)
  const cancellation = listenForCancellation()
  const { ending, options } = await attempt(runner, known, concealment, cancellation)
  const failed = isRed(ending.outcome) || (ending.outcome === 'unproven' && options.requireProof)
  const result: RunResult = { ...known, ...ending, failed, startedAtMs, endedAtMs: wallClock.now() }
  await report(runner, concealment.result(result), options.summary)
  // A program that fetches credentials, and whatever else may hang, holds no step behind its report.
  runner.leave()
}

interface ReportOptions {
  readonly requireProof: boolean
  readonly summary: boolean
}

async function attempt(
  runner: Runner,
  known: Knowledge,
  concealment: Concealment,
  cancellation: AbortSignal
): Promise<{ ending: Ending; options: ReportOptions }> {
  let options: ReportOptions = { requireProof: false, summary: true }
  try {
    const { inputs, context } = readRun(process.env)
    options = { requireProof: inputs.mode === 'deploy' && inputs.watch.requireProof, summary: inputs.summary }
    known.region = context.region
    const emit = (event: Event): void => {
      printAll(runner, logLines(concealment.event(event)))
    }
    for (const secret of awsSecrets(process.env)) concealment.learnSecret(secret)
    if (inputs.mode === 'deploy') concealment.learnValues(givenSecrets(inputs.taskDefinition))
    const versionVariable = inputs.mode === 'deploy' ? inputs.taskDefinition.versionVariable : undefined
    const retries = new Repeats()
    const source = context.repository === '' ? undefined : `${context.serverUrl}/${context.repository}`
    const { runId, runAttempt } = context
    const world = createWorld({
      region: context.region,
      workspace: context.workspace,
      temporaryDirectory: context.tempDirectory,
      attempts: inputs.attempts,
      signal: cancellation,
      saveState: runner.saveState,
      addMask: secret => {
        runner.addMask(secret)
        concealment.learnSecret(secret)
      },
      onTaskDefinition: document => {
        concealment.learnValues(document, versionVariable)
      },
      environment: process.env,
      runUrl: source && runId && `${source}/actions/runs/${runId}/attempts/${runAttempt}`,
      onBuildLine: line => {
        emit({ kind: 'build-output', line })
      },
      onRetry: (operation, reason, pauseMs) => {
        if (retries.isNews(reason, wallClock.now())) emit({ kind: 'retry', operation, reason, pauseMs })
      }
    })
    const event = await readEvent(context)
    return { ending: await carryOut(inputs, { event, source, world, emit, known }), options }
  } catch (error) {
    return { ending: endingOf(error, known, false, cancellation), options }
  }
}

/** What AWS may quote of what a request was signed with. */
function awsSecrets({ AWS_SECRET_ACCESS_KEY = '', AWS_SESSION_TOKEN = '' }: NodeJS.ProcessEnv): readonly string[] {
  return [AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN].filter(secret => secret.length >= SHORTEST_AWS_SECRET)
}

/** The input `secrets` as part of a task definition: a value in the place of an ARN is hidden before the first call. */
function givenSecrets({ changes: { secrets = [] } }: TaskDefinitionInputs): JsonObject {
  return { containerDefinitions: [renderContainer({}, undefined, { secrets })] }
}

/** Runs the recipe of the mode to an ending: what it throws becomes one, too. */
export async function carryOut(inputs: Inputs, run: Omit<Run<Inputs>, 'inputs'>): Promise<Ending> {
  let isCalling = false
  const emit = (event: Event): void => {
    // The first phase begins with the first call.
    isCalling ||= event.kind === 'phase'
    run.emit(event)
  }
  try {
    return await perform(inputs, { ...run, emit })
  } catch (error) {
    return endingOf(error, run.known, isCalling, run.world.signal)
  }
}

/** Runs the recipe of the mode; a mode that is not the usual one is loaded when it is asked for. */
async function perform(inputs: Inputs, run: Omit<Run<Inputs>, 'inputs'>): Promise<Ending> {
  switch (inputs.mode) {
    case 'deploy':
      return deploy({ ...run, inputs })
    case 'mirror': {
      const { mirror } = await import('./modes/mirror.ts')
      return mirror({ ...run, inputs })
    }
    case 'pin': {
      const { pin } = await import('./modes/pin.ts')
      return pin({ ...run, inputs })
    }
  }
}

/**
 * The runner cancels with SIGINT, and with SIGTERM 7.5 seconds later. Both are caught to the end, for a signal that
 * nobody listens to would end the process in the middle of its report.
 */
function listenForCancellation(): AbortSignal {
  const controller = new AbortController()
  const cancel = (): void => {
    controller.abort(new Failure('cancelled', 'the job was cancelled'))
  }
  process.on('SIGINT', cancel)
  process.on('SIGTERM', cancel)
  return controller.signal
}

/** The ending of a run that threw: what it was, and what it left behind. */
function endingOf(error: unknown, known: Knowledge, isCalling: boolean, signal: AbortSignal): Ending {
  const left = leftBehind(known)
  if (signal.aborted) {
    const state = left ?? 'no deployment was started'
    const ending = { outcome: 'cancelled', reasonCode: 'cancelled', reason: `the job was cancelled; ${state}` } as const
    return left === undefined ? withLostAnswer(ending, error) : { ...ending, remedy: lookAtWhatIsLeft(known) }
  }
  const failure = asFailure(error)
  const remedy = failure.remedy === undefined ? {} : { remedy: failure.remedy }
  if (failure.code === 'superseded') {
    // A deployment that may have started was looked for: the failure says what there is instead of it.
    const reason = `${failure.message}: ${known.consoleUrl ?? ''}`
    return { outcome: 'superseded', reasonCode: failure.code, reason, ...remedy }
  }
  if (left !== undefined) {
    return { outcome: 'failed', reasonCode: failure.code, reason: `${failure.message}; ${left}`, ...remedy }
  }
  const outcome = isCalling ? 'rejected' : 'invalid'
  return { outcome, reasonCode: failure.code, reason: failure.message, ...remedy }
}

/** The deployment that a run leaves behind when it ends early; undefined when there is surely none of it. */
function leftBehind({ update, parting, deploymentId = '', consoleUrl = '' }: Knowledge): string | undefined {
  const since = parting === undefined ? ' and is left running' : `; ${parting}`
  switch (update) {
    case undefined:
      return undefined
    case 'found':
      return `deployment ${deploymentId} of this revision was under way already${since}: ${consoleUrl}`
    case 'sent':
      return `UpdateService was sent and nothing says what became of it, so a deployment may have started: ${consoleUrl}`
    case 'answered':
      return `deployment ${deploymentId} was started${since}: ${consoleUrl}`
  }
}

/** What a cancelled run leaves goes on without it. */
function lookAtWhatIsLeft({ region = '', cluster = '', service = '' }: Knowledge): string {
  return `see what became of it with: ${lookAtDeployments(region, cluster, service)}`
}

/** Any error as a failure that can be reported; a bug shows its stack in the debug log. */
function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error
  const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return new Failure('internal-error', `an unexpected error ended the run: ${said}`, {
    remedy: 'report it with the log of a run with debug logging',
    cause: error
  })
}

function printAll(runner: Runner, lines: readonly LogLine[]): void {
  for (const { kind, text } of lines) {
    if (kind === 'warning') runner.annotate('warning', text)
    else {
      if (kind === 'heading') runner.log('')
      runner.log(kind === 'heading' ? `== ${text}` : `   ${text}`)
    }
  }
}

async function report(runner: Runner, result: RunResult, wantsSummary: boolean): Promise<void> {
  for (const [name, value] of outputsOf(result)) runner.setOutput(name, value)
  if (wantsSummary) {
    // The report adds to a verdict and never changes it.
    await runner.writeSummary(summarise(result)).catch((error: unknown) => {
      runner.annotate('warning', `the job summary could not be written: ${String(error)}`)
    })
  }
  printAll(runner, closingLines(result))
  const annotation = annotationOf(result)
  if (annotation !== undefined) runner.annotate(annotation.kind, annotation.message, annotation.title)
  if (result.failed) runner.fail()
}
