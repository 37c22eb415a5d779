import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'
import type { World } from '../simulator/cloud/world.ts'
import type { LoggedCall } from '../simulator/control/calls.ts'
import { startSimulator } from '../simulator/server.ts'

/** The region that both actions are told. */
export const REGION = 'eu-west-1'

/** What both actions deploy: a commit that is pushed, to a service that runs the commit before. */
export const TARGET = {
  cluster: 'prod',
  service: 'web',
  commit: '2'.repeat(40),
  tag: 'main-2222222'
}

/** So many simulated seconds in one of the benchmark: a rollout of two simulated seconds is over at the first poll. */
const SPEED = 10_000

const WORLD: World = {
  region: REGION,
  repositories: [
    { name: 'web', imageTagMutability: 'IMMUTABLE', images: [{ tags: ['main-1111111'] }, { tags: [TARGET.tag] }] }
  ],
  clusters: [
    {
      name: TARGET.cluster,
      services: [
        {
          name: TARGET.service,
          desiredCount: 2,
          image: 'web:main-1111111',
          circuitBreaker: { enable: true, rollback: true }
        }
      ]
    }
  ],
  timings: {
    schedulerSeconds: 1,
    provisioningSeconds: 0,
    pendingSeconds: 0,
    pullSeconds: 0,
    healthyAfterSeconds: 0,
    targetHealthySeconds: 0,
    drainSeconds: 0,
    stopSeconds: 0,
    deprovisioningSeconds: 0
  },
  lag: { serviceDeploymentSeconds: 0, serviceRevisionSeconds: 0, staleReadSeconds: 0 }
}

/** The simulator as the benchmark uses it. */
export interface BenchCloud {
  readonly url: string
  /** The image that is deployed, by its full reference. */
  readonly image: string
  /** Puts everything back to the beginning and forgets what was called. */
  reset(): void
  /** When the first request of this run came in, by `performance.now()`; undefined when none did. */
  firstRequestAt(): number | undefined
  calls(): readonly LoggedCall[]
  close(): Promise<void>
}

/** Starts a simulator whose services are stable at once. */
export async function startCloud(): Promise<BenchCloud> {
  const running = await startSimulator({ speed: SPEED, world: WORLD })
  let firstAt: number | undefined
  const onRequest = (message: unknown): void => {
    const { request } = message as { readonly request: IncomingMessage }
    if (request.socket.localPort === running.port) firstAt ??= performance.now()
  }
  // Node's HTTP server says so itself as soon as it has read a request's head: no proxy on the way takes its share.
  subscribe('http.server.request.start', onRequest)
  return {
    url: running.url,
    image: `127.0.0.1:${String(running.port)}/web:${TARGET.tag}`,
    reset() {
      running.simulator.reset(WORLD)
      firstAt = undefined
    },
    firstRequestAt: () => firstAt,
    calls: () => running.simulator.calls(),
    async close() {
      unsubscribe('http.server.request.start', onRequest)
      await running.close()
    }
  }
}
