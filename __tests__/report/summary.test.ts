import { describe, expect, test } from '@jest/globals'
import type { RunResult } from '../../src/outcome.ts'
import { summarise } from '../../src/report/summary.ts'

const FAILED: RunResult = {
  outcome: 'failed',
  failed: true,
  reason: 'web:2 failed: 4 of 4 tasks: container web exited with code 3; the service is set to web:2 and runs no task',
  reasonCode: 'container-exited',
  remedy: 'read the log',
  cluster: 'prod',
  service: 'web',
  previousTaskDefinitionArn: 'arn:aws:ecs:eu-west-1:123456789012:task-definition/web:1',
  taskDefinitionArn: 'arn:aws:ecs:eu-west-1:123456789012:task-definition/web:2',
  consoleUrl: 'https://console.example/web',
  changes: ['web.image: a → b'],
  evidence: ['task 0a: EssentialContainerExited', 'container web of task 0a logged last, in /ecs/web:', '| x', '|   y'],
  startedAtMs: 0,
  endedAtMs: 130_000
}

/** The texts in the order in which they stand on the page. */
function order(summary: string, ...texts: readonly string[]): readonly string[] {
  return [...texts].sort((a, b) => summary.indexOf(a) - summary.indexOf(b))
}

describe('the summary of a failed run', () => {
  test('begins with the cause, what to do and where to look', () => {
    const summary = summarise(FAILED)
    const expected = [
      '### ❌ ECS deploy',
      'exited with code 3',
      '**What to do:**',
      'https://console',
      '<details>',
      '| Took |'
    ]
    for (const text of expected) expect(summary).toContain(text)
    expect(order(summary, ...expected)).toEqual(expected)
  })

  test('shows a command as something to copy', () => {
    const remedy = 'read the log; go back with: aws ecs update-service --cluster prod --service web_1'
    expect(summarise({ ...FAILED, remedy })).toContain(
      '**What to do:** read the log; go back with: <code>aws ecs update-service --cluster prod --service web&#95;1</code>\n'
    )
  })

  test('folds what AWS and the containers said, logs as they stood', () => {
    expect(summarise(FAILED)).toContain(
      '<summary>What AWS and the containers said</summary>\n\n- task 0a: EssentialContainerExited\n\n' +
        '- container web of task 0a logged last, in /ecs/web:\n\n<pre>\nx\n  y\n</pre>\n\n</details>'
    )
  })

  test('says which revision was tried, and which runs now when that is known', () => {
    expect(summarise(FAILED)).toContain(
      '| Revision before | <code>web:1</code> |\n| Revision tried | <code>web:2</code> |'
    )
    expect(summarise({ ...FAILED, outcome: 'rolled-back' })).toContain(
      '| Revision tried | <code>web:2</code> |\n| Revision now | <code>web:1</code> |'
    )
    const { reasonCode: _, ...good } = FAILED
    expect(summarise({ ...good, outcome: 'succeeded', failed: false })).toContain(
      '| Revision now | <code>web:2</code> |'
    )
  })

  test('lists several findings, and folds many changes', () => {
    const changes = Array.from({ length: 11 }, (_, index) => `change ${String(index)}`)
    const summary = summarise({ ...FAILED, outcome: 'rejected', reason: 'first\nsecond', changes })
    expect(summary).toContain('\n\n- first\n- second\n\n')
    expect(summary).toContain('<summary>What this revision changes: 11 things</summary>\n\n- change 0\n')
  })

  test('leaves out what does not fit, and says so', () => {
    const line = 'x'.repeat(4000)
    const evidence = Array.from({ length: 100 }, () => line)
    const summary = summarise({ ...FAILED, evidence, changes: evidence })
    expect(summary).toContain('- …and more, which the log of this step has\n\n</details>')
    expect(summary).toContain('- …and 86 more\n\n</details>')
    expect(Buffer.byteLength(summary)).toBeLessThan(1 << 20)
  })
})
