import type { World } from '../../simulator/cloud/world.ts'
import { startSimulator, type RunningSimulator } from '../../simulator/server.ts'
import { loginTo } from '../io/registry/server.ts'
import { deployTo, type Circumstances, type Deployed } from './harness.ts'
import { digestOf } from './shop.ts'

/** Somebody else's registry: it wants a password and redirects downloads, as many do. */
const ELSEWHERE: World = {
  account: '999999999999',
  region: 'us-east-1',
  repositories: [
    {
      name: 'library/nginx',
      imageTagMutability: 'MUTABLE',
      images: [
        { tags: ['1.27.3'], platforms: ['linux/amd64', 'linux/arm64'] },
        { tags: ['1.27.4', 'stable'] },
        { tags: ['1.28.0'], labels: { other: 'yes' } }
      ]
    }
  ],
  clusters: []
}

/** The registry that is copied to. */
export const OURS: World = {
  account: '123456789012',
  region: 'eu-west-1',
  repositories: [
    { name: 'mirror/nginx', imageTagMutability: 'IMMUTABLE', images: [{ tags: ['taken-1.0.0'] }] },
    { name: 'library/nginx', imageTagMutability: 'MUTABLE' }
  ],
  clusters: []
}

/** What a copy came to. */
export interface Mirrored extends Deployed {
  readonly images: readonly Readonly<Record<string, unknown>>[]
  /** Host of our registry. */
  readonly host: string
  /** What was asked of the registry elsewhere. */
  readonly asked: readonly string[]
}

type Inputs = Readonly<Record<string, string>>

/** A registry of others, and copies from it. */
export class Elsewhere {
  readonly server: RunningSimulator
  readonly login: { readonly username: string; readonly password: string }

  private constructor(server: RunningSimulator, login: Elsewhere['login']) {
    this.server = server
    this.login = login
  }

  static async start(): Promise<Elsewhere> {
    const server = await startSimulator({ world: ELSEWHERE })
    return new Elsewhere(server, await loginTo(server.simulator))
  }

  /** A reference to its image. */
  reference(name: string): string {
    return `127.0.0.1:${String(this.server.port)}/library/nginx${name}`
  }

  digestOf(tag: string): string {
    return digestOf(this.server.simulator.state(), 'library/nginx', tag)
  }

  /** Runs mode mirror into a registry. */
  async mirrorTo(
    ours: RunningSimulator,
    lines: string,
    inputs: Inputs = {},
    circumstances: Circumstances = {}
  ): Promise<Mirrored> {
    const { simulator } = this.server
    const seen = simulator.calls().length
    const own = { 'source-username': this.login.username, 'source-password': this.login.password }
    const all = { 'poll-seconds': '', mode: 'mirror', mirror: lines, ...own, ...inputs }
    const env = { DOCKER_CONFIG: '/nonexistent', ...circumstances.env }
    const run = await deployTo(ours, all, { ...circumstances, env })
    const images = JSON.parse(run.outputs['images'] ?? '[]') as Mirrored['images']
    const asked = simulator
      .calls()
      .slice(seen)
      .map(({ operation }) => operation)
    return { ...run, images, host: `127.0.0.1:${String(ours.port)}`, asked }
  }

  /** Runs mode mirror into a registry of its own. */
  async mirror(lines: string, inputs: Inputs = {}, circumstances: Circumstances = {}): Promise<Mirrored> {
    const ours = await startSimulator({ world: OURS })
    try {
      return await this.mirrorTo(ours, lines, inputs, circumstances)
    } finally {
      await ours.close()
    }
  }

  close(): Promise<void> {
    return this.server.close()
  }
}
