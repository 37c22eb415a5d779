import { expect, test } from '@jest/globals'
import { logLines } from '../../src/report/log.ts'

test.each([
  [0, 'at once'],
  [250, 'at once'],
  [500, 'in 1 s'],
  [90_000, 'in 1 min 30 s']
])('a call that is repeated after %i ms is said to be repeated %s', (pauseMs, when) => {
  const event = { kind: 'retry', operation: 'ecs:UpdateService', reason: 'ThrottlingException', pauseMs } as const
  const text = `ecs:UpdateService is repeated ${when}: ThrottlingException`
  expect(logLines(event)).toEqual([{ kind: 'line', text }])
})
