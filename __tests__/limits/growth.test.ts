import { describe, expect, test } from '@jest/globals'
import { diagnose } from '../../src/decide/service/diagnosis/diagnosis.ts'
import { redact } from '../../src/decide/service/diagnosis/redaction.ts'
import { proveDigests } from '../../src/decide/service/proof.ts'
import { diffTaskDefinition } from '../../src/decide/task/diff.ts'
import { parseTaskDefinitionFile } from '../../src/decide/task/file.ts'
import { NOTHING_SEEN, survey } from '../../src/decide/version/highest.ts'
import { container, event, stopped } from '../decide/service/diagnosis/tasks.ts'

const NO_FILTER = { range: undefined, prerelease: false }

function times<T>(count: number, make: (index: number) => T): readonly T[] {
  return Array.from({ length: count }, (_, index) => make(index))
}

function taskDefinition(variables: number, version: string) {
  const environment = times(variables, index => ({ name: `V${String(index)}`, value: `${version}.${String(index)}` }))
  return { family: 'web', containerDefinitions: [{ name: 'web', image: 'web:1', environment }] }
}

/** What grows with what others make large, as work on so many pieces. */
const WORK: readonly (readonly [string, number, (size: number) => unknown])[] = [
  [
    'the diagnosis of tasks and events',
    1_000,
    size =>
      diagnose({
        stopped: times(size, index =>
          stopped(String(index), {
            stopCode: 'EssentialContainerExited',
            stoppedReason: `Essential container in task exited ${String(index)}`,
            containers: [container({ name: 'web', image: 'web:1', exitCode: index % 200 })]
          })
        ),
        events: times(size, index =>
          event(`(service web) was unable to place a task. Reason: number ${String(index)}.`)
        ),
        essential: ['web'],
        logGroups: new Map(),
        secrets: []
      })
  ],
  [
    'the proof of tasks',
    4_000,
    size => {
      const tasks = times(size, index =>
        stopped(String(index), { containers: [container({ name: 'web', image: 'web:1' })] })
      )
      return proveDigests(tasks, new Map([['web', [`sha256:${'0'.repeat(64)}`]]]))
    }
  ],
  [
    'the search for the highest version',
    5_000,
    size =>
      survey(
        NOTHING_SEEN,
        times(size, index => ({ tag: `1.${String(index)}.0`, digest: 'sha256:0' })),
        NO_FILTER
      )
  ],
  [
    'the comparison of task definitions',
    2_000,
    size => diffTaskDefinition(taskDefinition(size, '1'), taskDefinition(size, '2'))
  ],
  [
    'the reading of a JSON file',
    1_000,
    size => parseTaskDefinitionFile(JSON.stringify(taskDefinition(size, '1')), 'task.json')
  ],
  [
    'the hiding of values',
    1_000,
    size => {
      const redactions = times(size, index => ({
        value: `secret-${String(index)}.`,
        shown: `\${V${String(index)}}`,
        isWord: false
      }))
      return redact('a line of a log with secret-7. in it '.repeat(size), redactions)
    }
  ]
]

/** The least of several times counts: whatever else runs on the machine only adds to it. */
function fastest(work: () => unknown): number {
  let least = Infinity
  for (let run = 0; run < 5; run++) {
    const before = process.cpuUsage()
    work()
    const { user, system } = process.cpuUsage(before)
    least = Math.min(least, user + system)
  }
  return least
}

/** Linear work takes four times as long for four times as much, quadratic work sixteen times. */
const QUADRUPLE = 4
const MOST_GROWTH = 10
/** Below this, in microseconds, it is the clock that is measured. */
const LEAST_MICROSECONDS = 2_000

describe('no work grows with the square of what there is:', () => {
  test.each(WORK)(
    '%s',
    (_, size, work) => {
      work(size)
      const once = Math.max(
        LEAST_MICROSECONDS,
        fastest(() => work(size))
      )
      const much = fastest(() => work(size * QUADRUPLE))
      expect(much / once).toBeLessThan(MOST_GROWTH)
    },
    60_000
  )
})
