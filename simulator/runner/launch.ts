import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'

/** A process gets this long after SIGINT, then so long after SIGTERM, before it is killed. */
const INTERRUPT_GRACE_MS = 7_500
const TERMINATE_GRACE_MS = 2_500

/** How long after its end a process's output is waited for, when something it started still holds it open. */
const OUTPUT_GRACE_MS = 5_000

/** The strongest signal that a stopped process was sent; `none` when it was not stopped. */
export type Killed = 'none' | 'SIGINT' | 'SIGTERM' | 'SIGKILL'

/** One process to run. */
export interface Launch {
  readonly file: string
  readonly args: readonly string[]
  readonly directory: string
  readonly env: Readonly<Record<string, string>>
  /** Aborted when the process shall end. */
  readonly stop: AbortSignal
  /** Called with each line of either stream, in the order they arrive. */
  readonly onLine: (line: string) => void
}

/** How a process ended, and everything it wrote. */
export interface Exit {
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  readonly killed: Killed
  readonly stdout: string
  readonly stderr: string
  /** For `endGroup`: what the process left behind can be found by this. */
  readonly group: number
}

/** Runs a process to its end without any input; rejects when it cannot be started. */
export async function launch(options: Launch): Promise<Exit> {
  const child = spawn(options.file, options.args, {
    cwd: options.directory,
    env: { ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that a Ctrl-C in the terminal does not reach it past the runner.
    detached: true
  })
  const stdout = collect(child.stdout, options.onLine)
  const stderr = collect(child.stderr, options.onLine)
  await once(child, 'spawn')
  // Never a made-up number: `endGroup(0)` would be the end of whoever calls it.
  if (child.pid === undefined) throw new Error(`${options.file} started without a process id`)
  const ended = outputEnded(child)
  const stopping = stopWhenAsked(child, ended, options.stop)
  await ended
  const killed = await stopping.finish()
  return {
    exitCode: child.exitCode,
    signal: child.signalCode,
    killed,
    stdout: stdout(),
    stderr: stderr(),
    group: child.pid
  }
}

/** Kills what is left of a process's group, as the runner does with orphans when a job is over. */
export function endGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Resolves when the process has ended and so has its output, or has been waited for long enough. */
async function outputEnded(child: ChildProcess): Promise<void> {
  const closed = new Promise<void>(resolve =>
    child.once('close', () => {
      resolve()
    })
  )
  await new Promise<void>(resolve =>
    child.once('exit', () => {
      resolve()
    })
  )
  if (await endsWithin(closed, OUTPUT_GRACE_MS)) return
  child.stdout?.destroy()
  child.stderr?.destroy()
}

interface Stopping {
  /** To be called once the process has ended: what it took. */
  finish(): Promise<Killed>
}

function stopWhenAsked(child: ChildProcess, ended: Promise<void>, stop: AbortSignal): Stopping {
  let stopped: Promise<Killed> = Promise.resolve('none')
  const begin = (): void => {
    stopped = escalate(child, ended)
  }
  if (stop.aborted) begin()
  else stop.addEventListener('abort', begin, { once: true })
  return {
    finish() {
      stop.removeEventListener('abort', begin)
      return stopped
    }
  }
}

/** Signals go to the process alone, as the runner sends them; what it started is its own business. */
async function escalate(child: ChildProcess, ended: Promise<void>): Promise<Killed> {
  const interrupted = child.kill('SIGINT')
  if (interrupted && (await endsWithin(ended, INTERRUPT_GRACE_MS))) return 'SIGINT'
  const terminated = child.kill('SIGTERM')
  if (terminated && (await endsWithin(ended, TERMINATE_GRACE_MS))) return 'SIGTERM'
  if (child.kill('SIGKILL')) return 'SIGKILL'
  return terminated ? 'SIGTERM' : interrupted ? 'SIGINT' : 'none'
}

async function endsWithin(ended: Promise<void>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<boolean>(resolve => {
    timer = setTimeout(resolve, ms, false)
  })
  try {
    return await Promise.race([ended.then(() => true), tooLate])
  } finally {
    clearTimeout(timer)
  }
}

/** Reads a stream to its end, line by line; returns what was read so far when asked. */
function collect(stream: Readable, onLine: (line: string) => void): () => string {
  let text = ''
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (chunk: string) => {
    text += chunk
    // A carriage return at the very end may be the first half of a line break.
    const lines = (rest + chunk).split(/\r\n|\n|\r(?!$)/)
    rest = lines.pop() ?? ''
    for (const line of lines) onLine(line)
  })
  stream.on('end', () => {
    if (rest !== '') onLine(rest.replace(/\r$/, ''))
  })
  return () => text
}
