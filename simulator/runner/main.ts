import { parseArgs } from 'node:util'
import { readFileSync } from 'node:fs'
import { displayLine } from './display.ts'
import { runAction, type RunOptions, type RunResult } from './run-action.ts'

const USAGE = `usage: node --import tsx simulator/runner/main.ts DIRECTORY [options]

  --input NAME=VALUE    an input of the action; as often as needed
  --env NAME=VALUE      a variable of the job; as often as needed
  --secret VALUE        hidden in the log; as often as needed
  --event NAME          what started the workflow (push)
  --payload FILE        the event's payload, JSON
  --repository, --ref, --sha, --actor, --token, --api-url
  --uses NAME           how the workflow names the action (./)
  --workspace DIR       where the step runs (an empty directory)
  --node FILE           the Node binary
  --timeout SECONDS     the step's time limit
  --debug               show debug messages
`

const OPTIONS = {
  input: { type: 'string', multiple: true },
  env: { type: 'string', multiple: true },
  secret: { type: 'string', multiple: true },
  event: { type: 'string', default: 'push' },
  payload: { type: 'string' },
  repository: { type: 'string' },
  ref: { type: 'string' },
  sha: { type: 'string' },
  actor: { type: 'string' },
  token: { type: 'string' },
  'api-url': { type: 'string' },
  uses: { type: 'string' },
  workspace: { type: 'string' },
  node: { type: 'string' },
  timeout: { type: 'string' },
  debug: { type: 'boolean' },
  help: { type: 'boolean' }
} as const

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true })
  const [directory] = positionals
  if (values.help === true || directory === undefined || positionals.length > 1) {
    process.stderr.write(USAGE)
    process.exitCode = values.help === true ? 0 : 2
    return
  }
  // The first Ctrl-C cancels the job, and post still runs; the second one ends the runner itself.
  const cancel = new AbortController()
  process.once('SIGINT', () => {
    cancel.abort()
  })
  const result = await runAction(readOptions(directory, values, cancel.signal))
  process.stdout.write(report(result))
  const stages = [result, result.pre, result.post]
  process.exitCode = stages.some(stage => stage?.outcome === 'failure' || stage?.outcome === 'cancelled') ? 1 : 0
}

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true }>>['values']

function readOptions(directory: string, values: Values, cancel: AbortSignal): RunOptions {
  const { repository, ref, sha, actor, token, uses, workspace, node } = values
  const payload: unknown = values.payload === undefined ? {} : JSON.parse(readFileSync(values.payload, 'utf8'))
  return {
    directory,
    inputs: readPairs(values.input),
    env: readPairs(values.env),
    secrets: values.secret ?? [],
    event: { name: values.event, payload: payload as Readonly<Record<string, unknown>> },
    github: defined({ repository, ref, sha, actor, token, apiUrl: values['api-url'] }),
    ...defined({ uses, workspace, node, debug: values.debug }),
    ...(values.timeout === undefined ? {} : { timeoutMs: Number(values.timeout) * 1000 }),
    cancel,
    onOutput: chunk => {
      for (const line of chunk.replace(/\n$/, '').split('\n')) process.stdout.write(`${displayLine(line)}\n`)
    }
  }
}

function readPairs(pairs: readonly string[] = []): Record<string, string> {
  return Object.fromEntries(
    pairs.map(pair => {
      const equals = pair.indexOf('=')
      if (equals < 1) throw new Error(`'${pair}' is not NAME=VALUE`)
      return [pair.slice(0, equals), pair.slice(equals + 1)]
    })
  )
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

/** The object without members that are undefined. */
function defined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Defined<T>
}

function report(result: RunResult): string {
  const stages = Object.entries({ pre: result.pre, main: result, post: result.post })
  const lines = stages.flatMap(([name, stage]) =>
    stage === undefined ? [] : [`${name}: ${stage.outcome}, exit code ${String(stage.exitCode ?? stage.signal)}`]
  )
  lines.push(...Object.entries(result.outputs).map(([name, value]) => `output ${name}=${JSON.stringify(value)}`))
  const summary = stages.map(([, stage]) => stage?.summary ?? '').join('')
  return `\n${lines.join('\n')}\n${summary === '' ? '' : `\n${summary}`}`
}

await main()
