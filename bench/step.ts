import { spawn } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildGithubContext, buildRunnerContext } from '../simulator/runner/github-context.ts'
import { createFileCommands } from '../simulator/runner/file-commands.ts'
import { inputVariable, readManifest, resolveInputs } from '../simulator/runner/manifest.ts'
import { REGION, TARGET } from './cloud.ts'

/** A process to measure: what the program is given and where it runs. */
export interface Step {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly directory: string
}

/** The main step of an action, and how its post step is started in the same place. */
export interface ActionStep extends Step {
  readonly postArgs: readonly string[]
}

/** How one process went. */
export interface Measured {
  /** By `performance.now()`, right before it was started. */
  readonly startedAt: number
  readonly milliseconds: number
  /** What it wrote: for whoever asks why it failed. */
  readonly output: string
  readonly exitCode: number | null
}

/** The steps of an action as the runner starts them, with the directories under `root` that they need. */
export async function prepareStep(
  root: string,
  action: { readonly directory: string; readonly inputs: Readonly<Record<string, string>> },
  endpoint: string
): Promise<ActionStep> {
  const [workspace, temp, home] = [join(root, 'workspace'), join(root, 'temp'), join(root, 'home')]
  for (const directory of [workspace, temp, home]) await mkdir(directory, { recursive: true })
  const github = buildGithubContext({ sha: TARGET.commit }, { name: 'push' })
  const runner = buildRunnerContext({ temp, toolCache: join(root, 'tools'), workspace, debug: false })
  const eventPath = join(temp, 'event.json')
  await writeFile(eventPath, JSON.stringify(github.event))
  const manifest = readManifest(action.directory)
  const contexts = { github: github.variables, runner, env: {}, job: {}, strategy: {}, matrix: {} }
  const inputs = [...resolveInputs(manifest, action.inputs, contexts).values]
  const variables = { ...github.variables, ...(await createFileCommands(temp)), event_path: eventPath, workspace }
  return {
    args: [join(action.directory, manifest.main)],
    postArgs: [join(action.directory, manifest.post ?? manifest.main)],
    directory: workspace,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: home,
      CI: 'true',
      GITHUB_ACTIONS: 'true',
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
      ...named('GITHUB', variables),
      ...named('RUNNER', runner),
      ...Object.fromEntries(inputs.map(([name, value]) => [inputVariable(name), value]))
    }
  }
}

function named(prefix: string, variables: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [`${prefix}_${name.toUpperCase()}`, value])
  )
}

/** Runs a step to its end. */
export async function runStep(node: string, { args, env, directory }: Step): Promise<Measured> {
  const startedAt = performance.now()
  const child = spawn(node, args, { cwd: directory, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  const collect = (chunk: Buffer): void => {
    output += chunk.toString()
  }
  child.stdout.on('data', collect)
  child.stderr.on('data', collect)
  const exitedAt = new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', () => {
      resolve(performance.now())
    })
  })
  const closed = new Promise(resolve => child.once('close', resolve))
  const milliseconds = (await exitedAt) - startedAt
  await closed
  return { startedAt, milliseconds, output, exitCode: child.exitCode }
}

/**
 * A module that writes the most memory a process ever took, in kibibytes, to the file `peak-memory`. VmHWM starts anew
 * with exec; the maxRSS of getrusage does not, and would include what this benchmark takes itself.
 */
export const TELL_PEAK_MEMORY = `
  const { readFileSync, writeFileSync } = require('node:fs')
  process.on('exit', () => {
    const [, kibibytes] = /^VmHWM:\\s+(\\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))
    writeFileSync('peak-memory', kibibytes)
  })`

/** Runs a step to its end and returns the most memory that it ever took, in bytes; its time means nothing. */
export async function measurePeakMemory(node: string, step: Step): Promise<number> {
  const [script, told] = [join(step.directory, 'tell-peak-memory.cjs'), join(step.directory, 'peak-memory')]
  await writeFile(script, TELL_PEAK_MEMORY)
  await rm(told, { force: true })
  await runStep(node, { ...step, args: ['--require', script, ...step.args] })
  return Number(await readFile(told, 'utf8')) * 1024
}
