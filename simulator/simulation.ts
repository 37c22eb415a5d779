import type { Clock } from './clock.ts'
import { createCloud, type Cloud } from './cloud.ts'
import { GitHub } from './cloud/github/github.ts'
import { Timeline } from './cloud/timeline.ts'
import type { World } from './cloud/world.ts'
import { CallLog } from './control/calls.ts'
import { Faults } from './control/faults.ts'
import { Throttle } from './protocol/aws-json/throttle.ts'

const DEFAULT_ACCOUNT = '123456789012'
const DEFAULT_REGION = 'us-east-1'

/** One world and what has become of it; another world is another simulation. */
export class Simulation {
  readonly account: string
  readonly region: string
  readonly clock: Clock
  readonly timeline: Timeline
  readonly home: Cloud
  readonly gitHub: GitHub
  readonly faults = new Faults()
  readonly calls = new CallLog()
  readonly throttle: Throttle | undefined
  readonly newMembers: ReadonlySet<string>
  readonly #elsewhere = new Map<string, Cloud>()
  readonly #registryHost: string
  #requests = 0

  constructor(world: World, clock: Clock, host: string) {
    this.account = world.account ?? DEFAULT_ACCOUNT
    this.region = world.region ?? DEFAULT_REGION
    this.clock = clock
    this.timeline = new Timeline(clock.now())
    this.#registryHost = world.registryHost ?? host
    this.newMembers = new Set(world.newMembers)
    this.throttle = world.limits?.throttling === false ? undefined : new Throttle(() => clock.callerNow())
    this.gitHub = new GitHub(world.github ?? {}, this.timeline)
    this.home = this.#cloud(world, this.region)
  }

  /** The cloud of a region: the world's own, or one without anything in it. */
  cloud(region: string): Cloud {
    if (region === this.region) return this.home
    let cloud = this.#elsewhere.get(region)
    if (cloud === undefined) {
      cloud = this.#cloud({}, region)
      this.#elsewhere.set(region, cloud)
    }
    return cloud
  }

  /** Lets everything happen that is due by now. */
  catchUp(): void {
    this.timeline.advanceTo(this.clock.now())
  }

  /** Ids in the form AWS gives, counted, so that a run repeats. */
  nextRequestId(): string {
    this.#requests += 1
    return `00000000-0000-4000-8000-${String(this.#requests).padStart(12, '0')}`
  }

  close(): void {
    for (const cloud of [this.home, ...this.#elsewhere.values()]) cloud.ecr.close()
  }

  #cloud(world: World, region: string): Cloud {
    return createCloud({
      world,
      region,
      account: this.account,
      timeline: this.timeline,
      registryHost: this.#registryHost
    })
  }
}
