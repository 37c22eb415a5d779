export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined }
export type JsonObject = { readonly [key: string]: Json | undefined }

/** An error as AWS JSON 1.1 carries it: `__type`, message, HTTP status, and members some errors have besides. */
export class AwsError extends Error {
  readonly code: string
  readonly status: number
  readonly members: JsonObject

  constructor(code: string, message: string, status = 400, members: JsonObject = {}) {
    super(message)
    this.name = 'AwsError'
    this.code = code
    this.status = status
    this.members = members
  }
}

/** Who calls and from where, as far as an operation's answer depends on it. */
export interface Caller {
  /** The region the request was signed for. */
  readonly region: string
  readonly account: string
  /** Where the simulator is reached, e.g. `127.0.0.1:4321`: repository URIs and download links start with it. */
  readonly host: string
}

/** One API operation: validated input in, output document out; throws AwsError. */
export type Operation = (input: JsonObject, caller: Caller) => JsonObject | Promise<JsonObject>

/** The operations of one AWS service, found by the prefix of `X-Amz-Target`. */
export interface ServiceProtocol {
  /** Short name as in signatures, fault rules and the call log: `ecs`, `application-autoscaling`, `monitoring`, … */
  readonly service: string
  readonly targetPrefix: string
  /** Which AWS JSON it speaks. Default: 1.1. */
  readonly jsonVersion?: '1.0'
  readonly operations: Readonly<Record<string, Operation>>
}
