import type { JsonObject } from '../../decide/json.ts'

interface RawRequest {
  body?: unknown
}

interface RawResponse {
  statusCode: number
  body?: unknown
}

interface StackContext {
  /** What is sent. */
  input?: unknown
  /** What came back. */
  document?: JsonObject
}

type Handler<Args, Result> = (args: Args) => Promise<Result>

/** What the SDK's own serializer and deserializer get to work on: nobody would read what they make of the real thing. */
const NOTHING_TO_READ = new Uint8Array(0)
const NOTHING_TO_WRITE = {}

/** What of an SDK client this file needs; its own types differ for every service and command. */
interface AnyClient {
  readonly middlewareStack: { add(middleware: never, options: never): void }
  send(command: never, options: { abortSignal: AbortSignal }): Promise<object>
}

interface Stack {
  add(middleware: unknown, options: { step: string; priority: string; name: string }): void
}

/**
 * Makes a client send its input and return its output as the JSON documents they are. The SDK's serializer drops every
 * member its bundled model does not know, in both directions and without a word, so a task definition field newer than
 * this bundle would be lost on a describe and register round trip.
 */
export function speakDocuments(client: AnyClient): void {
  const stack: Stack = client.middlewareStack
  stack.add(
    (next: Handler<object, { output: object }>, context: StackContext) => async (args: { input: unknown }) => {
      context.input = args.input
      const result = await next({ ...args, input: NOTHING_TO_WRITE })
      if (context.document === undefined) throw new SyntaxError('the answer is not a JSON object')
      return { ...result, output: { ...result.output, document: context.document } }
    },
    { step: 'initialize', priority: 'high', name: 'exchangeDocuments' }
  )
  stack.add(
    (next: Handler<object, unknown>, context: StackContext) => (args: { request: RawRequest }) => {
      args.request.body = JSON.stringify(context.input)
      return next(args)
    },
    // Before the content length is measured and the body signed.
    { step: 'build', priority: 'high', name: 'sendDocument' }
  )
  stack.add(
    (next: Handler<unknown, { response: RawResponse }>, context: StackContext) => async (args: unknown) => {
      const result = await next(args)
      const { response } = result
      const body = await readAll(response.body)
      const parsed = parseObject(body)
      if (parsed !== undefined) context.document = parsed
      // An error, and what is no document, is for the SDK to read.
      response.body = parsed !== undefined && response.statusCode < 300 ? NOTHING_TO_READ : body
      return result
    },
    // Innermost, so that it sees the bytes before the SDK's deserializer does.
    { step: 'deserialize', priority: 'low', name: 'keepDocument' }
  )
}

/** Sends a command of a client prepared by `speakDocuments` and returns the answer as the document it is. */
export async function sendDocument(client: AnyClient, command: object, abortSignal: AbortSignal): Promise<JsonObject> {
  const output = await client.send(command as never, { abortSignal })
  return (output as { document: JsonObject }).document
}

async function readAll(body: unknown): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body
  const chunks: Uint8Array[] = []
  for await (const chunk of body as AsyncIterable<Uint8Array>) chunks.push(chunk)
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
