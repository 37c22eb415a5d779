import { setImmediate } from 'node:timers/promises'
import { createSimulator, type Simulator } from '../../simulator/simulator.ts'
import { readInputs } from '../../src/inputs.ts'
import type { Clock } from '../../src/io/clock.ts'
import type { Docker } from '../../src/io/docker.ts'
import { createRegistry } from '../../src/io/registry/registry.ts'
import type { WorkspaceFiles } from '../../src/io/workspace-files.ts'
import { carryOut } from '../../src/main.ts'
import type { Ending } from '../../src/modes/ending.ts'
import type { Knowledge } from '../../src/outcome.ts'
import { putBack } from '../../src/post.ts'
import { closingLines, logLines } from '../../src/report/log.ts'
import type { World } from '../../src/world.ts'
import { virtualDocker } from '../action/virtual-docker.ts'
import { environmentOf } from '../inputs/environment.ts'
import { loginTo } from '../io/registry/server.ts'
import { Line } from '../properties/line.ts'
import { Gate, type Mishap, type PassedCall } from './gate.ts'
import type { Scene } from './scene.ts'
import { inProcessTransport } from './transport.ts'

// The SDK signs what it sends, also to a simulator that checks no signature.
process.env['AWS_ACCESS_KEY_ID'] = 'AKIDEXAMPLE'
process.env['AWS_SECRET_ACCESS_KEY'] = 'secret'
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true'

/** What outlives the processes of a job: the cloud, the state that the runner keeps, and the workspace. */
export interface Place {
  readonly scene: Scene
  readonly simulator: Simulator
  readonly elsewhere: Simulator | undefined
  readonly state: Map<string, string>
  readonly files: Map<string, string>
  /** The digests of all images that were built, oldest first. */
  readonly built: string[]
}

/** What a process told and did before it ended or was killed. */
export interface Told {
  /** Undefined when it was killed. */
  readonly ending: Ending | undefined
  readonly known: Knowledge
  readonly calls: readonly PassedCall[]
  readonly pauses: number
  /** The operation that the mishap happened to. */
  readonly struck: string | undefined
  readonly isCancelled: boolean
  readonly log: readonly string[]
}

/** How the tags begin that an engine which cannot push by digest draws at random. */
export const TEMPORARY_TAG = 'push-'

/** More pauses than a run of some hours needs: whoever sleeps more often never ends. */
const MOST_PAUSES = 5_000

/** Builds the world of a scene. */
export function open(scene: Scene): Place {
  const simulator = createSimulator({ world: scene.world, clock: 'manual' })
  simulator.setFaults(scene.faults ?? [])
  if (scene.before !== undefined) simulator.change(scene.before)
  return {
    scene,
    simulator,
    elsewhere: scene.elsewhere && createSimulator({ world: scene.elsewhere.world, clock: 'manual' }),
    state: new Map(),
    files: new Map(Object.entries(scene.files ?? {})),
    built: []
  }
}

/** Ends a world. */
export function close({ simulator, elsewhere }: Place): void {
  simulator.close()
  elsewhere?.close()
}

/** Runs the main step once, from an empty state, with a mishap or without. */
export async function runMain(place: Place, mishap?: Mishap): Promise<Told> {
  const { scene, state } = place
  state.clear()
  const log: string[] = []
  const known: Knowledge = { region: 'eu-west-1' }
  const death = new AbortController()
  const killed = new Promise<undefined>(resolve => {
    death.signal.addEventListener('abort', () => {
      resolve(undefined)
    })
  })
  const gate = new Gate(mishap, () => {
    death.abort()
  })
  const { world, hangUp } = worldOf(place, gate)
  const startedAtMs = world.clock.now()
  const run = carryOut(readInputs(environmentOf({ ...scene.inputs, ...(await loginElsewhere(place)) })), {
    world,
    known,
    event: { name: 'push', ref: 'refs/heads/main', sha: String(scene.commit).repeat(40), payload: {} },
    source: undefined,
    emit: event => log.push(...logLines(event).map(({ text }) => text))
  })
  const ending = await Promise.race([run, killed])
  // What the SDK leaves behind is cleared only when somebody waits.
  await setImmediate()
  // The clients of a dead process are lent to nobody: it may still be at some line, and would call in another's name.
  if (ending !== undefined) hangUp()
  if (ending !== undefined) {
    const result = { ...known, ...ending, failed: false, startedAtMs, endedAtMs: world.clock.now() }
    log.push(...closingLines(result).map(({ text }) => text))
  }
  const { calls, pauses, struck, signal } = gate
  return { ending, known, calls, pauses, struck, isCancelled: signal.aborted, log }
}

/** Runs the post step from the saved state alone; returns what it complained of. */
export async function runPost(place: Place): Promise<readonly string[]> {
  const complaints: string[] = []
  const gate = new Gate(undefined, () => undefined)
  const { world, hangUp } = worldOf(place, gate)
  const runner = {
    getState: (name: string) => place.state.get(name) ?? '',
    log: () => undefined,
    annotate: (_kind: string, message: string) => complaints.push(message),
    fail: () => complaints.push('it is red')
  }
  await putBack(runner, () => world.scaling())
  hangUp()
  return complaints
}

function worldOf(place: Place, gate: Gate): { readonly world: World; readonly hangUp: () => void } {
  const { simulator, scene, elsewhere, state } = place
  const region = 'eu-west-1'
  const { signal } = gate
  const clock = clockOf(simulator, gate)
  const line = Line.to({ simulator: gate.before(simulator), clock, signal })
  const parting = Line.to({
    simulator: gate.before(simulator, true),
    clock,
    signal: new AbortController().signal
  })
  const answers = new Map([[scene.elsewhere?.host, elsewhere && gate.before(elsewhere)]])
  const ours = gate.before(simulator)
  const transport = inProcessTransport((host, request) => (answers.get(host) ?? ours).handle(request))
  const world: World = {
    region,
    signal,
    clock,
    files: {
      exists: () => Promise.resolve(false),
      readTaskDefinition: path => Promise.reject(new Error(`no file ${path}`)),
      writeTemporary: name => Promise.resolve(`/nowhere/${name}`)
    },
    saveState: (name, value) => state.set(name, value),
    addMask: () => undefined,
    ecs: () => Promise.resolve(line.ecs(region)),
    partingEcs: () => Promise.resolve(parting.ecs(region)),
    ecr: (ofRegion, account) => Promise.resolve(line.ecr(ofRegion, account)),
    repositories: (ofRegion, account) => Promise.resolve(line.repositories(ofRegion, account)),
    scans: (ofRegion, account) => Promise.resolve(line.scans(ofRegion, account)),
    scaling: () => Promise.resolve(line.scaling(region)),
    logs: () => Promise.resolve(line.logs(region)),
    alarms: () => Promise.resolve(line.alarms(region)),
    docker: () => Promise.resolve(engineOf(place, ours)),
    registry: () =>
      Promise.resolve(createRegistry({ clock, transport, findCredentials: () => Promise.resolve(undefined) })),
    workspaceFiles: () => Promise.resolve(filesIn(place.files)),
    git: () => (scene.git === undefined ? Promise.reject(new Error('no clone here')) : Promise.resolve(scene.git)),
    headCommit: () => Promise.resolve(undefined)
  }
  return {
    world,
    hangUp() {
      line.hangUp()
      parting.hangUp()
    }
  }
}

/** An engine that never builds the same image twice. */
function engineOf({ scene, built }: Place, cloud: Pick<Simulator, 'handle'>): Docker {
  if (scene.engine === undefined) throw new Error('no engine here')
  const number = String(built.length).padStart(32, '0')
  return virtualDocker(cloud, {
    content: `build ${number}`,
    ...(scene.engine === 'tag' && { temporaryTag: `${TEMPORARY_TAG}${number}` }),
    onAssembled: digest => built.push(digest)
  })
}

function clockOf(simulator: Simulator, gate: Gate): Clock {
  return {
    now: () => Date.parse(simulator.now()),
    async sleep(ms, signal) {
      if (gate.pauses > MOST_PAUSES) throw new Error(`it slept ${String(gate.pauses)} times: this run never ends`)
      await gate.pause(() => {
        simulator.advance(ms / 1000)
      }, signal)
    }
  }
}

function filesIn(files: Map<string, string>): WorkspaceFiles {
  return {
    find: () => Promise.resolve([...files.keys()]),
    read: path => Promise.resolve({ path, text: files.get(path) ?? '' }),
    replace(changes) {
      for (const { file, text } of changes) files.set(file.path, text)
      return Promise.resolve()
    }
  }
}

async function loginElsewhere({ elsewhere }: Place): Promise<Readonly<Record<string, string>>> {
  if (elsewhere === undefined) return {}
  const { username, password } = await loginTo(elsewhere)
  return { 'source-username': username, 'source-password': password }
}
