import { setImmediate } from 'node:timers/promises'
import { readInputs } from '../../src/inputs.ts'
import { carryOut } from '../../src/main.ts'
import type { Ending } from '../../src/modes/ending.ts'
import type { Knowledge } from '../../src/outcome.ts'
import { putBack } from '../../src/post.ts'
import { closingLines, logLines } from '../../src/report/log.ts'
import { environmentOf } from '../inputs/environment.ts'
import { loginTo } from '../io/registry/server.ts'
import { Gate, type Mishap, type PassedCall } from './gate.ts'
import { close, open, postpone, type Place } from './place.ts'
import { worldOf } from './ports.ts'
import type { Scene } from './scene.ts'

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

/** What the post step told and did before it ended or was killed. */
export interface PostTold {
  readonly isKilled: boolean
  readonly isRed: boolean
  readonly calls: readonly PassedCall[]
  readonly struck: string | undefined
  /** Everything it printed, annotations too. */
  readonly log: readonly string[]
}

/** Builds the world of a scene, and has the job run before when that belongs to it. */
export async function enter(scene: Scene): Promise<Place> {
  if (scene.earlier === undefined) return open(scene)
  const { killedAfter } = scene.earlier
  const rehearsal = open(scene)
  const { calls } = await runMain(rehearsal)
  if (killedAfter === undefined) return rehearsal
  close(rehearsal)
  const at = calls.findIndex(({ operation }) => operation === killedAfter)
  if (at === -1) throw new Error(`${scene.name} never calls ${killedAfter}`)
  const place = open(scene)
  await runMain(place, { accident: { kind: 'death', acts: true }, at })
  return place
}

/** Runs the main step once, from an empty state, with a mishap or without. */
export async function runMain(place: Place, mishap?: Mishap): Promise<Told> {
  const { scene, state } = place
  state.clear()
  const log: string[] = []
  const known: Knowledge = { region: 'eu-west-1' }
  const { gate, killed } = begin(place, mishap)
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

/** Runs the post step from the saved state alone, with a mishap or without. */
export async function runPost(place: Place, mishap?: Mishap): Promise<PostTold> {
  const log: string[] = []
  let isRed = false
  const { gate, killed } = begin(place, mishap)
  const { world, hangUp } = worldOf(place, gate)
  const runner = {
    getState: (name: string) => place.state.get(name) ?? '',
    log: (line: string) => log.push(line),
    annotate: (_kind: string, message: string) => log.push(message),
    fail() {
      isRed = true
    }
  }
  const isKilled = await Promise.race([
    putBack(runner, () => Promise.resolve(world)).then(() => false),
    killed.then(() => true)
  ])
  await setImmediate()
  if (!isKilled) hangUp()
  const { calls, struck } = gate
  return { isKilled, isRed, calls, struck, log }
}

/** The gate of a new process, and what comes true when it is killed. */
function begin(place: Place, mishap: Mishap | undefined): { readonly gate: Gate; readonly killed: Promise<undefined> } {
  const death = new AbortController()
  const killed = new Promise<undefined>(resolve => {
    death.signal.addEventListener('abort', () => {
      resolve(undefined)
    })
  })
  const die = (): void => {
    death.abort()
  }
  const gate = new Gate(mishap, die, act => {
    postpone(place, act)
  })
  return { gate, killed }
}

async function loginElsewhere({ elsewhere }: Place): Promise<Readonly<Record<string, string>>> {
  if (elsewhere === undefined) return {}
  const { username, password } = await loginTo(elsewhere)
  return { 'source-username': username, 'source-password': password }
}
