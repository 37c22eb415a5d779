import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  ALL_SUSPENDED,
  NONE_SUSPENDED,
  parseSuspensionRecord,
  SUSPENSION_STATE,
  type SuspendedState
} from '../../src/decide/scaling/suspension.ts'
import type { Event } from '../../src/event.ts'
import { AwsFailure } from '../../src/failure.ts'
import type { EcsPort } from '../../src/io/aws/ecs.ts'
import { restoreScaling, type RestoringWorld } from '../../src/steps/restore-scaling.ts'

const RESOURCE = 'service/prod/web'
const PARTIAL: SuspendedState = { ...NONE_SUSPENDED, dynamicScalingIn: true }

interface Circumstances {
  /** Reads answer as of so long ago, in milliseconds. */
  readonly lagMs?: number
  /** When the suspending call of a process that died acts, in milliseconds; undefined: it has, long ago. */
  readonly lateMs?: number
  readonly before?: SuspendedState
  readonly isDenied?: boolean
  readonly desiredCount?: number
  /** What it was right before the suspension. */
  readonly countBefore?: number
  /** When somebody removed the target, in milliseconds before now. */
  readonly removedMs?: number
  /** What somebody else sets so many milliseconds after the restoring call. */
  readonly others?: { readonly afterMs: number; readonly flags: SuspendedState }
}

/** A target that was suspended a moment ago, or is about to be, and the world that puts it back; time passes by waiting. */
function suspended(circumstances: Circumstances) {
  const { lagMs = 0, lateMs, before = NONE_SUSPENDED, isDenied = false, desiredCount = 2, others } = circumstances
  const { removedMs, countBefore } = circumstances
  let now = 0
  const versions = [{ at: -1e9, flags: before }]
  if (lateMs === undefined) versions.push({ at: -500, flags: ALL_SUSPENDED })
  let isLate = lateMs !== undefined
  const pass = (ms: number): void => {
    now += ms
    if (!isLate || lateMs === undefined || now < lateMs) return
    isLate = false
    versions.push({ at: lateMs, flags: ALL_SUSPENDED })
  }
  const writes: SuspendedState[] = []
  const events: Event[] = []
  const saved = new Map<string, string>()
  const world: RestoringWorld = {
    clock: {
      now: () => now,
      sleep(ms) {
        pass(ms)
        return Promise.resolve()
      }
    },
    signal: new AbortController().signal,
    saveState: (name, value) => saved.set(name, value),
    scaling: () =>
      Promise.resolve({
        describeTarget() {
          if (removedMs !== undefined && now - lagMs >= -removedMs) return Promise.resolve(undefined)
          const { flags } = versions.findLast(({ at }) => at <= now - lagMs) ?? { flags: before }
          return Promise.resolve({ resourceId: RESOURCE, minCapacity: 1, maxCapacity: 4, suspended: flags })
        },
        setSuspended(_, flags) {
          if (isDenied) return Promise.reject(DENIED)
          if (removedMs !== undefined) return Promise.reject(NO_TARGET)
          writes.push(flags)
          versions.push({ at: now, flags })
          if (others !== undefined) versions.push({ at: now + others.afterMs, flags: others.flags })
          return Promise.resolve('settled' as const)
        }
      }),
    partingEcs: () =>
      Promise.resolve({ describeService: () => Promise.resolve({ desiredCount }) } as unknown as EcsPort)
  }
  const counted = countBefore === undefined ? {} : { desiredCount: countBefore }
  const record = { region: 'eu-west-1', resourceId: RESOURCE, before, isAnswered: lateMs === undefined, ...counted }
  return {
    writes,
    events,
    /** Somebody else sets the flags. */
    change: (flags: SuspendedState, at = -100): void => {
      versions.push({ at, flags })
      versions.sort((a, b) => a.at - b.at)
    },
    restore: () => restoreScaling(world, record, event => events.push(event)),
    /** As another process does that knows no more than what this one saved. */
    restoreAsSaved: () => {
      const found = parseSuspensionRecord(saved.get(SUSPENSION_STATE) ?? '') ?? record
      return restoreScaling(world, found, event => events.push(event))
    },
    /** What the flags are in the end. */
    end: (): SuspendedState | undefined => {
      pass(1e9)
      return versions.at(-1)?.flags
    }
  }
}

const DENIED = new AwsFailure('access-denied', 'it is denied', {
  cause: undefined,
  awsCode: 'AccessDeniedException',
  mayHaveActed: false
})

const NO_TARGET = new AwsFailure('aws-error', 'MinCapacity and MaxCapacity are required', {
  cause: undefined,
  awsCode: 'ValidationException',
  mayHaveActed: false
})

const flags: fc.Arbitrary<SuspendedState> = fc.record({
  dynamicScalingIn: fc.boolean(),
  dynamicScalingOut: fc.boolean(),
  scheduledScaling: fc.boolean()
})

describe('auto scaling that was suspended', () => {
  test('is as it was, however far reads lag behind and however late the suspending call acts', async () => {
    const lateMs = fc.option(fc.nat(12_000), { nil: undefined })
    await fc.assert(
      fc.asyncProperty(flags, fc.nat(20_000), lateMs, async (before, lagMs, late) => {
        const target = suspended({ before, lagMs, ...(late !== undefined && { lateMs: late }) })
        await expect(target.restore()).resolves.toEqual({ kind: 'restored' })
        expect(target.end()).toEqual(before)
        expect(target.events).toEqual([{ kind: 'scaling-restored', resourceId: RESOURCE }])
      })
    )
  })

  test('is put back by one call when the suspending one was answered', async () => {
    const { restore, writes } = suspended({ before: PARTIAL })
    await restore()
    expect(writes).toEqual([PARTIAL])
  })

  test('and that somebody resumed meanwhile stays as they want it, and is not called as it was', async () => {
    const { restore, change, end, events } = suspended({ before: PARTIAL })
    change(NONE_SUSPENDED)
    await expect(restore()).resolves.toEqual({ kind: 'changed' })
    expect(end()).toEqual(NONE_SUSPENDED)
    expect(events).toEqual([{ kind: 'warning', text: expect.stringContaining('their change stays') }])
  })

  test('and is suspended again by another job while reads lag behind is no failure of this one', async () => {
    await fc.assert(
      fc.asyncProperty(
        flags,
        fc.nat(40_000),
        fc.integer({ min: 5_000, max: 8_000 }),
        async (before, lagMs, afterMs) => {
          const { restore, end } = suspended({ before, lagMs, others: { afterMs, flags: ALL_SUSPENDED } })
          await expect(restore()).resolves.toEqual({ kind: 'restored' })
          expect(end()).toEqual(ALL_SUSPENDED)
        }
      )
    )
  })

  test('and is suspended by another job right behind the restoring call is theirs, with a warning', async () => {
    const { restore, end, events, writes } = suspended({ others: { afterMs: 0, flags: ALL_SUSPENDED } })
    await expect(restore()).resolves.toEqual({ kind: 'taken-over' })
    expect(end()).toEqual(ALL_SUSPENDED)
    expect(writes).toHaveLength(1)
    expect(events).toEqual([{ kind: 'warning', text: expect.stringContaining('register-scalable-target') }])
  })

  test('and is suspended by another job right behind the restoring call is theirs also for a process that goes on', async () => {
    const { restore, restoreAsSaved, end, writes } = suspended({ others: { afterMs: 0, flags: ALL_SUSPENDED } })
    await restore()
    await expect(restoreAsSaved()).resolves.toEqual({ kind: 'taken-over' })
    expect(end()).toEqual(ALL_SUSPENDED)
    expect(writes).toHaveLength(1)
  })

  test('and may be suspended by a call under way is put back again by a process that goes on', async () => {
    const { restore, restoreAsSaved, writes } = suspended({ lateMs: 1, others: { afterMs: 0, flags: ALL_SUSPENDED } })
    await expect(restore()).rejects.toMatchObject({ code: 'auto-scaling-not-restored' })
    const before = writes.length
    await expect(restoreAsSaved()).rejects.toMatchObject({ code: 'auto-scaling-not-restored' })
    expect(writes.length).toBeGreaterThan(before)
  })

  test('and was never seen to be put back fails with the command, where a call of this run may have done that', async () => {
    const { restore } = suspended({ lateMs: 1, others: { afterMs: 0, flags: ALL_SUSPENDED } })
    await expect(restore()).rejects.toMatchObject({
      code: 'auto-scaling-not-restored',
      message: expect.stringContaining('another job may have suspended it'),
      remedy: expect.stringContaining('register-scalable-target')
    })
  })

  test('and has flags in the end that this run never set stays as somebody else wants it, with a warning', async () => {
    const { restore, end, events } = suspended({ others: { afterMs: 0, flags: PARTIAL } })
    await expect(restore()).resolves.toEqual({ kind: 'taken-over' })
    expect(end()).toEqual(PARTIAL)
    expect(events).toEqual([{ kind: 'warning', text: expect.stringMatching(/somebody else .* scale-in is suspended/) }])
  })

  test('and whose target was removed is not looked for any more, however late reads show that', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(50_000), fc.boolean(), async (lagMs, isAnswered) => {
        const { restore, events } = suspended({ lagMs, removedMs: 1, ...(!isAnswered && { lateMs: 1e8 }) })
        await expect(restore()).resolves.toEqual({ kind: 'gone' })
        expect(events).toEqual([{ kind: 'note', text: expect.stringContaining('nothing to restore') }])
      })
    )
  })

  test('and whose update is refused though the target stays fails with the command', async () => {
    const { restore } = suspended({ lagMs: 1e9, removedMs: 1 })
    await expect(restore()).rejects.toMatchObject({ code: 'auto-scaling-not-restored' })
  })

  test('and may not be put back fails with the command', async () => {
    const { restore } = suspended({ isDenied: true })
    await expect(restore()).rejects.toMatchObject({
      code: 'auto-scaling-not-restored',
      remedy: expect.stringContaining('register-scalable-target')
    })
  })

  test.each([
    [0, 1],
    [9, 4]
  ])('is put back with a warning when that moves the desired count %i to %i', async (from, to) => {
    const { restore, events } = suspended({ desiredCount: from })
    await expect(restore()).resolves.toMatchObject({ kind: 'restored', clamp: { from, to } })
    const [warning] = events
    expect(warning).toMatchObject({ kind: 'warning', text: expect.stringContaining(`set it to ${String(to)}`) })
    expect(warning).toMatchObject({ text: expect.stringContaining(`--desired-count ${String(from)}`) })
  })
})

describe('a service that may have been parked right before it was suspended', () => {
  test('is told to have been started', async () => {
    const { restore, events } = suspended({ countBefore: 2, desiredCount: 1 })
    await expect(restore()).resolves.toEqual({ kind: 'restored' })
    expect(events[0]).toMatchObject({ kind: 'warning', text: expect.stringMatching(/was 2 .* is 1 now.*parked/) })
  })

  test.each([
    [2, 2],
    [1, 1],
    [1, 2]
  ])('is not, from %i to %i', async (countBefore, desiredCount) => {
    const { restore, events } = suspended({ countBefore, desiredCount })
    await restore()
    expect(events).toEqual([{ kind: 'scaling-restored', resourceId: RESOURCE }])
  })
})

describe('auto scaling whose suspension nobody knows of', () => {
  test('is as it was when the call was refused as the one that puts it back is', async () => {
    const { restore } = suspended({ isDenied: true, lateMs: 1e8 })
    await expect(restore()).resolves.toEqual({ kind: 'restored' })
  })

  test('is not, when it acts late and cannot be put back', async () => {
    const { restore } = suspended({ isDenied: true, lateMs: 1_500 })
    await expect(restore()).rejects.toMatchObject({ code: 'auto-scaling-not-restored' })
  })
})
