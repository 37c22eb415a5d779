import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { Failure } from '../../failure.ts'

/** A program to run: no shell ever sees its arguments. */
export interface Command {
  readonly program: string
  readonly args: readonly string[]
  readonly directory: string
  readonly environment: Readonly<Record<string, string>>
  /** What it reads from its standard input; nothing when left out. */
  readonly input?: string
  /** Called with each line of either stream as it comes. */
  readonly onLine?: (line: string) => void
}

/** How a program ended; `lines` are its last ones, of both streams in the order they came. */
export interface CommandEnd {
  readonly code: number | null
  readonly lines: readonly string[]
}

/** A failed build explains itself in its last lines; more of a long log would only fill the memory. */
const KEPT_LINES = 400

/** The runner itself gives an action 7.5 s after its first signal, and reports are still to be written then. */
const KILL_AFTER_MS = 2_500

/** What a program wrote before it ended is read by then; what it left running may hold its output for ever. */
const LAST_WORDS_MS = 500

/**
 * Runs a program to its end. An abort ends the program and everything it started, and then rejects with `cancelled`;
 * a program that cannot be started rejects with `docker-unavailable`.
 */
export async function runCommand(command: Command, signal: AbortSignal): Promise<CommandEnd> {
  refuseWhenCancelled(command, signal)
  const child = spawn(command.program, command.args, {
    cwd: command.directory,
    env: command.environment,
    stdio: 'pipe',
    // Its own process group: the docker client starts buildx, and a signal to the client alone leaves that one building.
    detached: true
  })
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream, crlfDelay: Infinity }).on('line', line => {
      if (lines.push(line) > KEPT_LINES) lines.shift()
      command.onLine?.(line)
    })
  }
  // A program that ends before it read its input closes the pipe; its exit code tells more than that does.
  child.stdin.on('error', () => undefined).end(command.input ?? '')

  const code = await new Promise<number | null>((resolve, reject) => {
    let killing: NodeJS.Timeout | undefined
    let leaving: NodeJS.Timeout | undefined
    function stop(): void {
      killGroup(child.pid, 'SIGTERM')
      killing = setTimeout(() => {
        killGroup(child.pid, 'SIGKILL')
      }, KILL_AFTER_MS)
    }
    function settle(): void {
      clearTimeout(killing)
      clearTimeout(leaving)
      signal.removeEventListener('abort', stop)
    }
    signal.addEventListener('abort', stop)
    child.once('error', error => {
      settle()
      reject(notStarted(command, error))
    })
    child.once('exit', exitCode => {
      leaving = setTimeout(() => {
        for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy()
        settle()
        resolve(exitCode)
      }, LAST_WORDS_MS)
    })
    child.once('close', exitCode => {
      settle()
      resolve(exitCode)
    })
  })
  refuseWhenCancelled(command, signal)
  return { code, lines }
}

function killGroup(pid: number | undefined, name: 'SIGTERM' | 'SIGKILL'): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, name)
  } catch {
    // The group has ended by itself in the meantime.
  }
}

function notStarted({ program, directory }: Command, cause: Error): Failure {
  // ENOENT is also what a missing working directory looks like.
  return new Failure('docker-unavailable', `'${program}' cannot be run in ${directory}: ${cause.message}`, {
    remedy: 'use a runner with Docker, or give an image that is already pushed in `image`',
    cause
  })
}

function refuseWhenCancelled({ program }: Command, signal: AbortSignal): void {
  if (!signal.aborted) return
  throw new Failure('cancelled', `${program} was stopped, because the job was cancelled`, { cause: signal.reason })
}
