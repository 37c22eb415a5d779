import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { runDemo } from './demo.ts'
import { hasDocker } from './docker.ts'
import { createScreen } from './screen.ts'

const INTERRUPTED = 130

const startedAt = performance.now()
const cancel = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // The first one cancels the job as GitHub does, so that its post step still runs; a second one ends all at once.
  process.once(signal, () => {
    cancel.abort()
  })
}

const colours = process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === ''
const screen = createScreen(text => process.stdout.write(text), colours)
try {
  const root = fileURLToPath(new URL('../..', import.meta.url))
  const isDockerThere = await hasDocker()
  const good = await runDemo({ root, output: tmpdir(), isDockerThere, screen, signal: cancel.signal })
  screen.line()
  const seconds = Math.round((performance.now() - startedAt) / 1000)
  screen.verdict(good, good ? `All ended as it should, in ${String(seconds)} s.` : 'Not all ended as it should.')
  if (!good) process.exitCode = 1
} catch (error) {
  if (!cancel.signal.aborted) throw error
  screen.line('The demo was interrupted; nothing is left running.')
  process.exitCode = INTERRUPTED
}
