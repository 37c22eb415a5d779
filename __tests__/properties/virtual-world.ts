import type { Change } from '../../simulator/control/change.ts'
import { createSimulator, type Simulator } from '../../simulator/simulator.ts'
import type { World as SimulatedWorld } from '../../simulator/cloud/world.ts'
import { createEcr } from '../../src/io/aws/ecr.ts'
import { createEcs } from '../../src/io/aws/ecs.ts'
import { createLogs } from '../../src/io/aws/logs.ts'
import { createScaling } from '../../src/io/aws/scaling.ts'
import type { CallPolicy, RequestHandler } from '../../src/io/aws/call.ts'
import type { World } from '../../src/world.ts'

/** Something that others do at a moment of the run, in seconds after its start. */
export interface Meanwhile {
  readonly atSeconds: number
  readonly change: Change
}

/** A simulator in this process and a world whose clock moves its time: no sockets and no waiting. */
export function virtualWorld(
  simulated: SimulatedWorld,
  meanwhile: readonly Meanwhile[]
): { readonly world: World; readonly simulator: Simulator } {
  const simulator = createSimulator({ world: simulated, clock: 'manual' })
  const startMs = Date.parse(simulator.now())
  const pending = [...meanwhile].sort((a, b) => a.atSeconds - b.atSeconds)
  const now = (): number => Date.parse(simulator.now())

  function moveTo(timeMs: number): void {
    for (;;) {
      const [next] = pending
      if (next === undefined || startMs + next.atSeconds * 1000 > timeMs) break
      pending.shift()
      advanceTo(startMs + next.atSeconds * 1000)
      simulator.change(next.change)
    }
    advanceTo(timeMs)
  }
  function advanceTo(timeMs: number): void {
    const seconds = (timeMs - now()) / 1000
    if (seconds > 0) simulator.advance(seconds)
  }

  const region = simulated.region ?? 'us-east-1'
  const signal = new AbortController().signal
  const clock = {
    now,
    async sleep(ms: number): Promise<void> {
      moveTo(now() + ms)
      await Promise.resolve()
    }
  }
  const policy: CallPolicy = { clock, region, signal, requestHandler: inProcess(simulator) }
  const world: World = {
    region,
    signal,
    clock,
    files: {
      exists: () => Promise.resolve(false),
      readTaskDefinition: path => Promise.reject(new Error(`no file ${path}`)),
      writeTemporary: name => Promise.resolve(`/nowhere/${name}`)
    },
    saveState: () => undefined,
    addMask: () => undefined,
    ecs: () => Promise.resolve(createEcs(policy)),
    ecr: (ofRegion, account) => Promise.resolve(createEcr({ ...policy, region: ofRegion }, account)),
    scaling: () => Promise.resolve(createScaling(policy)),
    logs: () => Promise.resolve(createLogs(policy)),
    docker: () => Promise.reject(new Error('no engine here')),
    headCommit: () => Promise.resolve(undefined)
  }
  return { world, simulator }
}

interface SdkRequest {
  readonly method: string
  readonly path: string
  readonly headers: Record<string, string>
  readonly body?: unknown
}

/** Hands the SDK's requests to the simulator instead of a socket. */
function inProcess(simulator: Simulator): RequestHandler {
  const handler = {
    async handle(request: SdkRequest) {
      const headers = Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value])
      )
      const answer = await simulator.handle({
        method: request.method,
        path: request.path,
        query: new URLSearchParams(),
        headers,
        body: whole(request.body ?? '')
      })
      const body = typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body
      return { response: { statusCode: answer.status, headers: answer.headers, body } }
    }
  }
  return handler
}

async function* whole(body: unknown): AsyncGenerator<Uint8Array> {
  // The SDK's JSON body is a hybrid of text and bytes that warns when it is read as text.
  yield await Promise.resolve(body instanceof Uint8Array ? body : Buffer.from(String(body)))
}
