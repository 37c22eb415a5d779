import { readFileSync } from 'node:fs'
import { readCommand, USAGE } from './command-line.ts'
import { startSimulator } from './server.ts'

const command = readCommand(process.argv.slice(2), path => readFileSync(path, 'utf8'))
if (command.kind === 'help') {
  console.log(USAGE)
} else if (command.kind === 'wrong') {
  fail(command.sentence)
} else {
  try {
    const running = await startSimulator(command.options)
    console.log(`simulator ready ${running.url}`)
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => void running.close())
    }
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error))
  }
}

function fail(sentence: string): void {
  console.error(`simulator: ${sentence}`)
  process.exitCode = 1
}
