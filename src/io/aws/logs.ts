import { CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { call, clientConfiguration, type CallPolicy } from './call.ts'

/** Where a container's output is kept. */
export interface LogStream {
  readonly group: string
  readonly stream: string
  /** Undefined: the region of the deployment. */
  readonly region: string | undefined
}

/** The one CloudWatch Logs call that explaining a failure needs; throws AwsFailure. */
export interface LogsPort {
  /** The newest lines of a stream, oldest of them first. */
  lastLines(stream: LogStream, count: number): Promise<readonly string[]>
}

/** Logs only add to a failure that is certain: nobody should wait for them as long as for what a deployment hangs on. */
const ATTEMPTS = 3

/** The LogsPort over the AWS SDK. */
export function createLogs(policy: CallPolicy): LogsPort {
  const attempts = Math.min(ATTEMPTS, policy.attempts ?? ATTEMPTS)
  const clients = new Map<string, CloudWatchLogsClient>()
  function clientOf(region: string): CloudWatchLogsClient {
    const client = clients.get(region) ?? new CloudWatchLogsClient(clientConfiguration({ ...policy, region }))
    clients.set(region, client)
    return client
  }
  return {
    async lastLines({ group, stream, region = policy.region }, count) {
      const command = new GetLogEventsCommand({ logGroupName: group, logStreamName: stream, limit: count })
      const answer = await call({ ...policy, region, attempts }, 'logs:GetLogEvents', 'poll', abortSignal =>
        clientOf(region).send(command, { abortSignal })
      )
      return (answer.events ?? []).map(({ message = '' }) => message)
    }
  }
}
