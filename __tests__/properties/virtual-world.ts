import { tmpdir } from 'node:os'
import type { World as SimulatedWorld } from '../../simulator/cloud/world.ts'
import type { Change } from '../../simulator/control/change.ts'
import { createSimulator, type Simulator } from '../../simulator/simulator.ts'
import type { Clock } from '../../src/io/clock.ts'
import { createGit } from '../../src/io/git.ts'
import type { World } from '../../src/world.ts'
import { portsOver } from '../support/ports.ts'
import { Line } from './line.ts'

/** Something that others do at a moment of the run, in seconds after its start. */
export interface Meanwhile {
  readonly atSeconds: number
  readonly change: Change
}

/** A simulator in this process, and a world that calls it. */
export interface VirtualWorld {
  readonly world: World
  readonly simulator: Simulator
  /** Ends it, and lends its clients to the next one. */
  readonly close: () => void
}

/** A simulator in this process and a world whose clock moves its time: no sockets and no waiting. */
export function virtualWorld(simulated: SimulatedWorld, meanwhile: readonly Meanwhile[]): VirtualWorld {
  const simulator = createSimulator({ world: simulated, clock: 'manual' })
  const region = simulated.region ?? 'us-east-1'
  const signal = new AbortController().signal
  const clock = virtualClock(simulator, meanwhile)
  const line = Line.to({ simulator, clock, signal })
  const world: World = {
    ...portsOver(line, region),
    region,
    signal,
    clock,
    saveState: () => undefined,
    docker: () => Promise.reject(new Error('no engine here')),
    registry: () => Promise.reject(new Error('no other registry here')),
    workspaceFiles: () => Promise.reject(new Error('there is no workspace')),
    git: () => Promise.resolve(createGit(tmpdir(), {}))
  }
  return {
    world,
    simulator,
    close() {
      simulator.close()
      line.hangUp()
    }
  }
}

/** More than a run of twelve hours at three seconds a poll needs: whoever sleeps more often never ends. */
const MOST_NAPS = 20_000

/** Time that moves the simulator's when somebody sleeps, and lets others do their part on the way. */
function virtualClock(simulator: Simulator, meanwhile: readonly Meanwhile[]): Clock {
  const now = (): number => Date.parse(simulator.now())
  const startMs = now()
  let naps = 0
  const pending = [...meanwhile].sort((a, b) => a.atSeconds - b.atSeconds)

  function advanceTo(timeMs: number): void {
    const seconds = (timeMs - now()) / 1000
    if (seconds > 0) simulator.advance(seconds)
  }
  return {
    now,
    async sleep(ms: number): Promise<void> {
      if (++naps > MOST_NAPS) throw new Error(`slept ${String(naps)} times: this run never ends`)
      const until = now() + ms
      for (;;) {
        const [next] = pending
        if (next === undefined || startMs + next.atSeconds * 1000 > until) break
        pending.shift()
        advanceTo(startMs + next.atSeconds * 1000)
        attempt(simulator, next.change)
      }
      advanceTo(until)
      await Promise.resolve()
    }
  }
}

/** Others may be late: what cannot be done any more is what nobody did. */
function attempt(simulator: Simulator, change: Change): void {
  try {
    simulator.change(change)
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) throw error
  }
}
