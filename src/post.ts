import { parseSuspensionRecord, SUSPENSION_STATE, type SuspensionRecord } from './decide/scaling/suspension.ts'
import { Failure } from './failure.ts'
import { DOCKER_SESSION_STATE, removeDockerSession } from './io/docker/session.ts'
import { createRunner, type Runner } from './io/runner.ts'

/** The post step: puts back what must not outlive the job, also when main was killed. */
export async function post(): Promise<void> {
  const runner = createRunner(process.env)
  const directory = runner.getState(DOCKER_SESSION_STATE)
  if (directory !== '') await removeDockerSession(directory)
  const state = runner.getState(SUSPENSION_STATE)
  if (state === '') {
    runner.log('no auto scaling to put back')
    return
  }
  const record = parseSuspensionRecord(state)
  if (record === undefined) throw new Failure('internal-error', 'the saved state of auto scaling cannot be read')
  await restore(runner, record)
}

async function restore(runner: Runner, record: SuspensionRecord): Promise<void> {
  const { createWorld } = await import('./world.ts')
  const { restoreScaling } = await import('./steps/suspend-scaling.ts')
  const { logLines } = await import('./report/log.ts')
  const world = createWorld({
    region: record.region,
    workspace: '.',
    temporaryDirectory: '.',
    attempts: undefined,
    signal: new AbortController().signal,
    saveState: runner.saveState,
    addMask: runner.addMask,
    environment: process.env,
    onBuildLine: () => undefined,
    onRetry: (operation, reason) => {
      runner.log(`${operation} is repeated: ${reason}`)
    }
  })
  try {
    await restoreScaling(await world.scaling(), record, event => {
      for (const { text } of logLines(event)) runner.log(text)
    })
  } catch (error) {
    const remedy = error instanceof Failure ? error.remedy : undefined
    runner.annotate('error', `${error instanceof Error ? error.message : String(error)}\n${remedy ?? ''}`)
    runner.fail()
  }
}
