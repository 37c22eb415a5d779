import { serviceDeploymentOf, type ServiceDeploymentSnapshot } from '../../decide/service/snapshot.ts'
import { isSuccessful } from '../../decide/service/status.ts'
import type { WatchedDeployment } from '../../decide/service/verdict.ts'
import type { Emit } from '../../event.ts'
import { endsTheRun, Failure, isAwsError, withRemedy } from '../../failure.ts'
import type { EcsReads } from '../../io/aws/ecs.ts'
import type { Clock } from '../../io/clock.ts'
import { PollTrouble } from './poll-trouble.ts'

/** Which service is watched. */
export interface ServicePlace {
  readonly cluster: string
  readonly service: string
}

/**
 * My entry in the service deployments API: found once by its target revision, then described. Roles made before that
 * API existed may not use it, and it lags behind by seconds; the watch goes on with DescribeServices alone.
 */
export class ServiceDeploymentLens {
  arn: string | undefined
  #isClosed = false
  readonly #ecs: EcsReads
  readonly #clock: Clock
  readonly #deploymentId: string
  readonly #place: ServicePlace
  readonly #emit: Emit
  readonly #trouble: PollTrouble

  constructor(ecs: EcsReads, clock: Clock, mine: WatchedDeployment, place: ServicePlace, emit: Emit) {
    this.#ecs = ecs
    this.#clock = clock
    this.#deploymentId = mine.id
    this.#place = place
    this.#emit = emit
    this.#trouble = new PollTrouble(place.service, emit)
  }

  /** For how long the API has failed by now, in milliseconds; undefined when it was answered, or may not be asked. */
  get silentMs(): number | undefined {
    const { since } = this.#trouble
    return this.#isClosed || since === undefined ? undefined : this.#clock.now() - since
  }

  /** The entry as it is now; undefined while it is not visible, or not to be read. Throws what makes further polls pointless. */
  async look(): Promise<ServiceDeploymentSnapshot | undefined> {
    if (this.#isClosed) return undefined
    if (this.#trouble.isResting(this.#clock.now())) {
      this.#trouble.remind(this.#clock.now())
      return undefined
    }
    try {
      const seen = await this.#read()
      this.#trouble.answered()
      return seen
    } catch (error) {
      if (!(error instanceof Failure) || endsTheRun(error)) throw error
      const isUnavailable =
        error.code === 'access-denied' || isAwsError(error, 'UnknownOperationException', 'InvalidAction')
      if (isUnavailable) {
        this.#isClosed = true
        this.#emit({ kind: 'note', text: `watching by DescribeServices alone: ${withRemedy(error)}` })
      } else {
        this.#trouble.refused(error.message, this.#clock.now())
      }
      return undefined
    }
  }

  async #read(): Promise<ServiceDeploymentSnapshot | undefined> {
    if (this.arn !== undefined) return this.#ecs.describeServiceDeployment(this.arn)
    const all = await this.#ecs.listServiceDeployments(this.#place.cluster, this.#place.service)
    const listed = serviceDeploymentOf(this.#deploymentId, all)
    this.arn = listed?.arn
    // The list knows no reasons; of a success there are none to know.
    if (listed === undefined || isSuccessful(listed.status)) return listed
    return this.#ecs.describeServiceDeployment(listed.arn)
  }
}
