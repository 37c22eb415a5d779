import type { Cause } from './stop-rule.ts'

const FIRST_SIGNAL = 128
const OUT_OF_MEMORY_REMEDY =
  "raise memory of the container or the task, or find out what fills it in the container's log"
const LOG_REMEDY = "read the end of the container's log: it ended by itself"

interface ExitMeaning {
  readonly words: string
  readonly remedy: string
  readonly heals: Cause['heals']
}

const EXIT_CODES = new Map<number, ExitMeaning>([
  [
    0,
    {
      words: 'its command finished, but a service needs one that keeps running',
      remedy: 'let the command run in the foreground and not end',
      heals: 'maybe'
    }
  ],
  [
    126,
    { words: 'its command is not executable', remedy: 'make the file executable (chmod +x) in the image', heals: 'no' }
  ],
  [
    127,
    { words: 'its command was not found', remedy: 'correct command or entryPoint, or install the program', heals: 'no' }
  ],
  [134, { words: 'it aborted with SIGABRT', remedy: LOG_REMEDY, heals: 'maybe' }],
  [
    137,
    { words: 'it was killed with SIGKILL, often for lack of memory', remedy: OUT_OF_MEMORY_REMEDY, heals: 'maybe' }
  ],
  [139, { words: 'it crashed with a segmentation fault', remedy: LOG_REMEDY, heals: 'maybe' }],
  [
    143,
    {
      words: 'something in the task asked it to stop with SIGTERM',
      remedy: "read the end of the container's log: ECS did not stop it, so its own command or another process did",
      heals: 'maybe'
    }
  ],
  [
    255,
    {
      words: 'an error of its own, or a binary for another CPU',
      remedy: "read the end of the container's log, and compare the platform of the image with runtimePlatform",
      heals: 'maybe'
    }
  ]
])

/** What the exit code of a container means; the container's own reason has been read before. */
export function exitCause(container: string, exitCode: number): Cause {
  const { words, remedy, heals } = EXIT_CODES.get(exitCode) ?? otherExit(exitCode)
  return {
    code: 'container-exited',
    words: `container ${container} exited with code ${exitCode}${words === '' ? '' : ` (${words})`}`,
    remedy,
    heals
  }
}

/** The cause of a container that the kernel killed for its memory, whatever its exit code says. */
export function outOfMemory(container: string, exitCode: number | undefined): Cause {
  return {
    code: 'out-of-memory',
    words: `container ${container} ran out of memory${exitCode === undefined ? '' : ` (exit code ${exitCode})`}`,
    remedy: OUT_OF_MEMORY_REMEDY,
    heals: 'maybe'
  }
}

/** How likely an exit code is the first of several: ECS stops the others with SIGTERM, then SIGKILL. Least is likeliest. */
export function rankOfExit(exitCode: number): number {
  if (exitCode === 143) return 3
  if (exitCode === 0) return 2
  if (exitCode === 137) return 1
  return 0
}

function otherExit(exitCode: number): ExitMeaning {
  const signal = exitCode - FIRST_SIGNAL
  const words = signal > 0 && signal < 65 ? `signal ${signal}` : ''
  return { words, remedy: LOG_REMEDY, heals: 'maybe' }
}
