import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { JobState } from './job-state.ts'
import { parseKeyValues } from './key-values.ts'
import type { StepLog } from './step-log.ts'

const SUMMARY_LIMIT_BYTES = 1024 * 1024

/** The files through which a step tells the runner things; each step gets fresh ones. */
export interface FileCommands {
  readonly path: string
  readonly env: string
  readonly step_summary: string
  readonly state: string
  readonly output: string
}

/** Makes the empty files of one step under the job's temporary directory. */
export async function createFileCommands(temp: string): Promise<FileCommands> {
  const directory = join(temp, '_runner_file_commands')
  await mkdir(directory, { recursive: true })
  const suffix = randomUUID()
  const files = {
    path: join(directory, `add_path_${suffix}`),
    env: join(directory, `set_env_${suffix}`),
    step_summary: join(directory, `step_summary_${suffix}`),
    state: join(directory, `save_state_${suffix}`),
    output: join(directory, `set_output_${suffix}`)
  }
  for (const file of Object.values(files)) await writeFile(file, '')
  return files
}

/** Carries out what the step wrote, removes the files, and returns the masked job summary. */
export async function processFileCommands(files: FileCommands, job: JobState, log: StepLog): Promise<string> {
  let summary = ''
  const carryOut: Record<keyof FileCommands, (text: string) => void> = {
    path: text => {
      addPath(text, job)
    },
    env: text => {
      exportVariables(text, job, log)
    },
    step_summary: text => {
      summary = readSummary(text, job, log)
    },
    state: text => {
      for (const [key, value] of parseKeyValues(text)) job.state.set(key, value)
    },
    output: text => {
      setOutputs(text, job)
    }
  }
  for (const kind of ['path', 'env', 'step_summary', 'state', 'output'] as const) {
    try {
      carryOut[kind](await readIfThere(files[kind]))
    } catch (error) {
      log.fail(`Unable to process file command '${kind}' successfully.`, error)
    }
    await rm(files[kind], { force: true })
  }
  return summary
}

function addPath(text: string, job: JobState): void {
  for (const directory of text.split(/\r\n|\n|\r/)) {
    if (directory === '') continue
    const known = job.path.indexOf(directory)
    if (known >= 0) job.path.splice(known, 1)
    job.path.push(directory)
  }
}

function exportVariables(text: string, job: JobState, log: StepLog): void {
  for (const [key, value] of parseKeyValues(text)) {
    if (key.toUpperCase() === 'NODE_OPTIONS') {
      log.annotate('error', "Can't store NODE_OPTIONS output parameter using '$GITHUB_ENV' command.")
    } else {
      job.env.set(key, value)
    }
  }
}

function setOutputs(text: string, job: JobState): void {
  for (const [key, value] of parseKeyValues(text)) {
    if (key === '') throw new Error("Value cannot be null. (Parameter 'name')")
    job.outputs.set(key, value)
  }
}

function readSummary(text: string, job: JobState, log: StepLog): string {
  const bytes = Buffer.byteLength(text)
  if (bytes > SUMMARY_LIMIT_BYTES) {
    log.annotate(
      'error',
      `$GITHUB_STEP_SUMMARY upload aborted, supports content up to a size of ${kibibytes(SUMMARY_LIMIT_BYTES)}, ` +
        `got ${kibibytes(bytes)}. For more information see: https://docs.github.com/actions/using-workflows/workflow-commands-for-github-actions#adding-a-markdown-summary`
    )
    return ''
  }
  const lines = text.split(/\r\n|\n|\r/)
  if (lines.at(-1) === '') lines.pop()
  return lines.map(line => `${job.masker.mask(line)}\n`).join('')
}

function kibibytes(bytes: number): string {
  return `${String(Math.floor(bytes / 1024))}k`
}

/** An action may delete its files; the runner takes that for an empty one. */
async function readIfThere(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}
