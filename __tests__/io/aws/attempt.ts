import { afterEach } from '@jest/globals'
import { DescribeClustersCommand, ECSClient } from '@aws-sdk/client-ecs'
import { AwsFailure } from '../../../src/failure.ts'
import { call, clientConfiguration, type CallPolicy, type Repeat } from '../../../src/io/aws/call.ts'
import { serve, type Answer } from './server.ts'

/** What shows whether it was done. */
export const LOOK = 'aws ecs describe-clusters --region eu-west-1'
export const ONCE: Repeat = { repeat: 'only-if-refused', look: LOOK }
export const IDEMPOTENT: Repeat = { repeat: 'idempotent', look: LOOK }
export const OK: Answer = { body: '{"clusters":[]}' }

process.env['AWS_ACCESS_KEY_ID'] = 'AKIDEXAMPLE'
process.env['AWS_SECRET_ACCESS_KEY'] = 'example'
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true'

/** Closed when the test ends. */
export const servers: { close(): void }[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

/** What came of one call. */
export interface Attempted {
  readonly outcome: unknown
  readonly calls: number
  readonly pauses: readonly number[]
}

/** Sends one call to a server that answers so, and tells what came of it; no time passes in the pauses. */
export async function attempt(
  answers: readonly Answer[],
  repeat: Repeat = 'safe',
  changes: Partial<CallPolicy> = {}
): Promise<Attempted> {
  const server = await serve(...answers)
  servers.push(server)
  const pauses: number[] = []
  const policy: CallPolicy = {
    clock: {
      now: () => 0,
      sleep: ms => {
        pauses.push(ms)
        return Promise.resolve()
      }
    },
    region: 'eu-west-1',
    signal: new AbortController().signal,
    ...changes
  }
  const client = new ECSClient({ ...clientConfiguration(policy), endpoint: server.url })
  const send = (abortSignal: AbortSignal) => client.send(new DescribeClustersCommand({}), { abortSignal })
  const outcome = await call(policy, 'ecs:DescribeClusters', repeat, send).catch((error: unknown) => error)
  client.destroy()
  return { outcome, calls: server.received.length, pauses }
}

/** What the call failed with. */
export function failureOf({ outcome }: Attempted): AwsFailure {
  if (outcome instanceof AwsFailure) return outcome
  throw new Error(`no AwsFailure but ${String(outcome)}`)
}
