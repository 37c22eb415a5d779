import { Readable } from 'node:stream'
import type { Simulator } from '../../simulator/simulator.ts'
import { createAlarms, type AlarmsPort } from '../../src/io/aws/alarms.ts'
import type { CallPolicy, Transport } from '../../src/io/aws/call.ts'
import { createEcr, type EcrPort } from '../../src/io/aws/ecr.ts'
import { createEcs, type EcsPort } from '../../src/io/aws/ecs.ts'
import { createLogs, type LogsPort } from '../../src/io/aws/logs.ts'
import { createRepositories, type RepositoryPort } from '../../src/io/aws/repository.ts'
import { createScaling, type ScalingPort } from '../../src/io/aws/scaling.ts'
import { createScans, type ScanPort } from '../../src/io/aws/scan.ts'
import type { Clock } from '../../src/io/clock.ts'

/** What a line leads to: one simulator, and the time and the cancellation of whoever calls. */
export interface Far {
  readonly simulator: Pick<Simulator, 'handle'>
  readonly clock: Clock
  readonly signal: AbortSignal
}

const idle: Line[] = []

/**
 * The real SDK's clients with a line to one simulator at a time. A client is made once and lent to one run after the
 * other: setting it up costs as much as all the calls of a short deployment.
 */
export class Line {
  #far: Far
  readonly #ports = new Map<string, unknown>()

  private constructor(far: Far) {
    this.#far = far
  }

  /** A line that nobody uses, or a new one. */
  static to(far: Far): Line {
    const line = idle.pop()
    if (line === undefined) return new Line(far)
    line.#far = far
    return line
  }

  /** Gives the line back; whoever calls over it from now on calls somewhere else. */
  hangUp(): void {
    idle.push(this)
  }

  ecs(region: string): EcsPort {
    return this.#port(`ecs ${region}`, () => createEcs(this.#policy(region)))
  }

  ecr(region: string, account: string | undefined): EcrPort {
    return this.#port(`ecr ${region} ${account ?? ''}`, () => createEcr(this.#policy(region), account))
  }

  repositories(region: string, account: string | undefined): RepositoryPort {
    return this.#port(`repositories ${region} ${account ?? ''}`, () =>
      createRepositories(this.#policy(region), account)
    )
  }

  scans(region: string, account: string | undefined): ScanPort {
    return this.#port(`scans ${region} ${account ?? ''}`, () => createScans(this.#policy(region), account))
  }

  scaling(region: string): ScalingPort {
    return this.#port(`scaling ${region}`, () => createScaling(this.#policy(region)))
  }

  logs(region: string): LogsPort {
    return this.#port(`logs ${region}`, () => createLogs(this.#policy(region)))
  }

  alarms(region: string): AlarmsPort {
    return this.#port(`alarms ${region}`, () => createAlarms(this.#policy(region)))
  }

  #port<T>(name: string, make: () => T): T {
    if (!this.#ports.has(name)) this.#ports.set(name, make())
    return this.#ports.get(name) as T
  }

  #policy(region: string): CallPolicy {
    const far = (): Far => this.#far
    return {
      region,
      clock: { now: () => far().clock.now(), sleep: (ms, signal) => far().clock.sleep(ms, signal) },
      get signal() {
        return far().signal
      },
      transport: { requestHandler: inProcess(() => far().simulator), signerConstructor: Unsigned }
    }
  }
}

interface SdkRequest {
  readonly method: string
  readonly path: string
  readonly headers: Record<string, string>
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** Says what is meant for whom, as a signature does: its hashes are a fifth of a call, and the simulator checks none. */
class Unsigned {
  readonly #authorization: string

  constructor({ region, service }: { readonly region: unknown; readonly service: string }) {
    const scope = `AKIDEXAMPLE/20200101/${String(region)}/${service}/aws4_request`
    this.#authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`
  }

  sign<R extends Pick<SdkRequest, 'headers'>>(request: R): Promise<R> {
    request.headers['authorization'] = this.#authorization
    return Promise.resolve(request)
  }
}

/** Hands the SDK's requests to the simulator instead of a socket. */
function inProcess(simulator: () => Far['simulator']): NonNullable<Transport['requestHandler']> {
  const handler = {
    async handle(request: SdkRequest, { abortSignal }: { readonly abortSignal?: AbortSignal } = {}) {
      if (abortSignal?.aborted === true) throw requestAborted()
      const headers: Record<string, string> = {}
      for (const [name, value] of Object.entries(request.headers)) headers[name.toLowerCase()] = value
      const answering = simulator().handle({
        method: request.method,
        path: request.path,
        query: new URLSearchParams(request.query),
        headers,
        body: whole(request.body ?? '')
      })
      const answer = await (abortSignal === undefined ? answering : unlessAborted(abortSignal, answering))
      const bytes = typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body
      const body = Readable.from([bytes])
      return { response: { statusCode: answer.status, headers: answer.headers, body } }
    }
  }
  return handler
}

/** What was called goes on in the cloud; whoever waited for it does not. */
export async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  let stop: (() => void) | undefined
  const aborted = new Promise<never>((_, reject) => {
    stop = () => {
      reject(requestAborted())
    }
    signal.addEventListener('abort', stop, { once: true })
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    if (stop !== undefined) signal.removeEventListener('abort', stop)
  }
}

/** As the SDK's own handler has it. */
function requestAborted(): Error {
  return Object.assign(new Error('Request aborted'), { name: 'AbortError' })
}

async function* whole(body: unknown): AsyncGenerator<Uint8Array> {
  // The SDK's JSON body is a hybrid of text and bytes that warns when it is read as text.
  yield await Promise.resolve(body instanceof Uint8Array ? body : Buffer.from(String(body)))
}
