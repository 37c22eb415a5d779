import type { SimResponse } from './message.ts'
import type { Json } from './operation.ts'

/** An error as every protocol of the simulator can put it into its own form. */
export interface Refusal {
  readonly code: string
  readonly message: string
  readonly status: number
}

/** An answer, and the code of the error it carries, if it does. */
export interface Answer {
  readonly response: SimResponse
  readonly error?: string
}

/** A request whose operation is known and that has not been carried out yet. */
export interface Call {
  /** `ecs`, `ecr`, `application-autoscaling`, `logs`, `monitoring`, `registry`, `github`. */
  readonly service: string
  /** `UpdateService`, `PUT manifests`, `POST deployments`. */
  readonly operation: string
  readonly region?: string
  /** What an SDK gives to all attempts of one call (`amz-sdk-invocation-id`). */
  readonly invocation?: string
  /** The request as the call log shows it. */
  readonly request: Json
  run(): Promise<Answer>
  /** The answer that says no without doing anything. */
  refuse(refusal: Refusal): Answer
}

/** An answer with a JSON body. */
export function jsonResponse(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {}
): SimResponse {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) }
}
