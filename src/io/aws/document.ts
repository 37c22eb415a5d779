import { HttpRequest, HttpResponse } from '@smithy/core/transport'
import type { JsonObject } from '../../decide/json.ts'
import { UnusableAnswer } from './unusable-answer.ts'

/** The most that is asked for at once, a hundred tasks of ten containers each, is a few MiB. */
const LARGEST_BYTES = 32 * 1024 * 1024

/** What the SDK tells a protocol of its service. */
interface Settings {
  /** What goes before the operation in `X-Amz-Target`. */
  readonly serviceTarget: string
}

interface Operation {
  readonly name: string
}

interface Context {
  endpoint(): Promise<Pick<HttpRequest, 'protocol' | 'hostname' | 'path'> & { readonly port?: number }>
}

/**
 * AWS JSON 1.1 with the documents as they are, for the `protocol` of an SDK client. The SDK's own implementation drops
 * every member that its bundled model does not know, in both directions and without a word, so a task definition field
 * newer than this bundle would be lost on a describe and register round trip.
 * https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
 */
export class DocumentProtocol {
  readonly #target: string

  constructor({ serviceTarget }: Settings) {
    this.#target = serviceTarget
  }

  async serializeRequest({ name }: Operation, input: object, context: Context): Promise<HttpRequest> {
    const { protocol, hostname, port, path } = await context.endpoint()
    return new HttpRequest({
      method: 'POST',
      protocol,
      hostname,
      ...(port !== undefined && { port }),
      path: path.endsWith('/') ? path : `${path}/`,
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `${this.#target}.${name}` },
      body: JSON.stringify(input)
    })
  }

  /** The answer in `document`; throws an error with AWS's own name and message when AWS refused, else a SyntaxError. */
  async deserializeResponse<Output>(_operation: unknown, _context: unknown, response: HttpResponse): Promise<Output> {
    const body = await readAll(response.body)
    const { statusCode, headers } = response
    const $metadata = { httpStatusCode: statusCode, requestId: headers['x-amzn-requestid'] }
    if (body === undefined) throw Object.assign(new UnusableAnswer('of more than 32 MiB'), { $metadata })
    const isRefused = statusCode >= 300
    // What says no more than its status may still be named by a header.
    const document = isRefused && body.length === 0 ? {} : parseObject(body)
    if (document === undefined) throw Object.assign(new SyntaxError('the answer is not a JSON object'), { $metadata })
    if (!isRefused) return { document, $metadata } as Output
    const said = document['message'] ?? document['Message']
    throw Object.assign(new Error(typeof said === 'string' ? said : ''), {
      name: errorName(document['__type'] ?? document['code'] ?? headers['x-amzn-errortype']),
      $fault: statusCode < 500 ? 'client' : 'server',
      $metadata
    })
  }

  getShapeId(): string {
    return 'aws.protocols#awsJson1_1'
  }

  getRequestType(): typeof HttpRequest {
    return HttpRequest
  }

  getResponseType(): typeof HttpResponse {
    return HttpResponse
  }

  /** Documents need no codec: the SDK asks for one only to read and write by its model. */
  getPayloadCodec(): never {
    throw new TypeError('documents have no codec')
  }

  updateServiceEndpoint(): never {
    throw new TypeError('the endpoint is part of every request already')
  }

  setSerdeContext(): void {
    // Nothing of the client's configuration is needed to read and write documents.
  }
}

/** What of an SDK client this file needs; its own types differ for every service and command. */
interface AnyClient {
  send(command: never, options: { abortSignal: AbortSignal }): Promise<object>
}

/** Sends a command of a client that speaks `DocumentProtocol` and returns the answer as the document it is. */
export async function sendDocument(client: AnyClient, command: object, abortSignal: AbortSignal): Promise<JsonObject> {
  const output = await client.send(command as never, { abortSignal })
  return (output as { document: JsonObject }).document
}

/** The bare name of an error: AWS puts a namespace before it and, in the header, an address behind it. */
function errorName(code: unknown): string {
  if (typeof code !== 'string') return 'Unknown'
  const [withoutAddress = ''] = code.split(/[,:]/)
  return withoutAddress.slice(withoutAddress.indexOf('#') + 1)
}

/** Undefined when there is more of it than anybody means to send. */
async function readAll(body: unknown): Promise<Uint8Array | undefined> {
  if (body instanceof Uint8Array) return body
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    size += chunk.length
    // Leaving the loop closes the connection.
    if (size > LARGEST_BYTES) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function parseObject(body: Uint8Array): JsonObject | undefined {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(body).toString('utf8'))
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? (parsed as JsonObject) : undefined
  } catch {
    return undefined
  }
}
