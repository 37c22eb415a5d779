import { readContainerFacts, type ContainerFacts } from '../../decide/service/diagnosis/container-facts.ts'
import { causesOfTasks, diagnose, type Diagnosis, type Symptoms } from '../../decide/service/diagnosis/diagnosis.ts'
import { readEvent } from '../../decide/service/diagnosis/service-event.ts'
import { symptomsOf } from '../../decide/service/diagnosis/symptoms.ts'
import { readProspects, type Prospects } from '../../decide/service/prospects.ts'
import { eventsOf } from '../../decide/service/progress.ts'
import type { DeploymentSnapshot, TaskSnapshot } from '../../decide/service/snapshot.ts'
import { STALENESS_MS } from '../../decide/service/staleness.ts'
import type { Observation, WatchedDeployment } from '../../decide/service/verdict.ts'
import type { Emit } from '../../event.ts'
import { Failure, withRemedy } from '../../failure.ts'
import type { EcsReads } from '../../io/aws/ecs.ts'
import type { World } from '../../world.ts'
import { readLogs } from '../explain-failure.ts'
import type { ServicePlace } from './service-deployment-lens.ts'

/** A task that is counted as failed is STOPPED, and has said why, so much later at the latest. */
const SETTLING_MS = 60_000
/** What a container logged before that is no reason for its end. */
const LOG_LINES = 10

/**
 * Looks at the tasks that failed, when there are new ones, and tells whether any can succeed. Best effort: a look that
 * fails costs a line, never the verdict.
 */
export class FailureLook {
  /** How many of the stopped tasks had failed at the last look; ECS may not count them yet. */
  failedTasks = 0
  /** The most failed tasks that ECS counted. */
  #counted = 0
  /** Since when, in epoch milliseconds, ECS counts fewer than it did; undefined while it does not. */
  #fewerSince: number | undefined
  #countedByBreaker = 0
  #alive = 0
  /** Until when, in epoch milliseconds, there may be more to see of the failures known so far. */
  #unsettledUntil = 0
  /** Nothing that could still be seen would change the verdict. */
  #isClosed = false
  #facts: ContainerFacts | undefined
  readonly #seenEvents = new Set<string>()
  readonly #told = new Set<string>()
  readonly #world: World
  readonly #ecs: EcsReads
  readonly #mine: WatchedDeployment
  readonly #place: ServicePlace
  readonly #emit: Emit

  constructor(world: World, ecs: EcsReads, mine: WatchedDeployment, place: ServicePlace, emit: Emit) {
    this.#world = world
    this.#ecs = ecs
    this.#mine = mine
    this.#place = place
    this.#emit = emit
  }

  /** Why the deployment cannot succeed; undefined while it may. `now` is in epoch milliseconds. */
  async look(seen: Observation, now: number): Promise<Diagnosis | undefined> {
    const own = seen.service.deployments.find(({ id }) => id === this.#mine.id)
    if (own === undefined) return undefined
    if (this.#showsNewFailures(own, seen)) this.#unsettledUntil = now + SETTLING_MS
    if (this.#countsFewer(own, seen, now) || this.#isClosed || now >= this.#unsettledUntil) return undefined
    try {
      const symptoms = await this.#readSymptoms(seen)
      this.failedTasks = causesOfTasks(symptoms).length
      const isSettled = symptoms.stopped.length >= own.failedTasks && symptoms.stopped.every(isOver)
      const prospects = await this.#readProspects(own, symptoms)
      if (prospects.kind === 'hopeless' && !(await this.#readAlive()).some(prospects.isUntried))
        return prospects.diagnosis
      if (isSettled && own.runningCount === 0 && prospects.kind !== 'hopeless') this.#unsettledUntil = 0
      this.#isClosed = prospects.kind === 'hopeful' && isSettled
      this.#tellCause(diagnose(symptoms))
    } catch (error) {
      // Who may not look now may not look later.
      this.#isClosed = error instanceof Failure && error.code === 'access-denied'
      this.#tellOnce(
        `the tasks that failed could not be looked at: ${error instanceof Failure ? withRemedy(error) : String(error)}`
      )
    }
    return undefined
  }

  /** Tasks are gone, more failures are counted than before, or an event complains that was not there before. */
  #showsNewFailures(own: DeploymentSnapshot, { service, serviceDeployment }: Observation): boolean {
    const counted = serviceDeployment?.circuitBreaker?.failureCount ?? 0
    const alive = own.runningCount + own.pendingCount
    const hasMore = own.failedTasks > this.#counted || counted > this.#countedByBreaker || alive < this.#alive
    this.#counted = Math.max(this.#counted, own.failedTasks)
    this.#countedByBreaker = counted
    this.#alive = alive
    const fresh = eventsOf(service, this.#mine).filter(({ id }) => !this.#seenEvents.has(id))
    for (const { id } of fresh) this.#seenEvents.add(id)
    return hasMore || fresh.some(({ message }) => readEvent(message) !== undefined)
  }

  /**
   * ECS begins to count again when a task got healthy: then this is for ECS to judge. It seems to, for as long as reads may
   * lag behind, when one replica has not heard of the newest failure.
   */
  #countsFewer({ failedTasks }: DeploymentSnapshot, { isServiceOld = false }: Observation, now: number): boolean {
    if (isServiceOld) return this.#fewerSince !== undefined
    this.#fewerSince = failedTasks < this.#counted ? (this.#fewerSince ?? now) : undefined
    if (this.#fewerSince === undefined) return false
    this.#isClosed ||= now - this.#fewerSince > STALENESS_MS
    return true
  }

  async #readProspects(own: DeploymentSnapshot, symptoms: Symptoms): Promise<Prospects> {
    const prospects = readProspects(own, symptoms)
    const diagnosis = diagnose(symptoms)
    if (prospects.kind !== 'hopeful' || diagnosis?.code !== 'container-exited') return prospects
    // That a binary was built for another CPU is in the log alone.
    const { logs } = await readLogs(this.#world, diagnosis.suspects, await this.#readFacts(), LOG_LINES)
    return readProspects(own, { ...symptoms, logs })
  }

  async #readSymptoms({ service }: Observation): Promise<Symptoms> {
    const stopped = await this.#ecs.stoppedTasks(this.#place.cluster, this.#place.service, this.#mine.id)
    return symptomsOf(await this.#readFacts(), stopped, eventsOf(service, this.#mine))
  }

  async #readAlive(): Promise<readonly TaskSnapshot[]> {
    return this.#ecs.runningTasks(this.#place.cluster, this.#place.service, this.#mine.id)
  }

  async #readFacts(): Promise<ContainerFacts> {
    if (this.#facts === undefined) {
      const revision = await this.#ecs.describeTaskDefinition(this.#mine.taskDefinitionArn)
      this.#facts = readContainerFacts(revision?.document ?? {})
    }
    return this.#facts
  }

  #tellCause(diagnosis: Diagnosis | undefined): void {
    if (diagnosis === undefined || this.#told.has(diagnosis.code)) return
    this.#told.add(diagnosis.code)
    this.#emit({ kind: 'tasks-failing', service: this.#place.service, diagnosis })
  }

  #tellOnce(text: string): void {
    if (this.#told.has(text)) return
    this.#told.add(text)
    this.#emit({ kind: 'note', text })
  }
}

function isOver({ lastStatus }: TaskSnapshot): boolean {
  return lastStatus === 'STOPPED'
}
