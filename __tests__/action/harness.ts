import { existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { bundle } from '../../scripts/bundle.ts'
import type { World } from '../../simulator/cloud/world.ts'
import type { LoggedCall } from '../../simulator/control/calls.ts'
import type { FaultRule } from '../../simulator/control/faults.ts'
import type { GithubOptions, WorkflowEvent } from '../../simulator/runner/github-context.ts'
import { runAction, type RunResult } from '../../simulator/runner/run-action.ts'
import { startSimulator } from '../../simulator/server.ts'
import type { Simulator, SimulatorState } from '../../simulator/simulator.ts'
import { call, signedFor } from '../simulator/in-process.ts'

/** Simulated seconds a second: a rollout of two minutes takes less than half a second. */
const SPEED = 300

/** How the action is run, besides its inputs. */
export interface Circumstances extends Pick<GithubOptions, 'sha' | 'ref'> {
  readonly event?: WorkflowEvent
  readonly faults?: readonly FaultRule[]
  /** Replaces or, when empty, takes away variables of the job. */
  readonly env?: Readonly<Record<string, string>>
  readonly speed?: number
  /** Files of the workspace by their paths. */
  readonly files?: Readonly<Record<string, string>>
  /** Called before the action starts. */
  readonly before?: (simulator: Simulator, workspace: string) => unknown
  /** Called when it has ended, as long as its workspace is there. */
  readonly after?: (workspace: string) => unknown
  /** What happens as soon as the log holds a text. */
  readonly when?: { readonly says: string; readonly then: (scene: Scene) => unknown }
  readonly secrets?: readonly string[]
  /** RUNNER_TEMP, when it is to be looked into. */
  readonly temp?: string
  /** Runs the post step also where it has nothing to do; it is left out otherwise, for it takes as long as a start. */
  readonly post?: true
}

/** What can be laid hands on while the action runs. */
export interface Scene {
  readonly simulator: Simulator
  /** What the runner does when somebody cancels the job. */
  readonly cancel: () => void
  /** Ends the action's process without asking. */
  readonly kill: () => void
}

/** A finished run: what the runner saw, and what it left behind in the cloud. */
export interface Deployed extends RunResult {
  /** The log as one text. */
  readonly text: string
  readonly calls: readonly LoggedCall[]
  readonly cloudBefore: SimulatorState
  readonly cloud: SimulatorState
  /** The documents of the output `task-definition-arn` and of the one before, as ECS has them. */
  readonly revision: TaskDefinition | undefined
  readonly previousRevision: TaskDefinition | undefined
}

/** A task definition document, as far as tests look into it. */
export interface TaskDefinition {
  readonly [member: string]: unknown
  readonly containerDefinitions: readonly Readonly<Record<string, unknown>>[]
}

/** The commit of an image tag such as `main-1111111`: one digit, forty times. */
export function commit(digit: number): string {
  return String(digit).repeat(40)
}

/** Deploys with the action, as its users would, to a cloud of its own. */
export async function deploy(
  world: World,
  inputs: Readonly<Record<string, string>>,
  circumstances: Circumstances = {}
): Promise<Deployed> {
  const server = await startSimulator({ world, speed: circumstances.speed ?? SPEED })
  try {
    return await deployTo(server, inputs, circumstances)
  } finally {
    await server.close()
  }
}

/** Deploys to a cloud that is there already, and lasts. */
export async function deployTo(
  server: { readonly url: string; readonly simulator: Simulator },
  inputs: Readonly<Record<string, string>>,
  circumstances: Circumstances = {}
): Promise<Deployed> {
  const { simulator, url } = server
  const directory = await (action ??= writeAction())
  const leavesSomething = inputs['auto-scaling'] === 'suspend' || inputs['context'] !== undefined
  const workspace = await mkdtemp(join(tmpdir(), 'workspace-'))
  try {
    for (const [path, text] of Object.entries(circumstances.files ?? {})) await write(join(workspace, path), text)
    simulator.setFaults(circumstances.faults ?? [])
    await circumstances.before?.(simulator, workspace)
    const cloudBefore = simulator.state()
    const seen = simulator.calls().length
    const { sha = commit(2), ref = 'refs/heads/main', event, secrets, temp } = circumstances
    const cancellation = new AbortController()
    const pidFile = join(workspace, '.pid')
    const pidReporter = { PID_FILE: pidFile, NODE_OPTIONS: `--require ${join(directory, 'pid.cjs')}` }
    const result = await runAction({
      directory: leavesSomething || circumstances.post === true ? directory : `${directory}${MAIN_ONLY}`,
      workspace,
      inputs: { 'poll-seconds': '0.1', ...inputs },
      env: { ...jobEnvironment(url), ...pidReporter, ...circumstances.env },
      github: { sha, ref },
      cancel: cancellation.signal,
      onOutput: watchFor(circumstances, simulator, cancellation, pidFile),
      ...(event && { event }),
      ...(secrets && { secrets }),
      ...(temp !== undefined && { temp })
    })
    await circumstances.after?.(workspace)
    const calls = simulator.calls().slice(seen)
    return {
      ...result,
      text: result.log.join('\n'),
      calls,
      cloudBefore,
      cloud: simulator.state(),
      revision: await describeRevision(simulator, result.outputs['task-definition-arn']),
      previousRevision: await describeRevision(simulator, result.outputs['previous-task-definition-arn'])
    }
  } finally {
    await rm(workspace, { recursive: true, force: true })
  }
}

/** The requests of one operation that the simulator was sent, whatever became of them. */
export function requests(run: Deployed, operation: string): readonly unknown[] {
  return run.calls.filter(made => made.operation === operation).map(({ request }) => request)
}

/** The names of the operations that could have changed something. */
export function writes(run: Deployed): readonly string[] {
  return run.calls
    .map(({ operation }) => operation)
    .filter(name => !/^(Describe|List|Get|BatchGet|GET|HEAD)/.test(name))
}

/** What stands as a warning on the page of the run. */
export function warnings({ annotations }: Deployed): readonly string[] {
  return annotations.filter(({ level }) => level === 'warning').map(({ message }) => message)
}

/** Calls ECS as somebody else would; throws when it refuses. */
export async function ecs(simulator: Simulator, operation: string, input: unknown): Promise<Record<string, unknown>> {
  const authorization = signedFor('eu-west-1', 'ecs')
  const { status, body } = await call(simulator, `ecs:${operation}`, input, { authorization })
  if (status !== 200) throw new Error(`${operation} answered ${JSON.stringify(body)}`)
  return body
}

async function describeRevision(simulator: Simulator, arn: string | undefined): Promise<TaskDefinition | undefined> {
  if (arn === undefined || arn === '') return undefined
  const { taskDefinition } = await ecs(simulator, 'DescribeTaskDefinition', { taskDefinition: arn })
  return taskDefinition as TaskDefinition
}

function jobEnvironment(url: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: url,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'example',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true'
  }
}

function watchFor(
  { when }: Circumstances,
  simulator: Simulator,
  cancellation: AbortController,
  pidFile: string
): (chunk: string) => void {
  let log = ''
  let isOver = when === undefined
  return chunk => {
    if (isOver || when === undefined) return
    log += chunk
    if (!log.includes(when.says)) return
    isOver = true
    when.then({
      simulator,
      cancel() {
        cancellation.abort()
      },
      kill() {
        process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGKILL')
      }
    })
  }
}

/** The sources as they are, bundled; whether the committed dist is the same has a test of its own. */
let action: Promise<string> | undefined

/** To bundle takes seconds: one suite of a run does it for all. */
async function writeAction(): Promise<string> {
  const shared = process.env['TEST_RUN_DIRECTORY'] ?? ''
  const [directory, lock] = [join(shared, 'action'), join(shared, 'bundling')]
  while (!existsSync(directory)) {
    const isOurs = await mkdir(lock).then(
      () => true,
      () => false
    )
    // What does not bundle fails in every suite that needs it.
    if (isOurs) await bundleTo(directory).finally(() => rm(lock, { recursive: true }))
    else await sleep(50)
  }
  return directory
}

/** Ends the name of the directory whose action has no post step. */
const MAIN_ONLY = '-main-only'

async function bundleTo(directory: string): Promise<void> {
  const draft = `${directory}-draft`
  for (const [path, text] of await bundle()) await write(join(draft, path), text)
  const manifest = await readFile('action.yml', 'utf8')
  await write(join(draft, 'action.yml'), manifest)
  await write(join(`${directory}${MAIN_ONLY}`, 'action.yml'), manifest.replace(/^ +post(?:-if)?: .*\n/gm, ''))
  await symlink(join(directory, 'dist'), join(`${directory}${MAIN_ONLY}`, 'dist'))
  await write(join(draft, 'pid.cjs'), "require('node:fs').writeFileSync(process.env.PID_FILE, String(process.pid))")
  await rename(draft, directory)
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
}
