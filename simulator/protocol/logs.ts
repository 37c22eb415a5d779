import { numberOf, textOf } from '../cloud/ecs/json.ts'
import type { Logs } from '../cloud/logs/logs.ts'
import { AwsError, type JsonObject, type ServiceProtocol } from './operation.ts'

const MAX_EVENTS = 10_000

/** The CloudWatch Logs API, as far as reading one stream goes. */
export function logsProtocol(logs: Logs): ServiceProtocol {
  return { service: 'logs', targetPrefix: 'Logs_20140328', operations: { GetLogEvents: input => read(logs, input) } }
}

/**
 * One page of a stream. Without a token it is the oldest page with `startFromHead`, else the newest; tokens lead either
 * way, and at the end of a stream the answer holds the token it was asked with.
 */
function read(logs: Logs, input: JsonObject): JsonObject {
  const group = textOf(input.logGroupName) ?? textOf(input.logGroupIdentifier)?.split(':log-group:')[1] ?? ''
  const all = logs.lines(group, textOf(input.logStreamName) ?? '')
  if (all === undefined) {
    const missing = logs.hasGroup(group) ? 'log stream' : 'log group'
    throw new AwsError('ResourceNotFoundException', `The specified ${missing} does not exist.`)
  }
  const from = numberOf(input.startTime) ?? -Infinity
  const to = numberOf(input.endTime) ?? Infinity
  const lines = all.filter(line => line.timestamp >= from && line.timestamp < to)
  const size = Math.min(numberOf(input.limit) ?? MAX_EVENTS, MAX_EVENTS)
  const start = startOfPage(input, lines.length, size)
  const end = Math.min(start.at + (start.size ?? size), lines.length)
  return {
    events: lines
      .slice(start.at, end)
      .map(({ timestamp, message }) => ({ timestamp, message, ingestionTime: timestamp })),
    nextForwardToken: `f/${String(end)}`,
    nextBackwardToken: `b/${String(start.at)}`
  }
}

function startOfPage(input: JsonObject, count: number, size: number): { readonly at: number; readonly size?: number } {
  const token = textOf(input.nextToken)
  if (token === undefined) return { at: input.startFromHead === true ? 0 : Math.max(0, count - size) }
  const match = /^([fb])\/(\d+)$/.exec(token)
  if (match === null) throw new AwsError('InvalidParameterException', 'The specified nextToken is invalid.')
  const position = Math.min(Number(match[2]), count)
  if (match[1] === 'f') return { at: position }
  const at = Math.max(0, position - size)
  return { at, size: position - at }
}
