import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { ALL_SUSPENDED, type SuspendedState } from '../../../src/decide/scaling/suspension.ts'
import { createScaling, type ScalingPort, type Settling } from '../../../src/io/aws/scaling.ts'
import { wallClock } from '../../../src/io/clock.ts'
import { refusal, serve, type Answer } from './server.ts'

const WEB = 'service/prod/web'
const TARGET = {
  ResourceId: WEB,
  MinCapacity: 1,
  MaxCapacity: 4,
  SuspendedState: {
    DynamicScalingInSuspended: true,
    DynamicScalingOutSuspended: false,
    ScheduledScalingSuspended: false
  }
}

const ONE_SUSPENDED: SuspendedState = { dynamicScalingIn: true, dynamicScalingOut: false, scheduledScaling: false }

let environment: NodeJS.ProcessEnv
let close: (() => void) | undefined

beforeEach(() => {
  environment = { ...process.env }
})

afterEach(() => {
  process.env = environment
  close?.()
})

/** The port to a server that gives these answers one after the other. */
async function portTo(...answers: readonly Answer[]): Promise<ScalingPort> {
  const server = await serve(...answers)
  close = () => {
    server.close()
  }
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: server.url,
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'example'
  })
  const clock = { ...wallClock, sleep: () => Promise.resolve() }
  return createScaling({ clock, region: 'eu-west-1', signal: new AbortController().signal })
}

test('a service that is not auto scaled has no target', async () => {
  const port = await portTo({ body: '{"ScalableTargets":[]}' })
  await expect(port.describeTarget(WEB)).resolves.toBeUndefined()
})

test.each(['', '{}'])('an answer without targets, %j, does not say that there is none', async empty => {
  const port = await portTo({ body: empty }, { body: JSON.stringify({ ScalableTargets: [TARGET] }) })
  await expect(port.describeTarget(WEB)).resolves.toMatchObject({ suspended: { dynamicScalingIn: true } })
})

test('who never answers with targets is no source for whether there is one', async () => {
  const port = await portTo({ body: '{}' })
  await expect(port.describeTarget(WEB)).rejects.toMatchObject({
    code: 'aws-error',
    message: 'application-autoscaling:DescribeScalableTargets in eu-west-1 got an answer without ScalableTargets'
  })
})

test.each<[string, object]>([
  ['its flags', { SuspendedState: undefined }],
  ['all of its flags', { SuspendedState: { ...TARGET.SuspendedState, ScheduledScalingSuspended: undefined } }],
  ['flags that are flags', { SuspendedState: { ...TARGET.SuspendedState, DynamicScalingInSuspended: 'true' } }],
  ['its range', { MinCapacity: undefined }]
])('an answer that shows a target without %s does not say how it is', async (_, missing) => {
  const flawed = { body: JSON.stringify({ ScalableTargets: [{ ...TARGET, ...missing }] }) }
  const port = await portTo(flawed, { body: JSON.stringify({ ScalableTargets: [TARGET] }) })
  await expect(port.describeTarget(WEB)).resolves.toMatchObject({ minCapacity: 1, suspended: ONE_SUSPENDED })
  close?.()
  await expect((await portTo(flawed)).describeTarget(WEB)).rejects.toMatchObject({
    code: 'aws-error',
    message: `application-autoscaling:DescribeScalableTargets in eu-west-1 got an answer without the range or the flags of ${WEB}`
  })
})

const TAKEN: Answer = { body: '{"ScalableTargetARN":"arn:aws:application-autoscaling:eu-west-1:1:scalable-target/0"}' }
const SAYING_NOTHING = ['', 'null', '{}']

test.each<[string, Settling, readonly Answer[]]>([
  ['answered at once', 'settled', []],
  ['refused before', 'settled', [refusal('ThrottlingException')]],
  ['left without an answer before', 'unsettled', [refusal('InternalServiceException', 500)]],
  ...SAYING_NOTHING.map(
    body => [`answered before by ${JSON.stringify(body)}`, 'unsettled', [{ body }]] as [string, Settling, Answer[]]
  )
])('a suspension that was %s is %s', async (_, settling, before) => {
  const port = await portTo(...before, TAKEN)
  await expect(port.setSuspended(WEB, ALL_SUSPENDED)).resolves.toBe(settling)
})

test.each(SAYING_NOTHING)('who only ever answers %j may have suspended it, or not', async body => {
  const port = await portTo({ body })
  await expect(port.setSuspended(WEB, ALL_SUSPENDED)).rejects.toMatchObject({
    code: 'aws-error',
    message: 'application-autoscaling:RegisterScalableTarget in eu-west-1 got an answer without ScalableTargetARN',
    mayHaveActed: true
  })
})
