import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { CloudWatchClient, DescribeAlarmsCommand, type DescribeAlarmsCommandInput } from '@aws-sdk/client-cloudwatch'
import { startSimulator, type RunningSimulator } from '../../../simulator/server.ts'
import { call, signedFor } from '../in-process.ts'

const ALARMS = [
  { name: 'web-5xx', state: 'OK' },
  { name: 'web-latency', state: 'ALARM' },
  { name: 'api-5xx', state: 'INSUFFICIENT_DATA' }
] as const

describe('the CloudWatch client of the SDK', () => {
  let sim: RunningSimulator
  let client: CloudWatchClient
  beforeAll(async () => {
    sim = await startSimulator({ world: { region: 'eu-west-1', alarms: ALARMS } })
    const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example' }
    client = new CloudWatchClient({ endpoint: sim.url, region: 'eu-west-1', credentials, maxAttempts: 1 })
  })
  afterAll(() => sim.close())

  async function names(input: DescribeAlarmsCommandInput): Promise<readonly (string | undefined)[]> {
    const { MetricAlarms = [] } = await client.send(new DescribeAlarmsCommand(input))
    return MetricAlarms.map(({ AlarmName }) => AlarmName)
  }

  test('reads an alarm by its name, and hears nothing of one that is not there', async () => {
    const answer = await client.send(new DescribeAlarmsCommand({ AlarmNames: ['web-latency', 'gone'] }))
    expect(answer.MetricAlarms).toEqual([
      {
        AlarmName: 'web-latency',
        AlarmArn: 'arn:aws:cloudwatch:eu-west-1:123456789012:alarm:web-latency',
        StateValue: 'ALARM'
      }
    ])
    expect(answer.CompositeAlarms).toEqual([])
  })

  test.each<[string, DescribeAlarmsCommandInput, readonly string[]]>([
    ['all', {}, ['api-5xx', 'web-5xx', 'web-latency']],
    ['a prefix', { AlarmNamePrefix: 'web-' }, ['web-5xx', 'web-latency']],
    ['a state', { StateValue: 'OK' }, ['web-5xx']],
    [
      'metric alarms among others',
      { AlarmTypes: ['CompositeAlarm', 'MetricAlarm'], AlarmNames: ['api-5xx'] },
      ['api-5xx']
    ],
    ['composite alarms', { AlarmTypes: ['CompositeAlarm'] }, []]
  ])('finds %s', async (_, input, expected) => {
    expect(await names(input)).toEqual(expected)
  })

  test('pages through them', async () => {
    const first = await client.send(new DescribeAlarmsCommand({ MaxRecords: 2 }))
    expect(first.MetricAlarms).toHaveLength(2)
    expect(await names({ MaxRecords: 2, NextToken: first.NextToken })).toEqual(['web-latency'])
  })

  test.each<[string, DescribeAlarmsCommandInput, string]>([
    ['names beside a prefix', { AlarmNames: ['a'], AlarmNamePrefix: 'b' }, 'ValidationException'],
    ['a page of nothing', { MaxRecords: 0 }, 'ValidationException'],
    [
      'more names than a request takes',
      { AlarmNames: Array.from({ length: 101 }, (_, n) => `a${String(n)}`) },
      'ValidationException'
    ],
    ['a state that there is not', { StateValue: 'BAD' as never }, 'ValidationException'],
    ['what is not simulated', { ActionPrefix: 'arn:' }, 'ValidationException'],
    ['a token of its own', { NextToken: 'x' }, 'InvalidNextToken']
  ])('is refused %s', async (_, input, name) => {
    await expect(client.send(new DescribeAlarmsCommand(input))).rejects.toMatchObject({ name })
  })

  test('sees what a change made of an alarm', async () => {
    sim.simulator.change({ alarm: { name: 'worker-depth', state: 'ALARM' } })
    expect(await names({ AlarmNamePrefix: 'worker-' })).toEqual(['worker-depth'])
  })

  test('is told of a denial by its code', async () => {
    sim.simulator.setFaults([{ operation: 'monitoring:DescribeAlarms', error: 'AccessDenied', times: 1 }])
    await expect(names({})).rejects.toMatchObject({ name: 'AccessDenied' })
  })

  test('is answered in its own JSON, and another is refused', async () => {
    const authorization = signedFor('eu-west-1', 'monitoring')
    const ask = (version: string) =>
      call(
        sim.simulator,
        'monitoring:DescribeAlarms',
        {},
        { authorization, 'content-type': `application/x-amz-json-${version}` }
      )
    expect((await ask('1.0')).response.headers['content-type']).toBe('application/x-amz-json-1.0')
    expect(await ask('1.1')).toMatchObject({ status: 400, body: { __type: 'UnknownOperationException' } })
  })
})
