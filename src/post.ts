import { parseSuspensionRecord, resourceIn, restoreCommand, SUSPENSION_STATE } from './decide/scaling/suspension.ts'
import { Failure } from './failure.ts'
import { DOCKER_SESSION_STATE, removeDockerSession } from './io/docker/session.ts'
import { createRunner, type Runner } from './io/runner.ts'
import type { RestoringWorld } from './steps/restore-scaling.ts'

/** The post step: puts back what must not outlive the job, also when main was killed. */
export async function post(): Promise<void> {
  const runner = createRunner(process.env)
  await cleanUp(runner)
  await putBack(runner, async region => {
    const { createWorld } = await import('./world.ts')
    return createWorld({
      region,
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
  })
  runner.leave()
}

/** Removes the credentials of a killed build, or is red; what cannot be removed keeps nothing else from being put back. */
export async function cleanUp(runner: Pick<Runner, 'getState' | 'annotate' | 'fail'>): Promise<void> {
  const directory = runner.getState(DOCKER_SESSION_STATE)
  if (directory === '') return
  try {
    await removeDockerSession(directory)
  } catch (error) {
    runner.annotate('error', `the registry credentials in ${directory} could not be removed: ${String(error)}`)
    runner.fail()
  }
}

/** Puts auto scaling back that main left suspended; when AWS refuses, the step is red and says how to do it by hand. */
export async function putBack(
  runner: Pick<Runner, 'getState' | 'log' | 'annotate' | 'fail'>,
  openWorld: (region: string) => Promise<RestoringWorld>
): Promise<void> {
  const state = runner.getState(SUSPENSION_STATE)
  if (state === '') {
    runner.log('no auto scaling to put back')
    return
  }
  const record = parseSuspensionRecord(state)
  if (record === undefined) {
    runner.annotate('error', unreadable(state))
    runner.fail()
    return
  }
  const byHand = restoreCommand(record)
  // Said before anything can end this step, too.
  const found =
    record.isPutBack === true
      ? 'was put back, which nobody has seen yet, and is looked at'
      : 'may have been left suspended and is put back'
  runner.log(`auto scaling of ${record.resourceId} ${found} now; by hand it is done with:`)
  runner.log(byHand)
  // Loaded late: most jobs have nothing to put back.
  const { restoreScaling } = await import('./steps/restore-scaling.ts')
  const { logLines } = await import('./report/log.ts')
  try {
    await restoreScaling(await openWorld(record.region), record, event => {
      for (const { kind, text } of logLines(event)) {
        if (kind === 'warning') runner.annotate('warning', text)
        else runner.log(text)
      }
    })
  } catch (error) {
    const remedy = (error instanceof Failure ? error.remedy : undefined) ?? `restore it with: ${byHand}`
    runner.annotate('error', `${error instanceof Error ? error.message : String(error)}\n${remedy}`)
    runner.fail()
  }
}

function unreadable(state: string): string {
  const resourceId = resourceIn(state)
  const what = resourceId === undefined ? 'auto scaling' : `auto scaling of ${resourceId}`
  return [
    `${what} may have been left suspended: what was saved of how it was before cannot be read`,
    'restore it with the command that the log of the deploy step shows'
  ].join('\n')
}
