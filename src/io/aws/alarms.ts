import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch'
import { call, clientConfiguration, type CallPolicy } from './call.ts'

/** The one CloudWatch call that looking at a service's alarms needs; throws AwsFailure. */
export interface AlarmsPort {
  /** `OK`, `ALARM` or `INSUFFICIENT_DATA` of each of these alarms that exists, by name. */
  states(names: readonly string[]): Promise<ReadonlyMap<string, string>>
}

/** DescribeAlarms takes and gives so many at once. */
const NAMES_PER_CALL = 100

/** A deployment does not need its alarms looked at: nobody should wait for them as long as for what it hangs on. */
const ATTEMPTS = 3

/** The AlarmsPort over the AWS SDK. */
export function createAlarms(policy: CallPolicy): AlarmsPort {
  const client = new CloudWatchClient(clientConfiguration(policy))
  const impatient = { ...policy, attempts: Math.min(ATTEMPTS, policy.attempts ?? ATTEMPTS) }
  return {
    async states(names) {
      const states = new Map<string, string>()
      for (let start = 0; start < names.length; start += NAMES_PER_CALL) {
        const command = new DescribeAlarmsCommand({
          AlarmNames: names.slice(start, start + NAMES_PER_CALL),
          // Without this, composite alarms are left out.
          AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
          MaxRecords: NAMES_PER_CALL
        })
        const { MetricAlarms = [], CompositeAlarms = [] } = await call(
          impatient,
          'cloudwatch:DescribeAlarms',
          'safe',
          abortSignal => client.send(command, { abortSignal })
        )
        for (const { AlarmName, StateValue } of [...MetricAlarms, ...CompositeAlarms]) {
          if (AlarmName !== undefined) states.set(AlarmName, StateValue ?? 'INSUFFICIENT_DATA')
        }
      }
      return states
    }
  }
}
