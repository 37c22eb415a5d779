import { expect, test } from '@jest/globals'
import { proveDigests, tasksOfDeployment, weighProof } from '../../../src/decide/service/proof.ts'
import { deployment, MINE, service, task } from './snapshots.ts'

const WEB = ['sha256:index', 'sha256:amd64', 'sha256:arm64']
const EXPECTED = new Map([['web', WEB]])

test('every running task counts, by any digest that is the image', () => {
  const tasks = [task('a', { web: 'sha256:amd64' }), task('b', { web: 'sha256:index', proxy: 'sha256:other' })]
  expect(proveDigests(tasks, EXPECTED)).toEqual({
    kind: 'proven',
    tasks: [
      { taskId: 'a', digests: new Map([['web', 'sha256:amd64']]) },
      { taskId: 'b', digests: new Map([['web', 'sha256:index']]) }
    ]
  })
})

test('one task with another digest is a mismatch', () => {
  const tasks = [task('a', { web: 'sha256:amd64' }), task('b', { web: 'sha256:old' })]
  expect(proveDigests(tasks, EXPECTED)).toEqual({
    kind: 'mismatch',
    taskId: 'b',
    container: 'web',
    expected: WEB,
    actual: 'sha256:old'
  })
})

test.each([
  ['without a digest', { web: undefined }],
  ['without the container', { proxy: 'sha256:amd64' }]
])('a task %s proves nothing yet', (_, digests) => {
  expect(proveDigests([task('a', digests)], EXPECTED)).toEqual({ kind: 'not-yet', taskId: 'a', container: 'web' })
})

test('each container has its own image', () => {
  const expected = new Map([...EXPECTED, ['proxy', ['sha256:proxy']]])
  expect(proveDigests([task('a', { web: 'sha256:amd64', proxy: 'sha256:proxy' })], expected).kind).toBe('proven')
  expect(proveDigests([task('a', { web: 'sha256:amd64', proxy: 'sha256:amd64' })], expected).kind).toBe('mismatch')
})

test.each(['PROVISIONING', 'PENDING', 'ACTIVATING', 'DEACTIVATING', 'STOPPING', 'DEPROVISIONING', 'STOPPED'])(
  'a task that is %s does not count',
  lastStatus => {
    expect(proveDigests([task('a', { web: 'sha256:old' }, { lastStatus })], EXPECTED)).toEqual({ kind: 'nothing-runs' })
  }
)

test('a deployment has the tasks that it started', () => {
  const tasks = [task('a', {}), task('b', {}, { startedBy: 'ecs-svc/1' }), task('c', {}, { startedBy: undefined })]
  expect(tasksOfDeployment(tasks, 'ecs-svc/2')).toEqual([tasks[0]])
})

const through = { rolloutState: 'COMPLETED' }

test.each([
  ['as many as run are a proof', 2, deployment(MINE.id, { ...through, runningCount: 2 }), 'proven'],
  ['more than run a moment ago are one', 3, deployment(MINE.id, { ...through, runningCount: 2 }), 'proven'],
  ['fewer than run are none', 2, deployment(MINE.id, { ...through, runningCount: 3 }), 'partial'],
  [
    'fewer than are wanted are a proof when no more run',
    1,
    deployment(MINE.id, { ...through, runningCount: 1 }),
    'proven'
  ],
  ['without a rollout state too', 1, deployment(MINE.id, { rolloutState: undefined }), 'partial'],
  [
    'a read from before the completion tells how many are wanted',
    1,
    deployment(MINE.id, { runningCount: 1 }),
    'partial'
  ],
  ['so does one from before the deployment', 1, deployment('ecs-svc/1', through), 'partial'],
  [
    'what is left of a deployment that was replaced is none',
    1,
    deployment('ecs-svc/3', { createdAt: 150 }),
    'replaced'
  ],
  ['none that runs is a replacement by what is newer', 0, deployment('ecs-svc/3', { createdAt: 150 }), 'replaced'],
  ['and not by what is older', 0, deployment('ecs-svc/1', through), 'nothing-runs'],
  ['no deployment that is listed tells nothing', 0, undefined, 'nothing-runs']
] as const)('%s', (_, seen, primary, kind) => {
  const tasks = Array.from({ length: seen }, (_none, index) => task(String(index), { web: 'sha256:amd64' }))
  const found = weighProof(proveDigests(tasks, EXPECTED), MINE, service(primary === undefined ? [] : [primary]))
  expect(found.kind).toBe(kind)
})

test('a wrong image is told, also of a deployment that was replaced', () => {
  const replaced = service([deployment('ecs-svc/3', { createdAt: 150 })])
  expect(weighProof(proveDigests([task('a', { web: undefined })], EXPECTED), MINE, replaced).kind).toBe('replaced')
  expect(weighProof(proveDigests([task('a', { web: 'sha256:old' })], EXPECTED), MINE, replaced).kind).toBe('mismatch')
})
