import type { Answer, Call, Refusal } from '../call.ts'
import { readBody, type SimRequest } from '../message.ts'
import {
  AwsError,
  type Caller,
  type Json,
  type JsonObject,
  type Operation,
  type ServiceProtocol
} from '../operation.ts'
import { readSignature } from './authorization.ts'
import { shapesOfService } from './shapes.ts'
import type { Throttle } from './throttle.ts'
import { checkOutput, validateInput } from './validate.ts'

/** What the AWS JSON protocol needs of whoever composes the cloud. */
export interface AwsJsonOptions {
  readonly account: string
  readonly host: string
  /** The services of a region; without one, of the world's own. */
  services(region?: string): readonly ServiceProtocol[]
  /** Undefined: no request is throttled. */
  readonly throttle: Throttle | undefined
  /** See `validateInput`. */
  readonly newMembers: ReadonlySet<string>
  nextRequestId(): string
}

type JsonVersion = '1.0' | '1.1'

/** Errors that have another name in the query protocol. */
const QUERY_CODES: Readonly<Record<string, string>> = { ValidationException: 'ValidationError' }

/** Reads one `POST /` as far as it says which operation is called. */
export async function readAwsCall(request: SimRequest, options: AwsJsonOptions): Promise<Call> {
  const target = request.headers['x-amz-target'] ?? ''
  const [prefix = '', operation = ''] = target.split('.', 2)
  const found = options.services().find(candidate => candidate.targetPrefix === prefix)
  const service = found?.service
  const jsonVersion = found?.jsonVersion ?? '1.1'
  const region = /Credential=[^/]+\/\d+\/([^/]+)\//.exec(request.headers['authorization'] ?? '')?.[1]
  const invocation = request.headers['amz-sdk-invocation-id']
  const text = (await readBody(request.body)).toString('utf8')
  const input = parseJson(text)
  const requestId = options.nextRequestId()
  const refuse = (refusal: Refusal): Answer =>
    errorAnswer(new AwsError(refusal.code, refusal.message, refusal.status), requestId, jsonVersion)
  return {
    service: service ?? 'unknown',
    operation: operation === '' ? target : operation,
    ...(region === undefined ? {} : { region }),
    ...(invocation === undefined ? {} : { invocation }),
    request: input === undefined ? text : withoutLargeStrings(input),
    refuse,
    async run() {
      try {
        checkContentType(request, jsonVersion)
        const output = await perform({ service, target, operation, input, request }, options)
        return { response: response(200, output, requestId, jsonVersion) }
      } catch (error) {
        return errorAnswer(error, requestId, jsonVersion)
      }
    }
  }
}

interface Target {
  readonly service: string | undefined
  readonly target: string
  readonly operation: string
  readonly input: Json | undefined
  readonly request: SimRequest
}

async function perform(call: Target, options: AwsJsonOptions): Promise<JsonObject> {
  const { service, operation, input } = call
  if (service === undefined) throw unknownOperation(`no service of the simulator has the target '${call.target}'`)
  const { region } = readSignature(call.request.headers['authorization'], service)
  const run = findOperation(options.services(region), service, operation)
  if (run === undefined) throw unknownOperation(`the simulator does not serve ${service}:${operation}`)
  options.throttle?.take(region, service, operation)
  if (input === undefined) throw new AwsError('SerializationException', 'the request body is not valid JSON')
  const shapes = shapesOfService(service)
  const caller: Caller = { region, account: options.account, host: options.host }
  const output = await run(validateInput(service, operation, shapes, input, options.newMembers), caller)
  try {
    checkOutput(operation, shapes, output, options.newMembers)
  } catch (cause) {
    throw new Error(`the simulator's answer to ${service}:${operation} is wrong: ${String(cause)}`, { cause })
  }
  return output
}

function findOperation(services: readonly ServiceProtocol[], name: string, operation: string): Operation | undefined {
  const operations = services.find(service => service.service === name)?.operations
  return operations !== undefined && Object.hasOwn(operations, operation) ? operations[operation] : undefined
}

function unknownOperation(message: string): AwsError {
  return new AwsError('UnknownOperationException', message)
}

function parseJson(text: string): Json | undefined {
  if (text === '') return {}
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

/** The content type chooses the protocol; services of 1.1 take what clients without an SDK send, too. */
function checkContentType({ headers }: SimRequest, jsonVersion: JsonVersion): void {
  const given = headers['content-type']
  if (jsonVersion === '1.1' || given === contentType(jsonVersion)) return
  throw new AwsError(
    'UnknownOperationException',
    `the simulator speaks ${contentType(jsonVersion)} here, not ${given ?? 'nothing'}`
  )
}

function contentType(jsonVersion: JsonVersion): string {
  return `application/x-amz-json-${jsonVersion}`
}

function errorAnswer(error: unknown, requestId: string, jsonVersion: JsonVersion): Answer {
  const known =
    error instanceof AwsError
      ? error
      : new AwsError('InternalFailure', error instanceof Error ? error.message : String(error), 500)
  const body = { __type: known.code, message: known.message, ...known.members }
  return {
    response: response(known.status, body, requestId, jsonVersion, {
      'x-amzn-errortype': known.code,
      // What once spoke the query protocol still gives its codes to clients that ask in JSON 1.0.
      ...(jsonVersion === '1.0' && {
        'x-amzn-query-error': `${QUERY_CODES[known.code] ?? known.code};${known.status < 500 ? 'Sender' : 'Receiver'}`
      })
    }),
    error: known.code
  }
}

function response(
  status: number,
  body: JsonObject,
  requestId: string,
  jsonVersion: JsonVersion,
  headers: Readonly<Record<string, string>> = {}
): Answer['response'] {
  return {
    status,
    headers: { 'content-type': contentType(jsonVersion), 'x-amzn-requestid': requestId, ...headers },
    body: JSON.stringify(body)
  }
}

/** Larger than a task definition may be; only layer parts are. */
const LOGGED_STRING_LENGTH = 128 * 1024

/** The call log must not keep the bytes of every layer in memory. */
function withoutLargeStrings(value: Json): Json {
  if (typeof value === 'string' && value.length > LOGGED_STRING_LENGTH) return `(${String(value.length)} characters)`
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item: Json) => withoutLargeStrings(item))
  const members = Object.entries(value).map(([key, item]) => [key, withoutLargeStrings(item ?? null)] as const)
  return Object.fromEntries(members)
}
