import type { SimRequest, SimResponse } from '../../simulator/protocol/message.ts'
import { ConnectionDropped } from '../../simulator/perform.ts'
import type { Simulator } from '../../simulator/simulator.ts'
import { Failure } from '../../src/failure.ts'
import { refusalIn, type Accident } from './accident.ts'

/** An accident and the number of the call, or of the pause, that it happens to; the first one is 0. */
export interface Mishap {
  readonly accident: Accident
  readonly at: number
}

/** A call that a process made, as the gate saw it. */
export interface PassedCall {
  /** As IAM names it: `ecs:UpdateService`; or `registry:PUT manifests`. */
  readonly operation: string
  /** Whether the job had been cancelled when it went out. */
  readonly isLate: boolean
}

/** How long the SDK waits for an answer, in seconds. */
const SILENCE_SECONDS = 30

/** Everything between one process and its cloud; a mishap happens to one call, and to nobody else's. */
export class Gate {
  readonly calls: PassedCall[] = []
  pauses = 0
  readonly #mishap: Mishap | undefined
  readonly #cancellation = new AbortController()
  readonly #death: () => void
  readonly #postpone: (act: () => Promise<unknown>) => void
  #isDead = false
  #struck: string | undefined
  #strikes = 0

  /** `onDeath` is called when the process is killed; `postpone` takes the call that is under way then. */
  constructor(mishap: Mishap | undefined, onDeath: () => void, postpone: (act: () => Promise<unknown>) => void) {
    this.#mishap = mishap
    this.#death = onDeath
    this.#postpone = postpone
  }

  /** The operation that the mishap happened to. */
  get struck(): string | undefined {
    return this.#struck
  }

  /** Aborted when the job is cancelled. */
  get signal(): AbortSignal {
    return this.#cancellation.signal
  }

  /** A simulator whose calls pass this gate; `isParting` are those that a cancelled process may still make. */
  before(simulator: Simulator, isParting = false): Pick<Simulator, 'handle'> {
    return { handle: request => this.#pass(simulator, request, isParting) }
  }

  /** Waits by letting time pass, unless the job is cancelled meanwhile. */
  async pause(pass: () => Promise<void>, signal: AbortSignal | undefined): Promise<void> {
    if (this.#isDead) return forever()
    signal?.throwIfAborted()
    const index = this.pauses++
    if (this.#mishap?.accident.kind === 'cancelled-pause' && this.#mishap.at === index) this.#cancel()
    signal?.throwIfAborted()
    await pass()
  }

  async #pass(simulator: Simulator, request: SimRequest, isParting: boolean): Promise<SimResponse> {
    if (this.#isDead) return forever()
    const operation = operationOf(request)
    const index = this.calls.push({ operation, isLate: this.signal.aborted && !isParting }) - 1
    const accident = this.#strike(operation, index)
    const answer = await this.#suffer(accident, operation, () => simulator.handle(request), simulator)
    return this.#lives() ? answer : forever()
  }

  /** Asked again after every wait: it may have died meanwhile. */
  #lives(): boolean {
    return !this.#isDead
  }

  /** What happens to this call. */
  #strike(operation: string, index: number): Accident | undefined {
    if (this.#mishap === undefined) return undefined
    const { accident, at } = this.#mishap
    if (accident.kind === 'cancelled-pause' || index < at) return undefined
    if (index === at) this.#struck = operation
    if (index === at && accident.kind !== 'refusal') return accident
    const refusal = refusalIn(accident)
    if (refusal === undefined) return undefined
    if (refusal.calls !== 'everything' && operation !== this.#struck) return undefined
    if (typeof refusal.calls === 'number' && this.#strikes >= refusal.calls) return undefined
    this.#strikes += 1
    return refusal
  }

  async #suffer(
    accident: Accident | undefined,
    operation: string,
    act: () => Promise<SimResponse>,
    simulator: Simulator
  ): Promise<SimResponse> {
    switch (accident?.kind) {
      case undefined:
      case 'cancelled-pause':
        return act()
      case 'death':
        if (accident.acts === 'later') this.#postpone(act)
        else if (accident.acts) await act()
        this.#isDead = true
        this.#death()
        return forever()
      case 'cancellation':
        if (accident.acts) {
          const answer = await act()
          this.#cancel()
          return answer
        }
        this.#cancel()
        return act()
      case 'refusal':
        return refusal(operation, accident.error, accident.status)
      case 'reset':
        if (accident.acts === 'later') this.#postpone(act)
        else if (accident.acts) await act()
        throw new ConnectionDropped()
      case 'loss':
        await act()
        throw new ConnectionDropped()
      case 'silence':
        if (accident.acts) await act()
        simulator.advance(SILENCE_SECONDS)
        throw Object.assign(new Error('socket hang up'), { name: 'TimeoutError', code: 'ETIMEDOUT' })
      case 'garbage': {
        const { status, headers } = accident.acts ? await act() : { status: 200, headers: {} }
        return { status, headers: withoutLength(headers), body: accident.body }
      }
    }
  }

  #cancel(): void {
    this.#cancellation.abort(new Failure('cancelled', 'the job was cancelled'))
  }
}

const SERVICES: Readonly<Record<string, string>> = {
  AmazonEC2ContainerServiceV20141113: 'ecs',
  AmazonEC2ContainerRegistry_V20150921: 'ecr',
  AnyScaleFrontendService: 'application-autoscaling',
  Logs_20140328: 'logs',
  GraniteServiceVersion20100801: 'cloudwatch'
}

function operationOf({ method, path, headers }: SimRequest): string {
  const target = headers['x-amz-target']
  if (target === undefined) return `registry:${method} ${/\/(manifests|blobs|referrers)/.exec(path)?.[1] ?? path}`
  const [service = '', operation = ''] = target.split('.')
  return `${SERVICES[service] ?? service}:${operation}`
}

/** As AWS words it, or a registry. */
function refusal(operation: string, error: string, status: number): SimResponse {
  if (!operation.startsWith('registry:')) {
    const message = error === 'AccessDeniedException' ? `User is not authorized to perform: ${operation}` : error
    return {
      status,
      headers: { 'content-type': 'application/x-amz-json-1.1' },
      body: JSON.stringify({ __type: error, message })
    }
  }
  const code = error === 'ThrottlingException' ? 429 : status === 500 ? 500 : 403
  const body = JSON.stringify({ errors: [{ code: error, message: `${error}, as it happens` }] })
  return { status: code, headers: { 'content-type': 'application/json' }, body }
}

function withoutLength(headers: SimResponse['headers']): SimResponse['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'content-length'))
}

function forever(): Promise<never> {
  return new Promise(() => undefined)
}
