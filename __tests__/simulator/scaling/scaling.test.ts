import { describe, expect, test } from '@jest/globals'
import { createScaling } from '../../../simulator/cloud/scaling/scaling.ts'
import type { Lag, World, WorldScalableTarget } from '../../../simulator/cloud/world.ts'
import type { JsonObject } from '../../../simulator/protocol/operation.ts'
import { scalingProtocol } from '../../../simulator/protocol/scaling.ts'
import { Cloud } from '../ecs/cloud.ts'

const CALLER = { region: 'eu-west-1', account: '123456789012', host: '' }
const TARGET: JsonObject = {
  ServiceNamespace: 'ecs',
  ResourceId: 'service/main/web',
  ScalableDimension: 'ecs:service:DesiredCount'
}

function open(desiredCount: number, scalableTargets: readonly WorldScalableTarget[] = [], lag: Partial<Lag> = {}) {
  const cloud = new Cloud({ desiredCount }, { lag })
  const world: World = { scalableTargets }
  const scaling = createScaling({ world, ecs: cloud.ecs, timeline: cloud.timeline, ...CALLER })
  const { operations } = scalingProtocol(scaling)
  const call = (operation: string, input: JsonObject): JsonObject =>
    operations[operation]?.(input, CALLER) as JsonObject
  const first = (): JsonObject => {
    const { ScalableTargets } = call('DescribeScalableTargets', { ServiceNamespace: 'ecs' })
    return (ScalableTargets as readonly JsonObject[])[0] ?? {}
  }
  return { cloud, call, first }
}

const WORLD_TARGET = { cluster: 'main', service: 'web', min: 2, max: 6 }

describe('DescribeScalableTargets', () => {
  test('shows all three flags, and an empty list for what is unknown', () => {
    const { call, first } = open(3, [{ ...WORLD_TARGET, suspended: { scheduledScaling: true } }])
    expect(first()).toMatchObject({
      ...TARGET,
      MinCapacity: 2,
      MaxCapacity: 6,
      SuspendedState: {
        DynamicScalingInSuspended: false,
        DynamicScalingOutSuspended: false,
        ScheduledScalingSuspended: true
      }
    })
    expect(call('DescribeScalableTargets', { ServiceNamespace: 'ecs', ResourceIds: ['service/main/no'] })).toEqual({
      ScalableTargets: []
    })
  })

  test('shows what was so long ago as the lag of its reads says', () => {
    const { cloud, call, first } = open(3, [WORLD_TARGET], { scalableTargetSeconds: 10 })
    const isSuspended = (): unknown => (first()['SuspendedState'] as JsonObject)['DynamicScalingInSuspended']
    call('RegisterScalableTarget', { ...TARGET, SuspendedState: { DynamicScalingInSuspended: true } })
    expect(isSuspended()).toBe(false)
    cloud.advance(4)
    call('RegisterScalableTarget', { ...TARGET, SuspendedState: {} })
    cloud.advance(5)
    expect(isSuspended()).toBe(false)
    cloud.advance(2)
    expect(isSuspended()).toBe(true)
    cloud.advance(3)
    expect(isSuspended()).toBe(false)
    call('DeregisterScalableTarget', TARGET)
    expect(isSuspended()).toBe(false)
    cloud.advance(10)
    expect(first()).toEqual({})
  })
})

describe('RegisterScalableTarget', () => {
  test('keeps what is left out, but resets the flags left out of a suspended state', () => {
    const { call, first } = open(3, [{ ...WORLD_TARGET, suspended: { scheduledScaling: true } }])
    call('RegisterScalableTarget', { ...TARGET, SuspendedState: { DynamicScalingInSuspended: true } })
    expect(first()).toMatchObject({
      MinCapacity: 2,
      MaxCapacity: 6,
      SuspendedState: { DynamicScalingInSuspended: true, ScheduledScalingSuspended: false }
    })
    call('RegisterScalableTarget', { ...TARGET, MaxCapacity: 9 })
    expect(first()).toMatchObject({ MaxCapacity: 9, SuspendedState: { DynamicScalingInSuspended: true } })
  })

  test.each([
    [0, 2],
    [4, 4],
    [12, 6]
  ])('brings a desired count of %i to %i, even when it says nothing about capacity', (before, after) => {
    const { cloud, call } = open(before, [WORLD_TARGET])
    expect(cloud.describe().desiredCount).toBe(before)
    call('RegisterScalableTarget', { ...TARGET, SuspendedState: {} })
    expect(cloud.describe().desiredCount).toBe(after)
  })

  test.each<[JsonObject, string]>([
    [{}, 'MinCapacity and MaxCapacity are required parameters to register a new scalable target.'],
    [{ MinCapacity: 3, MaxCapacity: 1 }, 'Maximum capacity cannot be less than minimum capacity'],
    [{ ResourceId: 'service/main/no', MinCapacity: 1, MaxCapacity: 1 }, "ECS service doesn't exist: service/main/no"]
  ])('of a new target with %j: %s', (input, message) => {
    const { call } = open(1)
    expect(() => call('RegisterScalableTarget', { ...TARGET, ...input })).toThrow(
      expect.objectContaining({ code: 'ValidationException', message })
    )
  })
})

describe('DeregisterScalableTarget', () => {
  test('removes a target once', () => {
    const { call, first } = open(3, [WORLD_TARGET])
    call('DeregisterScalableTarget', TARGET)
    expect(first()).toEqual({})
    expect(() => call('DeregisterScalableTarget', TARGET)).toThrow(
      expect.objectContaining({ code: 'ObjectNotFoundException' })
    )
  })
})
