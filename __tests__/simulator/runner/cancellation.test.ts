import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from '@jest/globals'
import { runAction, type RunOptions, type RunResult } from '../../../simulator/runner/run-action.ts'
import { manifestWithPost, writeAction } from './action-fixture.ts'

const KEEP_RUNNING = 'setInterval(() => undefined, 1000)\nconsole.log("ready")\n'
const IGNORE = (signal: string) => `process.on('${signal}', () => console.log('got ${signal}'))\n`
const POST = 'console.log("cleaned up")'

/** Runs an action that goes on for ever and cancels it as soon as it says that it is ready. */
async function cancelWhenReady(main: string, options: Partial<RunOptions> = {}): Promise<RunResult> {
  const directory = await writeAction({ 'action.yml': manifestWithPost(), 'main.mjs': main, 'post.mjs': POST })
  const cancel = new AbortController()
  return runAction({
    directory,
    cancel: cancel.signal,
    onOutput: chunk => {
      if (chunk === 'ready\n') cancel.abort()
    },
    ...options
  })
}

describe('a cancelled job', () => {
  test('interrupts main and still runs post', async () => {
    const result = await cancelWhenReady(KEEP_RUNNING)
    expect(result).toMatchObject({ outcome: 'cancelled', exitCode: null, signal: 'SIGINT', killed: 'SIGINT' })
    expect(result.log.at(-1)).toBe('##[error]The operation was canceled.')
    expect(result.post).toMatchObject({ outcome: 'success', exitCode: 0, rawStdout: 'cleaned up\n' })
  })

  test('lets main end in its own way, and keeps its outputs', async () => {
    const result = await cancelWhenReady(
      `import { appendFileSync } from 'node:fs'
      process.on('SIGINT', () => {
        appendFileSync(process.env.GITHUB_OUTPUT, 'outcome=cancelled\\n')
        process.exit(1)
      })
      ${KEEP_RUNNING}`
    )
    expect(result).toMatchObject({ outcome: 'cancelled', exitCode: 1, outputs: { outcome: 'cancelled' } })
  })

  test('clears away what main had started, though it was not signalled', async () => {
    const workspace = await writeAction({})
    const heartbeat = "setInterval(() => require('fs').appendFileSync('beats', '.'), 10)"
    const result = await cancelWhenReady(
      `import { spawn } from 'node:child_process'
      import { existsSync } from 'node:fs'
      spawn(process.execPath, ['-e', ${JSON.stringify(heartbeat)}], { stdio: 'ignore' })
      setInterval(() => existsSync('beats') && console.log('ready'), 10)`,
      { workspace }
    )
    expect(result.killed).toBe('SIGINT')
    await sleep(50)
    const { size } = await stat(join(workspace, 'beats'))
    await sleep(100)
    expect((await stat(join(workspace, 'beats'))).size).toBe(size)
  })

  test('that was cancelled before the step began skips it, and post with it', async () => {
    const result = await cancelWhenReady(KEEP_RUNNING, { cancel: AbortSignal.abort() })
    expect(result).toMatchObject({ outcome: 'skipped', log: [] })
    expect(result.post).toBeUndefined()
  })
})

describe('a step out of time', () => {
  test('fails, and post runs', async () => {
    const directory = await writeAction({
      'action.yml': manifestWithPost(),
      'main.mjs': KEEP_RUNNING,
      'post.mjs': POST
    })
    const result = await runAction({ directory, timeoutMs: 600 })
    expect(result).toMatchObject({ outcome: 'failure', killed: 'SIGINT', post: { outcome: 'success' } })
    expect(result.annotations[0]?.message).toBe("The action 'Run ./' has timed out after 0.01 minutes.")
  })
})

describe('the patience of the runner', () => {
  test.concurrent(
    'ends 7.5 seconds after a cancellation with SIGTERM, and 2.5 seconds later with SIGKILL',
    async () => {
      const [stubborn, deaf] = await Promise.all([
        cancelWhenReady(IGNORE('SIGINT') + KEEP_RUNNING),
        cancelWhenReady(IGNORE('SIGINT') + IGNORE('SIGTERM') + KEEP_RUNNING)
      ])
      expect(stubborn).toMatchObject({ killed: 'SIGTERM', signal: 'SIGTERM', rawStdout: 'ready\ngot SIGINT\n' })
      expect(stubborn.durationMs).toBeGreaterThanOrEqual(7_400)
      expect(deaf).toMatchObject({
        killed: 'SIGKILL',
        signal: 'SIGKILL',
        rawStdout: 'ready\ngot SIGINT\ngot SIGTERM\n'
      })
      expect(deaf.durationMs).toBeGreaterThanOrEqual(9_900)
      expect(deaf.post?.outcome).toBe('success')
    }
  )

  test.concurrent('ends five seconds after a process whose child keeps its output open', async () => {
    const directory = await writeAction({
      'main.mjs': `import { spawn } from 'node:child_process'
        spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { stdio: 'inherit' }).unref()
        console.log('done')
        process.exit(0)`
    })
    const result = await runAction({ directory })
    expect(result).toMatchObject({ outcome: 'success', exitCode: 0, killed: 'none', rawStdout: 'done\n' })
    expect(result.durationMs).toBeGreaterThanOrEqual(4_900)
    expect(result.durationMs).toBeLessThan(15_000)
  })
})
