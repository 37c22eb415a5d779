import type { SimResponse } from '../../simulator/protocol/message.ts'
import type { Simulator } from '../../simulator/simulator.ts'

const TARGETS: Readonly<Record<string, string>> = {
  ecs: 'AmazonEC2ContainerServiceV20141113',
  ecr: 'AmazonEC2ContainerRegistry_V20150921',
  'application-autoscaling': 'AnyScaleFrontendService',
  logs: 'Logs_20140328',
  monitoring: 'GraniteServiceVersion20100801'
}

/** The Authorization header of a request signed for a region and service. */
export function signedFor(region: string, service: string): string {
  const scope = `AKIDEXAMPLE/20260105/${region}/${service}/aws4_request`
  return `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host;x-amz-date, Signature=${'0'.repeat(64)}`
}

interface Sent {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** Sends one request without a socket. */
export function send(simulator: Simulator, pathAndQuery: string, { method = 'POST', headers = {}, body = '' }: Sent) {
  const [path = '', query = ''] = pathAndQuery.split('?')
  return simulator.handle({ method, path, query: new URLSearchParams(query), headers, body: bytes(body) })
}

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from(text))
}

/** The JSON in a body that is not streamed. */
export function json({ body }: SimResponse): unknown {
  if (typeof body !== 'string') throw new Error('the body is no text')
  return JSON.parse(body)
}

/** Calls an AWS operation without a socket. */
export async function call(
  simulator: Simulator,
  target: `${string}:${string}`,
  input: unknown,
  headers: Readonly<Record<string, string>> = {}
): Promise<{ readonly response: SimResponse; readonly status: number; readonly body: Record<string, unknown> }> {
  const [service = '', operation = ''] = target.split(':')
  const response = await send(simulator, '/', {
    headers: {
      authorization: signedFor('us-east-1', service),
      'x-amz-target': `${TARGETS[service] ?? service}.${operation}`,
      ...headers
    },
    body: typeof input === 'string' ? input : JSON.stringify(input)
  })
  return { response, status: response.status, body: json(response) as Record<string, unknown> }
}
