import type { AlarmState } from '../cloud/ecs/alarms.ts'
import { numberOf, textOf, textsOf } from '../cloud/ecs/json.ts'
import { AwsError, type JsonObject, type ServiceProtocol } from './operation.ts'

const MOST_NAMES = 100
const LARGEST_PAGE = 100
const DEFAULT_PAGE = 50

/** Members of DescribeAlarms that ask for relations and actions, which the alarms of a world do not have. */
const NOT_SIMULATED = ['ChildrenOfAlarmName', 'ParentsOfAlarmName', 'ActionPrefix']

/** Where the alarms of a region are. */
export interface Alarms {
  readonly region: string
  readonly account: string
  readonly alarms: ReadonlyMap<string, AlarmState>
}

/** The CloudWatch API, as far as reading alarms goes; those of a world are metric alarms. */
export function cloudwatchProtocol(alarms: Alarms): ServiceProtocol {
  return {
    service: 'monitoring',
    targetPrefix: 'GraniteServiceVersion20100801',
    jsonVersion: '1.0',
    operations: { DescribeAlarms: input => describeAlarms(alarms, input) }
  }
}

/** Names that no alarm has are left out of the answer without a word. */
function describeAlarms({ region, account, alarms }: Alarms, input: JsonObject): JsonObject {
  const names = textsOf(input.AlarmNames)
  const prefix = textOf(input.AlarmNamePrefix)
  const types = textsOf(input.AlarmTypes)
  const state = textOf(input.StateValue)
  check(input, names, prefix)
  const isAsked = (name: string): boolean =>
    prefix === undefined ? names.length === 0 || names.includes(name) : name.startsWith(prefix)
  const found = [...alarms]
    .filter(([name, now]) => isAsked(name) && (state === undefined || state === now))
    .sort(([a], [b]) => (a < b ? -1 : 1))
  const size = numberOf(input.MaxRecords) ?? DEFAULT_PAGE
  const start = Number(textOf(input.NextToken) ?? 0)
  if (!Number.isInteger(start) || start < 0) throw new AwsError('InvalidNextToken', 'The next token is not valid.')
  const wantsMetric = types.length === 0 || types.includes('MetricAlarm')
  const page = wantsMetric ? found.slice(start, start + size) : []
  return {
    MetricAlarms: page.map(([AlarmName, StateValue]) => ({
      AlarmName,
      AlarmArn: `arn:aws:cloudwatch:${region}:${account}:alarm:${AlarmName}`,
      StateValue
    })),
    CompositeAlarms: [],
    ...(wantsMetric && start + size < found.length && { NextToken: String(start + size) })
  }
}

function check(input: JsonObject, names: readonly string[], prefix: string | undefined): void {
  const other = NOT_SIMULATED.find(member => input[member] !== undefined)
  if (other !== undefined) throw invalid(`the simulator does not serve DescribeAlarms with ${other}`)
  if (prefix !== undefined && names.length > 0) throw invalid('AlarmNames and AlarmNamePrefix cannot both be given')
  if (names.length > MOST_NAMES) throw invalid(`AlarmNames cannot have more than ${String(MOST_NAMES)} items`)
  const size = numberOf(input.MaxRecords) ?? DEFAULT_PAGE
  if (size < 1 || size > LARGEST_PAGE) throw invalid(`MaxRecords must be between 1 and ${String(LARGEST_PAGE)}`)
}

function invalid(message: string): AwsError {
  return new AwsError('ValidationException', message)
}
