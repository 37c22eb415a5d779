import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { readTruth, type DeploymentTruth } from '../__tests__/properties/truth.ts'
import { startSimulator, type RunningSimulator } from '../simulator/server.ts'
import { TARGET } from './cloud.ts'
import { prepareOfficial } from './contender.ts'
import { runStep } from './step.ts'
import { decidedAt, moment, type Timed } from './verdicts-timing.ts'
import type { Scene } from './verdicts-scenes.ts'

/** Simulated seconds in one of the machine's: a call of five milliseconds then takes three tenths of a second. */
const SPEED = 60
const LOOK_MS = 5

/** Lets the official action carry out a deployment, its waits scaled like the simulator's time. */
export async function timeOfficial(node: string, directory: string, scene: Scene): Promise<Timed> {
  const root = await mkdtemp(join(tmpdir(), 'bench-verdicts-'))
  const running = await startSimulator({ speed: SPEED, world: scene.world })
  try {
    const image = `127.0.0.1:${String(running.port)}/web:${TARGET.tag}`
    const { step } = await prepareOfficial(root, { url: running.url, image }, directory)
    const timers = join(root, 'scaled-timers.cjs')
    await writeFile(
      timers,
      `process.env.BENCH_SPEED = '${String(SPEED)}'\nrequire('${resolve('bench/scaled-timers.cjs')}')`
    )
    const others = interfere(running, scene)
    const env = { ...step.env, AWS_REGION: 'us-east-1' }
    const { exitCode } = await runStep(node, { ...step, env, args: ['--require', timers, ...step.args] })
    const exitedAt = moment(running.simulator.now())
    others.stop()
    return read(running, scene, exitedAt, exitCode === 0 ? 'green' : 'red')
  } finally {
    await running.close()
    await rm(root, { recursive: true, force: true })
  }
}

function read({ simulator }: RunningSimulator, scene: Scene, exitedAt: number, outcome: string): Timed {
  // It may give up, or be content, before anything is decided.
  while (ofCommit(simulator)?.decidedAt === undefined && scene.evidence !== 'third failed task') simulator.advance(10)
  const truth = readTruth(simulator.state().ecs)
  const mine = ofCommit(simulator)
  if (mine === undefined) throw new Error('the official action started no deployment')
  const calls = simulator.calls()
  const lagMs = exitedAt - decidedAt(scene, truth, mine)
  const throttled = calls.filter(({ error }) => error === 'ThrottlingException').length
  return { lagMs, endMs: lagMs, outcome, calls: calls.length, throttled, rolloutMs: exitedAt - moment(mine.createdAt) }
}

/** Its deployment: the first that the world did not begin with. */
function ofCommit(simulator: RunningSimulator['simulator']): DeploymentTruth | undefined {
  return readTruth(simulator.state().ecs).serviceDeployments.at(-2)
}

/** Others do their part that long after UpdateService. */
function interfere({ simulator }: RunningSimulator, { meanwhile }: Scene): { stop(): void } {
  const left = [...meanwhile]
  const timer = setInterval(() => {
    const updatedAt = simulator.calls().find(({ operation }) => operation === 'UpdateService')?.at
    const [next] = left
    if (updatedAt === undefined || next === undefined) return
    if (moment(simulator.now()) - moment(updatedAt) < next.atSeconds * 1000) return
    left.shift()
    simulator.change(next.change)
  }, LOOK_MS)
  return {
    stop() {
      clearInterval(timer)
    }
  }
}
