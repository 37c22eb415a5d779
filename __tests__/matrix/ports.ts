import type { Simulator } from '../../simulator/simulator.ts'
import type { Clock } from '../../src/io/clock.ts'
import type { Docker } from '../../src/io/docker.ts'
import { createRegistry } from '../../src/io/registry/registry.ts'
import type { WorkspaceFiles } from '../../src/io/workspace-files.ts'
import type { World } from '../../src/world.ts'
import { virtualDocker } from '../action/virtual-docker.ts'
import { Line } from '../properties/line.ts'
import { portsOver } from '../support/ports.ts'
import type { Gate } from './gate.ts'
import { pass, TEMPORARY_TAG, type Place } from './place.ts'
import { inProcessTransport } from './transport.ts'

// The SDK signs what it sends, also to a simulator that checks no signature.
process.env['AWS_ACCESS_KEY_ID'] = 'AKIDEXAMPLE'
process.env['AWS_SECRET_ACCESS_KEY'] = 'secret'
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true'

/** More pauses than a run of some hours needs: whoever sleeps more often never ends. */
const MOST_PAUSES = 5_000

/** The ports of one process: every call and every pause of it passes its gate. */
export function worldOf(place: Place, gate: Gate): { readonly world: World; readonly hangUp: () => void } {
  const { simulator, scene, elsewhere, state } = place
  const region = 'eu-west-1'
  const { signal } = gate
  const clock = clockOf(place, gate)
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
    ...portsOver(line, region),
    region,
    signal,
    clock,
    saveState: (name, value) => state.set(name, value),
    partingEcs: () => Promise.resolve(parting.ecs(region)),
    docker: () => Promise.resolve(engineOf(place, ours)),
    registry: () =>
      Promise.resolve(createRegistry({ clock, transport, findCredentials: () => Promise.resolve(undefined) })),
    workspaceFiles: () => Promise.resolve(filesIn(place.files)),
    git: () => (scene.git === undefined ? Promise.reject(new Error('no clone here')) : Promise.resolve(scene.git))
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

function clockOf(place: Place, gate: Gate): Clock {
  return {
    now: () => Date.parse(place.simulator.now()),
    async sleep(ms, signal) {
      if (gate.pauses > MOST_PAUSES) throw new Error(`it slept ${String(gate.pauses)} times: this run never ends`)
      await gate.pause(() => pass(place, ms), signal)
    }
  }
}

function filesIn(files: Map<string, string>): WorkspaceFiles {
  return {
    find: () => Promise.resolve([...files.keys()]),
    read: path => Promise.resolve({ path, text: files.get(path) ?? '' }),
    settingsFor: () => Promise.resolve(() => []),
    replace(changes) {
      for (const { file, text } of changes) files.set(file.path, text)
      return Promise.resolve()
    }
  }
}
