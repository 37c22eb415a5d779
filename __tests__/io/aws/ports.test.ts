import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { startSimulator, type RunningSimulator } from '../../../simulator/server.ts'
import { createAlarms } from '../../../src/io/aws/alarms.ts'
import type { CallPolicy } from '../../../src/io/aws/call.ts'
import { createEcr } from '../../../src/io/aws/ecr.ts'
import { wallClock } from '../../../src/io/clock.ts'

const NAMES = Array.from({ length: 130 }, (_, number) => `alarm-${String(number)}`)
const IMAGES = [
  { tags: ['one'] },
  { tags: ['two', 'zwei'], platforms: ['linux/amd64', 'linux/arm64'] },
  { tags: ['old'] }
]

let sim: RunningSimulator
let policy: CallPolicy
const environment = { ...process.env }

beforeAll(async () => {
  sim = await startSimulator({
    world: {
      region: 'eu-west-1',
      repositories: [{ name: 'web', images: IMAGES }],
      alarms: NAMES.map((name, number) => ({ name, state: number % 2 === 0 ? 'OK' : 'ALARM' }))
    }
  })
  sim.simulator.change({ archiveImage: { repository: 'web', tag: 'old' } })
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: sim.url,
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'example'
  })
  policy = { clock: wallClock, region: 'eu-west-1', signal: new AbortController().signal }
})

afterAll(async () => {
  process.env = environment
  await sim.close()
})

describe('the port to alarms', () => {
  test('reads more of them than one request takes, and leaves out those that are not there', async () => {
    const states = await createAlarms(policy).states([...NAMES, 'gone'])
    expect(states.size).toBe(130)
    expect(states.get('alarm-129')).toBe('ALARM')
    expect(states.has('gone')).toBe(false)
    const asked = sim.simulator.calls().filter(({ operation }) => operation === 'DescribeAlarms')
    expect(asked).toHaveLength(2)
    expect(asked[0]?.request).toMatchObject({ AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] })
  })

  test('says which right is missing', async () => {
    sim.simulator.setFaults([{ operation: 'monitoring:*', error: 'AccessDenied', times: 1 }])
    await expect(createAlarms(policy).states(['a'])).rejects.toMatchObject({
      code: 'access-denied',
      remedy: expect.stringMatching(
        /^allow cloudwatch:DescribeAlarms in the policy of the role that this job assumes: /
      )
    })
  })

  test('does not try for long', async () => {
    const clock = { ...wallClock, sleep: () => Promise.resolve() }
    sim.simulator.setFaults([{ operation: 'monitoring:*', status: 503, times: 'always' }])
    const before = sim.simulator.calls().length
    await expect(createAlarms({ ...policy, clock }).states(['a'])).rejects.toMatchObject({ code: 'aws-error' })
    expect(sim.simulator.calls().length - before).toBe(3)
    sim.simulator.setFaults([])
  })
})

describe('the port to ECR', () => {
  test('looks up many images at once, whatever became of each', async () => {
    const ecr = createEcr(policy, undefined)
    const stored = await ecr.findImage('web', { tag: 'two' })
    const names = [
      { tag: 'old' },
      { tag: 'zwei' },
      { tag: 'no' },
      { digest: stored?.digest ?? '' },
      { digest: 'sha256:x' }
    ]
    const before = sim.simulator.calls().length
    const found = await ecr.findImages('web', names)
    expect(sim.simulator.calls().length - before).toBe(1)
    expect(found).toMatchObject([
      { kind: 'archived' },
      { kind: 'there', stored },
      { kind: 'missing' },
      { kind: 'there', stored },
      { kind: 'unread', why: expect.stringContaining('InvalidImageDigest') }
    ])
  })

  test('fails for an image that is archived, as for none that is missing', async () => {
    const ecr = createEcr(policy, undefined)
    await expect(ecr.findImage('web', { tag: 'old' })).rejects.toMatchObject({ code: 'image-archived' })
    await expect(ecr.findImage('web', { tag: 'no' })).resolves.toBeUndefined()
  })
})
