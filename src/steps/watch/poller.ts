import type { ServiceDeploymentSnapshot, ServiceSnapshot } from '../../decide/service/snapshot.ts'
import { isFromBefore, STALENESS_MS } from '../../decide/service/staleness.ts'
import type { Observation, WatchedDeployment } from '../../decide/service/verdict.ts'
import type { Emit } from '../../event.ts'
import { endsTheRun, Failure } from '../../failure.ts'
import type { EcsReads } from '../../io/aws/ecs.ts'
import type { Clock } from '../../io/clock.ts'
import { PollTrouble } from './poll-trouble.ts'
import { ServiceDeploymentLens, type ServicePlace } from './service-deployment-lens.ts'

/** Looks at one service again and again, and remembers what it saw last. */
export class Poller {
  /** The last thing seen, undefined when no poll ever succeeded. */
  last: Observation | undefined
  readonly #ecs: EcsReads
  readonly #clock: Clock
  readonly #mine: WatchedDeployment
  readonly #place: ServicePlace
  readonly #lens: ServiceDeploymentLens
  readonly #trouble: PollTrouble
  /** The service deployments API lags behind by seconds: right after UpdateService it has nothing to show. */
  #isTooEarly: boolean
  #behindSince: number | undefined
  /** Between which answers, in epoch milliseconds, all said that the service is not there; a call that fails says nothing. */
  #missing: { readonly since: number; readonly until: number } | undefined

  constructor(ecs: EcsReads, clock: Clock, mine: WatchedDeployment, place: ServicePlace, isNew: boolean, emit: Emit) {
    this.#ecs = ecs
    this.#clock = clock
    this.#mine = mine
    this.#place = place
    this.#isTooEarly = isNew
    this.#lens = new ServiceDeploymentLens(ecs, clock, mine, place, emit)
    this.#trouble = new PollTrouble(place.service, emit)
  }

  /** ARN of the watched service deployment, once it was found. */
  get serviceDeploymentArn(): string | undefined {
    return this.#lens.arn
  }

  /** Why DescribeServices could not be read when it was last tried; undefined when it was answered. */
  get blindness(): string | undefined {
    return this.#trouble.reason
  }

  /** For how long the service deployments API has failed by now, in milliseconds; undefined when it has not. */
  get silentMs(): number | undefined {
    return this.#lens.silentMs
  }

  /** Whether DescribeServices has not found the service for longer than a replica lags behind. */
  get isGone(): boolean {
    return this.#missing !== undefined && this.#missing.until - this.#missing.since > STALENESS_MS
  }

  /**
   * One look by both APIs, or by the one that answers. Undefined when that shows nothing: a failure is told and no verdict,
   * and a replica may lag behind. Throws what makes further polls pointless.
   */
  async poll(): Promise<Observation | undefined> {
    const isTooEarly = this.#isTooEarly
    this.#isTooEarly = false
    const [service, serviceDeployment] = await Promise.all([
      this.#readService(),
      isTooEarly ? undefined : this.#lens.look()
    ])
    const seen = service === undefined ? this.#fromBefore(serviceDeployment) : { service, serviceDeployment }
    if (seen === undefined || this.#isBehind(seen)) return undefined
    this.last = seen
    return seen
  }

  /** What DescribeServices shows; undefined when it does not answer, or does not find the service. */
  async #readService(): Promise<ServiceSnapshot | undefined> {
    const { cluster, service: name } = this.#place
    if (this.#trouble.isResting(this.#clock.now())) {
      this.#trouble.remind(this.#clock.now())
      return undefined
    }
    try {
      const service = await this.#ecs.describeService(cluster, name)
      if (typeof service === 'string') {
        const now = this.#clock.now()
        this.#missing = { since: this.#missing?.since ?? now, until: now }
        this.#trouble.failed(`DescribeServices does not find ${name}`, now)
        return undefined
      }
      this.#missing = undefined
      this.#trouble.answered()
      return service
    } catch (error) {
      if (!(error instanceof Failure) || isHopeless(error)) throw error
      this.#trouble.refused(error.message, this.#clock.now())
      return undefined
    }
  }

  /** What the service deployments API alone shows, beside the service as it was last seen. */
  #fromBefore(serviceDeployment: ServiceDeploymentSnapshot | undefined): Observation | undefined {
    if (serviceDeployment === undefined || this.last === undefined) return undefined
    return { service: this.last.service, serviceDeployment, isServiceOld: true }
  }

  #isBehind(seen: Observation): boolean {
    if (!isFromBefore(this.#mine, seen)) {
      this.#behindSince = undefined
      return false
    }
    const now = this.#clock.now()
    this.#behindSince ??= now
    return now - this.#behindSince <= STALENESS_MS
  }
}

/** A missing right does not come by waiting either. */
function isHopeless(failure: Failure): boolean {
  return endsTheRun(failure) || failure.code === 'access-denied'
}
