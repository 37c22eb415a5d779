import { describe, expect, test } from '@jest/globals'
import { describeLandingWait, describeProofWait } from '../../../src/decide/service/proof-wait.ts'
import type { RunningProof } from '../../../src/decide/service/proof.ts'
import type { ServiceSnapshot } from '../../../src/decide/service/snapshot.ts'
import { deployment, MINE, service } from './snapshots.ts'

const NONE = { kind: 'nothing-runs' } as const
const UNKNOWN = { kind: 'not-yet', taskId: '0a', container: 'web' } as const
const OTHER = { kind: 'mismatch', taskId: '0a', container: 'web', expected: ['sha256:1'], actual: 'sha256:2' } as const
const ONE = { kind: 'proven', tasks: [{ taskId: '0a', digests: new Map() }] } as const
const UNTOLD = 'ECS to tell which digest container web of task 0a runs'

function completed(runningCount: number, changes: Partial<ServiceSnapshot> = {}): ServiceSnapshot {
  return service([deployment(MINE.id, { runningCount, rolloutState: 'COMPLETED' })], changes)
}

describe('the proof of a deployment waits for', () => {
  const complaint = '(service web) was unable to place a task. Reason: Capacity is unavailable at this time.'
  const events = [{ id: 'e1', createdAt: 200, message: complaint }]
  test.each<[string, RunningProof, ServiceSnapshot]>([
    ['2 running tasks to be listed', NONE, completed(2)],
    ['2 tasks to start', NONE, completed(0)],
    [`2 tasks to start (ecs: ${complaint})`, NONE, completed(0, { events })],
    ['DescribeServices to catch up', NONE, completed(0, { desiredCount: 0 })],
    ['DescribeServices to catch up', NONE, service([deployment('ecs-svc/1')])],
    ['2 of 3 running tasks to be listed', { kind: 'partial', tasks: ONE.tasks, running: 3 }, completed(3)],
    [UNTOLD, UNKNOWN, completed(2)]
  ])('%s', (words, proof, seen) => {
    expect(describeProofWait(proof, MINE, seen)).toBe(words)
  })
})

describe('the proof of a rollback waits for', () => {
  const two = { runningCount: 2, desiredCount: 2 }
  test.each<[string, Parameters<typeof describeLandingWait>]>([
    ['the tasks of the other revision to be gone', [ONE, false, 2, two]],
    ['the tasks with another digest to be gone', [OTHER, true, 2, two]],
    [UNTOLD, [UNKNOWN, true, 2, two]],
    ['1 of 2 running tasks to be listed', [ONE, true, 1, two]],
    ['2 tasks to start', [NONE, true, 0, { runningCount: 0, desiredCount: 2 }]],
    ['DescribeServices to catch up', [NONE, true, 0, { runningCount: 0, desiredCount: 0 }]]
  ])('%s', (words, args) => {
    expect(describeLandingWait(...args)).toBe(words)
  })
})
